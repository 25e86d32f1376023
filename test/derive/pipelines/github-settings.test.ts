import { describe, expect, it } from 'vitest'
import type { Reach } from '../../../src/derive/pipelines/cloud-reach.ts'
import { GithubSettings } from '../../../src/derive/pipelines/github-settings.ts'
import { tokenForms } from '../../../src/derive/pipelines/subjects.ts'
import { admits, readTokenTrusts } from '../../../src/derive/pipelines/token-trust.ts'
import { githubEnvironment, githubOidcSubject } from '../../../src/facts/github-deployment.ts'
import { githubRepository } from '../../../src/facts/github-repository.ts'
import { iamStatement } from '../../../src/facts/iam.ts'
import type { DataOf, Fact, FactKind, Gap } from '../../../src/model.ts'

const SHOP = { host: 'github.com', owner: 'acme', name: 'shop' }
const REACH: Reach = { reach: 'environment', who: 'whoever may deploy to the environment prod' }

function make<K extends FactKind>(kind: K, data: DataOf<K> = {}, unknown: string[] = []): Fact<K> {
  const samples = Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample])
  const values = Object.fromEntries(samples.filter(([name]) => !unknown.includes(name as string)))
  return {
    kind: kind.kind,
    scope: 'github:acme',
    at: { resource: 'x' },
    unknown,
    data: { ...values, ...data } as DataOf<K>,
  }
}
const asked = make(githubRepository, { fullName: 'Acme/Shop' })
const settings = (facts: readonly Fact[], gaps: readonly Gap[] = []) => new GithubSettings(facts, gaps)

describe('what protects an environment', () => {
  const environment = (data: DataOf<typeof githubEnvironment>, unknown: string[] = []) =>
    make(githubEnvironment, { repository: 'acme/shop', name: 'Prod', reviewers: 0, anyBranch: false, ...data }, unknown)
  const guard = (facts: readonly Fact[], gaps?: readonly Gap[]) => settings(facts, gaps).guard(SHOP, 'prod', REACH)

  it('is its reviewers and the rules of Apps, whatever the letter case', () => {
    expect(guard([asked, environment({ reviewers: 1 })])).toEqual({
      guard: '1 reviewer of the environment prod',
      reach: REACH,
      seen: true,
    })
    expect(guard([asked, environment({ reviewers: 2, customRules: 1 })]).guard).toBe(
      '2 reviewers of the environment prod, a rule of an App on the environment prod',
    )
  })
  it('is its branch rule, which is no guard but keeps other branches out', () => {
    expect(guard([asked, environment({})])).toEqual({ guard: '', reach: REACH, seen: true })
  })
  it('is nothing where every branch may deploy, whatever the policy is called', () => {
    const open = guard([asked, environment({ anyBranch: true, branchPolicy: 'protected' })])
    expect(open).toMatchObject({ guard: '', reach: { reach: 'any-branch' }, seen: true })
    expect(guard([asked, environment({ anyBranch: true, reviewers: 1 })]).reach).toEqual(REACH)
  })
  it('is nothing where GitHub has no such environment: the first job makes it', () => {
    expect(guard([asked])).toMatchObject({ guard: '', reach: { reach: 'any-branch' }, seen: true })
  })
  it('was not read where GitHub was not asked, or did not tell', () => {
    const gap: Gap = { kind: 'github.environment', scope: 'github:acme', class: 'fault', reason: 'denied', detail: '' }
    const unread = { guard: '', reach: REACH, seen: false }
    expect(guard([])).toEqual(unread)
    expect(guard([asked], [gap])).toEqual(unread)
    expect(
      guard([
        asked,
        environment({}, ['reviewers']) &&
          make(githubEnvironment, { repository: 'acme/shop', name: 'prod' }, ['reviewers']),
      ]),
    ).toEqual(unread)
    expect(
      guard([
        make(githubRepository, { fullName: 'acme/other' }),
        make(githubEnvironment, { repository: 'acme/other', name: 'prod' }),
      ]),
    ).toEqual(unread)
  })
})

describe('how subjects are made', () => {
  const subject = (data: DataOf<typeof githubOidcSubject>, unknown: string[] = []) =>
    make(githubOidcSubject, { repository: 'acme/shop', useDefault: false, ...data }, unknown)
  const organization = (claimKeys: string[]) => make(githubOidcSubject, { repository: '', source: 'acme', claimKeys })

  it.each<[string, Fact[], string]>([
    ['GitHub was not asked', [], 'assumed'],
    ['it did not tell', [asked], 'unseen'],
    ['the default holds', [asked, subject({ useDefault: true, claimKeys: ['repo', 'ref'] })], 'default'],
    ['the keys are those of the default', [asked, subject({ claimKeys: ['repo', 'context'] })], 'default'],
    ['other keys', [asked, subject({ claimKeys: ['repo', 'job_workflow_ref'] })], 'other'],
    ['the keys of the organisation', [asked, subject({}), organization(['repository_owner'])], 'other'],
    ['the organisation has the default', [asked, subject({}), organization(['repo', 'context'])], 'default'],
    ['the organisation did not tell', [asked, subject({})], 'unseen'],
    [
      'whether the default holds is not seen',
      [asked, make(githubOidcSubject, { repository: 'acme/shop' }, ['useDefault'])],
      'unseen',
    ],
    ['another repository', [make(githubOidcSubject, { repository: 'acme/other', useDefault: false })], 'assumed'],
  ])('%s', (_, facts, expected) => {
    expect(settings(facts).subjects(SHOP)).toBe(expected)
  })
  it('tells how they begin', () => {
    expect(settings([subject({ prefix: 'repo:acme@1/shop@2' })]).prefix(SHOP)).toBe('repo:acme@1/shop@2')
    expect(settings([subject({ prefix: '' })]).prefix(SHOP)).toBeUndefined()
    expect(settings([organization([])]).prefix(SHOP)).toBeUndefined()
  })
})

describe('a trust beside the beginning that GitHub tells', () => {
  const PLAIN = 'repo:acme/shop'
  const NUMBERED = 'repo:acme@1/shop@2'
  const NO_FILTER = { ignoredBranches: [], tags: [], ignoredTags: [] }
  const ISSUER = 'token.actions.githubusercontent.com'

  function takes(value: string, prefix: string | undefined) {
    const repository = { ...SHOP, ...(prefix && { prefix }) }
    const start = { event: 'push', branches: ['main'], ...NO_FILTER }
    const [form] = tokenForms({
      platform: 'github',
      repository,
      workflow: 'w',
      workflowName: '',
      start,
      environment: '',
    })
    const { data } = make(iamStatement, {
      effect: 'Allow',
      actions: ['sts:AssumeRoleWithWebIdentity'],
      principals: [`Federated:arn:aws:iam::123456789012:oidc-provider/${ISSUER}`],
      conditions: [`StringLike|${ISSUER}:sub|${value}`],
    })
    const { trusts, denied } = readTokenTrusts([data], 'github', 'github.com')
    return form && admits(trusts, denied, form)
  }
  it.each<[string, string | undefined, boolean]>([
    [`${PLAIN}:*`, PLAIN, true],
    [`${PLAIN}:*`, NUMBERED, false],
    [`${PLAIN}:*`, undefined, true],
    [`${NUMBERED}:*`, NUMBERED, true],
    [`${NUMBERED}:*`, PLAIN, false],
    [`${NUMBERED}:*`, undefined, true],
    ['repo:acme@1/shop@9:*', NUMBERED, false],
    ['repo:acme@*/shop@*:ref:refs/heads/main', NUMBERED, true],
    ['repo:acme@*/shop@*:ref:refs/heads/main', PLAIN, false],
    ['repo:Acme/Shop:*', PLAIN, true],
    ['repo:acme/*', PLAIN, true],
    ['*', NUMBERED, true],
  ])('%s, tokens of %s: %s', (value, prefix, expected) => {
    expect(takes(value, prefix)?.admitted).toBe(expected)
  })
  it('rests on the ids being its own only where GitHub did not tell', () => {
    const assumption = 'the ids in the trust are those of this repository'
    expect(takes(`${NUMBERED}:*`, undefined)?.assumptions).toContain(assumption)
    expect(takes(`${NUMBERED}:*`, NUMBERED)?.assumptions).not.toContain(assumption)
  })
})
