import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { iamUnusedFinding, iamUsageWindow } from '../../src/facts/iam-usage.ts'
import { accessAnalyzerScanner } from '../../src/scanners/access-analyzer/index.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import { type Answer, type LoopbackServer, sendAnswer, startHttpServer } from './servers/http-server.ts'

// Read when the SDK is loaded.
vi.hoisted(() => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
})

const ACCOUNT = '123456789012'
const ANALYZER = `arn:aws:access-analyzer:us-east-1:${ACCOUNT}:analyzer/unused`
const APP = `arn:aws:iam::${ACCOUNT}:role/app`
const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:user/a</Arn><UserId>A</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

/** A stand-in for STS and Access Analyzer; `answers` by `METHOD /path`, in turn where there are several. */
let answers: Record<string, Answer[]>
let server: LoopbackServer
let asked: string[]

beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  vi.stubEnv('AWS_REGION', 'us-east-1')
  asked = []
  server = await startHttpServer(async (request, body, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    if (pathname === '/') return sendAnswer(response, { headers: { 'content-type': 'text/xml' }, body: IDENTITY })
    const type = searchParams.get('type') ?? ''
    const name = `${request.method} ${decodeURIComponent(pathname)}${type && `?${type}`}`
    asked.push(`${name} ${body.toString()}`.trim())
    const list = answers[name] ?? [{ body: { analyzers: [] } }]
    sendAnswer(response, (list.length > 1 ? list.shift() : list[0]) as Answer)
  })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

const scan = () => collect(accessAnalyzerScanner, { targets: { ...NO_TARGETS, aws: [{ endpoint: server.url }] } })
const ONE = {
  analyzers: [
    {
      arn: ANALYZER,
      name: 'unused',
      type: 'ACCOUNT_UNUSED_ACCESS',
      createdAt: '2026-01-01T00:00:00Z',
      status: 'ACTIVE',
      configuration: { unusedAccess: { unusedAccessAge: 60 } },
    },
  ],
}
const summary = (id: string) => ({
  id,
  resource: APP,
  findingType: 'UnusedPermission',
  resourceType: 'AWS::IAM::Role',
  resourceOwnerAccount: ACCOUNT,
  status: 'ACTIVE',
  createdAt: '2026-05-01T00:00:00Z',
  updatedAt: '2026-05-01T00:00:00Z',
  analyzedAt: '2026-05-01T00:00:00Z',
})
const finding = (serviceNamespace: string) => ({
  body: { ...summary('x'), resource: APP, findingDetails: [{ unusedPermissionDetails: { serviceNamespace } }] },
})
const denied = {
  status: 403,
  headers: { 'x-amzn-errortype': 'AccessDeniedException', 'content-type': 'application/json' },
  body: JSON.stringify({ message: 'no' }),
}

it('says nothing where there is no analyzer of unused access', async () => {
  answers = {}
  expect(await scan()).toMatchObject({ facts: [], gaps: [] })
  expect(asked).toEqual(['GET /analyzer?ACCOUNT_UNUSED_ACCESS', 'GET /analyzer?ORGANIZATION_UNUSED_ACCESS'])
})

it('reads active findings, page by page', async () => {
  answers = {
    'GET /analyzer?ACCOUNT_UNUSED_ACCESS': [{ body: ONE }],
    'POST /findingv2': [{ body: { findings: [summary('1')], nextToken: 't' } }, { body: { findings: [summary('2')] } }],
    'GET /findingv2/1': [finding('s3')],
    'GET /findingv2/2': [finding('sqs')],
  }
  const { of, gaps } = await scan()
  expect(gaps).toEqual([])
  expect(of(iamUnusedFinding).map(({ data }) => [data.principalArn, data.detail, data.windowDays])).toEqual([
    [APP, 's3', 60],
    [APP, 'sqs', 60],
  ])
  expect(of(iamUsageWindow)).toMatchObject([{ data: { source: 'access-analyzer', days: 60 } }])
  expect(asked.find((each) => each.startsWith('POST'))).toContain('"eq":["ACTIVE"]')
})

it.each([
  ['analyzers', 'GET /analyzer?ACCOUNT_UNUSED_ACCESS', 'access-analyzer:ListAnalyzers'],
  ['findings', 'POST /findingv2', 'access-analyzer:ListFindingsV2'],
  ['a finding', 'GET /findingv2/1', 'access-analyzer:GetFindingV2'],
])('names the call that is denied: %s', async (_, call, permission) => {
  answers = {
    'GET /analyzer?ACCOUNT_UNUSED_ACCESS': [{ body: ONE }],
    'POST /findingv2': [{ body: { findings: [summary('1')] } }],
    'GET /findingv2/1': [finding('s3')],
    [call]: [denied],
  }
  expect((await scan()).gaps).toMatchObject([
    {
      kind: 'iam.unused-finding',
      scope: `aws:${ACCOUNT}`,
      class: 'fault',
      detail: expect.stringContaining(permission),
    },
  ])
})

it('does not blame a stand-in for AWS that does not know the service', async () => {
  answers = { 'GET /analyzer?ACCOUNT_UNUSED_ACCESS': [{ status: 404, body: 'not here' }] }
  expect((await scan()).gaps).toMatchObject([{ class: 'limit' }])
})
