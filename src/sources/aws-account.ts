import type {
  AccessKeyMetadata,
  GetAccountAuthorizationDetailsResponse,
  IAMClient,
  ManagedPolicyDetail,
  PasswordPolicy,
  Role,
  User,
  VirtualMFADevice,
} from '@aws-sdk/client-iam'
import type { AwsClient, Identity, SendOptions } from './aws-client.ts'
import type { Failure, Outcome } from './aws-failure.ts'
import { unendingPages } from './aws-pages.ts'
import { pause } from './pause.ts'

/** Pages that were read, and why the rest was not. */
export interface Pages<T> {
  readonly items: readonly T[]
  readonly failure?: Failure
}

export type EntityType = 'User' | 'Role' | 'Group' | 'LocalManagedPolicy' | 'AWSManagedPolicy'
export interface CredentialReport {
  readonly csv: string
  /** Milliseconds since it was made; undefined if the answer does not tell. */
  readonly ageMs: number | undefined
  /** Whether it was made for this run: what it says is so now. */
  readonly isNew: boolean
}
export interface IdentityProvider {
  readonly arn: string
  readonly type: 'oidc' | 'saml'
  /** Undefined where it was not seen. */
  readonly url: string | undefined
  readonly clientIds: readonly string[] | undefined
}

/** One AWS account, read once: whoever asks again gets the same answer. */
export class AwsAccount {
  readonly client: AwsClient
  readonly #memo = new Map<string, Promise<unknown>>()
  readonly #denied = new Map<string, { failure: Failure; count: number }>()

  constructor(client: AwsClient) {
    this.client = client
  }

  #once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#memo.get(key) as Promise<T> | undefined
    if (known) return known
    const reading = read()
    this.#memo.set(key, reading)
    // An interrupted read must not stand for the account.
    reading.catch(() => this.#memo.delete(key))
    return reading
  }

  /** A permission that was denied for several users will be for the next two thousand. */
  async call<T>(
    action: string,
    signal: AbortSignal,
    send: (iam: IAMClient, options: SendOptions) => Promise<T>,
  ): Promise<Outcome<T>> {
    const known = this.#denied.get(action)
    if (known && known.count >= DENIALS) return { failure: known.failure }
    const outcome = await this.client.call(action, signal, send)
    if ('failure' in outcome && outcome.failure.kind === 'denied') {
      this.#denied.set(action, { failure: outcome.failure, count: (known?.count ?? 0) + 1 })
    }
    return outcome
  }

  /** Account and partition: by STS, or from an ARN that is seen; empty if nothing tells. A failure of the credentials is one. */
  identity(signal: AbortSignal): Promise<Outcome<Identity>> {
    return this.#once('identity', async () => {
      const outcome = await this.client.identity(signal)
      if ('value' in outcome || outcome.failure.kind === 'credentials') return outcome
      const { items, failure } = await this.users(signal)
      if (failure?.kind === 'credentials') return { failure }
      const arn = items[0]?.Arn ?? (await this.roles(signal)).items[0]?.Arn ?? ''
      const [, partition = 'aws', , , account = ''] = arn.split(':')
      return { value: { account, partition } }
    })
  }

  /** GetAccountAuthorizationDetails, a page at a time; nothing of them is kept. Returns why it did not come to the end. */
  authorization(
    types: readonly EntityType[],
    signal: AbortSignal,
  ): AsyncGenerator<GetAccountAuthorizationDetailsResponse, Failure | undefined> {
    const { GetAccountAuthorizationDetailsCommand } = this.client.commands
    return this.#walk('iam:GetAccountAuthorizationDetails', signal, (iam, marker, options) =>
      iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: [...types], ...marker }), options),
    )
  }

  /** A managed policy that somebody holds, with the version that counts. */
  async managedPolicy(PolicyArn: string, signal: AbortSignal): Promise<Outcome<ManagedPolicyDetail>> {
    const { GetPolicyCommand, GetPolicyVersionCommand } = this.client.commands
    const policy = await this.call('iam:GetPolicy', signal, (iam, options) =>
      iam.send(new GetPolicyCommand({ PolicyArn }), options),
    )
    if ('failure' in policy) return policy
    const { PolicyName, DefaultVersionId: VersionId } = policy.value.Policy ?? {}
    const version = await this.call('iam:GetPolicyVersion', signal, (iam, options) =>
      iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }), options),
    )
    if ('failure' in version) return version
    const { Document } = version.value.PolicyVersion ?? {}
    return {
      value: {
        Arn: PolicyArn,
        PolicyName,
        AttachmentCount: 1,
        PolicyVersionList: [{ VersionId, IsDefaultVersion: true, Document }],
      },
    }
  }

  users(signal: AbortSignal): Promise<Pages<User>> {
    return this.#once('users', () =>
      this.#pages(
        'iam:ListUsers',
        signal,
        (iam, marker, options) =>
          iam.send(new this.client.commands.ListUsersCommand({ MaxItems: LARGEST_PAGE, ...marker }), options),
        (page) => page.Users ?? [],
      ),
    )
  }

  roles(signal: AbortSignal): Promise<Pages<Role>> {
    return this.#once('roles', () =>
      this.#pages(
        'iam:ListRoles',
        signal,
        (iam, marker, options) =>
          iam.send(new this.client.commands.ListRolesCommand({ MaxItems: LARGEST_PAGE, ...marker }), options),
        (page) => page.Roles ?? [],
      ),
    )
  }

  accessKeys(UserName: string, signal: AbortSignal): Promise<Pages<AccessKeyMetadata>> {
    return this.#pages(
      'iam:ListAccessKeys',
      signal,
      (iam, marker, options) =>
        iam.send(new this.client.commands.ListAccessKeysCommand({ UserName, ...marker }), options),
      (page) => page.AccessKeyMetadata ?? [],
    )
  }

  /** When a key was last used; undefined if never. */
  async keyLastUsed(AccessKeyId: string, signal: AbortSignal): Promise<Outcome<Date | undefined>> {
    const { GetAccessKeyLastUsedCommand } = this.client.commands
    const outcome = await this.call('iam:GetAccessKeyLastUsed', signal, (iam, options) =>
      iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }), options),
    )
    return 'failure' in outcome ? outcome : { value: outcome.value.AccessKeyLastUsed?.LastUsedDate }
  }

  /** Serial numbers of a user's MFA devices: ARNs, or the number on the hardware. */
  async mfaDevices(UserName: string, signal: AbortSignal): Promise<Pages<string>> {
    return this.#pages(
      'iam:ListMFADevices',
      signal,
      (iam, marker, options) =>
        iam.send(new this.client.commands.ListMFADevicesCommand({ UserName, ...marker }), options),
      (page) => (page.MFADevices ?? []).map((device) => device.SerialNumber ?? ''),
    )
  }

  virtualMfaDevices(signal: AbortSignal): Promise<Pages<VirtualMFADevice>> {
    return this.#once('virtual', () =>
      this.#pages(
        'iam:ListVirtualMFADevices',
        signal,
        (iam, marker, options) => {
          const { ListVirtualMFADevicesCommand } = this.client.commands
          return iam.send(
            new ListVirtualMFADevicesCommand({ AssignmentStatus: 'Assigned', MaxItems: LARGEST_PAGE, ...marker }),
            options,
          )
        },
        (page) => page.VirtualMFADevices ?? [],
      ),
    )
  }

  /** Whether a user has a console password. */
  async hasPassword(UserName: string, signal: AbortSignal): Promise<Outcome<boolean>> {
    const outcome = await this.call('iam:GetLoginProfile', signal, (iam, options) =>
      iam.send(new this.client.commands.GetLoginProfileCommand({ UserName }), options),
    )
    if ('value' in outcome) return { value: true }
    return outcome.failure.kind === 'absent' ? { value: false } : outcome
  }

  summary(signal: AbortSignal): Promise<Outcome<Readonly<Record<string, number>>>> {
    return this.#once('summary', async () => {
      const outcome = await this.call('iam:GetAccountSummary', signal, (iam, options) =>
        iam.send(new this.client.commands.GetAccountSummaryCommand({}), options),
      )
      return 'failure' in outcome ? outcome : { value: outcome.value.SummaryMap ?? {} }
    })
  }

  /** The account's password policy; undefined if none is set. */
  passwordPolicy(signal: AbortSignal): Promise<Outcome<PasswordPolicy | undefined>> {
    return this.#once('password policy', async () => {
      const outcome = await this.call('iam:GetAccountPasswordPolicy', signal, (iam, options) =>
        iam.send(new this.client.commands.GetAccountPasswordPolicyCommand({}), options),
      )
      if ('value' in outcome) return { value: outcome.value.PasswordPolicy }
      return outcome.failure.kind === 'absent' ? { value: undefined } : outcome
    })
  }

  /** The credential report. A new one is asked for; AWS makes one only if the last is four hours old. */
  credentialReport(signal: AbortSignal): Promise<Outcome<CredentialReport>> {
    return this.#once('credential report', async () => {
      const { GenerateCredentialReportCommand, GetCredentialReportCommand } = this.client.commands
      let isNew = false
      for (let waited = 0; ; waited++) {
        const state = await this.call('iam:GenerateCredentialReport', signal, (iam, options) =>
          iam.send(new GenerateCredentialReportCommand({}), options),
        )
        if ('failure' in state || state.value.State === 'COMPLETE' || waited >= REPORT_POLLS) break
        isNew ||= state.value.State === 'STARTED'
        await pause(Math.min(250 * 2 ** waited, 2000), signal)
      }
      const report = await this.call('iam:GetCredentialReport', signal, (iam, options) =>
        iam.send(new GetCredentialReportCommand({}), options),
      )
      if ('failure' in report) return report
      const { Content, GeneratedTime } = report.value
      const ageMs = isNew ? 0 : GeneratedTime && Math.max(Date.now() - GeneratedTime.getTime(), 0)
      return { value: { csv: new TextDecoder().decode(Content), ageMs, isNew } }
    })
  }

  /** Who may sign in to the account from outside: OpenID Connect and SAML providers. */
  async identityProviders(signal: AbortSignal): Promise<{ items: IdentityProvider[]; failures: Failure[] }> {
    const { commands } = this.client
    const failures: Failure[] = []
    const items: IdentityProvider[] = []
    const oidc = await this.call('iam:ListOpenIDConnectProviders', signal, (iam, options) =>
      iam.send(new commands.ListOpenIDConnectProvidersCommand({}), options),
    )
    if ('failure' in oidc) failures.push(oidc.failure)
    for (const { Arn: arn = '' } of 'value' in oidc ? (oidc.value.OpenIDConnectProviderList ?? []) : []) {
      const details = await this.call('iam:GetOpenIDConnectProvider', signal, (iam, options) =>
        iam.send(new commands.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }), options),
      )
      if ('failure' in details) failures.push(details.failure)
      const seen = 'value' in details ? details.value : undefined
      items.push({ arn, type: 'oidc', url: seen?.Url, clientIds: seen && (seen.ClientIDList ?? []) })
    }
    const saml = await this.call('iam:ListSAMLProviders', signal, (iam, options) =>
      iam.send(new commands.ListSAMLProvidersCommand({}), options),
    )
    if ('failure' in saml) failures.push(saml.failure)
    for (const { Arn: arn = '' } of 'value' in saml ? (saml.value.SAMLProviderList ?? []) : [])
      items.push({ arn, type: 'saml', url: '', clientIds: [] })
    return { items, failures }
  }

  /** Pages as they come; returns why there are no more of them, unless they were read to the end. */
  async *#walk<P extends Page>(
    action: string,
    signal: AbortSignal,
    send: (iam: IAMClient, marker: { Marker?: string }, options: SendOptions) => Promise<P>,
  ): AsyncGenerator<P, Failure | undefined> {
    const seen = new Set<string>()
    let marker: { Marker?: string } = {}
    for (;;) {
      const outcome = await this.call(action, signal, (iam, options) => send(iam, marker, options))
      if ('failure' in outcome) return outcome.failure
      yield outcome.value
      const { IsTruncated, Marker } = outcome.value
      if (!IsTruncated) return undefined
      // A server that hands out the same marker again would keep us for ever.
      if (!Marker || seen.has(Marker)) return unendingPages(action)
      seen.add(Marker)
      marker = { Marker }
    }
  }

  async #pages<P extends Page, T>(
    action: string,
    signal: AbortSignal,
    send: (iam: IAMClient, marker: { Marker?: string }, options: SendOptions) => Promise<P>,
    itemsOf: (page: P) => readonly T[],
  ): Promise<Pages<T>> {
    const items: T[] = []
    const pages = this.#walk(action, signal, send)
    for (;;) {
      const { done, value } = await pages.next()
      if (done) return { items, ...(value && { failure: value }) }
      for (const item of itemsOf(value)) items.push(item)
    }
  }
}

interface Page {
  readonly Marker?: string | undefined
  readonly IsTruncated?: boolean | undefined
}

/** Some policies deny by user; this many in a row are a pattern. */
const DENIALS = 20
/** Half a minute: AWS makes a report in seconds. */
const REPORT_POLLS = 20

/** The most that one answer of IAM holds. */
const LARGEST_PAGE = 1000
