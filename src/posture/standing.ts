import type { Gap } from '../model.ts'
import type { Coverage, Finding, Report, RuleInfo } from '../report.ts'

/** What was seen of a rule: where it was decided, where not, and what it found. */

/** `nothing`: it was asked for, and there was nothing of the kind to judge. */
export type Sight = 'evaluated' | 'undetermined' | 'not-requested' | 'nothing'

/** How a rule stands in an account, a cluster, an organisation or a repository. */
export interface Place {
  readonly scope: string
  /** Something that was asked for was denied or failed, and nothing bounds what it may hide. */
  readonly blind: boolean
  /** Single cases that a fault left open, beside others that were decided. */
  readonly open: number
  /** Something was left out on purpose: a binary file, a template that was not rendered. */
  readonly limited: boolean
}
export interface Standing {
  readonly rule: RuleInfo
  readonly sight: Sight
  readonly places: readonly Place[]
  readonly findings: readonly Finding[]
}

/** One for each rule that took part. `findings` are those that count. */
export function standingsOf(report: Report, findings: readonly Finding[]): Standing[] {
  const coverage = byRule(report.coverage, (row) => row.rule)
  const found = byRule(findings, ({ rule }) => rule.id)
  const gaps = gapsOf(report)
  return report.rules.map((rule) => {
    const rows = coverage.get(rule.id) ?? []
    const asked = rows.filter(({ status }) => status !== 'not-requested')
    const places = asked.map((row) => placeOf(row, gaps.get(rule.id) ?? []))
    const own = found.get(rule.id) ?? []
    const sight = sightOf(rows, places, own, report.interrupted)
    return { rule, sight, places, findings: own }
  })
}

function sightOf(
  rows: readonly Coverage[],
  places: readonly Place[],
  found: readonly Finding[],
  interrupted: boolean,
): Sight {
  if (rows.some(({ status }) => status === 'not-requested')) return 'not-requested'
  if (interrupted || places.some(({ blind, open, limited }) => blind || open > 0 || limited)) return 'undetermined'
  return rows.length === 0 && found.length === 0 ? 'nothing' : 'evaluated'
}

type Unseen = { readonly scope: string; readonly gaps: readonly Gap[] }

function placeOf(row: Coverage, unseen: readonly Unseen[]): Place {
  const here = unseen.filter(({ scope }) => isWithin(scope, row.scope)).flatMap(({ gaps }) => gaps)
  // Rows that are open without a reason are taken for the worse.
  const fault = row.undetermined > 0 && (here.length === 0 || here.some((gap) => gap.class === 'fault'))
  return {
    scope: row.scope,
    blind: row.status === 'undetermined' && (fault || row.undetermined === 0),
    open: row.status === 'evaluated' && fault ? row.undetermined : 0,
    limited: here.some((gap) => gap.class === 'limit'),
  }
}

/** By rule: what could not be decided, where, and why. */
function gapsOf(report: Report): Map<string, Unseen[]> {
  return byRule(report.undetermined, ({ rule }) => rule.id)
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

/** `repo:./a.ts` is within `repo:.`, `aws:123/eu-west-1` within `aws:123`. */
export function isWithin(scope: string, target: string): boolean {
  return scope === target || scope.startsWith(`${target}/`) || (target.endsWith(':') && scope.startsWith(target))
}
