import { diffArrays } from 'diff'
import { maskValue } from './detect/masking.ts'
import type { RuleSource } from './engine/rule-schema.ts'
import type { FactKind } from './model.ts'
import { describeLifetime } from './reporters/lifetime.ts'
import type { ExampleLine, Manual } from './reporters/manual.ts'
import { exampleOf, withSamples } from './rule-examples.ts'
import type { RunnableRule } from './rule-packs.ts'
import type { SampleOf } from './rule-tests.ts'

/** What a page needs beside its rule. */
export interface ManualContext {
  readonly catalogue: ReadonlyMap<string, FactKind>
  /** All rules: related ones and those whose samples an example shows. */
  readonly rules: readonly Pick<RunnableRule, 'id' | 'compiled' | 'source'>[]
  readonly sampleOf: SampleOf
}
type Rule = ManualContext['rules'][number]

/** How many related rules a page names. */
const RELATED = 5

/** The page of a rule. Values that examples ask for are made and shown masked. */
export async function createManual(rule: Rule, context: ManualContext): Promise<Manual> {
  const { info } = rule.compiled
  const { source } = rule
  const { cwe = [], cis = [], nist = [] } = info.mappings
  const example = await shownExample(rule, context)
  const { tests } = source
  return {
    id: info.id,
    title: info.title,
    severity: info.severity,
    severities: severitiesOf(source),
    confidence: info.confidence,
    pillar: info.pillar,
    capabilities: info.capabilities ?? [],
    description: info.description.trim(),
    fires: tests.filter(isCase).map(({ name }) => name),
    silent: tests.flatMap(({ finds, name, because }) => (finds === 0 && because ? [{ what: name, because }] : [])),
    undetermined: tests.filter(({ undetermined }) => (undetermined ?? 0) > 0).map(({ name }) => name),
    ...(example && { example }),
    fix: sentencesOf(info.remediation),
    ...(info.credential && {
      credential: {
        opens: info.credential.opens,
        holds: describeLifetime(info.credential.lifetime),
        revoke: info.credential.revoke,
      },
    }),
    looksAt: looksAt(source, context.catalogue),
    controls: [...cwe, ...cis.map((control) => `CIS ${control}`), ...nist.map((tenet) => `NIST SP 800-207 ${tenet}`)],
    references: info.references,
    related: relatedTo(rule, context.rules).map(({ compiled }) => ({
      id: compiled.info.id,
      title: compiled.info.title,
      severity: compiled.info.severity,
    })),
  }
}

/** A case that a test shows says more than the condition; where there is none, the condition stands. */
function severitiesOf({ severity, tests }: RuleSource): Manual['severities'] {
  if (typeof severity === 'string') return []
  const others = [...new Set(severity.when.map(({ is }) => is))].filter((is) => is !== severity.default)
  return others.map((is) => {
    const cases = tests.filter((test) => isCase(test) && test.severity === is).map(({ name }) => name)
    const conditions = severity.when.filter((each) => each.is === is).map((each) => `\`${each.if}\``)
    return { severity: is, when: (cases.length > 0 ? cases : conditions).join('; ') }
  })
}

/** A test that is only called `fires` says nothing. */
function isCase({ finds, name }: RuleSource['tests'][number]): boolean {
  return finds > 0 && name !== 'fires'
}

function sentencesOf(text: string): string[] {
  return text
    .trim()
    .replace(/\s+/g, ' ')
    .split(/(?<=[.!?]) (?=[A-Z`"])/)
}

function looksAt(source: RuleSource, catalogue: ManualContext['catalogue']): Manual['looksAt'] {
  const rows = (['match', 'unless', 'context'] as const).flatMap((role) =>
    Object.values(source[role] ?? {}).map(({ fact, where }) => ({
      fact,
      meaning: catalogue.get(fact)?.meaning ?? '',
      role,
      ...(where && { where }),
    })),
  )
  return rows.filter((row, i) => rows.findIndex((other) => JSON.stringify(other) === JSON.stringify(row)) === i)
}

async function shownExample(rule: Rule, { rules, sampleOf }: ManualContext): Promise<Manual['example']> {
  const example = exampleOf(rule.source)
  if (!example) return undefined
  const shown = new Map<string, string>()
  for (const each of rules) {
    const isAsked = each.id === rule.id || JSON.stringify(example.files).includes(`{{sample ${each.id}}}`)
    if (isAsked && each.source.detect)
      shown.set(each.id, maskValue(await sampleOf(each, 0), each.source.detect.lowEntropy ?? false))
  }
  const show = (text: string | undefined) =>
    text === undefined
      ? []
      : withSamples(text, (named = rule.id) => shown.get(named) ?? '********')
          .replace(/\n$/, '')
          .split('\n')
  return {
    ...(example.command !== undefined && { command: example.command }),
    isDerived: rule.source.example === undefined,
    files: example.files.map(({ path, before, after }) => ({ path, lines: compare(show(before), show(after)) })),
  }
}

function compare(before: readonly string[], after: readonly string[]): ExampleLine[] {
  return diffArrays([...before], [...after]).flatMap(({ value, added, removed }) =>
    value.map((text): ExampleLine => ({ mark: added ? '+' : removed ? '-' : ' ', text })),
  )
}

/** Rules of the same facts first, then credentials of the same provider; of equals, those of the same area. */
function relatedTo(rule: Rule, rules: ManualContext['rules']): Rule[] {
  const [area, name = ''] = splitId(rule.id)
  const own = factsOf(rule)
  return rules
    .filter(({ id }) => id !== rule.id)
    .map((other) => {
      const [otherArea, otherName = ''] = splitId(other.id)
      const shared = factsOf(other).filter((kind) => own.includes(kind)).length
      const alike = rule.source.detect && wordOf(otherName) === wordOf(name) && otherArea === area ? 1 : 0
      return { other, score: (shared + alike) * 2 + (otherArea === area ? 1 : 0), isRelated: shared + alike > 0 }
    })
    .filter(({ isRelated }) => isRelated)
    .sort((a, b) => b.score - a.score || (a.other.id < b.other.id ? -1 : 1))
    .slice(0, RELATED)
    .map(({ other }) => other)
}

function splitId(id: string): [area: string, name: string] {
  const at = id.lastIndexOf('/')
  return [id.slice(0, at), id.slice(at + 1)]
}

function wordOf(name: string): string {
  return name.split('-')[0] ?? ''
}

function factsOf({ source }: Rule): string[] {
  return Object.values(source.match ?? {}).map(({ fact }) => fact)
}
