import { partComments, readBaseComments } from './base-comments.ts'
import type { Baseline } from './baseline.ts'
import { holdAgainst } from './baseline-match.ts'
import { type LoadedConfig, NO_CONFIG } from './config.ts'
import { withDeclarations } from './derive/iam/applied.ts'
import { type Evaluation, evaluate } from './engine/evaluate.ts'
import { FactStore } from './engine/fact-store.ts'
import { toFindings } from './engine/findings.ts'
import { compareFindings, compareGaps } from './engine/order.ts'
import { namesRule, triage } from './engine/triage.ts'
import { addExcerpts } from './excerpts.ts'
import { secretKubernetesCredential } from './facts/kubernetes-credentials.ts'
import { secretMatch, secretVerification, sourceSuppression } from './facts/secret.ts'
import type { Migrated } from './migration.ts'
import {
  type Changes,
  type Confidence,
  type Detector,
  type Fact,
  type FactKind,
  type Gap,
  isFact,
  type Skip,
  type Targets,
  type Tree,
} from './model.ts'
import { type NamedTree, openTrees } from './open-trees.ts'
import { findingsInChanges, removalNotice, suppressionsElsewhere } from './partial.ts'
import { planRun } from './plan.ts'
import type { Installed } from './plugin.ts'
import { builtIn, identify } from './registry.ts'
import type { Coverage, Finding, LeftOut, Report } from './report.ts'
import { didYouMean, namesOf } from './rule-names.ts'
import type { RunnableRule } from './rule-packs.ts'
import { derive, runScanners } from './run.ts'
import { withVerification } from './scanners/verify/annotate.ts'
import { SkipLog } from './skip-log.ts'
import type { ChangeRequest } from './sources/changes.ts'
import type { OpenedTree } from './sources/tree.ts'
import {
  configSuppressionFacts,
  configSuppressions,
  describeNewComment,
  inlineSuppressions,
  suppressionsWithoutReason,
} from './suppressions.ts'
import { summariseTargets } from './target-summary.ts'
import { optionsFor } from './unasked.ts'
import { VERSION } from './version.ts'

/** Everything that an audit hangs on. The same options on the same input give the same report. */
export interface AuditOptions {
  /** Paths of repositories or folders; the first is the main one. */
  readonly repositories: readonly string[]
  readonly targets: Targets
  readonly rules: readonly RunnableRule[]
  /** What plugins add; default: nothing. */
  readonly installed?: Installed
  /** Rules or areas whose findings count; empty: all. */
  readonly only: readonly string[]
  readonly skip: readonly string[]
  readonly minConfidence: Confidence
  /** False if no output shows fingerprints; a baseline, or a suppression that names one, asks for them all the same. */
  readonly fingerprints?: boolean
  readonly config?: LoadedConfig
  /** Findings that are known and accepted for now. */
  readonly baseline?: Baseline
  /** What settings of other scanners in the main repository say. */
  readonly migrated?: Migrated
  /** Judge only what is staged, or what has changed since a ref. */
  readonly changes?: ChangeRequest
  /** Of suppression comments only those that stood at this commit count. */
  readonly commentsFrom?: string
  readonly trustedAccounts: readonly string[]
  readonly breakGlassRoles: readonly string[]
  readonly maxFileSize: number
  readonly timeoutSeconds: number
  /** Look into archives, too. */
  readonly archives?: boolean
  /** Render Helm charts and Kustomize folders. */
  readonly render?: boolean
  /** The run's clock. */
  readonly now: Date
  /** Put tables of identities and credentials into the report, for formats that show them. */
  readonly views?: boolean
  /** Print the clock in reports. */
  readonly showClock: boolean
  readonly signal: AbortSignal
  readonly progress?: (text: string) => void
  /** A defect of a scanner: the audit goes on with a gap, the operator sees the stack. */
  readonly onBug?: (error: Error) => void
}

/** Audits repositories and the live targets named with them. Throws UsageError or RuleError before anything is scanned. */
export async function audit(options: AuditOptions): Promise<Report> {
  const config = options.config ?? NO_CONFIG
  const selected = options.rules.filter(
    ({ id }) => namesRule(options.only, id) && !(options.skip.length > 0 && namesRule(options.skip, id)),
  )
  const view = await look(options, config, selected)
  const { trees, detectors, main } = view
  const { changes } = main ?? {}
  const evaluations = selected.map((rule) => evaluate(rule.compiled, view.store))
  const found = await findingsOf(evaluations, options)
  const findings = changes ? findingsInChanges(found, changes) : found
  const comments = await commentsThatCount(view.facts, findings, main, options)
  const triaged = triage(findings, {
    suppressions: [
      ...inlineSuppressions(comments.kept),
      ...configSuppressions(config),
      ...(options.migrated?.suppressions(main) ?? []),
    ],
    minConfidence: options.minConfidence,
    today: options.now.toISOString().slice(0, 10),
    ran: (name) => !changes && selected.some((rule) => namesRule([name], rule.id)),
  })
  for (const tree of trees)
    for (const path of tree.excludedPaths) view.skips.add({ scope: tree.scope, path, reason: 'excluded by config' })
  const seen = {
    rules: selected.map((rule) => rule.compiled.info),
    undetermined: evaluations.flatMap((evaluation) => evaluation.undetermined),
    gaps: uniqueGaps(view.gaps).sort(compareGaps),
    targets: summariseTargets({ ...view, targets: options.targets, interrupted: options.signal.aborted }),
    interrupted: options.signal.aborted,
    minConfidence: options.minConfidence,
  }
  const held =
    options.baseline && holdAgainst(triaged.findings, options.baseline, { ...seen, ...(changes && { changes }) })
  const framed = await addExcerpts(held?.findings ?? triaged.findings, trees, detectors, seen.targets)
  return {
    tool: { name: 'zt-audit', version: VERSION },
    ...(options.showClock && { startedAt: options.now.toISOString() }),
    ...seen,
    findings: framed.sort(compareFindings),
    coverage: coverageOf(evaluations, view, options),
    skipped: view.skips.entries(),
    leftOut: leftOutOf(options, selected, triaged.hidden),
    hidden: {
      byConfidence: triaged.hidden.length,
      bySuppression: framed.filter((finding) => finding.suppressed).length,
      byPath: trees.reduce((sum, tree) => sum + tree.excludedPaths.length, 0),
      byBaseline: framed.filter((finding) => !finding.suppressed && finding.baseline === 'unchanged').length,
    },
    ...(held && { baseline: held.summary }),
    ...(changes && { partial: partOf(changes) }),
    ...(options.views && { views: (await import('./views/report.ts')).reportTables(view.facts, view.gaps) }),
    notices: [
      ...ignoredKeys(config),
      ...unknownRules(config, options.rules),
      ...(options.migrated?.notices ?? []),
      ...suppressionsWithoutReason(view.facts),
      ...comments.notices,
      ...(changes ? removalNotice(changes) : []),
      ...triaged.notices,
    ].sort(),
  }
}

/** What was decided; and for what nobody asked for, how to ask. */
function coverageOf(evaluations: readonly Evaluation[], view: View, options: AuditOptions): Coverage[] {
  const { scanners, derivations } = options.installed ?? builtIn
  // Without a tree, there may be anything in it.
  const optionsOf =
    view.trees.length > 0
      ? optionsFor({ trees: view.trees, targets: options.targets }, scanners, derivations)
      : undefined
  return evaluations.flatMap(({ rule, coverage }) =>
    coverage.map((row) => (row.status === 'not-requested' && optionsOf ? { ...row, ask: optionsOf(rule) } : row)),
  )
}

/** A finding of low confidence is only claimed where somebody asks for such: it counts for nothing else. */
function leftOutOf(options: AuditOptions, selected: readonly RunnableRule[], hidden: readonly Finding[]): LeftOut {
  const rules = options.rules.filter((rule) => !selected.includes(rule)).map(({ compiled }) => compiled.info)
  const findings = hidden.filter(({ confidence }) => confidence !== 'low')
  return { rules, findings: findings.map(({ rule, severity, confidence }) => ({ rule, severity, confidence })) }
}

/** All that was seen, before anything is judged. */
interface View {
  readonly opened: readonly NamedTree[]
  readonly trees: readonly OpenedTree[]
  /** The tree that config, baseline and changes speak of. */
  readonly main: OpenedTree | undefined
  readonly detectors: readonly Detector[]
  readonly facts: readonly Fact[]
  /** Of kinds that some rule needs. */
  readonly gaps: readonly Gap[]
  readonly skips: SkipLog
  readonly store: FactStore
}

/**
 * What the selected rules would be judged by, or the kinds of facts named, without judging: for commands that say something else
 * of it than findings.
 */
export async function collectFacts(
  options: AuditOptions,
  kinds: readonly FactKind[] = [],
): Promise<Pick<View, 'facts' | 'gaps' | 'trees'> & { readonly targets: Report['targets'] }> {
  const selected = kinds.length > 0 ? [] : options.rules.filter(({ id }) => namesRule(options.only, id))
  const view = await look(options, options.config ?? NO_CONFIG, selected, kinds)
  const targets = summariseTargets({ ...view, targets: options.targets, interrupted: options.signal.aborted })
  return { ...view, targets }
}

/** Kinds that detectors are needed for. */
const FOUND_IN_TEXT = [secretMatch, secretKubernetesCredential]

/** Opens the trees, runs the scanners that the rules need, and derives what follows. */
async function look(
  options: AuditOptions,
  config: LoadedConfig,
  selected: readonly RunnableRule[],
  kinds: readonly FactKind[] = [],
): Promise<View> {
  const { catalogue, scanners, derivations } = options.installed ?? builtIn
  const gaps: Gap[] = []
  const skips = new SkipLog()
  const opened = await openTrees(options, config, gaps, skips)
  const trees = opened.flatMap(({ tree }) => tree ?? [])
  const [main] = trees
  const compiled = selected.map((rule) => rule.compiled)
  const always = options.targets.verify ? [sourceSuppression, secretVerification] : [sourceSuppression]
  const plan = planRun(compiled, [...always, ...kinds], scanners, derivations, { trees, targets: options.targets })
  // All of them, whatever was selected: joins need them, and which rule a value belongs to hangs on all.
  const detectors = options.rules.flatMap((rule) => rule.detector ?? [])
  const context = {
    trees,
    targets: options.targets,
    detectors: FOUND_IN_TEXT.some(({ kind }) => plan.needed.has(kind)) ? detectors : [],
    limits: {
      maxFileSize: options.maxFileSize,
      timeoutSeconds: options.timeoutSeconds,
      archives: options.archives ?? false,
      render: options.render ?? false,
    },
    trustedAccounts: options.trustedAccounts,
    breakGlassRoles: options.breakGlassRoles,
    signal: options.signal,
    now: options.now,
    wants: (kind: FactKind) => plan.needed.has(kind.kind),
    gap: (gap: Gap) => void gaps.push(gap),
    skip: (skip: Skip) => skips.add(skip),
    progress: options.progress ?? (() => undefined),
  }
  const scanned = withDeclarations(withVerification(await runScanners(plan.scanners, context, options.onBug)))
  const ofConfig = main ? configSuppressionFacts(config, main.root) : []
  const facts = derive(plan.derivations, [...scanned, ...ofConfig], gaps, options, catalogue)
  const known = gaps.filter((gap) => plan.needed.has(gap.kind))
  const scopes = trees.map((tree) => tree.scope)
  const store = new FactStore(catalogue, facts, known, plan.requested, scopes)
  return { opened, trees, main, detectors, facts, gaps: known, skips, store }
}

async function findingsOf(evaluations: readonly Evaluation[], options: AuditOptions): Promise<Finding[]> {
  const context = {
    catalogue: (options.installed ?? builtIn).catalogue,
    identify,
    minConfidence: options.minConfidence,
    fingerprints: options.fingerprints !== false || needsFingerprints(options),
  }
  return (await Promise.all(evaluations.map((evaluation) => toFindings(evaluation, context)))).flat()
}

function partOf({ by, ref, files }: Changes): NonNullable<Report['partial']> {
  return { by, ...(ref !== undefined && { ref }), files: files.size }
}

function needsFingerprints({ baseline, config }: AuditOptions): boolean {
  return baseline !== undefined || (config?.config.suppressions ?? []).some((entry) => entry.fingerprint !== undefined)
}

/** Suppression comments, those of unchanged files included; without those that were not there at the commit that decides. */
async function commentsThatCount(
  facts: readonly Fact[],
  findings: readonly Finding[],
  main: Tree | undefined,
  options: AuditOptions,
): Promise<{ kept: readonly Fact[]; notices: readonly string[] }> {
  const elsewhere = main?.changes ? suppressionsElsewhere(findings, main, options.maxFileSize) : []
  const all = [...facts.filter((fact) => isFact(sourceSuppression, fact) && fact.data.style !== 'config'), ...elsewhere]
  if (options.commentsFrom === undefined || !main || all.length === 0) return { kept: all, notices: [] }
  const base = await readBaseComments(main.root, options.commentsFrom, options.signal)
  const { kept, added } = partComments(all, base, main)
  return { kept, notices: added.map(describeNewComment) }
}

/** One file or call that is missing for several kinds is one thing to people; kinds stay apart only for the rules. */
function uniqueGaps(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [JSON.stringify(gap), gap])).values()]
}

/** A rule that has gone must not break the run of everybody who once suppressed it. */
function unknownRules(config: LoadedConfig, rules: readonly RunnableRule[]): string[] {
  const known = namesOf(rules.map(({ id }) => id))
  return (config.config.suppressions ?? []).flatMap(({ rule }, i) =>
    rules.some(({ id }) => namesRule([rule], id))
      ? []
      : [`${config.file}:${config.suppressionLine(i)}: there is no rule or area '${rule}'${didYouMean(rule, known)}`],
  )
}

function ignoredKeys(config: LoadedConfig): string[] {
  if (config.ignored.length === 0) return []
  return [
    `${config.file}: ${config.ignored.join(', ')} ignored, since the file belongs to the audited tree; pass --trust-target or --config to use them`,
  ]
}
