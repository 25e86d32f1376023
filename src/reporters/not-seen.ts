import type { Gap } from '../model.ts'
import type { Report, RuleInfo, TargetSummary } from '../report.ts'

/** What an audit could not see, sorted out for people: what was not seen is not passed. */
export interface NotSeen {
  /** Denied, failed, unreadable; one for each thing, however many kinds of facts it may have hidden. */
  readonly faults: readonly Gap[]
  /** Left out on purpose: binary, too large. */
  readonly limits: readonly Gap[]
  /** Rules that could not be decided because of a fault. */
  readonly undetermined: readonly UndeterminedRule[]
  /** Rules that a limit kept from being decided everywhere. */
  readonly inPart: readonly RuleInfo[]
  /** Targets that were asked for and not reached, or not seen whole. */
  readonly unreached: readonly TargetSummary[]
  readonly interrupted: boolean
}
export interface UndeterminedRule {
  readonly rule: RuleInfo
  readonly rows: number
  readonly scopes: readonly string[]
  /** `reason: detail` of each fault. */
  readonly reasons: readonly string[]
}

export function notSeen(report: Report): NotSeen {
  const byFault = new Map<string, { rule: RuleInfo; rows: number; scopes: Set<string>; reasons: Set<string> }>()
  const inPart = new Map<string, RuleInfo>()
  for (const { rule, rows, scope, gaps } of report.undetermined) {
    const faults = gaps.filter((gap) => gap.class === 'fault')
    if (faults.length === 0) {
      inPart.set(rule.id, rule)
      continue
    }
    const known = byFault.get(rule.id) ?? { rule, rows: 0, scopes: new Set<string>(), reasons: new Set<string>() }
    known.rows += rows
    known.scopes.add(scope)
    for (const gap of faults) known.reasons.add(describeGap(gap))
    byFault.set(rule.id, known)
  }
  return {
    faults: distinctGaps(report.gaps.filter((gap) => gap.class === 'fault')),
    limits: distinctGaps(report.gaps.filter((gap) => gap.class === 'limit')),
    undetermined: [...byFault.values()].map((item) => ({
      ...item,
      scopes: [...item.scopes],
      reasons: [...item.reasons],
    })),
    inPart: [...inPart.values()].filter(({ id }) => !byFault.has(id)),
    unreached: report.targets.filter((target) => target.asked !== false && !target.complete),
    interrupted: report.interrupted,
  }
}

/** Whether something that was asked for was not seen; what a limit left out does not count. */
export function isIncomplete(unseen: NotSeen): boolean {
  return unseen.interrupted || unseen.faults.length + unseen.undetermined.length + unseen.unreached.length > 0
}

/** In one sentence, without a full stop. */
export function describeIncomplete({ interrupted, faults, undetermined, unreached }: NotSeen): string {
  if (interrupted) return 'interrupted; this is what was found until then'
  if (faults.length > 0) return `${faults.length} thing${faults.length === 1 ? '' : 's'} could not be seen`
  if (unreached.length > 0)
    return `${unreached.map(({ kind, name }) => `${kind} ${name}`).join(', ')} was not seen whole`
  return `${undetermined.length} rule${undetermined.length === 1 ? '' : 's'} could not be decided`
}

export function describeGap(gap: Gap): string {
  return `${gap.reason}: ${gap.detail}`
}

/** One unread file is one line, however many kinds of facts it may have held. */
export function distinctGaps<G extends Pick<Gap, 'reason' | 'detail'>>(gaps: readonly G[]): G[] {
  return [...new Map(gaps.map((gap) => [`${gap.reason}\u0000${gap.detail}`, gap])).values()]
}

/** One line for each reason, with some examples. */
export function summariseGaps(gaps: readonly Gap[], examples: number): string[] {
  const byReason = new Map<string, Gap[]>()
  for (const gap of gaps) {
    const list = byReason.get(gap.reason)
    if (list) list.push(gap)
    else byReason.set(gap.reason, [gap])
  }
  return [...byReason].map(([reason, list]) => {
    const shown = list.slice(0, examples).map((gap) => gap.detail)
    const more = list.length > examples ? ` and ${list.length - examples} more` : ''
    return `${reason}: ${shown.join('; ')}${more}`
  })
}

/** The reasons alone, each with how many things it is about. */
export function countReasons(gaps: readonly Gap[]): string {
  const counts = new Map<string, number>()
  for (const { reason } of gaps) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, count]) => (count === 1 ? reason : `${reason} (${count})`)).join(', ')
}

/** The option that asks for a target that was not asked for; undefined if it was. */
export function howToAsk(target: TargetSummary): string | undefined {
  return target.asked === false ? /ask with (.*)$/.exec(target.detail)?.[1] : undefined
}
