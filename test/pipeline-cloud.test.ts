import { describe, expect, it } from 'vitest'
import { audit } from '../src/index.ts'
import type { Report } from '../src/report.ts'
import { Folder } from './support/repository.ts'
import { deployingRepository, foundIn, terraformRole } from './support/workflows.ts'

const ROLE = 'arn:aws:iam::${{ vars.AWS_ACCOUNT }}:role/deploy'

function judge(folder: Folder): Promise<Report> {
  const only = ['chain/workflow-to-cloud-admin', 'chain/pull-request-to-cloud']
  return audit({ paths: folder.path, only, config: false, baseline: false, fingerprints: false })
}
const withTrust = (subject: string, policy?: string) =>
  deployingRepository({ role: ROLE, files: { 'infra/main.tf': terraformRole(subject, policy) } })

describe('a workflow and a role of Terraform, without an account', () => {
  it('are a chain where the trust takes any branch', async () => {
    const report = await judge(withTrust('repo:acme/shop:*'))
    expect(foundIn(report)).toEqual([
      'critical chain/workflow-to-cloud-admin: .github/workflows/deploy.yml, job deploy (push to main) → AWS role deploy, which is administrator by AdministratorAccess; it takes tokens of whoever may push a branch',
    ])
    expect(report.findings[0]?.at).toMatchObject({ file: '.github/workflows/deploy.yml', line: 5 })
  })
  it('are one of less weight where it takes the branch that deploys', async () => {
    expect(foundIn(await judge(withTrust('repo:acme/shop:ref:refs/heads/main')))).toEqual([
      'high chain/workflow-to-cloud-admin: .github/workflows/deploy.yml, job deploy (push to main) → AWS role deploy, which is administrator by AdministratorAccess; it takes tokens of whoever may push to main',
    ])
  })
  it.each([
    ['another repository', 'repo:acme/infra:*'],
    ['another branch', 'repo:acme/shop:ref:refs/heads/production'],
    ['an environment', 'repo:acme/shop:environment:production'],
    ['pull requests', 'repo:acme/shop:pull_request'],
  ])('are none where the subject is of %s', async (_, subject) => {
    const report = await judge(withTrust(subject))
    expect(foundIn(report)).toEqual([])
    expect(report.undetermined).toEqual([])
  })
  it('are none where the role may only read', async () => {
    const report = await judge(withTrust('repo:acme/shop:*', 'arn:aws:iam::aws:policy/ReadOnlyAccess'))
    expect(foundIn(report)).toEqual([])
  })
  it('are undetermined where nothing tells whose repository it is', async () => {
    const files = { 'main.tf': terraformRole('repo:acme/shop:*') }
    const report = await judge(deployingRepository({ role: ROLE, files, remote: '' }))
    expect(foundIn(report)).toEqual([])
    expect(report.undetermined.map(({ rule }) => rule.id)).toContain('chain/workflow-to-cloud-admin')
    expect(report.gaps.map(({ reason }) => reason)).toContain('repository not told')
  })
})

describe('a job of GitLab CI and a role of Terraform, in a repository without a commit', () => {
  async function judged(subject: string) {
    const folder = new Folder()
    folder.git('init', '--quiet')
    folder.git('remote', 'add', 'origin', 'ssh://git@altssh.gitlab.com:443/acme/platform/shop.git')
    folder.write({
      '.gitlab-ci.yml': `deploy:
  id_tokens: { TOKEN: { aud: https://gitlab.com } }
  rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH }]
  script: [aws sts assume-role-with-web-identity --role-arn $ROLE_ARN --web-identity-token $TOKEN]
`,
      'main.tf': terraformRole(subject, undefined, 'gitlab.com'),
    })
    return judge(folder)
  }
  it('are a chain where the trust takes the default branch', async () => {
    expect(foundIn(await judged('project_path:acme/platform/shop:ref_type:branch:ref:main'))).toEqual([
      'high chain/workflow-to-cloud-admin: .gitlab-ci.yml, job deploy (push to the default branch) → AWS role deploy, which is administrator by AdministratorAccess; it takes tokens of whoever may push to main',
    ])
  })
  it('are none where it takes another project', async () => {
    expect(foundIn(await judged('project_path:acme/platform/infra:*'))).toEqual([])
  })
})
