import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { folderWith, randomText, run } from '../support/program.ts'
import { type GitHubServer, startGitHub } from './servers/github.ts'
import { startHttpServer } from './servers/http-server.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type KubeServer, startKube } from './servers/kube.ts'
import { type MotoServer, startMoto } from './servers/moto.ts'
import { type AwsProxy, startProxy } from './servers/proxy.ts'

// `doctor --online` as a user runs it, against real servers.

// Read when the SDK is loaded.
vi.hoisted(() => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
})

const root = folderWith({ 'a.txt': 'x' })

async function ask(area: string, env: Record<string, string>, ...args: string[]) {
  const outcome = await run(['doctor', root, '--online', '--format', 'json', ...args], {
    env: { HOME: folderWith({}), ...env },
  })
  expect([outcome.code, outcome.stderr]).toEqual([0, ''])
  const { checks } = JSON.parse(outcome.stdout) as {
    checks: { area: string; state: string; text: string; help?: string }[]
  }
  return checks.filter((check) => check.area === area).map((check) => `${check.state}: ${check.text}`)
}

liveOrSkip('doctor --online, AWS', ['moto'], () => {
  let moto: MotoServer
  let proxy: AwsProxy
  const env = () => ({ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: proxy.url })
  beforeAll(async () => {
    moto = await startMoto()
  })
  afterAll(() => moto?.stop())
  beforeEach(async () => {
    await moto.reset()
    proxy = await startProxy(moto.url)
  })
  afterEach(() => proxy.stop())

  it('tells which permissions are there', async () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const iam = new IAMClient({ endpoint: moto.url, region: 'us-east-1', credentials })
    await iam.send(new CreateUserCommand({ UserName: 'ann' }))
    proxy.rules.set('ListAccessKeys', 'denied').set('GetAccountSummary', 'denied')
    const said = await ask('AWS', env())
    expect(said).toContain('ok: account 123456789012 answers (sts:GetCallerIdentity)')
    expect(said).toContain('warning: denied: iam:GetAccountSummary, iam:ListAccessKeys')
    expect(said.find((text) => text.startsWith('ok: allowed'))).toMatch(
      /iam:GetAccountAuthorizationDetails.*iam:ListUsers/,
    )
    expect(said.at(-1)).toMatch(/^absent: not tried \(reading cannot tell\): .*iam:GenerateCredentialReport/)
    expect([...proxy.calls.keys()].filter((action) => !/^(?:Get|List)/.test(action))).toEqual([])
  })
  it('says why nobody answers', async () => {
    proxy.rules.set('GetCallerIdentity', 'denied')
    expect((await ask('AWS', env())).join('\n')).toContain('sts:GetCallerIdentity was denied')
  })
})

describe('doctor --online, GitHub', () => {
  let server: GitHubServer
  let scopes: string | undefined
  const token = `ghp_${randomText(36)}`
  beforeEach(async () => {
    const limit = { limit: 5000, used: 1, remaining: 4999, reset: 1 }
    server = await startGitHub({
      'GET /rate_limit': () => ({
        body: { resources: { core: limit, search: limit }, rate: limit },
        headers: scopes === undefined ? {} : { 'x-oauth-scopes': scopes },
      }),
    })
  })
  afterEach(async () => {
    expect(server.violations).toEqual([])
    await server.stop()
  })
  it.each([
    ['repo, admin:org', /^ok: .*scopes: repo, admin:org$/],
    ['read:org', /^warning: .*scopes: read:org$/],
    ['', /^warning: .*scopes: none$/],
    [undefined, /^ok: .*classic ones only$/],
  ])('with the scopes %s', async (given, expected) => {
    scopes = given
    const said = await ask('GitHub', { GITHUB_TOKEN: token }, '--github-url', server.url)
    expect(said.at(-1)).toMatch(expected)
    expect([...server.calls.keys()]).toEqual(['GET /rate_limit'])
  })
  it('with a token that is refused', async () => {
    server.answers['GET /rate_limit'] = () => ({
      status: 401,
      body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' },
    })
    expect((await ask('GitHub', { GH_TOKEN: token }, '--github-url', server.url)).at(-1)).toContain(
      'expired or not valid',
    )
  })
})

liveOrSkip('doctor --online, Kubernetes', ['etcd', 'kube-apiserver'], () => {
  let kube: KubeServer
  beforeAll(async () => {
    kube = await startKube()
  })
  afterAll(() => kube?.stop())
  it('asks for every read, and creates nothing', async () => {
    const said = await ask('Kubernetes', { KUBECONFIG: kube.kubeconfig })
    expect(said.at(-1)).toMatch(/^ok: cluster live allows all \d+ reads/)
    const writes = (await kube.auditEvents()).filter(
      ({ verb, user }) => user.username === 'zt-admin' && verb === 'create',
    )
    expect([...new Set(writes.map(({ objectRef }) => objectRef?.resource))]).toEqual(['selfsubjectaccessreviews'])
  })
})

describe('doctor --online, a cluster that answers by hand', () => {
  it('names what is denied', async () => {
    const asked: string[] = []
    const server = await startHttpServer(async (request, body, response) => {
      asked.push(`${request.method} ${request.url}`)
      const { spec } = JSON.parse(body.toString('utf8'))
      const allowed = spec.resourceAttributes.resource !== 'secrets'
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ status: { allowed } }))
    })
    const config = `current-context: c\ncontexts: [{ name: c, context: { cluster: c, user: u } }]\nusers: [{ name: u, user: { token: x } }]\nclusters: [{ name: c, cluster: { server: "${server.url}", insecure-skip-tls-verify: true } }]\n`
    const env = { HOME: folderWith({ '.kube/config': config }) }
    await run(['doctor', root], { env })
    expect(asked).toEqual([])
    const said = await ask('Kubernetes', env)
    await server.stop()
    expect(said.at(-1)).toBe(
      'warning: cluster c denies list secrets (asked by SelfSubjectAccessReview, which creates nothing)',
    )
    expect(new Set(asked)).toEqual(new Set(['POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews']))
  })
  it('says why it was not reached', async () => {
    const config =
      'current-context: c\ncontexts: [{ name: c, context: { cluster: c, user: u } }]\nusers: [{ name: u, user: { token: x } }]\nclusters: [{ name: c, cluster: { server: "https://127.0.0.1:1" } }]\n'
    const said = await ask('Kubernetes', { HOME: folderWith({ '.kube/config': config }) })
    expect(said.at(-1)).toMatch(/^warning: .*ECONNREFUSED/)
  })
})
