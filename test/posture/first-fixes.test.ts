import { describe, expect, it } from 'vitest'
import { catalogue } from '../../src/facts/catalogue.ts'
import type { Fact } from '../../src/model.ts'
import { GRIPPED, handlesOf } from '../../src/posture/handles.ts'
import { firstFixes } from '../../src/posture.ts'
import type { Finding } from '../../src/report.ts'
import { finding, findings, report, ruleInfo } from '../support/report.ts'

function fact(kind: string, data: Fact['data'], scope = 'aws:123456789012'): Fact {
  return { kind, scope, data, unknown: [], at: { resource: String(Object.values(data)[0]) } } as Fact
}
const on = (
  rule: string,
  severity: Finding['severity'],
  evidence: Record<string, Fact[]>,
  more: Partial<Finding> = {},
) =>
  finding({
    rule: ruleInfo(rule, { severity }),
    severity,
    evidence,
    links: Object.keys(evidence).map((name) => ({ name, at: { file: 'a' }, values: '' })),
    ...more,
  })
const key = (id: string) => fact('iam.access-key', { id, userName: 'ann' })

describe('what is mended first', () => {
  it('is the edge that cuts most chains', () => {
    const shared = key('AKIA0000000000SAMPLE')
    const given = report({
      findings: [
        on('chain/leaked-admin-key-without-mfa', 'critical', { key: [shared] }),
        on('chain/leaked-key-still-active', 'high', { key: [shared] }),
        on('iam/old-access-key', 'medium', { key: [shared] }),
        on('iam/full-admin', 'critical', { access: [fact('iam.admin-access', { subject: 'x' })] }),
      ],
    })
    const [first, second] = firstFixes(given)
    expect(first).toMatchObject({ chains: 2, effort: 'small' })
    expect(first?.what).toBe('Deactivate access key AKIA0000000000SAMPLE of ann, then delete it.')
    expect(first?.findings.map(({ rule }) => rule.id)).toEqual([
      'chain/leaked-admin-key-without-mfa',
      'chain/leaked-key-still-active',
      'iam/old-access-key',
    ])
    expect(second?.findings.map(({ rule }) => rule.id)).toEqual(['iam/full-admin'])
  })
  it('is the statement that gives most escalations', () => {
    const way = (subject: string, cut: string) => {
      const escalation = fact('iam.escalation', { subject, policy: 'arn:aws:iam::123456789012:policy/ci', cut })
      return on('iam/privilege-escalation', 'critical', { escalation: [escalation] }, { at: { resource: subject } })
    }
    const given = report({
      findings: [
        way('a', 'iam:PutUserPolicy in ci'),
        way('b', 'iam:PutUserPolicy in ci'),
        way('c', 'sts:AssumeRole in other'),
      ],
    })
    const [first] = firstFixes(given)
    expect(first?.what).toBe('Take away iam:PutUserPolicy in ci.')
    expect(first?.findings).toHaveLength(2)
  })
  it('joins what names the same policy, whatever the kind of fact', () => {
    const policy = 'arn:aws:iam::123456789012:policy/deploy'
    const given = report({
      findings: [
        on('iam/service-wildcard', 'high', {
          statement: [fact('iam.statement-judgement', { policy, policyName: 'deploy' })],
        }),
        on('chain/workflow-to-cloud-admin', 'critical', {
          access: [
            fact(
              'ci.cloud-access',
              { policy, identity: 'r', identityName: 'deployer' },
              'repo:./.github/workflows/a.yml',
            ),
          ],
        }),
      ],
    })
    expect(firstFixes(given)[0]).toMatchObject({ chains: 1, effort: 'medium' })
    expect(firstFixes(given)[0]?.findings).toHaveLength(2)
  })
  it('does not ask to change what AWS owns', () => {
    const given = on('iam/full-admin', 'critical', {
      access: [fact('iam.admin-access', { subject: 'x', policy: 'arn:aws:iam::aws:policy/AdministratorAccess' })],
    })
    expect(handlesOf(given)).toEqual([])
  })
  it('promises nothing twice', () => {
    const shared = key('AKIA0000000000SAMPLE')
    const given = report({
      findings: [
        ...findings(4, 'high'),
        on('chain/a', 'critical', { key: [shared] }),
        on('iam/b', 'low', { key: [shared] }),
      ],
    })
    const all = firstFixes(given, 99).flatMap((fix) => fix.findings)
    expect(new Set(all).size).toBe(all.length)
    expect(all).toHaveLength(6)
  })
  it('does not count a fact that carries a part of a finding only', () => {
    expect(handlesOf(on('iam/x', 'high', { key: [key('AKIA0000000000SAMPLE'), key('AKIA000000000SAMPLE2')] }))).toEqual(
      [],
    )
  })
  it('does not count what was looked up for context only', () => {
    const given = on('iam/x', 'high', { user: [], key: [key('AKIA0000000000SAMPLE')] })
    expect(handlesOf({ ...given, links: given.links.filter(({ name }) => name === 'user') })).toEqual([])
  })
  it('takes a hundred places of one mistake for less than one way to the whole account', () => {
    const many = Array.from({ length: 100 }, (_, i) =>
      on('ci/unpinned-action', 'medium', {}, { at: { file: `.github/workflows/${i}.yml`, line: 1 } }),
    )
    const fixes = firstFixes(report({ findings: [...many, on('iam/full-admin', 'critical', {})] }))
    expect(fixes.map(({ findings: [gravest], effort }) => [gravest?.rule.id, effort])).toEqual([
      ['iam/full-admin', 'small'],
      ['ci/unpinned-action', 'large'],
    ])
  })
  it('leaves out what is suppressed or known, and what is only worth knowing', () => {
    const given = report({
      findings: [
        finding({ suppressed: { by: 'config', reason: 'test data', at: 'zt-audit.yaml:1' } }),
        finding({ baseline: 'unchanged' }),
        finding({ severity: 'info' }),
      ],
    })
    expect(firstFixes(given)).toEqual([])
  })
  it('is the same in whichever order findings come', () => {
    const given = [...findings(3, 'high'), on('iam/a', 'high', {}), on('iam/b', 'low', {})]
    const fixes = (list: readonly Finding[]) => firstFixes(report({ findings: list }))
    expect(fixes([...given].reverse())).toEqual(fixes(given))
  })
  it('says where and which rules, each once, the gravest first', () => {
    const shared = key('AKIA0000000000SAMPLE')
    const places = ['b.env', 'a.env', 'b.env'].map((file) => ({ at: { file, line: 1 } }))
    const [first] = firstFixes(
      report({
        findings: [
          on('iam/old-access-key', 'medium', { key: [shared] }, places[1]),
          on('chain/leaked-key', 'critical', { key: [shared] }, places[0]),
          on('iam/two-active-access-keys', 'low', { key: [shared] }, places[2]),
        ],
      }),
    )
    expect(first?.at).toEqual([
      { file: 'b.env', line: 1 },
      { file: 'a.env', line: 1 },
    ])
    expect(first?.rules).toEqual(['chain/leaked-key', 'iam/old-access-key', 'iam/two-active-access-keys'])
  })
  it('is one revocation for a key in thirty files, and one statement for ten escalations', () => {
    const match = fact('secret.match', { digest: 'd', path: 'a.env', masked: 'AKIA…', publicId: '' }, 'repo:.')
    const inFiles = Array.from({ length: 30 }, (_, i) =>
      on('secrets/aws-access-key', 'critical', { match: [match] }, { at: { file: `${i}.env`, line: 1 } }),
    )
    const escalation = { policy: 'arn:aws:iam::123456789012:policy/ci', cut: 'iam:PutUserPolicy in ci' }
    const ways = Array.from({ length: 10 }, (_, i) =>
      on('iam/privilege-escalation', 'critical', {
        escalation: [fact('iam.escalation', { subject: `u${i}`, ...escalation })],
      }),
    )
    const fixes = firstFixes(report({ findings: [...inFiles, ...ways] }))
    expect(fixes.map(({ findings, effort }) => [findings.length, effort]).sort()).toEqual([
      [10, 'small'],
      [30, 'small'],
    ])
  })
  it('keeps up with 5,000 findings that share nothing', () => {
    const many = Array.from({ length: 5000 }, (_, i) => on(`iam/r${i % 50}`, 'high', { key: [key(`AKIA${i}`)] }))
    expect(firstFixes(report({ findings: many }))).toHaveLength(5)
  })
})

describe('kinds of facts that are edges', () => {
  it('exist', () => {
    expect(GRIPPED.filter((kind) => !catalogue.has(kind))).toEqual([])
  })
  it.each(GRIPPED)('%s gives a sentence from its samples', (kind) => {
    const fields = Object.entries(catalogue.get(kind)?.fields ?? {})
    // Samples stand for what is common: a policy of AWS, no owner.
    const own = { policy: 'arn:aws:iam::123456789012:policy/p', owner: 'arn:aws:iam::123456789012:role/r' }
    const named = Object.fromEntries(Object.entries(own).filter(([name]) => fields.some(([field]) => field === name)))
    const values = fields.map(([name, [, , value]]) => [name, named[name] ?? value])
    const sample = fact(kind, Object.fromEntries(values) as Fact['data'])
    const handles = handlesOf(on('iam/x', 'high', { edge: [sample] }))
    expect(handles.length).toBeGreaterThan(0)
    for (const { what } of handles) expect(what).toMatch(/^[A-Z][^\n]*\.$/)
    for (const { what } of handles) expect(what).not.toMatch(/undefined| {2}| (?:of|in)\.$/)
  })
})
