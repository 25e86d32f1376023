import type { IAMClient } from '@aws-sdk/client-iam'
import { ScanError } from '../errors.ts'
import type { AwsTarget, GithubTarget } from '../model.ts'
import { ApiFailure } from '../sources/api-failure.ts'
import { type AwsClient, openAws, type SendOptions } from '../sources/aws-client.ts'
import { openGithub } from '../sources/github-client.ts'
import { appInstallations } from '../sources/github-connection.ts'
import { connect } from '../sources/kubernetes-client.ts'
import type { Check } from './checks.ts'

type Commands = AwsClient['commands']
type Probe = (iam: IAMClient, commands: Commands, user: string, options: SendOptions) => Promise<unknown>

/** The smallest call that shows a permission. A report is not generated for the asking: that one is left out. */
const PROBES: Readonly<Record<string, Probe>> = {
  'iam:ListUsers': (iam, c, _, o) => iam.send(new c.ListUsersCommand({ MaxItems: 1 }), o),
  'iam:GetAccountSummary': (iam, c, _, o) => iam.send(new c.GetAccountSummaryCommand({}), o),
  'iam:GetAccountPasswordPolicy': (iam, c, _, o) => iam.send(new c.GetAccountPasswordPolicyCommand({}), o),
  'iam:GetCredentialReport': (iam, c, _, o) => iam.send(new c.GetCredentialReportCommand({}), o),
  'iam:GetAccountAuthorizationDetails': (iam, c, _, o) =>
    iam.send(new c.GetAccountAuthorizationDetailsCommand({ MaxItems: 1 }), o),
  'iam:ListVirtualMFADevices': (iam, c, _, o) => iam.send(new c.ListVirtualMFADevicesCommand({ MaxItems: 1 }), o),
  'iam:ListAccessKeys': (iam, c, UserName, o) => iam.send(new c.ListAccessKeysCommand({ UserName, MaxItems: 1 }), o),
  'iam:ListMFADevices': (iam, c, UserName, o) => iam.send(new c.ListMFADevicesCommand({ UserName, MaxItems: 1 }), o),
  'iam:GetLoginProfile': (iam, c, UserName, o) => iam.send(new c.GetLoginProfileCommand({ UserName }), o),
}
const OF_A_USER = new Set(['iam:ListAccessKeys', 'iam:ListMFADevices', 'iam:GetLoginProfile'])

/** Who we are to AWS, and which of the permissions needed are there, as far as reading tells. */
export async function askAws(target: AwsTarget, needs: readonly string[], signal: AbortSignal): Promise<Check[]> {
  const area = 'AWS'
  const client = await openAws(target)
  const account = await client.identity(signal)
  if ('failure' in account) return [{ area, state: 'warning', text: account.failure.detail }]
  const checks: Check[] = [
    { area, state: 'ok', text: `account ${account.value.account} answers (sts:GetCallerIdentity)` },
  ]
  const { commands } = client
  const first = await client.call('iam:ListUsers', signal, (iam, options) =>
    iam.send(new commands.ListUsersCommand({ MaxItems: 1 }), options),
  )
  const user = 'value' in first ? first.value.Users?.[0]?.UserName : undefined
  const [allowed, denied, failed, unknown]: [string[], string[], string[], string[]] = [[], [], [], []]
  for (const action of needs.filter((need) => need !== 'sts:GetCallerIdentity')) {
    const probe = PROBES[action]
    if (!probe || (OF_A_USER.has(action) && user === undefined)) {
      unknown.push(action)
      continue
    }
    const outcome = await client.call(action, signal, (iam, options) => probe(iam, commands, user ?? '', options))
    if ('value' in outcome || outcome.failure.kind === 'absent' || outcome.failure.detail.includes('HTTP 410'))
      allowed.push(action)
    else if (outcome.failure.kind === 'denied') denied.push(action)
    else failed.push(outcome.failure.detail)
  }
  const list = (state: Check['state'], what: string, actions: readonly string[], help?: string) => {
    if (actions.length > 0) checks.push({ area, state, text: `${what}: ${actions.join(', ')}`, ...(help && { help }) })
  }
  list('ok', 'allowed', allowed)
  list('warning', 'denied', denied, 'zt-audit permissions aws prints the policy')
  list('warning', 'no answer', failed)
  list('absent', 'not tried (reading cannot tell)', unknown)
  return checks
}

/** Which of `list group/resource` the cluster allows. Reviews are POST requests that create nothing. */
export async function askKubernetes(path: string, needs: readonly string[], signal: AbortSignal): Promise<Check[]> {
  const area = 'Kubernetes'
  try {
    const client = await connect({}, { roots: [path], signal, timeoutMs: 10_000 })
    const denied: string[] = []
    for (const need of needs) {
      const [verb = '', target = ''] = need.split(' ')
      const slash = target.lastIndexOf('/')
      const access = { verb, group: target.slice(0, Math.max(slash, 0)), resource: target.slice(slash + 1) }
      if (!(await client.mayI(access))) denied.push(need)
    }
    const how = 'asked by SelfSubjectAccessReview, which creates nothing'
    if (denied.length === 0)
      return [{ area, state: 'ok', text: `cluster ${client.cluster} allows all ${needs.length} reads (${how})` }]
    const text = `cluster ${client.cluster} denies ${denied.join(', ')} (${how})`
    return [{ area, state: 'warning', text, help: 'zt-audit permissions k8s prints the ClusterRole' }]
  } catch (error) {
    if (!(error instanceof ScanError || error instanceof ApiFailure)) throw error
    return [{ area, state: 'warning', text: error.message }]
  }
}

/** What a classic token's scopes are enough for; GitHub tells them of no other kind. An App is told where it is installed, and what it lacks. */
export async function askGithub(
  target: GithubTarget,
  needs: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Check[]> {
  const area = 'GitHub'
  if (target.app) return askApp(target.app, target.url, needs, signal)
  const client = await openGithub(target, signal, Date.now() + 10_000)
  const outcome = await client.scopes()
  if ('failure' in outcome) return [{ area, state: 'warning', text: outcome.failure.detail }]
  const scopes = outcome.value
  if (scopes === undefined) {
    const text = 'the token is accepted; what it may do, GitHub tells of classic ones only'
    const help = 'an audit names each permission that it lacks; zt-audit permissions github lists them all'
    return [{ area, state: 'ok', text, help }]
  }
  const text = `the token is accepted; scopes: ${scopes.join(', ') || 'none'}`
  if (scopes.includes('admin:org')) return [{ area, state: 'ok', text }]
  const reads = scopes.some((scope) => scope === 'read:org' || scope === 'write:org')
  const missing = reads
    ? 'admin:org is missing: who has no second factor, and outside collaborators, would not be seen'
    : 'admin:org is missing: of an organisation only what is public would be seen'
  return [{ area, state: 'warning', text, help: missing }]
}

interface Installation {
  readonly account?: { readonly login?: string } | null
  readonly target_type?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly suspended_at?: string | null
}

async function askApp(
  app: NonNullable<GithubTarget['app']>,
  url: string | undefined,
  needs: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Check[]> {
  const area = 'GitHub'
  const outcome = await appInstallations(app, url, signal)
  if ('failure' in outcome) return [{ area, state: 'warning', text: outcome.failure.detail }]
  const installed = Array.isArray(outcome.value) ? (outcome.value as Installation[]) : []
  if (installed.length === 0) return [{ area, state: 'warning', text: 'the App is accepted, and installed nowhere' }]
  return installed.map((each): Check => {
    const where = `the App is installed for ${each.account?.login ?? '?'}`
    if (each.suspended_at) return { area, state: 'warning', text: `${where}, and suspended` }
    const missing = Object.keys(needs).filter(
      (key) => each.permissions?.[key] === undefined && !(each.target_type === 'User' && /^org|^members$/.test(key)),
    )
    if (missing.length === 0) return { area, state: 'ok', text: `${where}, with all permissions that are needed` }
    const help = 'zt-audit permissions github prints its manifest; an owner must accept new permissions'
    return { area, state: 'warning', text: `${where}, without ${missing.join(', ')}`, help }
  })
}
