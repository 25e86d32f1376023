import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openAws } from '../../src/sources/aws-client.ts'

const CONFIG = `
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Audit
[profile failing]
credential_process = /bin/sh -c "echo words-of-the-process >&2; exit 1"
[profile garbage]
credential_process = /bin/echo words-of-the-process
[profile expired]
credential_process = /bin/echo '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"2020-01-01T00:00:00Z"}'
[profile chained]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = nowhere
[profile token]
role_arn = arn:aws:iam::123456789012:role/x
web_identity_token_file = /nowhere/token
[profile china]
region = cn-north-1
aws_access_key_id = a
aws_secret_access_key = b
[profile gov]
region = us-gov-west-1
aws_access_key_id = a
aws_secret_access_key = b
`
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9'

beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), 'zt-audit-'))
  writeFileSync(join(home, 'config'), CONFIG)
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_REGION'])
    vi.stubEnv(name, undefined)
  vi.stubEnv('HOME', home)
  vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'none'))
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true')
})
afterEach(() => vi.unstubAllEnvs())

async function failureOf(profile: string) {
  const client = await openAws({ profile, endpoint: NOWHERE })
  const outcome = await client.identity(AbortSignal.timeout(20_000))
  if ('value' in outcome) throw new Error('these credentials should not have worked')
  return outcome.failure
}

describe('credentials that are not there', () => {
  it.each([
    ['nosuch', 'no AWS credentials', /profile: \[nosuch\].*`aws configure list-profiles`/],
    ['chained', 'no AWS credentials', /profile: \[nowhere\]/],
    ['sso', 'no SSO session', /run `aws sso login`/],
    ['failing', 'credential process failed', /run its command by hand/],
    ['garbage', 'credential process failed', /run its command by hand/],
    ['expired', 'credential process failed', /run its command by hand/],
    ['token', 'no AWS credentials', /ENOENT.*\/nowhere\/token/],
  ])('say why: %s', async (profile, reason, detail) => {
    const failure = await failureOf(profile)
    expect(failure).toMatchObject({ kind: 'credentials', reason })
    expect(failure.detail).toMatch(detail)
    expect(failure.detail).not.toContain('words-of-the-process')
  })

  it('are looked for in the profile that the environment names', async () => {
    vi.stubEnv('AWS_PROFILE', 'sso')
    const client = await openAws({ endpoint: NOWHERE })
    const outcome = await client.identity(AbortSignal.timeout(20_000))
    expect(outcome).toMatchObject({ failure: { reason: 'no SSO session' } })
  })
})

it.each([
  ['china', 'https://iam.cn-north-1.amazonaws.com.cn/'],
  ['gov', 'https://iam.us-gov.amazonaws.com/'],
])('goes to the partition of the profile’s region: %s', async (profile, url) => {
  const client = await openAws({ profile })
  const { endpoint } = client.settings()
  expect(endpoint).toBeUndefined()
  const iam = new client.commands.IAMClient(client.settings())
  const resolved = iam.config.endpointProvider({ Region: client.region })
  expect(String(resolved.url)).toBe(url)
})

describe('HTTPS_PROXY', () => {
  async function connectsThroughProxy(exempt: string): Promise<string[]> {
    const asked: string[] = []
    const proxy = createServer().on('connect', (request, socket) => {
      asked.push(request.url ?? '')
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    vi.stubEnv('NO_PROXY', exempt)
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b')
    const client = await openAws({ endpoint: 'https://aws.invalid' })
    const outcome = await client.identity(AbortSignal.timeout(25_000))
    expect('failure' in outcome).toBe(true)
    proxy.closeAllConnections()
    proxy.close()
    return [...new Set(asked)]
  }

  it('is used, but for hosts that NO_PROXY names', async () => {
    expect(await connectsThroughProxy('')).toEqual(['aws.invalid:443'])
    expect(await connectsThroughProxy('.invalid')).toEqual([])
  })
})

it('says that the bundle of AWS_CA_BUNDLE cannot be read', async () => {
  vi.stubEnv('AWS_CA_BUNDLE', '/nowhere/ca.pem')
  await expect(openAws({ endpoint: NOWHERE })).rejects.toThrow('/nowhere/ca.pem')
})
