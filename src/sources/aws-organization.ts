import type { Account, Policy, PolicySummary } from '@aws-sdk/client-organizations'
import type { AwsClient, SendOptions } from './aws-client.ts'
import type { Failure, Outcome } from './aws-failure.ts'
import { readPages } from './aws-pages.ts'

export type ControlType = 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY'
/** Where a policy hangs: root, organisational unit or account. */
export interface Level {
  readonly id: string
  readonly kind: 'root' | 'ou' | 'account'
}
type Module = typeof import('@aws-sdk/client-organizations')

/** AWS Organizations as one set of credentials sees it. Members see who manages them; policies are shown to managers. */
export class AwsOrganization {
  readonly #client: AwsClient
  readonly #sdk: Module
  readonly #send: InstanceType<Module['OrganizationsClient']>
  readonly #policies = new Map<string, Promise<Outcome<Policy>>>()

  private constructor(client: AwsClient, sdk: Module) {
    this.#client = client
    this.#sdk = sdk
    this.#send = new sdk.OrganizationsClient(client.settings())
  }

  static async open(client: AwsClient): Promise<AwsOrganization> {
    return new AwsOrganization(client, await import('@aws-sdk/client-organizations'))
  }

  /** The number of the management account; undefined if the account is in no organisation. */
  async managementAccount(signal: AbortSignal): Promise<Outcome<string | undefined>> {
    const outcome = await this.#attempt('DescribeOrganization', signal, (options) =>
      this.#send.send(new this.#sdk.DescribeOrganizationCommand({}), options),
    )
    if ('value' in outcome) return { value: outcome.value.Organization?.MasterAccountId }
    return outcome.failure.kind === 'absent' ? { value: undefined } : outcome
  }

  /** Every account of the organisation, suspended ones, too. */
  accounts(signal: AbortSignal): Promise<{ items: Account[]; failure?: Failure }> {
    return readPages(
      'organizations:ListAccounts',
      (NextToken) =>
        this.#attempt('ListAccounts', signal, (options) =>
          this.#send.send(new this.#sdk.ListAccountsCommand({ NextToken }), options),
        ),
      (page) => page.Accounts,
      (page) => page.NextToken,
    )
  }

  /** From an account up to the root. */
  async levelsOf(account: string, signal: AbortSignal): Promise<Outcome<Level[]>> {
    const levels: Level[] = [{ id: account, kind: 'account' }]
    // Organisational units nest five deep.
    for (let depth = 0; depth < 10; depth++) {
      const ChildId = levels.at(-1)?.id
      const outcome = await this.#attempt('ListParents', signal, (options) =>
        this.#send.send(new this.#sdk.ListParentsCommand({ ChildId }), options),
      )
      if ('failure' in outcome) return outcome
      const { Id: id, Type } = outcome.value.Parents?.[0] ?? {}
      if (!id) break
      levels.push({ id, kind: Type === 'ROOT' ? 'root' : 'ou' })
      if (Type === 'ROOT') break
    }
    return { value: levels }
  }

  /** Those that hang on a level itself. */
  policiesOf(
    TargetId: string,
    Filter: ControlType,
    signal: AbortSignal,
  ): Promise<{ items: PolicySummary[]; failure?: Failure }> {
    return readPages(
      'organizations:ListPoliciesForTarget',
      (NextToken) =>
        this.#attempt('ListPoliciesForTarget', signal, (options) =>
          this.#send.send(new this.#sdk.ListPoliciesForTargetCommand({ TargetId, Filter, NextToken }), options),
        ),
      (page) => page.Policies,
      (page) => page.NextToken,
    )
  }

  /** A policy with its document; read once, however many levels it hangs on. */
  policy(PolicyId: string, signal: AbortSignal): Promise<Outcome<Policy>> {
    const known = this.#policies.get(PolicyId)
    if (known) return known
    const reading = this.#attempt('DescribePolicy', signal, (options) =>
      this.#send.send(new this.#sdk.DescribePolicyCommand({ PolicyId }), options),
    ).then((outcome): Outcome<Policy> => ('failure' in outcome ? outcome : { value: outcome.value.Policy ?? {} }))
    this.#policies.set(PolicyId, reading)
    reading.catch(() => this.#policies.delete(PolicyId))
    return reading
  }

  #attempt<T>(call: string, signal: AbortSignal, send: (options: SendOptions) => Promise<T>): Promise<Outcome<T>> {
    return this.#client.attempt(`organizations:${call}`, signal, send)
  }
}
