import { evaluate } from '../../src/engine/evaluate.ts'
import { FactStore } from '../../src/engine/fact-store.ts'
import { toFindings } from '../../src/engine/findings.ts'
import { catalogue } from '../../src/facts/catalogue.ts'
import type { Fact, FactKind } from '../../src/model.ts'
import type { Finding } from '../../src/report.ts'
import { builtInRules, type RunnableRule } from '../../src/rule-packs.ts'

/** One finding or more of each built-in rule, through the engine, from the facts of its first test that fires. */
export async function findingsOfEveryRule(): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const rule of await builtInRules()) {
    const facts = factsOf(rule)
    const store = new FactStore(catalogue, facts, [], new Set(catalogue.keys()), ['repo:.'])
    const context = { catalogue, identify: new Map(), minConfidence: 'low', fingerprints: true } as const
    findings.push(...(await toFindings(evaluate(rule.compiled, store), context)))
  }
  return findings
}

function factsOf({ id, source }: RunnableRule): Fact[] {
  const test = source.tests.find((each) => each.finds > 0 && each.facts)
  // A rule that reads text has the one fact that its detector would yield.
  return (test?.facts ?? [{ kind: 'secret.match', rule: id }]).map((given, i) => toFact(given, i))
}

const RESERVED = ['kind', 'scope', 'at', 'unknown']

/** What the test does not name has its sample value; live things stand in no file. */
function toFact(given: Record<string, unknown>, index: number): Fact {
  const kind = catalogue.get(String(given.kind)) as FactKind
  const named = Object.entries(given).filter(([name]) => !RESERVED.includes(name))
  const samples = Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample])
  const scope = String(given.scope ?? scopeOf(kind.kind))
  const inFile = scope.startsWith('repo:')
  return {
    kind: kind.kind,
    scope,
    data: Object.fromEntries([...samples, ...named]) as Fact['data'],
    unknown: Array.isArray(given.unknown) ? given.unknown.map(String) : [],
    at: inFile
      ? { file: 'src/config.ts', line: index + 1, column: 1, endLine: index + 1, endColumn: 9 }
      : { resource: `${scope}/${kind.kind}/${index}` },
    ...(inFile && { excerpt: { startLine: index + 1, lines: ['********', 'below'] } }),
  }
}

function scopeOf(kind: string): string {
  if (/^(iam|aws)\./.test(kind)) return 'aws:123456789012'
  if (kind.startsWith('k8s.')) return 'k8s:prod'
  return kind.startsWith('github.') ? 'github:acme' : 'repo:.'
}
