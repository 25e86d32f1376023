import { evaluate } from './engine/evaluate.ts'
import { FactStore } from './engine/fact-store.ts'
import { toFindings } from './engine/findings.ts'
import type { LoadedRule } from './engine/load.ts'
import type { RuleTest } from './engine/rule-schema.ts'
import { type Fact, type FactKind, type Gap, hasType, SEVERITIES } from './model.ts'

/** Outcome of one test of a rule file. */
export interface RuleTestResult {
  readonly rule: string
  readonly file: string
  readonly test: string
  /** What differs from what the test says; empty if it passed. */
  readonly problems: readonly string[]
}

/** Scans a piece of text as if it were a file, with one rule's detector. `{{sample}}` was replaced before. */
export type ScanText = (rule: LoadedRule, path: string, text: string) => Promise<{ facts: Fact[]; gaps: Gap[] }>
/** A value that the rule's pattern matches and its validator accepts, the same for the same seed. */
export type SampleOf = (rule: Pick<LoadedRule, 'id' | 'source'>, seed: number) => Promise<string>

/** What the tests need from the rooms that the engine does not know. */
export interface RuleTestContext {
  readonly catalogue: ReadonlyMap<string, FactKind>
  readonly scanText: ScanText
  readonly sampleOf: SampleOf
}

/** Runs the tests inside rule files. */
export async function* runRuleTests(
  rules: readonly LoadedRule[],
  context: RuleTestContext,
): AsyncGenerator<RuleTestResult> {
  for (const rule of rules) {
    for (const [index, test] of rule.source.tests.entries()) {
      const problems = await runTest(rule, test, index, context)
      yield { rule: rule.id, file: rule.file, test: test.name, problems }
    }
  }
}

async function runTest(rule: LoadedRule, test: RuleTest, index: number, context: RuleTestContext): Promise<string[]> {
  const problems: string[] = []
  const { facts, gaps } = await materialOf(rule, test, index, context, problems)
  if (problems.length > 0) return problems
  const store = new FactStore(context.catalogue, facts, gaps, new Set(context.catalogue.keys()), [])
  const evaluation = evaluate(rule.compiled, store)
  const findings = await toFindings(evaluation, {
    catalogue: context.catalogue,
    identify: new Map(),
    minConfidence: 'low',
    fingerprints: true,
  })
  const undetermined = evaluation.undetermined.reduce((sum, item) => sum + item.rows, 0)
  if (findings.length !== test.finds) {
    const found = findings.map((finding) => `  ${finding.message}`).join('\n')
    problems.push(`finds ${findings.length}, expected ${test.finds}${found && `\n${found}`}`)
  }
  if (undetermined !== (test.undetermined ?? 0))
    problems.push(`${undetermined} rows undetermined, expected ${test.undetermined ?? 0}`)
  if (test.severity && findings.some((finding) => finding.severity !== test.severity)) {
    const worst = [...findings].sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity))[0]
    problems.push(`severity ${worst?.severity}, expected ${test.severity}`)
  }
  const unresolved = findings.find(
    (finding) => /\{\{|unknown/.test(finding.message) && !/unknown/i.test(rule.source.message ?? ''),
  )
  if (unresolved && !facts.some((fact) => fact.unknown.length > 0))
    problems.push(`message is not complete: ${unresolved.message}`)
  return problems
}

async function materialOf(
  rule: LoadedRule,
  test: RuleTest,
  index: number,
  context: RuleTestContext,
  problems: string[],
): Promise<{ facts: Fact[]; gaps: Gap[] }> {
  const facts = (test.facts ?? []).map((given, i) => testFact(given, i, context.catalogue, problems))
  const gaps: Gap[] = (test.gaps ?? []).map((gap) => {
    if (!context.catalogue.has(gap.kind)) problems.push(`unknown fact kind '${gap.kind}'`)
    const { fields, ...rest } = gap
    return {
      ...rest,
      ...(fields && { fields }),
      class: gap.class ?? 'fault',
      reason: 'test',
      detail: 'a gap of the test',
    }
  })
  if (test.text !== undefined) {
    const text = test.text.includes('{{sample}}')
      ? test.text.replaceAll('{{sample}}', await context.sampleOf(rule, index))
      : test.text
    const scanned = await context.scanText(rule, test.path ?? 'src/config.txt', text)
    facts.push(...scanned.facts)
    gaps.push(...scanned.gaps)
  }
  return { facts, gaps }
}

const RESERVED = new Set(['kind', 'scope', 'at', 'unknown'])
const PROVIDERS: readonly [prefix: string, scope: string][] = [
  ['iam.', 'aws:123456789012'],
  ['aws.', 'aws:123456789012'],
  ['k8s.', 'k8s:-'],
  ['github.', 'github:acme'],
]

/** Fields that a test does not name have their kind's sample value. */
function testFact(
  given: Record<string, unknown>,
  index: number,
  catalogue: ReadonlyMap<string, FactKind>,
  problems: string[],
): Fact {
  const kindName = String(given.kind)
  const kind = catalogue.get(kindName)
  if (!kind) problems.push(`unknown fact kind '${kindName}'`)
  const data: Record<string, unknown> = {}
  const unknown = Array.isArray(given.unknown) ? given.unknown.map(String) : []
  for (const [name, [type, , sample]] of Object.entries(kind?.fields ?? {})) {
    const value = given[name] ?? sample
    if (!hasType(value, type)) problems.push(`${kindName}.${name} must be ${type}`)
    if (!unknown.includes(name)) data[name] = value
  }
  for (const name of [...Object.keys(given), ...unknown]) {
    if (!RESERVED.has(name) && !kind?.fields[name]) problems.push(`${kindName} has no field '${name}'`)
  }
  const scope = String(given.scope ?? PROVIDERS.find(([prefix]) => kindName.startsWith(prefix))?.[1] ?? 'repo:.')
  return {
    kind: kindName,
    scope,
    data: data as Fact['data'],
    unknown,
    at: { file: 'test.txt', line: index + 1, column: 1 },
  }
}
