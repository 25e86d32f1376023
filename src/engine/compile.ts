import type { CheckedDocument } from '../document.ts'
import type { Defect } from '../errors.ts'
import { type Confidence, type FactKind, SEVERITIES, type Severity } from '../model.ts'
import { nearest } from '../nearest.ts'
import type { RuleInfo } from '../report.ts'
import { CelError, compilePredicate, type Predicate } from './cel.ts'
import { withDetectDefaults } from './detect-defaults.ts'
import { type MessageTemplate, parseMessage } from './message.ts'
import type { RuleClause, RuleSource } from './rule-schema.ts'

/** One equality of a join: a field of the sought fact, and where its value comes from. */
export interface Join {
  readonly field: string
  readonly from: { readonly binding: string; readonly field: string } | { readonly value: string }
}
/** A step of a rule: facts of a kind, joined and filtered. */
export interface Step {
  readonly name: string
  readonly kind: string
  readonly on: readonly Join[]
  readonly where?: Predicate
  readonly reach: 'scope' | 'target'
  /** What it tells a reader. */
  readonly says: readonly MessageTemplate[]
}
export interface Case<T> {
  readonly is: T
  readonly if: Predicate
}
/** A rule that is ready to be evaluated; it cannot fail to compile any more. */
export interface CompiledRule {
  readonly info: RuleInfo
  readonly match: readonly Step[]
  readonly unless: readonly Step[]
  readonly context: readonly Step[]
  readonly severity: readonly Case<Severity>[]
  readonly confidence: readonly Case<Confidence>[]
  /** Steps by which severity is lowered when the condition holds. */
  readonly lower: readonly Predicate[]
  readonly identity: readonly string[]
  readonly message: MessageTemplate
  readonly properties: RuleSource['properties']
  readonly assumptions?: string
  readonly fix?: string
  readonly lowEntropy: boolean
}

/** What compiling needs besides the rule: without `document`, the rule comes from the built-in bundle and was checked before. */
export interface CompileContext {
  readonly catalogue: ReadonlyMap<string, FactKind>
  readonly file: string
  readonly document?: CheckedDocument<RuleSource>
  readonly defects: Defect[]
}

/** Turns a rule file's value into steps and predicates; every defect goes into `context.defects` with its place. */
export function compileRule(id: string, given: RuleSource, context: CompileContext): CompiledRule {
  const source = withDetectDefaults(id, given)
  const bindings: Record<string, FactKind> = {}
  const report = reporter(context)
  const steps = (part: 'match' | 'unless' | 'context', keep: boolean) =>
    Object.entries(source[part] ?? {}).flatMap(([name, clause]) => {
      const step = compileStep(name, clause, bindings, context, (path, message, offset) =>
        report([part, name, ...path], message, offset),
      )
      const kind = context.catalogue.get(clause.fact)
      if (keep && kind) bindings[name] = kind
      return step ? [step] : []
    })
  const match = steps('match', true)
  const matched = { ...bindings }
  const unless = steps('unless', false)
  const contextSteps = steps('context', true)
  const predicate = (path: readonly (string | number)[], text: string) =>
    tryPredicate(text, bindings, context, (m, o) => report(path, m, o))
  const cases = <T extends string>(
    part: 'severity' | 'confidence',
    value: T | { default: T; when: { is: T; if: string }[] },
  ) =>
    typeof value === 'string'
      ? []
      : value.when.flatMap((item, i): Case<T>[] => {
          const test = predicate([part, 'when', i, 'if'], item.if)
          return test ? [{ is: item.is, if: test }] : []
        })
  if (context.document) checkReferences(source, matched, bindings, report)
  return {
    info: infoOf(id, source),
    match,
    unless,
    context: contextSteps,
    severity: cases('severity', source.severity),
    confidence: cases('confidence', source.confidence),
    lower: source.lower.flatMap((text) => predicate(['severity'], text) ?? []),
    identity: source.identity ?? [Object.keys(source.match ?? {})[0] ?? ''],
    message: parseMessage(source.message ?? ''),
    properties: source.properties,
    ...(source.assumptions && { assumptions: source.assumptions }),
    ...(source.fix && { fix: source.fix }),
    lowEntropy: source.detect?.lowEntropy ?? false,
  }
}

type Report = (path: readonly (string | number)[], message: string, offset?: number) => void

/** Adds a defect at the place of a path; an offset into a one-line expression moves the column along. */
function reporter(context: CompileContext): Report {
  return (path, message) => {
    const { line, column } = context.document?.position(path) ?? { line: 1, column: 1 }
    context.defects.push({ file: context.file, line, column, message: `${path.join('.')}: ${message}` })
  }
}

function compileStep(
  name: string,
  clause: RuleClause,
  bindings: Readonly<Record<string, FactKind>>,
  context: CompileContext,
  report: Report,
): Step | undefined {
  const kind = context.catalogue.get(clause.fact)
  if (!kind) {
    const near = nearest(clause.fact, [...context.catalogue.keys()])
    report(['fact'], `unknown fact kind '${clause.fact}'${near ? `, did you mean '${near}'?` : ''}`)
    return undefined
  }
  const on = Object.entries(clause.on ?? {}).flatMap(([field, from]): Join[] => {
    if (!kind.fields[field]) report(['on', field], unknownField(kind, field))
    if (from.startsWith('=')) return [{ field, from: { value: from.slice(1) } }]
    const [binding = '', other = ''] = from.split('.')
    const target = bindings[binding]
    if (!target) report(['on', field], `'${from}': no earlier binding is called '${binding}'`)
    else if (!target.fields[other]) report(['on', field], unknownField(target, other))
    return [{ field, from: { binding, field: other } }]
  })
  const where = clause.where
    ? tryPredicate(clause.where, { ...bindings, [name]: kind }, context, (message, offset) =>
        report(['where'], message, offset),
      )
    : undefined
  const says = [clause.says ?? []].flat().map(parseMessage)
  return { name, kind: kind.kind, on, ...(where && { where }), reach: clause.reach ?? 'scope', says }
}

const unknownField = (kind: FactKind, field: string) => {
  const near = nearest(field, Object.keys(kind.fields))
  return `${kind.kind} has no field '${field}'${near ? `, did you mean '${near}'?` : ''} (it has ${Object.keys(kind.fields).join(', ')})`
}

function tryPredicate(
  text: string,
  bindings: Readonly<Record<string, FactKind>>,
  context: CompileContext,
  fail: (message: string, offset: number) => void,
): Predicate | undefined {
  try {
    return compilePredicate(text, bindings, context.document !== undefined)
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    fail(error.message, error.offset)
    return undefined
  }
}

/** Placeholders, identity and machine-readable values must name bindings and fields that exist. */
function checkReferences(
  source: RuleSource,
  matched: Readonly<Record<string, FactKind>>,
  all: Readonly<Record<string, FactKind>>,
  report: Report,
): void {
  for (const part of ['title', 'description', 'remediation'] as const) {
    const { references } = parseMessage(source[part] ?? '')
    if (references.length > 0) report([part], 'is the same for every finding: values stand in the message only')
  }
  const check = (
    path: readonly (string | number)[],
    reference: string,
    bindings: Readonly<Record<string, FactKind>>,
  ) => {
    const [binding = '', field = ''] = reference.split('.')
    const kind = bindings[binding]
    if (!kind)
      report(path, `'${reference}': no binding is called '${binding}' (there are ${Object.keys(bindings).join(', ')})`)
    else if (!kind.fields[field]) report(path, unknownField(kind, field))
    else if (kind.hidden?.includes(field)) report(path, `${kind.kind}.${field} is for joins only: it is never printed`)
  }
  for (const reference of parseMessage(source.message ?? '').references)
    check(['message'], `${reference.binding}.${reference.field}`, all)
  for (const [name, { says = [] }] of Object.entries(source.match ?? {}))
    for (const reference of [says].flat().flatMap((sentence) => parseMessage(sentence).references))
      check(['match', name, 'says'], `${reference.binding}.${reference.field}`, matched)
  for (const name of source.identity ?? []) {
    if (!matched[name]) report(['identity'], `'${name}' is no binding of match`)
  }
  if (source.assumptions) check(['assumptions'], source.assumptions, matched)
  if (source.fix) check(['fix'], source.fix, matched)
  const visit = (value: unknown, path: readonly string[]) => {
    if (typeof value === 'string') check(path, value, all)
    else for (const [key, inner] of Object.entries(value ?? {})) visit(inner, [...path, key])
  }
  visit(source.properties, ['properties'])
}

function infoOf(id: string, source: RuleSource): RuleInfo {
  const { severity, confidence, mappings } = source
  return {
    id,
    title: source.title,
    severity: typeof severity === 'string' ? severity : severity.default,
    ...(typeof severity !== 'string' && { gravest: gravestOf(severity) }),
    confidence: typeof confidence === 'string' ? confidence : confidence.default,
    pillar: source.pillar,
    ...(source.capabilities && { capabilities: source.capabilities }),
    description: source.description,
    remediation: source.remediation,
    ...(source.credential && { credential: source.credential }),
    // Where to revoke it is the first thing to read.
    references: source.credential ? [source.credential.revoke, ...source.references] : source.references,
    mappings: {
      ...(mappings?.cwe && { cwe: mappings.cwe }),
      ...(mappings?.cis && { cis: mappings.cis }),
      ...(mappings?.nist && { nist: mappings.nist }),
    },
  }
}

function gravestOf(severity: Exclude<RuleSource['severity'], string>): Severity {
  const all = [severity.default, ...severity.when.map(({ is }) => is)]
  return all.reduce((worst, each) => (SEVERITIES.indexOf(each) > SEVERITIES.indexOf(worst) ? each : worst))
}
