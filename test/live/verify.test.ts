import type { IncomingHttpHeaders } from 'node:http'
import { CreateAccessKeyCommand, CreateUserCommand, DeleteAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { VERIFIABLE } from '../../src/cli/options.ts'
import { createSample } from '../../src/detect/sample.ts'
import { secretMatch, secretVerification } from '../../src/facts/secret.ts'
import { type Fact, isFact } from '../../src/model.ts'
import { secretsScanner } from '../../src/scanners/secrets/index.ts'
import { verifyScanner } from '../../src/scanners/verify/index.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import { builtInDetectors, detectSources } from '../support/detection.ts'
import { awsKeyId, awsSecret, folderWith, run } from '../support/program.ts'
import { Folder } from '../support/repository.ts'
import { type Answer, HANG, type LoopbackServer, sendAnswer, startHttpServer } from './servers/http-server.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type MotoServer, startMoto } from './servers/moto.ts'
import { awsError } from './servers/proxy.ts'

// Read when the SDK is loaded.
vi.hoisted(() => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
})

interface Received {
  readonly call: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
/** A stand-in for a provider that gives one answer to everything, and keeps what it was asked. */
interface StandIn extends LoopbackServer {
  readonly received: Received[]
}

const running: LoopbackServer[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const server of running.splice(0)) await server.stop()
})

async function standIn(answer: Answer | typeof HANG | ((received: Received) => Answer)): Promise<StandIn> {
  const received: Received[] = []
  const server = await startHttpServer(async (request, body, response) => {
    const one = { call: `${request.method} ${request.url}`, headers: request.headers, body: body.toString('utf8') }
    received.push(one)
    if (answer !== HANG) sendAnswer(response, typeof answer === 'function' ? answer(one) : answer)
  })
  running.push(server)
  return { ...server, received }
}

/** A value as the rule's provider makes them, the same for the same number. */
function sample(rule: string, seed = 1): string {
  const detect = detectSources.get(`secrets/${rule}`)
  if (!detect) throw new Error(`no rule ${rule}`)
  return createSample(detect, seed).value
}

/** Finds the secrets of some files and asks for them; whatever comes out holds none of the values. */
async function verify(
  files: Record<string, string>,
  endpoints: Record<string, string>,
  values: readonly string[],
  timeoutSeconds = 30,
) {
  const found = await collect(secretsScanner, { trees: [await new Folder(files).open()], detectors: builtInDetectors })
  // Nothing leaves this machine, whatever a test forgets.
  const closed = Object.fromEntries(VERIFIABLE.map((name) => [name, 'http://127.0.0.1:9']))
  const seen = await collect(verifyScanner, {
    targets: { ...NO_TARGETS, verify: { endpoints: { ...closed, ...endpoints } } },
    earlier: (kind) => found.facts.filter((each): each is Fact<typeof kind> => isFact(kind, each)),
    limits: { maxFileSize: 1, timeoutSeconds },
  })
  for (const value of values) expect(JSON.stringify([seen.facts, seen.gaps])).not.toContain(value)
  const verdicts = seen.of(secretVerification).map(({ data }) => [data.rule, data.status, data.reason, data.identity])
  return { ...seen, verdicts, secrets: found.of(secretMatch) }
}

const bearer = (token: string) => `Bearer ${token}`
const basic = (token: string) => `Basic ${Buffer.from(`__token__:${token}`).toString('base64')}`

interface Case {
  readonly provider: string
  readonly rule: string
  readonly call: string
  readonly header: readonly [name: string, value: (token: string) => string]
  readonly live: Answer
  readonly identity: string
  readonly revoked: Answer
}
const AUTHORIZATION = ['authorization', bearer] as const
const CASES: readonly Case[] = [
  {
    provider: 'github',
    rule: 'github-fine-grained-token',
    call: 'GET /user',
    header: AUTHORIZATION,
    live: { body: { login: 'octocat', id: 1 } },
    identity: 'octocat',
    revoked: { status: 401, body: { message: 'Bad credentials', status: '401' } },
  },
  {
    provider: 'gitlab',
    rule: 'gitlab-token',
    call: 'GET /api/v4/personal_access_tokens/self',
    header: ['private-token', (token) => token],
    live: { body: { id: 4, name: 'ci', revoked: false, active: true, user_id: 3, scopes: ['api'] } },
    identity: 'user 3',
    revoked: { status: 401, body: { error: 'invalid_token', error_description: 'Token was revoked.' } },
  },
  {
    provider: 'slack',
    rule: 'slack-token',
    call: 'POST /api/auth.test',
    header: AUTHORIZATION,
    live: { body: { ok: true, url: 'https://acme.slack.com/', team: 'acme', user: 'bot' } },
    identity: 'bot of acme',
    revoked: { body: { ok: false, error: 'token_revoked' } },
  },
  {
    provider: 'stripe',
    rule: 'stripe-key',
    call: 'GET /v1/account',
    header: AUTHORIZATION,
    live: { body: { id: 'acct_1', object: 'account' } },
    identity: 'acct_1',
    revoked: { status: 401, body: { error: { message: 'Invalid API Key', type: 'invalid_request_error' } } },
  },
  {
    provider: 'npm',
    rule: 'npm-token',
    call: 'GET /-/whoami',
    header: AUTHORIZATION,
    live: { body: { username: 'amy' } },
    identity: 'amy',
    revoked: { status: 401, body: { message: 'Unauthorized' } },
  },
  {
    provider: 'pypi',
    rule: 'pypi-token',
    call: 'POST /legacy/',
    header: ['authorization', basic],
    live: { status: 400, body: '<html><title>400 Unknown protocol version.</title></html>' },
    identity: '',
    revoked: { status: 403, body: '<h1>403 Invalid or non-existent authentication information.</h1>' },
  },
  {
    provider: 'sendgrid',
    rule: 'sendgrid-key',
    call: 'GET /v3/scopes',
    header: AUTHORIZATION,
    live: { body: { scopes: ['mail.send'] } },
    identity: '',
    revoked: { status: 401, body: { errors: [{ message: 'authorization required' }] } },
  },
  {
    provider: 'digitalocean',
    rule: 'digitalocean-token',
    call: 'GET /v2/account',
    header: AUTHORIZATION,
    live: { body: { account: { uuid: 'u-1', email: 'a@example.com', team: { name: 'shop' } } } },
    identity: 'shop',
    revoked: { status: 401, body: { id: 'Unauthorized', message: 'Unable to authenticate you' } },
  },
  {
    provider: 'huggingface',
    rule: 'huggingface-token',
    call: 'GET /api/whoami-v2',
    header: AUTHORIZATION,
    live: { body: { type: 'user', name: 'ben' } },
    identity: 'ben',
    revoked: { status: 401, body: { error: 'Invalid user token.' } },
  },
]

/** A value that its provider can be asked for: no refresh token, no test key. */
function askable(rule: string): string {
  const forms: Record<string, RegExp> = {
    'gitlab-token': /^glpat-/,
    'slack-token': /^xox[bp]-/,
    'stripe-key': /_live_/,
    'pypi-token': /^pypi-AgEIcHlwaS5vcmc/,
    'digitalocean-token': /^dop/,
    'github-token': /^ghp_/,
  }
  for (let seed = 1; seed < 500; seed++) {
    const value = sample(rule, seed)
    if (forms[rule]?.test(value) ?? true) return value
  }
  throw new Error(`no value of ${rule} to ask for`)
}

const hidden = (rule: string) => [`secrets/${rule}`] as const

describe.each(CASES)('a secret of $provider', ({ provider, rule, call, header, live, identity, revoked }) => {
  const token = askable(rule)
  const files = { 'a.txt': `token = "${token}"\n`, 'b/c.txt': `again: "${token}"\n` }

  it('that works is live, after one call', async () => {
    const server = await standIn(live)
    const { verdicts, gaps } = await verify(files, { [provider]: server.url }, [token])
    expect(verdicts).toEqual([[...hidden(rule), 'live', '', identity]])
    expect(gaps).toEqual([])
    expect(server.received.map((each) => each.call)).toEqual([call])
    const [received] = server.received
    expect(received?.headers[header[0]]).toBe(header[1](token))
    expect(received?.body).not.toContain(token)
  })
  it('that was withdrawn is revoked', async () => {
    const server = await standIn(revoked)
    const { verdicts, gaps } = await verify(files, { [provider]: server.url }, [token])
    expect(verdicts.map(([, status]) => status)).toEqual(['revoked'])
    expect(gaps).toEqual([])
    expect(server.received.length).toBe(1)
  })
  it.each([
    ['limits rates', { status: 429, headers: { 'retry-after': '0' }, body: {} }, 'rate limited'],
    ['is out of order', { status: 503, body: '<h1>down</h1>' }, 'the provider is out of order (HTTP 503)'],
    ['talks about something else', { body: '<h1>hello</h1>' }, 'the answer is not understood (HTTP 200)'],
    ['is a portal', { status: 401, body: '<h1>log in</h1>' }, 'the answer is not understood (HTTP 401)'],
    ['sends nonsense', { body: '{"ok":tr' }, 'the answer is not understood (HTTP 200)'],
  ] as const)('stays unknown if the server %s, after one call', async (_, answer, reason) => {
    const server = await standIn(answer)
    const { verdicts, gaps } = await verify(files, { [provider]: server.url }, [token])
    expect(verdicts).toEqual([[...hidden(rule), 'unknown', reason, '']])
    expect(gaps.map((gap) => [gap.kind, gap.class, gap.detail])).toEqual([
      ['secret.verification', 'fault', `${provider}: secrets/${rule} in a.txt: ${reason}`],
    ])
    expect(server.received.length).toBe(1)
  })
  it('is not sent to where it is redirected', async () => {
    const other = await standIn(live)
    const server = await standIn({ status: 302, headers: { location: `${other.url}/user` } })
    const { verdicts } = await verify(files, { [provider]: server.url }, [token])
    expect(verdicts.map(([, status]) => status)).toEqual(['unknown'])
    expect([server.received.length, other.received.length]).toEqual([1, 0])
  })
})

describe('a provider that cannot be asked', () => {
  const token = askable('github-fine-grained-token')
  const files = { 'a.txt': `token = "${token}"\n` }

  it('since it is silent, is given up', async () => {
    const server = await standIn(HANG)
    const { verdicts, gaps } = await verify(files, { github: server.url }, [token], 1)
    expect(verdicts.map(([, status, reason]) => [status, reason])).toEqual([['unknown', 'no answer in time']])
    expect(gaps.map((gap) => gap.class)).toEqual(['fault'])
    expect(server.received.length).toBe(1)
  })
  it('since nobody listens, is a fault', async () => {
    const server = await standIn({})
    await server.stop()
    running.length = 0
    const { verdicts } = await verify(files, { github: server.url }, [token])
    expect(verdicts.map(([, status, reason]) => [status, reason])).toEqual([['unknown', 'not reached (ECONNREFUSED)']])
  })
  it('since its answer does not end, is left', async () => {
    const server = await standIn({ body: `{"login":"${'x'.repeat(1 << 20)}"}` })
    const { verdicts } = await verify(files, { github: server.url }, [token])
    expect(verdicts.map(([, , reason]) => reason)).toEqual(['the answer is too long'])
  })
  it('is left alone once it asks to slow down', async () => {
    const server = await standIn({ status: 429, body: {} })
    const tokens = Array.from({ length: 20 }, (_, i) => sample('github-fine-grained-token', i + 1))
    const text = tokens.map((each) => `token = "${each}"`).join('\n')
    const { verdicts } = await verify({ 'a.txt': text }, { github: server.url }, tokens)
    expect(new Set(verdicts.map(([, , reason]) => reason))).toEqual(new Set(['rate limited']))
    expect(verdicts.length).toBe(20)
    expect(server.received.length).toBeLessThanOrEqual(3)
  })
  it('through a proxy that refuses, is a fault, and the proxy sees no secret', async () => {
    const { createServer } = await import('node:http')
    const seen: string[] = []
    const proxy = createServer().on('connect', (request, socket) => {
      seen.push(JSON.stringify([request.method, request.url, request.headers]))
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    await new Promise<void>((ready) => proxy.listen(0, '127.0.0.1', ready))
    const { port } = proxy.address() as { port: number }
    vi.stubEnv('HTTPS_PROXY', `http://user:word@127.0.0.1:${port}`)
    vi.stubEnv('NO_PROXY', '')
    const { verdicts } = await verify(files, { github: 'https://github.invalid' }, [token, 'word@'])
    proxy.close()
    expect(verdicts.map(([, status]) => status)).toEqual(['unknown'])
    expect(seen.length).toBe(1)
    expect(seen[0]).toContain('github.invalid:443')
    expect(seen[0]).not.toContain(token)
  })
})

describe('an answer', () => {
  it('that repeats the secret does not get it into a fact', async () => {
    const token = askable('github-fine-grained-token')
    const server = await standIn(({ headers }) => ({ body: { login: `you sent ${headers.authorization}` } }))
    const { verdicts } = await verify({ 'a.txt': `token = "${token}"` }, { github: server.url }, [token])
    expect(verdicts.map(([, status, , identity]) => [status, identity])).toEqual([['live', '']])
  })
  it('of a GitLab that never had the token settles nothing', async () => {
    const token = askable('gitlab-token')
    const server = await standIn({ status: 401, body: { message: '401 Unauthorized' } })
    const { verdicts, gaps } = await verify({ 'a.txt': `token = "${token}"` }, { gitlab: server.url }, [token])
    expect(verdicts.map(([, status]) => status)).toEqual(['unknown'])
    expect(gaps.map((gap) => gap.class)).toEqual(['limit'])
  })
})

describe('without a call', () => {
  it('stay secrets of types that nobody can be asked for: one gap for all of them', async () => {
    const values = [sample('openai-key'), sample('anthropic-key')]
    const text = values.map((value) => `key = "${value}"`).join('\n')
    const { facts, gaps } = await verify({ 'a.txt': text }, {}, values)
    expect(facts).toEqual([])
    expect(gaps.map((gap) => [gap.class, gap.reason, gap.detail])).toEqual([
      ['limit', 'cannot be verified', 'there is no provider to ask for secrets/anthropic-key, secrets/openai-key'],
    ])
  })
  it('stay keys of accounts that are tripwires', async () => {
    const server = await standIn({})
    // Account 052310077262 of canarytokens.org, in the bits behind the prefix.
    const id = `AKIA${'QYLPMN5HA'}${awsKeyId().slice(-7)}`
    const secret = awsSecret()
    const text = `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`
    const { verdicts, gaps } = await verify({ credentials: text }, { aws: server.url }, [secret])
    expect(verdicts.map(([, status, reason]) => [status, reason])).toEqual([
      ['unknown', 'canary'],
      ['unknown', 'canary'],
    ])
    expect(gaps.map((gap) => gap.class)).toEqual(['limit'])
    expect(server.received).toEqual([])
  })
  it('stay ids without a secret', async () => {
    const server = await standIn({})
    const { verdicts } = await verify({ credentials: `aws_access_key_id = ${awsKeyId()}\n` }, { aws: server.url }, [])
    expect(verdicts).toEqual([['secrets/aws-access-key', 'unknown', 'an id without its secret', '']])
    expect(server.received).toEqual([])
  })
})

describe('AWS by its errors', () => {
  const id = awsKeyId()
  const secret = awsSecret()
  const files = { credentials: `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n` }

  it.each([
    ['SignatureDoesNotMatch', 403, 'unknown', 'the id is known, but this is not its secret'],
    ['ExpiredToken', 403, 'revoked', 'expired'],
    ['Throttling', 400, 'unknown', 'rate limited'],
    ['InternalFailure', 500, 'unknown', 'the answer is not understood (HTTP 500)'],
  ])('%s', async (code, status, verdict, reason) => {
    const server = await standIn(awsError(status, code, `The request ${secret}`))
    const { verdicts } = await verify(files, { aws: server.url }, [secret])
    expect(verdicts.map(([, ...rest]) => rest)).toEqual([
      [verdict, reason, ''],
      [verdict, reason, ''],
    ])
    expect(server.received.length).toBe(1)
    expect(JSON.stringify(server.received)).not.toContain(secret)
  })
  it('does not follow a redirect', async () => {
    const other = await standIn({})
    const server = await standIn({ status: 307, headers: { location: other.url } })
    const { verdicts } = await verify(files, { aws: server.url }, [secret])
    expect(verdicts.map(([, status]) => status)).toEqual(['unknown', 'unknown'])
    expect([server.received.length, other.received.length]).toEqual([1, 0])
  })
  it('is silent: given up after one call', async () => {
    const server = await standIn(HANG)
    const { verdicts } = await verify(files, { aws: server.url }, [secret], 1)
    expect(verdicts.map(([, status, reason]) => [status, reason])).toEqual([
      ['unknown', 'no answer in time'],
      ['unknown', 'no answer in time'],
    ])
    expect(server.received.length).toBe(1)
  })
})

liveOrSkip('keys of AWS (moto)', ['moto'], () => {
  let moto: MotoServer
  let iam: IAMClient
  let id: string
  let secret: string

  beforeAll(async () => {
    moto = await startMoto()
    iam = new IAMClient({
      endpoint: moto.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    })
    await iam.send(new CreateUserCommand({ UserName: 'ann' }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }))
    id = AccessKey?.AccessKeyId ?? ''
    secret = AccessKey?.SecretAccessKey ?? ''
  })
  afterAll(() => moto?.stop())

  /** So many calls pass without a look at credentials; then they are checked. */
  const checkAfter = (calls: number) =>
    fetch(`${moto.url}/moto-api/reset-auth`, { method: 'POST', body: String(calls) })
  const files = (key = secret) => ({
    'deploy/credentials': `aws_access_key_id = ${id}\naws_secret_access_key = ${key}\n`,
  })

  it('are live, with whom they act for', async () => {
    await checkAfter(0)
    const { verdicts, gaps } = await verify(files(), { aws: moto.url }, [secret])
    expect(verdicts).toEqual([
      ['secrets/aws-access-key', 'live', '', 'arn:aws:iam::123456789012:user/ann'],
      ['secrets/aws-secret-key', 'live', '', 'arn:aws:iam::123456789012:user/ann'],
    ])
    expect(gaps).toEqual([])
  })
  it('are found live, too, with id and secret in files of their own', async () => {
    await checkAfter(0)
    const apart = { 'a.txt': `aws_access_key_id = ${id}\n`, 'b.txt': `aws_secret_access_key = ${secret}\n` }
    const { verdicts } = await verify(apart, { aws: moto.url }, [secret])
    expect(verdicts.map(([, status]) => status)).toEqual(['live', 'live'])
  })
  it('are unknown with the secret of another', async () => {
    await checkAfter(0)
    const other = awsSecret()
    const { verdicts } = await verify(files(other), { aws: moto.url }, [other])
    expect(verdicts.map(([, status]) => status)).toEqual(['unknown', 'unknown'])
  })

  it('as the program reports them: critical while they work, low once they are deleted', async () => {
    const root = folderWith(files())
    const args = [root, '--verify', '--verify-endpoint', `aws=${moto.url}`, '--only', 'secrets']
    const audit = async (...more: string[]) => {
      await checkAfter(0)
      const { code, stdout, stderr } = await run([...args, ...more])
      expect(stdout + stderr).not.toContain(secret)
      return { code, stdout }
    }
    const { code, stdout } = await audit('--format', 'json')
    expect(code).toBe(1)
    const [first] = JSON.parse(stdout).findings
    expect([first.ruleId, first.severity]).toEqual(['secrets/aws-access-key', 'critical'])
    expect(first.message).toContain('(live: arn:aws:iam::123456789012:user/ann)')
    expect(first.evidence.secret[0].data?.verification ?? first.evidence.secret[0].verification).toBe('live')
    const sarif = JSON.parse((await audit('--format', 'sarif')).stdout)
    expect(JSON.stringify(sarif.runs[0].results[0].message)).toContain('live: arn:aws:iam')
    expect((await audit()).stdout.replace(/\s+/g, ' ')).toContain('(live: arn:aws:iam::123456789012:user/ann)')

    await checkAfter(10)
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'ann', AccessKeyId: id }))
    const later = await audit('--format', 'json', '--fail-on', 'medium')
    expect(later.code).toBe(0)
    const findings = JSON.parse(later.stdout).findings
    expect(findings.map((each: { severity: string }) => each.severity)).toEqual(['low', 'low'])
    expect(findings[0].message).toContain('(revoked: not known to AWS)')
  })
})

describe('the program', () => {
  const token = askable('github-fine-grained-token')

  it('asks nobody without --verify', async () => {
    const server = await standIn({ body: { login: 'octocat' } })
    const root = folderWith({ 'a.txt': `token = "${token}"` })
    const { code, stderr } = await run([root, '--verify-endpoint', `github=${server.url}`])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--verify-endpoint needs --verify')])
    expect((await run([root, '--format', 'json'])).code).toBe(1)
    expect(server.received).toEqual([])
  })
  it('is incomplete if a call failed', async () => {
    const server = await standIn({ status: 500, body: 'x' })
    const root = folderWith({ 'a.txt': `token = "${token}"` })
    const args = [root, '--verify', '--verify-endpoint', `github=${server.url}`, '--fail-on', 'never']
    const { code, stdout } = await run(args)
    expect(code).toBe(3)
    expect(stdout).toContain('out of order (HTTP 500)')
  })
  it('takes no endpoint from the config of the tree, trusted or not', async () => {
    const root = folderWith({
      'a.txt': `token = "${token}"`,
      'zt-audit.yaml': 'verify:\n  endpoints: { github: http://127.0.0.1:9 }\n',
    })
    for (const more of [[], ['--trust-target']]) {
      const { code, stderr } = await run([root, '--verify', ...more])
      expect([code, stderr]).toEqual([2, expect.stringContaining('verify')])
    }
  })
  it.each([
    ['github=http://evil.example', 'http is for this machine only'],
    ['nobody=https://x.example', 'with one of aws'],
    ['github', 'PROVIDER=URL'],
  ])('refuses the endpoint %s', async (endpoint, reason) => {
    const { code, stderr } = await run(['.', '--verify', '--verify-endpoint', endpoint])
    expect([code, stderr.replace(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(reason)])
  })
})
