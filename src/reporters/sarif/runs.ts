import { createHash } from 'node:crypto'
import type { Gap } from '../../model.ts'
import {
  type Finding,
  type Report,
  type RuleInfo,
  type TargetSummary,
  targetOfFinding,
  targetOfScope,
} from '../../report.ts'

/** One run of the log: GitHub keeps the alerts of each category apart, and closes those that a run no longer holds. */
export interface RunPlan {
  /** `automationDetails.id`; all but the last slash is GitHub's category. */
  readonly id: string
  /** Whether a missing result means that it was fixed. */
  readonly successful: boolean
  /** Worst first. */
  readonly findings: readonly Finding[]
  readonly gaps: readonly Gap[]
  /** Rules that looked at the target. */
  readonly rules: readonly RuleInfo[]
  /** Targets that chains need and that were not seen whole. */
  readonly unseen: readonly TargetSummary[]
  /** Whether it is of the main repository. */
  readonly isMain: boolean
}

/** What of a report goes into which run: one for each target that was asked for, found or not, and one for chains. */
export function planRuns(report: Report): RunPlan[] {
  const targets = report.targets.filter((target) => target.asked !== false && target.kind !== 'history')
  const main = targets.find((target) => target.kind === 'repository')
  const findings = new Map<TargetSummary | undefined, Finding[]>()
  for (const finding of report.findings) {
    if (finding.suppressed) continue
    append(findings, targetOfFinding(finding, report.targets), finding)
  }
  const gaps = new Map<TargetSummary | undefined, Gap[]>()
  for (const gap of report.gaps) append(gaps, targetOfGap(gap, targets) ?? main ?? targets[0], gap)
  const rules = rulesByTarget(report)
  const ids = categoriesOf(targets, main)
  const plans = targets.map(
    (target, i): RunPlan => ({
      id: ids[i] ?? '',
      successful: target.audited && target.complete && !report.interrupted,
      findings: findings.get(target) ?? [],
      gaps: gaps.get(target) ?? [],
      rules: rules.get(target) ?? report.rules,
      unseen: [],
      isMain: target === main,
    }),
  )
  const audited = targets.filter((target) => target.audited)
  const chains = findings.get(undefined) ?? []
  if (chains.length === 0 && audited.length < 2) return plans
  const unseen = targets.filter((target) => !target.audited || !target.complete)
  const id = `zt-audit/chain/${chainName(audited, ids, targets)}/`
  const successful = unseen.length === 0 && !report.interrupted
  return [...plans, { id, successful, findings: chains, gaps: [], rules: report.rules, unseen, isMain: false }]
}

function rulesByTarget(report: Report): Map<TargetSummary | undefined, RuleInfo[]> {
  const byId = new Map(report.rules.map((rule) => [rule.id, rule]))
  const found = new Map<TargetSummary | undefined, RuleInfo[]>()
  for (const { rule, scope, status } of report.coverage) {
    const info = status === 'evaluated' ? byId.get(rule) : undefined
    if (info) append(found, targetOfScope(scope, report.targets), info)
  }
  return found
}

function append<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key)
  if (group) group.push(value)
  else groups.set(key, [value])
}

const KIND_OF_PROVIDER: Readonly<Record<string, string>> = {
  repo: 'repository',
  aws: 'aws',
  k8s: 'kubernetes',
  github: 'github',
}

/** The target that holds the scope; else one of its provider, best one that was not reached: its gaps name no account. */
function targetOfGap(gap: Gap, targets: readonly TargetSummary[]): TargetSummary | undefined {
  const holder = targetOfScope(gap.scope, targets)
  const kind = KIND_OF_PROVIDER[gap.scope.slice(0, gap.scope.indexOf(':'))]
  if (holder?.kind === kind) return holder
  const candidates = targets.filter((target) => target.kind === kind)
  return candidates.find((target) => target.scope === '') ?? candidates[0] ?? holder
}

/** `zt-audit/KIND/NAME/` for each target; the main repository has no name, since each machine has its own path for it. */
function categoriesOf(targets: readonly TargetSummary[], main: TargetSummary | undefined): string[] {
  const taken = new Set<string>()
  return targets.map((target) => {
    if (target === main) return 'zt-audit/repository/'
    const name = nameOf(target)
    const short = `zt-audit/${target.kind}/${safe(name)}/`
    // Two runs of one category in one file make GitHub refuse it.
    const id = taken.has(short) ? `zt-audit/${target.kind}/${safe(name)}-${digest(target.name)}/` : short
    taken.add(id)
    return id
  })
}

/** Of a live target the name in its scope: what the provider calls it, however it was asked for. */
function nameOf(target: TargetSummary): string {
  if (target.kind === 'repository') return target.name.split(/[/\\]/).findLast((part) => /\w/.test(part)) ?? target.name
  // A dump without objects has no facts that could tell the scope that all dumps have.
  if (target.scope === '') return target.detail === 'dump' ? '-' : target.name
  return target.scope.slice(target.scope.indexOf(':') + 1)
}

/**
 * Chains hang on all targets of a run, so those of other targets are another category: a run that did not look at AWS, or at
 * another account, must not close what joins it.
 */
function chainName(
  audited: readonly TargetSummary[],
  ids: readonly string[],
  targets: readonly TargetSummary[],
): string {
  const parts = audited.map((target) =>
    (ids[targets.indexOf(target)] ?? '').split('/').slice(1, -1).join('-').replace(/-$/, ''),
  )
  const name = parts.sort().join('+')
  return name.length <= LONGEST_NAME ? name : digest(name)
}

const LONGEST_NAME = 100

function safe(name: string): string {
  const clean = name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, LONGEST_NAME)
  return clean === '' ? '-' : clean
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
