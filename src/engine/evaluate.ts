import type { Fact, Gap } from '../model.ts'
import type { Coverage, Undetermined } from '../report.ts'
import type { Row } from './cel.ts'
import type { CompiledRule, Step } from './compile.ts'
import type { FactStore } from './fact-store.ts'
import { providerOf, scopesOverlap } from './scope.ts'

/** What a rule found: rows that hold for certain, rows that could not be decided, and how much was looked at. */
export interface Evaluation {
  readonly rule: CompiledRule
  readonly rows: readonly Row[]
  readonly undetermined: readonly Undetermined[]
  readonly coverage: readonly Coverage[]
}

/** A row on its way through the steps. Once `open`, it can still be refuted, but no longer be certain. */
interface Partial {
  readonly row: Row
  readonly open: boolean
  readonly gaps: readonly Gap[]
}
interface OpenRow {
  readonly scope: string
  readonly gaps: readonly Gap[]
}

/**
 * Evaluates one rule. A row is a finding if every `match` step found a fact and no `unless` step did; it is undetermined if
 * that hangs on something that was not seen; else it is nothing.
 */
export function evaluate(rule: CompiledRule, store: FactStore): Evaluation {
  const needed = [...rule.match, ...rule.unless].map((step) => step.kind)
  if (needed.some((kind) => !store.requested.has(kind))) {
    const coverage: Coverage = { rule: rule.info.id, scope: '', status: 'not-requested', rows: 0, undetermined: 0 }
    return { rule, rows: [], undetermined: [], coverage: [coverage] }
  }
  const rows: Row[] = []
  const open: OpenRow[] = []
  for (const partial of matchRows(rule.match, { row: {}, open: false, gaps: [] }, store, open)) {
    const verdict = checkUnless(rule.unless, partial, store)
    if (verdict === 'refuted') continue
    if (partial.open || verdict.length > 0) {
      const gaps = [...partial.gaps, ...verdict]
      open.push({ scope: scopeOf(partial.row), gaps: gaps.length > 0 ? gaps : [undecided(rule, partial.row)] })
    } else rows.push(addContext(rule.context, partial.row, store))
  }
  const undetermined = groupOpen(rule, open)
  return { rule, rows, undetermined, coverage: coverageOf(rule, rows, undetermined, store) }
}

/** Depth first: one fact for each step. Rows that end for lack of sight go to `open`. */
function* matchRows(steps: readonly Step[], partial: Partial, store: FactStore, open: OpenRow[]): Generator<Partial> {
  const [step, ...rest] = steps
  if (!step) {
    yield partial
    return
  }
  const search = searchStep(step, partial, store)
  if (search.unjoinable) {
    open.push({ scope: scopeOf(partial.row), gaps: [...partial.gaps, ...search.gaps] })
    return
  }
  for (const next of search.found) yield* matchRows(rest, next, store, open)
  if (search.found.length > 0 || search.gaps.length === 0) return
  const first = Object.keys(partial.row).length === 0
  // With nothing bound yet, each account, cluster or repository that was not seen counts for itself.
  const scopes = first ? [...new Set(search.gaps.map((gap) => store.targetOf(gap.scope)))] : [scopeOf(partial.row)]
  for (const scope of scopes) {
    const gaps = first ? search.gaps.filter((gap) => store.targetOf(gap.scope) === scope) : search.gaps
    open.push({ scope, gaps: [...partial.gaps, ...gaps] })
  }
}

interface Search {
  readonly found: readonly Partial[]
  /** What was not seen of the step's kind where it was searched. */
  readonly gaps: readonly Gap[]
  /** A value that the join needs was not seen: any fact might match. */
  readonly unjoinable: boolean
}

function searchStep(step: Step, partial: Partial, store: FactStore): Search {
  const { row } = partial
  const missing = step.on.filter((join) => 'binding' in join.from && joinValue(join.from, row) === undefined)
  if (missing.length > 0) {
    const gaps = missing.flatMap(({ from }) =>
      'binding' in from ? fieldGaps(row[from.binding], from.field, store) : [],
    )
    return { found: [], gaps, unjoinable: true }
  }
  const { certain, uncertain } = candidates(step, row, store)
  const found: Partial[] = []
  const visit = (fact: Fact, joined: boolean) => {
    if (!isWithinReach(fact, row, store)) return
    const next: Row = { ...row, [step.name]: fact }
    const truth = step.where ? step.where.test(next) : true
    if (truth === false) return
    if (truth === true && joined) found.push({ row: next, open: partial.open, gaps: partial.gaps })
    else found.push({ row: next, open: true, gaps: [...partial.gaps, ...reasons(step, next, joined, store)] })
  }
  for (const fact of certain) visit(fact, true)
  for (const fact of uncertain) visit(fact, false)
  return { found, gaps: absenceGaps(step, row, store), unjoinable: false }
}

function candidates(step: Step, row: Row, store: FactStore) {
  if (step.on.length === 0) return { certain: store.all(step.kind), uncertain: [] }
  const values = step.on.map((join) => joinValue(join.from, row) as string)
  return store.lookup(
    step.kind,
    step.on.map((join) => join.field),
    values,
  )
}

function joinValue(from: Step['on'][number]['from'], row: Row): unknown {
  return 'value' in from ? from.value : (row[from.binding]?.data as Record<string, unknown> | undefined)?.[from.field]
}

/** A join stays within the accounts or clusters of the earlier facts of the same provider: two clusters are two worlds. */
function isWithinReach(fact: Fact, row: Row, store: FactStore): boolean {
  let alone = true
  for (const name in row) {
    const scope = row[name]?.scope ?? ''
    // The usual one first: this is asked of every fact of every join.
    if (scope === fact.scope) return true
    if (providerOf(scope) !== providerOf(fact.scope)) continue
    if (scopesOverlap(store.targetOf(scope), store.targetOf(fact.scope))) return true
    alone = false
  }
  return alone
}

/** Gaps that may hide a fact of the step's kind, where the step searches. Gaps of single fields hide no fact. */
function absenceGaps(step: Step, row: Row, store: FactStore): Gap[] {
  const gaps = store.gapsOf(step.kind)
  if (gaps.length === 0) return []
  const earlier = Object.values(row)
  return gaps.filter((gap) => {
    if (gap.fields) return false
    const same = earlier.filter((fact) => providerOf(fact.scope) === providerOf(gap.scope))
    if (same.length === 0) return true
    return same.some((fact) =>
      scopesOverlap(gap.scope, step.reach === 'target' ? store.targetOf(fact.scope) : fact.scope),
    )
  })
}

/** The gaps behind fields that were not seen. */
function reasons(step: Step, row: Row, joined: boolean, store: FactStore): Gap[] {
  const references = step.where?.references() ?? []
  const joins = joined ? [] : step.on.map((join) => ({ binding: step.name, field: join.field }))
  return [...references, ...joins].flatMap(({ binding, field }) => {
    const fact = row[binding]
    return fact?.unknown.includes(field) ? fieldGaps(fact, field, store) : []
  })
}

/** A gap of a kind that this one is derived from names fields of that kind: it may be behind any field of this one. */
function fieldGaps(fact: Fact | undefined, field: string, store: FactStore): Gap[] {
  if (!fact) return []
  return store.gapsOf(fact.kind).filter((gap) => {
    const names = gap.kind !== fact.kind || gap.fields === undefined || gap.fields.includes(field)
    return names && scopesOverlap(gap.scope, fact.scope)
  })
}

/** `refuted` if a fact stands against the row; else the gaps that leave it open (none: the row stands). */
function checkUnless(steps: readonly Step[], partial: Partial, store: FactStore): 'refuted' | Gap[] {
  const gaps: Gap[] = []
  for (const step of steps) {
    const search = searchStep(step, { ...partial, open: false, gaps: [] }, store)
    if (search.found.some((found) => !found.open)) return 'refuted'
    const open = search.found.flatMap((found) => found.gaps)
    const uncertain = search.unjoinable || search.found.length > 0
    gaps.push(...open, ...search.gaps)
    if (uncertain && gaps.length === 0) gaps.push(unexplained(step, partial.row))
  }
  return gaps
}

/** No gap explains it: a field that its scanner left unknown, or a condition that fails on these values. */
function undecided(rule: CompiledRule, row: Row): Gap {
  const unknown = Object.values(row).some((fact) => fact.unknown.length > 0)
  const common = { kind: Object.values(row)[0]?.kind ?? '', scope: scopeOf(row) }
  if (unknown)
    return {
      ...common,
      class: 'limit',
      reason: 'not seen',
      detail: `${rule.info.id}: a field that it needs was not seen`,
    }
  const detail = `${rule.info.id}: a condition cannot be evaluated on what was found (an index out of range, a division by zero)`
  return { ...common, class: 'fault', reason: 'condition failed', detail }
}

/** A field that is unknown without a recorded gap still leaves the row open; the report must not show it without a reason. */
function unexplained(step: Step, row: Row): Gap {
  return {
    kind: step.kind,
    scope: scopeOf(row),
    class: 'limit',
    reason: 'not seen',
    detail: `a field of ${step.kind} was not seen`,
  }
}

/** Left join: the first fact that matches for certain, if any. */
function addContext(steps: readonly Step[], row: Row, store: FactStore): Row {
  let result = row
  for (const step of steps) {
    const found = searchStep(step, { row: result, open: false, gaps: [] }, store).found.find((next) => !next.open)
    if (found) result = found.row
  }
  return result
}

function scopeOf(row: Row): string {
  return Object.values(row)[0]?.scope ?? ''
}

function groupOpen(rule: CompiledRule, open: readonly OpenRow[]): Undetermined[] {
  const byScope = new Map<string, { rows: number; gaps: Set<Gap> }>()
  for (const { scope, gaps } of open) {
    const group = byScope.get(scope) ?? { rows: 0, gaps: new Set<Gap>() }
    byScope.set(scope, group)
    group.rows++
    for (const gap of gaps) group.gaps.add(gap)
  }
  return [...byScope]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([scope, { rows, gaps }]) => ({ rule: rule.info, scope, rows, gaps: [...gaps] }))
}

function coverageOf(
  rule: CompiledRule,
  rows: readonly Row[],
  undetermined: readonly Undetermined[],
  store: FactStore,
): Coverage[] {
  const first = rule.match[0]
  const decided = new Map<string, number>()
  for (const fact of first ? store.all(first.kind) : []) decided.set(store.targetOf(fact.scope), 0)
  for (const row of rows)
    decided.set(store.targetOf(scopeOf(row)), (decided.get(store.targetOf(scopeOf(row))) ?? 0) + 1)
  const open = new Map<string, number>()
  for (const item of undetermined)
    open.set(store.targetOf(item.scope), (open.get(store.targetOf(item.scope)) ?? 0) + item.rows)
  const scopes = [...new Set([...decided.keys(), ...open.keys()])].sort()
  return scopes.map((scope) => {
    const count = open.get(scope) ?? 0
    const certain = decided.get(scope)
    const status = count > 0 && !certain ? 'undetermined' : 'evaluated'
    return { rule: rule.info.id, scope, status, rows: certain ?? 0, undetermined: count }
  })
}
