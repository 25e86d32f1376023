import { readFileSync } from 'node:fs'
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
} from '@aws-sdk/client-iam'
import type * as Sarif from 'sarif'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { validateSarif } from '../../build/validate-sarif.mjs'
import { addFiles, folderWith, run } from '../support/program.ts'
import { makeCase1Calls } from './servers/case1-calls.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type KubeServer, startKube } from './servers/kube.ts'
import { type MotoServer, startMoto } from './servers/moto.ts'
import { startProxy } from './servers/proxy.ts'

// The program as a user runs it, against real servers: nothing of it is imported here.

interface JsonReport {
  readonly findings: {
    readonly ruleId: string
    readonly message: string
    readonly evidence: Record<string, unknown[]>
    readonly properties?: { permission?: object }
  }[]
  readonly undetermined: { readonly rule: string; readonly gaps: { detail: string }[] }[]
  readonly gaps: { readonly kind: string; readonly detail: string; readonly class: string }[]
}
const CHAIN = 'chain/leaked-admin-key-without-mfa'
const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
})

liveOrSkip('zt-audit --aws', ['moto'], () => {
  let moto: MotoServer
  let iam: IAMClient
  let root: string
  let id: string
  let secret: string
  const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' }
  const audit = async (endpoint: string, ...args: string[]) => {
    const env = { ...credentials, AWS_ENDPOINT_URL: endpoint }
    const { code, stdout, stderr } = await run([root, '--aws', '--format', 'json', ...args], { env })
    expect(stdout + stderr).not.toContain(secret)
    return { code, stderr, report: JSON.parse(stdout) as JsonReport }
  }
  const firesOf = (report: JsonReport) => report.findings.filter((finding) => finding.ruleId === CHAIN)

  beforeAll(async () => {
    moto = await startMoto()
    const client = { accessKeyId: 'test', secretAccessKey: 'test' }
    iam = new IAMClient({ endpoint: moto.url, region: 'us-east-1', credentials: client })
  })
  afterAll(() => moto?.stop())
  beforeEach(async () => {
    await moto.reset()
    await iam.send(new CreateUserCommand({ UserName: 'ann' }))
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'AdministratorAccess', PolicyDocument: EVERYTHING }),
    )
    await iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn: Policy?.Arn }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }))
    id = AccessKey?.AccessKeyId ?? ''
    secret = AccessKey?.SecretAccessKey ?? ''
    root = folderWith({ 'deploy/.env': `AWS_ACCESS_KEY_ID=${id}\nAWS_SECRET_ACCESS_KEY=${secret}\n` })
  })

  it('finds the chain once, with every link and its evidence', async () => {
    const { code, report } = await audit(moto.url)
    expect(code).toBe(1)
    const [finding, ...more] = firesOf(report)
    expect(more).toEqual([])
    expect(Object.keys(finding?.evidence ?? {})).toEqual(['leak', 'key', 'user', 'rights'])
    expect(JSON.stringify(finding?.evidence)).toContain('arn:aws:iam::123456789012:user/ann')
    expect(finding?.message).toContain('deploy/.env')
  })
  it('is undetermined where MFA could not be read, names the gap and exits 3', async () => {
    const proxy = await startProxy(moto.url, {
      ListMFADevices: 'denied',
      GenerateCredentialReport: 'denied',
      GetCredentialReport: 'denied',
    })
    try {
      const only = await audit(proxy.url, '--only', CHAIN)
      expect(only.code).toBe(3)
      expect(firesOf(only.report)).toEqual([])
      expect(only.report.undetermined).toMatchObject([
        {
          rule: CHAIN,
          gaps: expect.arrayContaining([
            expect.objectContaining({ detail: expect.stringContaining('ListMFADevices') }),
          ]),
        },
      ])
      const all = await audit(proxy.url)
      expect(all.code).toBe(1)
      expect(all.report.gaps.map((gap) => gap.detail).join()).toContain('ListMFADevices')
    } finally {
      await proxy.stop()
    }
  })
  it('does not fire with MFA', async () => {
    const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'ann' }))
    await iam.send(
      new EnableMFADeviceCommand({
        UserName: 'ann',
        SerialNumber: VirtualMFADevice?.SerialNumber,
        AuthenticationCode1: '123456',
        AuthenticationCode2: '654321',
      }),
    )
    const { report } = await audit(moto.url)
    expect(firesOf(report)).toEqual([])
    expect(report.findings.map((finding) => finding.ruleId)).toContain('chain/leaked-key-of-privileged-user')
  })
  it('does not fire for an id without its secret', async () => {
    root = folderWith({ 'notes.md': `The deploy user's key id is ${id}\n` })
    const { report } = await audit(moto.url)
    expect(report.findings.filter((finding) => finding.ruleId.startsWith('chain/'))).toEqual([])
  })
  it('names the call that hangs, is throttled or answers HTML, and reports the rest', async () => {
    const proxy = await startProxy(moto.url, {
      ListMFADevices: 'hang',
      GetAccountSummary: 'htmlError',
      ListUsers: { throttled: 1, status: 429, retryAfterSeconds: 1 },
    })
    try {
      const { code, report } = await audit(proxy.url, '--timeout', '20')
      expect(code).toBe(1)
      const details = report.gaps.map((gap) => gap.detail).join('\n')
      expect(details).toContain('GetAccountSummary')
      expect(report.findings.map((finding) => finding.ruleId)).toContain('secrets/aws-access-key')
    } finally {
      await proxy.stop()
    }
  })
  it('without credentials still audits the repository', async () => {
    const { code, stdout } = await run([root, '--aws', '--format', 'json'], {
      env: { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
    })
    const report = JSON.parse(stdout) as JsonReport
    expect(code).toBe(1)
    expect(report.gaps.some((gap) => gap.class === 'fault')).toBe(true)
    addFiles(root, { 'deploy/.env': '' })
    expect(
      (
        await run([root, '--aws', '--format', 'json'], {
          env: { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
        })
      ).code,
    ).toBe(3)
  })
})

liveOrSkip('zt-audit --k8s', ['etcd', 'kube-apiserver'], () => {
  let kube: KubeServer
  const fixture = (name: string) => readFileSync(new URL(`../fixtures/k8s-case1/${name}`, import.meta.url), 'utf8')
  beforeAll(async () => {
    kube = await startKube()
    await kube.apply(fixture('manifests.yaml'))
    await makeCase1Calls(kube)
    await kube.auditEvents()
  })
  afterAll(() => kube?.stop())

  it('finds exactly the permissions that were never used', async () => {
    const root = folderWith({})
    const sarif = `${root}.sarif`
    const { code, stdout } = await run([
      root,
      '--k8s',
      '--kubeconfig',
      kube.kubeconfig,
      '--audit-log',
      kube.auditLog,
      '--format',
      'json',
      '--output',
      `sarif=${sarif}`,
    ])
    expect(code).toBe(1)
    const report = JSON.parse(stdout) as JsonReport
    const rows = report.findings
      .filter((finding) => finding.ruleId === 'k8s/unused-permission')
      .map((finding) => JSON.stringify(finding.properties?.permission, sortKeys))
    const expected = (JSON.parse(fixture('expected.json')) as { unused: object[] }).unused.map((row) =>
      JSON.stringify(row, sortKeys),
    )
    expect(rows.sort()).toEqual(expected.sort())
    expect(report.gaps.filter((gap) => gap.class === 'fault')).toEqual([])
    // A folder outside of git has no provenance, which is all there is to note.
    const notes = validateSarif(sarif, { strict: true }).filter((problem) => !problem.includes('SARIF2003'))
    expect(notes).toEqual([])
    const runs = (JSON.parse(readFileSync(sarif, 'utf8')) as Sarif.Log).runs
    expect(runs.map((each) => each.automationDetails?.id?.split('/')[1])).toEqual(['repository', 'kubernetes', 'chain'])
    expect(runs.every((each) => each.invocations?.[0]?.executionSuccessful)).toBe(true)
  })
})

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
