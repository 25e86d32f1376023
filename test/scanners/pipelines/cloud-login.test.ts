import { describe, expect, it } from 'vitest'
import { ciCloudLogin, sourceRepository } from '../../../src/facts/pipeline-cloud.ts'
import { originScanner } from '../../../src/scanners/origin/index.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { collect, memoryTree, NO_TARGETS } from '../../support/context.ts'
import { Folder } from '../../support/repository.ts'

async function logins(steps: string, env = '') {
  const workflow = `on: push
${env}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
${steps.replace(/^/gm, '      ')}
`
  const { of } = await collect(pipelineScanner, { trees: [memoryTree({ '.github/workflows/d.yml': workflow })] })
  return of(ciCloudLogin).map(({ data }) => data)
}
const AWS = '- uses: aws-actions/configure-aws-credentials@v5'
const ROLE = 'arn:aws:iam::123456789012:role/ci/deploy'

describe('logins to clouds', () => {
  it('of AWS are told with their role', async () => {
    expect(await logins(`${AWS}\n  with: { role-to-assume: ${ROLE} }`)).toMatchObject([
      { cloud: 'aws', identity: ROLE, roleName: 'deploy', source: '', audience: 'sts.amazonaws.com' },
    ])
  })
  it('are told by the name alone, or by what fills them in, where only a run knows the rest', async () => {
    const [account] = await logins(
      `${AWS}\n  with: { role-to-assume: "arn:aws:iam::\${{ vars.ACCOUNT }}:role/deploy" }`,
    )
    expect(account).toMatchObject({ roleName: 'deploy', source: 'vars.account' })
    expect(account).not.toHaveProperty('identity')
    const [secret] = await logins(`${AWS}\n  with: { role-to-assume: "\${{ secrets.AWS_ROLE }}" }`)
    expect(secret).toMatchObject({ source: 'secrets.aws_role' })
    expect(secret).not.toHaveProperty('roleName')
  })
  it('have variables of the workflow put in', async () => {
    const env = `env: { ROLE: "${ROLE}" }`
    expect(await logins(`${AWS}\n  with: { role-to-assume: "\${{ env.ROLE }}" }`, env)).toMatchObject([
      { identity: ROLE },
    ])
  })
  it('are none with a key, or on top of another login', async () => {
    expect(await logins(`${AWS}\n  with: { aws-access-key-id: x, role-to-assume: ${ROLE} }`)).toEqual([])
    expect(await logins(`${AWS}\n  with: { role-chaining: true, role-to-assume: ${ROLE} }`)).toEqual([])
    expect(await logins(`${AWS}\n  with: { aws-region: eu-west-1 }`)).toEqual([])
  })
  it('may be made by a script, or by the environment of an SDK', async () => {
    const script = `- run: aws sts assume-role-with-web-identity --role-arn "$ROLE" --web-identity-token x\n  env: { ROLE: "${ROLE}" }`
    expect(await logins(script)).toMatchObject([{ cloud: 'aws', identity: ROLE }])
    const sdk = `- run: terraform apply\n  env: { AWS_ROLE_ARN: "${ROLE}", AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/token }`
    expect(await logins(sdk)).toMatchObject([{ identity: ROLE }])
  })
  it('of other clouds are told, too', async () => {
    const google = `- uses: google-github-actions/auth@v3
  with: { workload_identity_provider: projects/1/locations/global/workloadIdentityPools/p/providers/g, service_account: d@p.iam.gserviceaccount.com }`
    expect(await logins(google)).toMatchObject([{ cloud: 'gcp', identity: 'd@p.iam.gserviceaccount.com' }])
    expect(await logins('- uses: azure/login@v2\n  with: { creds: x }')).toEqual([])
    expect(await logins('- uses: hashicorp/vault-action@v3\n  with: { method: jwt, role: ci }')).toMatchObject([
      { cloud: 'vault', identity: 'ci' },
    ])
  })
})

describe('the repository of a folder', () => {
  const told = async (folder: Folder, github: (typeof NO_TARGETS)['github'] = []) => {
    const trees = [await folder.open()]
    const { of } = await collect(originScanner, { trees, targets: { ...NO_TARGETS, github } })
    return of(sourceRepository)[0]
  }
  it('is that of its remote', async () => {
    const folder = new Folder()
    folder.git('init', '--quiet')
    folder.git('remote', 'add', 'origin', 'ssh://git@github.com/acme/shop.git')
    folder.commit({ 'a.txt': 'a' })
    expect((await told(folder))?.data).toMatchObject({
      host: 'github.com',
      owner: 'acme',
      name: 'shop',
      from: 'origin',
    })
    const named = await told(folder, [{ owner: 'other', repository: 'name' }])
    expect(named?.data).toMatchObject({ owner: 'other', name: 'name', from: 'option' })
  })
  it('is not known without one', async () => {
    expect((await told(new Folder({ 'a.txt': 'a' })))?.unknown).toEqual(['host', 'owner', 'name'])
  })
})
