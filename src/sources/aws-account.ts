import type {
  AccessKeyMetadata,
  GetAccountAuthorizationDetailsResponse,
  GroupDetail,
  IAMClient,
  ManagedPolicyDetail,
  PasswordPolicy,
  RoleDetail,
  User,
  UserDetail,
  VirtualMFADevice,
} from '@aws-sdk/client-iam'
import type { AwsTarget } from '../model.ts'
import { type AwsClient, type Failure, type Outcome, openAws, type SendOptions } from './aws-client.ts'
import { pause } from './pause.ts'

/** Pages that were read, and why the rest was not. */
export interface Pages<T> {
  readonly items: readonly T[]
  readonly failure?: Failure
}
/** IAM's own inventory: who there is, and with which policies. */
export interface Authorization {
  readonly users: readonly UserDetail[]
  readonly groups: readonly GroupDetail[]
  readonly roles: readonly RoleDetail[]
  readonly policies: readonly ManagedPolicyDetail[]
  readonly failure?: Failure
}

/** One AWS account, read once: whoever asks again gets the same answer. */
export class AwsAccount {
  readonly #client: AwsClient
  readonly #memo = new Map<string, Promise<unknown>>()
  readonly #denied = new Map<string, { failure: Failure; count: number }>()

  constructor(client: AwsClient) {
    this.#client = client
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
  async #call<T>(
    action: string,
    signal: AbortSignal,
    send: (iam: IAMClient, options: SendOptions) => Promise<T>,
  ): Promise<Outcome<T>> {
    const known = this.#denied.get(action)
    if (known && known.count >= DENIALS) return { failure: known.failure }
    const outcome = await this.#client.call(action, signal, send)
    if ('failure' in outcome && outcome.failure.kind === 'denied') {
      this.#denied.set(action, { failure: outcome.failure, count: (known?.count ?? 0) + 1 })
    }
    return outcome
  }

  /** 12 digits: by STS, or from the first ARN that is seen; empty if nothing tells. A failure of the credentials is a failure. */
  id(signal: AbortSignal): Promise<Outcome<string>> {
    return this.#once('id', async () => {
      const outcome = await this.#client.accountId(signal)
      if ('value' in outcome || outcome.failure.kind === 'credentials') return outcome
      const { items, failure } = await this.users(signal)
      if (failure?.kind === 'credentials') return { failure }
      const arn = items[0]?.Arn ?? (await this.authorization(signal)).roles[0]?.Arn
      return { value: arn?.split(':')[4] ?? '' }
    })
  }

  /** GetAccountAuthorizationDetails, all pages. */
  authorization(signal: AbortSignal): Promise<Authorization> {
    return this.#once('authorization', async () => {
      const { items, failure } = await this.#pages(
        'iam:GetAccountAuthorizationDetails',
        signal,
        (iam, marker, options) =>
          iam.send(new this.#client.commands.GetAccountAuthorizationDetailsCommand(marker), options),
        (page: GetAccountAuthorizationDetailsResponse) => [page],
      )
      return {
        users: items.flatMap((page) => page.UserDetailList ?? []),
        groups: items.flatMap((page) => page.GroupDetailList ?? []),
        roles: items.flatMap((page) => page.RoleDetailList ?? []),
        policies: items.flatMap((page) => page.Policies ?? []),
        ...(failure && { failure }),
      }
    })
  }

  users(signal: AbortSignal): Promise<Pages<User>> {
    return this.#once('users', () =>
      this.#pages(
        'iam:ListUsers',
        signal,
        (iam, marker, options) => iam.send(new this.#client.commands.ListUsersCommand(marker), options),
        (page) => page.Users ?? [],
      ),
    )
  }

  accessKeys(UserName: string, signal: AbortSignal): Promise<Pages<AccessKeyMetadata>> {
    return this.#pages(
      'iam:ListAccessKeys',
      signal,
      (iam, marker, options) =>
        iam.send(new this.#client.commands.ListAccessKeysCommand({ UserName, ...marker }), options),
      (page) => page.AccessKeyMetadata ?? [],
    )
  }

  /** When a key was last used; undefined if never. */
  async keyLastUsed(AccessKeyId: string, signal: AbortSignal): Promise<Outcome<Date | undefined>> {
    const { GetAccessKeyLastUsedCommand } = this.#client.commands
    const outcome = await this.#call('iam:GetAccessKeyLastUsed', signal, (iam, options) =>
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
        iam.send(new this.#client.commands.ListMFADevicesCommand({ UserName, ...marker }), options),
      (page) => (page.MFADevices ?? []).map((device) => device.SerialNumber ?? ''),
    )
  }

  virtualMfaDevices(signal: AbortSignal): Promise<Pages<VirtualMFADevice>> {
    return this.#once('virtual', () =>
      this.#pages(
        'iam:ListVirtualMFADevices',
        signal,
        (iam, marker, options) => {
          const { ListVirtualMFADevicesCommand } = this.#client.commands
          return iam.send(new ListVirtualMFADevicesCommand({ AssignmentStatus: 'Assigned', ...marker }), options)
        },
        (page) => page.VirtualMFADevices ?? [],
      ),
    )
  }

  /** Whether a user has a console password. */
  async hasPassword(UserName: string, signal: AbortSignal): Promise<Outcome<boolean>> {
    const outcome = await this.#call('iam:GetLoginProfile', signal, (iam, options) =>
      iam.send(new this.#client.commands.GetLoginProfileCommand({ UserName }), options),
    )
    if ('value' in outcome) return { value: true }
    return outcome.failure.kind === 'absent' ? { value: false } : outcome
  }

  summary(signal: AbortSignal): Promise<Outcome<Readonly<Record<string, number>>>> {
    return this.#once('summary', async () => {
      const outcome = await this.#call('iam:GetAccountSummary', signal, (iam, options) =>
        iam.send(new this.#client.commands.GetAccountSummaryCommand({}), options),
      )
      return 'failure' in outcome ? outcome : { value: outcome.value.SummaryMap ?? {} }
    })
  }

  /** The account's password policy; undefined if none is set. */
  passwordPolicy(signal: AbortSignal): Promise<Outcome<PasswordPolicy | undefined>> {
    return this.#once('password policy', async () => {
      const outcome = await this.#call('iam:GetAccountPasswordPolicy', signal, (iam, options) =>
        iam.send(new this.#client.commands.GetAccountPasswordPolicyCommand({}), options),
      )
      if ('value' in outcome) return { value: outcome.value.PasswordPolicy }
      return outcome.failure.kind === 'absent' ? { value: undefined } : outcome
    })
  }

  /** The credential report as CSV. It is asked for anew, and taken as it is (at most four hours old) where that is denied. */
  credentialReport(signal: AbortSignal): Promise<Outcome<string>> {
    return this.#once('credential report', async () => {
      const { GenerateCredentialReportCommand, GetCredentialReportCommand } = this.#client.commands
      for (let waited = 0; ; waited++) {
        const state = await this.#call('iam:GenerateCredentialReport', signal, (iam, options) =>
          iam.send(new GenerateCredentialReportCommand({}), options),
        )
        if ('failure' in state || state.value.State === 'COMPLETE' || waited >= REPORT_POLLS) break
        await pause(Math.min(250 * 2 ** waited, 2000), signal)
      }
      const report = await this.#call('iam:GetCredentialReport', signal, (iam, options) =>
        iam.send(new GetCredentialReportCommand({}), options),
      )
      if ('failure' in report) return report
      return { value: new TextDecoder().decode(report.value.Content) }
    })
  }

  async #pages<P extends { Marker?: string | undefined; IsTruncated?: boolean | undefined }, T>(
    action: string,
    signal: AbortSignal,
    send: (iam: IAMClient, marker: { Marker?: string }, options: { abortSignal: AbortSignal }) => Promise<P>,
    itemsOf: (page: P) => readonly T[],
  ): Promise<Pages<T>> {
    const items: T[] = []
    const seen = new Set<string>()
    let marker: { Marker?: string } = {}
    for (;;) {
      const outcome = await this.#call(action, signal, (iam, options) => send(iam, marker, options))
      if ('failure' in outcome) return { items, failure: outcome.failure }
      const { value: page } = outcome
      for (const item of itemsOf(page)) items.push(item)
      if (!page.IsTruncated) return { items }
      // A server that hands out the same marker again would keep us for ever.
      if (!page.Marker || seen.has(page.Marker)) {
        const detail = `${action}: the answer says that there is more, but not where`
        return { items, failure: { kind: 'failed', reason: 'call failed', detail } }
      }
      seen.add(page.Marker)
      marker = { Marker: page.Marker }
    }
  }
}

/** Some policies deny by user; this many in a row are a pattern. */
const DENIALS = 20
/** Half a minute: AWS makes a report in seconds. */
const REPORT_POLLS = 20

const accounts = new WeakMap<AwsTarget, Promise<AwsAccount>>()

/** The account of a target. Scanners of one run share it, so that nothing is asked twice. */
export function awsAccountOf(target: AwsTarget): Promise<AwsAccount> {
  const known = accounts.get(target)
  if (known) return known
  const opening = openAws(target).then((client) => new AwsAccount(client))
  accounts.set(target, opening)
  return opening
}

/** Runs `work` on the items, some at a time, and gives the results in order. */
export async function* inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const running: Promise<R>[] = []
  try {
    for (const item of items) {
      running.push(work(item))
      if (running.length >= PARALLEL_CALLS) yield await (running.shift() as Promise<R>)
    }
    while (running.length > 0) yield await (running.shift() as Promise<R>)
  } finally {
    // Whoever stops early must not leave rejections behind that nobody hears.
    for (const each of running) each.catch(() => undefined)
  }
}

/** IAM throttles accounts, not connections; this many keep well below it. */
const PARALLEL_CALLS = 8
