import type { AwsClient, ClientSettings, SendOptions } from '../../sources/aws-client.ts'
import type { Failure, Outcome } from '../../sources/aws-failure.ts'

/** A resource that may have a policy. */
export interface Resource {
  readonly arn: string
  readonly name: string
}
/** The resources of one service in one region. `policyOf` gives the document, undefined where there is none. */
export interface ResourceSource {
  list(): Promise<{ items: readonly Resource[]; failure?: Failure }>
  policyOf(resource: Resource): Promise<Outcome<string | undefined>>
}
/** Opens a service in a region; its SDK is loaded then. */
export type OpenSource = (reading: Reading) => Promise<ResourceSource>

/** Calls in one region of one account. */
export class Reading {
  readonly region: string
  readonly account: string
  readonly partition: string
  readonly #client: AwsClient
  readonly #signal: AbortSignal
  readonly #denied = new Map<string, { failure: Failure; count: number }>()

  constructor(
    client: AwsClient,
    place: { readonly region: string; readonly account: string; readonly partition: string },
    signal: AbortSignal,
  ) {
    this.#client = client
    this.#signal = signal
    this.region = place.region
    this.account = place.account
    this.partition = place.partition
  }

  get settings(): ClientSettings {
    return this.#client.settings(this.region)
  }

  /** `action` as IAM names it. What is denied for several resources in a row is not asked for the next two thousand. */
  async call<T>(action: string, send: (options: SendOptions) => Promise<T>): Promise<Outcome<T>> {
    const known = this.#denied.get(action)
    if (known && known.count >= DENIALS) return { failure: known.failure }
    const outcome = await this.#client.attempt(action, this.#signal, send)
    if ('value' in outcome) this.#denied.delete(action)
    else if (outcome.failure.kind === 'denied')
      this.#denied.set(action, { failure: outcome.failure, count: (known?.count ?? 0) + 1 })
    return outcome
  }

  /** The same where "there is none" is an answer: `read` takes it from what came, and is not asked then. */
  async callForOne<T, R>(
    action: string,
    send: (options: SendOptions) => Promise<T>,
    read: (answer: T) => R | undefined,
  ): Promise<Outcome<R | undefined>> {
    const outcome = await this.call(action, send)
    if ('value' in outcome) return { value: read(outcome.value) }
    return outcome.failure.kind === 'absent' ? { value: undefined } : outcome
  }
}

const DENIALS = 20
