import type { Confidence, Severity } from '../model.ts'
import type { Coverage, Report, RuleInfo } from '../report.ts'

/** What was seen of a rule: whether it was decided, what not, and what it found. */

/** `nothing`: it was asked for, and there was nothing of the kind to judge. `left-out`: by `--only` or `--skip`. */
export type Sight = 'evaluated' | 'undetermined' | 'not-requested' | 'left-out' | 'nothing'

/** What of a finding counts. */
export interface Found {
  readonly severity: Severity
  readonly confidence: Confidence
}

export interface Standing {
  readonly rule: RuleInfo
  readonly sight: Sight
  /** Options that would ask for it. */
  readonly ask: readonly string[]
  /** Something that was asked for was denied or failed: any number of findings may be behind it. */
  readonly denied: boolean
  /** Something was left out by zt-audit itself, on purpose: a binary file, a template that was not rendered. */
  readonly limited: boolean
  /** Files were left out by the operator or the audited tree. */
  readonly excluded: boolean
  /** The audit ended early. */
  readonly interrupted: boolean
  readonly findings: readonly Found[]
  /** Suppressed: no fault, or one that somebody accepts. */
  readonly suppressed: readonly Found[]
  /** Below the confidence that was asked for. */
  readonly unsure: readonly Found[]
}

/** One for each rule, those that were left out, too. */
export function standingsOf(report: Report): Standing[] {
  const coverage = byRule(report.coverage, (row) => row.rule)
  const open = byRule(report.undetermined, ({ rule }) => rule.id)
  const found = byRule(report.findings, ({ rule }) => rule.id)
  const unsure = byRule(report.leftOut?.findings ?? [], ({ rule }) => rule.id)
  const trees = report.targets.filter(({ kind, audited }) => kind === 'repository' && audited)
  const took = report.rules.map((rule): Standing => {
    const known = coverage.get(rule.id) ?? []
    // A text that was read and holds no credential is not nothing to judge: it was judged.
    const rows = known.length === 0 && isCredential(rule) ? trees.map(({ scope }) => readClean(rule, scope)) : known
    const gaps = (open.get(rule.id) ?? []).flatMap((item) => item.gaps)
    const undecided = rows.some((row) => row.undetermined > 0 || row.status === 'undetermined')
    const all = found.get(rule.id) ?? []
    const seen = {
      // Rows that are open without a reason are taken for the worse.
      denied: undecided && (gaps.length === 0 || gaps.some((gap) => gap.class === 'fault')),
      limited: gaps.some((gap) => gap.class === 'limit'),
      excluded: report.hidden.byPath > 0 && (rows.length === 0 || rows.some(({ scope }) => scope.startsWith('repo:'))),
      interrupted: report.interrupted,
    }
    const ask = [...new Set(rows.flatMap((row) => row.ask ?? []))]
    const sight = sightOf(rows, seen, all.length > 0)
    const findings = all.filter((finding) => finding.suppressed === undefined)
    const suppressed = all.filter((finding) => finding.suppressed !== undefined)
    return { rule, sight, ask, ...seen, findings, suppressed, unsure: unsure.get(rule.id) ?? [] }
  })
  return [...took, ...(report.leftOut?.rules ?? []).map(leftOut)]
}

/** Rules that judge every text, whatever it is. */
export function isCredential({ id }: RuleInfo): boolean {
  return id.startsWith('secrets/')
}

function readClean(rule: RuleInfo, scope: string): Coverage {
  return { rule: rule.id, scope, status: 'evaluated', rows: 0, undetermined: 0 }
}

function leftOut(rule: RuleInfo): Standing {
  const seen = { denied: false, limited: false, excluded: false, interrupted: false }
  return { rule, sight: 'left-out', ask: [], ...seen, findings: [], suppressed: [], unsure: [] }
}

type Seen = Pick<Standing, 'denied' | 'limited' | 'excluded' | 'interrupted'>

function sightOf(rows: readonly Coverage[], seen: Seen, found: boolean): Sight {
  // What no option would bring is not there: a repository without workflows.
  const missing = rows.filter(({ status }) => status === 'not-requested')
  if (missing.some(({ ask }) => ask === undefined || ask.length > 0)) return 'not-requested'
  if (rows.length === missing.length && !found) return 'nothing'
  return seen.denied || seen.limited || seen.interrupted ? 'undetermined' : 'evaluated'
}

function byRule<T>(items: readonly T[], idOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(idOf(item))
    if (group) group.push(item)
    else groups.set(idOf(item), [item])
  }
  return groups
}
