import {
  CONFIDENCES,
  type Confidence,
  type Fact,
  type FactKind,
  type FileLocation,
  SEVERITIES,
  type Severity,
} from '../model.ts'
import type { Finding } from '../report.ts'
import type { Row, Truth } from './cel.ts'
import type { Case, CompiledRule } from './compile.ts'
import type { Evaluation } from './evaluate.ts'
import { type Fingerprints, fingerprintOf, type Identify, identityOf } from './fingerprint.ts'
import { sentencesOf, showValue } from './message.ts'
import { compareFacts } from './order.ts'

/** What turning rows into findings needs to know of fact kinds. */
export interface FindingContext {
  readonly catalogue: ReadonlyMap<string, FactKind>
  readonly identify: ReadonlyMap<string, Identify>
  /** Findings below it are only counted, and get no fingerprint. */
  readonly minConfidence: Confidence
  /** Whether anybody asks for fingerprints: that of a guessable secret costs 20 ms. */
  readonly fingerprints: boolean
}

/** Rows are not findings: rows with equal identity merge into one, whose evidence lists them all. */
export async function toFindings(evaluation: Evaluation, context: FindingContext): Promise<Finding[]> {
  const groups = new Map<string, Row[]>()
  for (const row of evaluation.rows) {
    const key = identityFacts(evaluation.rule, row)
      .map((fact) => `${repositoryOf(fact)}${keyOf(fact, context.catalogue)}`)
      .join('\n')
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  // All at once: slow hashes run on several threads.
  return Promise.all([...groups.values()].map((rows) => toFinding(evaluation.rule, rows, context)))
}

/** Equal files of two repositories are two findings, each with its own place. */
function repositoryOf({ at }: Fact): string {
  const place = 'file' in at ? at : at.declaredAt
  return place?.repository ?? ''
}

function identityFacts(rule: CompiledRule, row: Row): Fact[] {
  return rule.identity.flatMap((name) => row[name] ?? [])
}

function keyOf(fact: Fact, catalogue: ReadonlyMap<string, FactKind>): string {
  const kind = catalogue.get(fact.kind)
  if (!kind) throw new Error(`unknown fact kind ${fact.kind}`)
  return identityOf(fact, kind)
}

async function toFinding(rule: CompiledRule, rows: readonly Row[], context: FindingContext): Promise<Finding> {
  const sorted = [...rows].sort((a, b) => compareRows(a, b))
  const row = sorted[0] as Row
  const primary = Object.values(row)[0] as Fact
  const assumptions = new Set(sorted.flatMap((each) => listAt(rule.assumptions, each)))
  const severities = sorted.map((each) => severityOf(rule, each, assumptions))
  const confidences = sorted.map((each) => choose<Confidence>(rule.confidence, rule.info.confidence, each, assumptions))
  // The row that is surest speaks for the finding: more evidence never makes it less.
  const confidence = confidences.reduce((best, each) =>
    CONFIDENCES.indexOf(each) > CONFIDENCES.indexOf(best) ? each : best,
  )
  const surest = sorted[confidences.indexOf(confidence)] as Row
  const counts = context.fingerprints && CONFIDENCES.indexOf(confidence) >= CONFIDENCES.indexOf(context.minConfidence)
  const diff = rule.fix ? valueAt(rule.fix, row) : undefined
  return {
    rule: rule.info,
    severity: severities.reduce((worst, each) => (SEVERITIES.indexOf(each) > SEVERITIES.indexOf(worst) ? each : worst)),
    confidence,
    message: rule.message.render(surest),
    phrase: rule.message.phrase(surest),
    at: primary.at,
    also: otherPlaces(primary, sorted),
    scope: primary.scope,
    evidence: evidenceOf(sorted),
    links: linksOf(rule, surest, context.catalogue),
    properties: propertiesOf(rule.properties, surest),
    assumptions: [...assumptions].sort(),
    ...(counts ? await fingerprints(rule, row, context) : NO_FINGERPRINTS),
    ...(primary.excerpt && { excerpt: primary.excerpt }),
    ...(typeof diff === 'string' && diff !== '' && { fix: { description: rule.info.remediation, diff } }),
  }
}

const NO_FINGERPRINTS: Fingerprints = { fingerprint: '', kin: '' }

function fingerprints(rule: CompiledRule, row: Row, { catalogue, identify }: FindingContext): Promise<Fingerprints> {
  return fingerprintOf(rule.info.id, identityFacts(rule, row), catalogue, rule.lowEntropy, identify)
}

/** The first case that holds wins. What was not seen leaves the default, and the finding says so. */
function choose<T>(cases: readonly Case<T>[], fallback: T, row: Row, assumptions: Set<string>): T {
  for (const item of cases) {
    const truth: Truth = item.if.test(row)
    if (truth === true) return item.is
    if (truth === 'unknown')
      assumptions.add(
        `not seen: ${item.if
          .references()
          .map((r) => `${r.binding}.${r.field}`)
          .join(', ')}`,
      )
  }
  return fallback
}

function severityOf(rule: CompiledRule, row: Row, assumptions: Set<string>): Severity {
  const chosen = choose<Severity>(rule.severity, rule.info.severity, row, assumptions)
  const steps = rule.lower.filter((predicate) => predicate.test(row) === true).length
  return SEVERITIES[Math.max(SEVERITIES.indexOf(chosen) - steps, Math.min(SEVERITIES.indexOf(chosen), 1))] as Severity
}

function evidenceOf(rows: readonly Row[]): Record<string, Fact[]> {
  const evidence: Record<string, Fact[]> = {}
  for (const row of rows) {
    for (const [name, fact] of Object.entries(row)) {
      evidence[name] ??= []
      if (!evidence[name].includes(fact)) evidence[name].push(fact)
    }
  }
  return evidence
}

/** What a reader needs to check each step: the fields that joins and conditions of the rule read, with their values. */
function linksOf(rule: CompiledRule, row: Row, catalogue: ReadonlyMap<string, FactKind>): Finding['links'] {
  const read = rule.match.flatMap((step) => [
    ...step.on.map(({ field }) => ({ binding: step.name, field })),
    ...(step.where?.references() ?? []),
  ])
  return rule.match.flatMap((step) => {
    const { name, kind } = step
    const fact = row[name]
    if (!fact) return []
    const hidden = catalogue.get(kind)?.hidden ?? []
    const joins = joinsOf(step, fact, hidden)
    const fields = new Set(read.filter((each) => each.binding === name).map(({ field }) => field))
    const values = [...fields]
      .filter(
        (field) =>
          !hidden.includes(field) && !('resource' in fact.at && valueAt(`${name}.${field}`, row) === fact.at.resource),
      )
      .map((field) => `${field} ${showValue(fact.data, field)}`)
    const says = sentencesOf(step.says, row)
    return {
      name,
      at: fact.at,
      values: values.join(', '),
      ...(says.length > 0 && { says }),
      ...(joins.length > 0 && { joins }),
    }
  })
}

/** What a step has in common with earlier ones; a step that was found by a fixed value alone has nothing. */
function joinsOf({ on }: CompiledRule['match'][number], { data }: Fact, hidden: readonly string[]) {
  return on.flatMap(({ field, from }) =>
    'binding' in from
      ? {
          field,
          from: from.binding,
          fromField: from.field,
          ...(!hidden.includes(field) && { value: showValue(data, field) }),
        }
      : [],
  )
}

/** Files besides the primary place: further occurrences, and those of merged rows. */
function otherPlaces(primary: Fact, rows: readonly Row[]): FileLocation[] {
  const places = new Map<string, FileLocation>()
  const add = (place: FileLocation) =>
    places.set(`${place.repository ?? ''}:${place.file}:${place.line}:${place.column}:${place.commit ?? ''}`, place)
  for (const fact of new Set(rows.map((row) => Object.values(row)[0] as Fact))) {
    if (fact !== primary && 'file' in fact.at) add(fact.at)
    for (const place of fact.also ?? []) add(place)
  }
  return [...places.values()]
}

function valueAt(reference: string, row: Row): unknown {
  const [binding = '', field = ''] = reference.split('.')
  return (row[binding]?.data as Record<string, unknown> | undefined)?.[field]
}

function listAt(reference: string | undefined, row: Row): string[] {
  const value = reference ? valueAt(reference, row) : undefined
  return Array.isArray(value) ? value.map(String) : []
}

/** Names to values; what is empty or was not seen is left out. */
function propertiesOf(declared: unknown, row: Row): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries((declared ?? {}) as Record<string, unknown>)) {
    const resolved = typeof value === 'string' ? valueAt(value, row) : propertiesOf(value, row)
    if (resolved !== undefined && resolved !== '') result[name] = resolved
  }
  return result
}

function compareRows(a: Row, b: Row): number {
  for (const name of Object.keys(a)) {
    const [left, right] = [a[name], b[name]]
    const order = left && right ? compareFacts(left, right) : 0
    if (order !== 0) return order
  }
  return 0
}
