import { describe, expect, it } from 'vitest'
import { findCloudAccess } from '../../../src/derive/pipelines/cloud-access.ts'
import { iamRole, iamStatement } from '../../../src/facts/iam.ts'
import { iamPrivileged } from '../../../src/facts/iam-escalation.ts'
import { ciCloudAccess, sourceRepository } from '../../../src/facts/pipeline-cloud.ts'
import { type DataOf, type Fact, type FactKind, isFact } from '../../../src/model.ts'
import { gitlabScanner } from '../../../src/scanners/pipelines/gitlab/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

function make<K extends FactKind>(kind: K, data: DataOf<K> = {}, scope = 'repo:.'): Fact<K> {
  const values = Object.fromEntries(Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample]))
  return { kind: kind.kind, scope, at: { resource: 'x' }, unknown: [], data: { ...values, ...data } as DataOf<K> }
}
const ACCOUNT = 'arn:aws:iam::123456789012'
const ROLE = `${ACCOUNT}:role/deploy`

/** A role that is administrator and takes tokens of an issuer under these conditions (`OPERATOR|CLAIM|VALUE`). */
function role(issuer: string, ...conditions: string[]): Fact[] {
  const trust = {
    policyKind: 'trust',
    policy: `${ROLE}#trust`,
    owner: ROLE,
    actions: ['sts:AssumeRoleWithWebIdentity'],
    principals: [`Federated:${ACCOUNT}:oidc-provider/${issuer}`],
    conditions: conditions.map((each) => each.replace('|', `|${issuer}:`)),
  }
  return [
    make(iamRole, { arn: ROLE, name: 'deploy' }, 'aws:123456789012'),
    make(iamPrivileged, { principalArn: ROLE, principalKind: 'role' }, 'aws:123456789012'),
    make(iamStatement, trust, 'aws:123456789012'),
  ]
}
const repository = (host: string, owner: string) => make(sourceRepository, { host, owner, name: 'shop' })
const SUBJECT = 'project_path:acme/platform/shop:ref_type:branch:ref:main'
const HERE = repository('gitlab.com', 'acme/platform')

async function derive(keywords: string, facts: readonly Fact[], place: Fact = HERE, role = ROLE) {
  const text = `deploy:
  id_tokens: { TOKEN: { aud: https://gitlab.com } }
  script: [aws sts assume-role-with-web-identity --role-arn ${role} --web-identity-token $TOKEN]
  ${keywords}
`
  const scanned = await collect(gitlabScanner, { trees: [memoryTree({ '.gitlab-ci.yml': text })] })
  const options = { trustedAccounts: [], breakGlassRoles: [] }
  const derived = findCloudAccess.derive([...scanned.facts, place, ...facts], [], options)
  return { gaps: derived.gaps, of: derived.facts.filter((each) => isFact(ciCloudAccess, each)) }
}
async function gets(keywords: string, facts: readonly Fact[], place?: Fact) {
  const [first] = (await derive(keywords, facts, place)).of
  return first?.unknown.includes('trusted') ? 'unknown' : first?.data.trusted
}

describe('a job of GitLab CI and a role of AWS', () => {
  it.each<[string, string, boolean | 'unknown']>([
    ['', SUBJECT, true],
    ['', 'project_path:acme/*', true],
    ['', 'project_path:Acme/Platform/shop:ref_type:branch:ref:main', true],
    ['', 'project_path:acme/shop:*', false],
    ['', 'project_path:acme/platform/shop-2:*', false],
    ['', 'repo:acme/platform/shop:*', false],
    ['only: [main]', SUBJECT, true],
    ['only: [main]', SUBJECT.replace('main', 'production'), false],
    ['only: [main]', SUBJECT.replace('main', 'ma*'), true],
    ['rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH }]', SUBJECT, true],
    ['rules: [{ if: $CI_COMMIT_TAG }]', SUBJECT, false],
    ['rules: [{ if: $CI_COMMIT_TAG }]', 'project_path:acme/platform/shop:ref_type:tag:ref:v*', true],
    ['rules: [{ if: $CI_COMMIT_BRANCH =~ /^m/ }]', SUBJECT, 'unknown'],
    ['rules: [{ if: $CI_COMMIT_BRANCH =~ /^m/ }]', 'project_path:acme/platform/shop:*', true],
    // Unlike at GitHub an environment changes nothing.
    ['environment: production', SUBJECT, true],
  ])('%s and a trust in %s: %s', async (keywords, subject, expected) => {
    expect(await gets(keywords, role('gitlab.com', `StringLike|sub|${subject}`))).toBe(expected)
  })
  it('are told with who may have such a token made', async () => {
    const one = await derive('', role('gitlab.com', `StringEquals|sub|${SUBJECT}`))
    expect(one.of[0]?.data).toMatchObject({ reach: 'branch', who: 'whoever may push to main', privileged: true })
    expect(one.of[0]?.data.assumptions).toContain('subjects have GitLab’s default form, not a customised one')
    const any = await derive('only: [main]', role('gitlab.com', 'StringLike|sub|project_path:acme/platform/shop:*'))
    expect(any.of[0]?.data).toMatchObject({
      reach: 'any-branch',
      subjects: [
        'project_path:acme/platform/shop:ref_type:branch:ref:main',
        'project_path:acme/platform/shop:ref_type:tag:ref:main',
      ],
    })
    const tag = 'project_path:acme/platform/shop:ref_type:tag:ref:*'
    expect((await derive('', role('gitlab.com', `StringLike|sub|${tag}`))).of[0]?.data.reach).toBe('tag')
  })
  it('are told where a variable names the role', async () => {
    const { of } = await derive('', role('gitlab.com', `StringEquals|sub|${SUBJECT}`), HERE, '$ROLE_ARN')
    expect(of.map(({ data }) => [data.identity, data.trusted])).toEqual([[ROLE, true]])
  })
  it('are compared by the host of the repository', async () => {
    const own = (issuer: string) => role(issuer, 'StringLike|sub|project_path:*')
    expect(await gets('', own('gitlab.acme.example'), repository('gitlab.acme.example', 'acme'))).toBe(true)
    expect(await gets('', own('gitlab.acme.example'))).toBe(false)
    expect(await gets('', own('token.actions.githubusercontent.com'))).toBe(false)
    // A mirror does not tell what the project at GitLab is called.
    const mirror = await derive('', role('gitlab.com', `StringEquals|sub|${SUBJECT}`), repository('github.com', 'acme'))
    expect(mirror.of[0]?.unknown).toContain('trusted')
    expect(mirror.gaps.map(({ reason, detail }) => `${reason}: ${detail}`).join()).toMatch(
      /repository not told: .*GitLab/,
    )
  })
  it('stay open with claims that AWS does not read of GitLab', async () => {
    const facts = role('gitlab.com', `StringLike|sub|${SUBJECT}`, 'StringEquals|namespace_id|7')
    const { of, gaps } = await derive('', facts)
    expect(of[0]?.unknown).toContain('trusted')
    expect(gaps.map(({ detail }) => detail).join()).toContain('deploy: it hangs on namespace_id')
  })
})
