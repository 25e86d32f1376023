import { describe, expect, it } from 'vitest'
import { checkDetect } from '../src/detect/detector.ts'
import { type LoadedRule, loadRules } from '../src/engine/load.ts'
import { runExampleTests } from '../src/example-tests.ts'
import { catalogue } from '../src/facts/catalogue.ts'
import { exampleOf } from '../src/rule-examples.ts'
import { textTests } from '../src/text-tests.ts'

const rules = await loadRules('rules', catalogue, checkDetect)

async function problemsOf(selected: readonly LoadedRule[]) {
  const results = []
  for await (const result of runExampleTests(selected, textTests.sampleOf)) results.push(result)
  return { count: results.length, bad: results.filter(({ problems }) => problems.length > 0) }
}
const ruleNamed = (id: string) => rules.find((rule) => rule.id === id) as LoadedRule
const withExample = (id: string, example: LoadedRule['source']['example']): LoadedRule => {
  const rule = ruleNamed(id)
  return { ...rule, source: { ...rule.source, ...(example && { example }) } }
}
const POLICY = (action: string) =>
  `data "aws_iam_policy_document" "x" {\n  statement {\n    actions   = ["${action}"]\n    resources = ["arn:aws:s3:::acme/*"]\n  }\n}\n`

describe('examples of the built-in rules', () => {
  it('are there for each', () => {
    expect(rules.filter(({ source }) => !exampleOf(source)).map(({ id }) => id)).toEqual([])
  })
  it('fire before, and are clean after', { timeout: 300_000 }, async () => {
    const { count, bad } = await problemsOf(rules)
    expect(bad).toEqual([])
    // The others are answers of an API: the tests by facts show them.
    expect(count).toBeGreaterThan(460)
  })
  it('show no answer of an API for a rule that reads files of secrets', () => {
    expect(rules.filter(({ source }) => source.detect && source.example?.command).map(({ id }) => id)).toEqual([])
  })
})

describe('a test of an example', () => {
  it('fails if the rule is silent on what was before', async () => {
    const rule = withExample('iam/full-admin', { file: 'x.tf', before: POLICY('s3:GetObject'), after: '' })
    expect((await problemsOf([rule])).bad[0]?.problems.join()).toContain('does not fire on `before`')
  })
  it('fails if the rule, or another one, fires on what was mended', async () => {
    const before = POLICY('s3:*').replace('arn:aws:s3:::acme/*', '*')
    const same = await problemsOf([withExample('iam/service-wildcard', { file: 'x.tf', before, after: before })])
    expect(same.bad[0]?.problems.join()).toContain('fires on `after`')
    const after = POLICY('secretsmanager:GetSecretValue').replace('arn:aws:s3:::acme/*', '*')
    const other = await problemsOf([withExample('iam/service-wildcard', { file: 'x.tf', before, after })])
    expect(other.bad[0]?.problems.join()).toContain('iam/secrets-read-on-any-resource fires on `after`')
    const declared = { file: 'x.tf', before, after, also: ['iam/secrets-read-on-any-resource'] }
    expect((await problemsOf([withExample('iam/service-wildcard', declared)])).bad).toEqual([])
  })
  it('fails if what was mended cannot be judged', async () => {
    const after =
      'data "aws_iam_policy_document" "x" {\n  statement {\n    actions = var.a\n    resources = ["*"]\n  }\n}\n'
    const before = POLICY('s3:*').replace('arn:aws:s3:::acme/*', '*')
    const rule = withExample('iam/service-wildcard', { file: 'x.tf', before, after })
    expect((await problemsOf([rule])).bad[0]?.problems.join()).toContain('undetermined on `after`')
  })
  it('refuses a sample of a rule that has none', async () => {
    const rule = withExample('iam/full-admin', { file: 'x.tf', before: '{{sample iam/full-admin}}', after: '' })
    await expect(problemsOf([rule])).rejects.toThrow('asks for a sample of iam/full-admin')
  })
})
