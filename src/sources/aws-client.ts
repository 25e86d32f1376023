import type { IAMClient } from '@aws-sdk/client-iam'
import type { AwsTarget } from '../model.ts'
import { type CredentialSource, type Credentials, explained, renewing } from './aws-credentials.ts'
import { CALL_TIMEOUT, explainFailure, type Outcome } from './aws-failure.ts'
import { type Transport, transportOf } from './aws-transport.ts'

type Iam = typeof import('@aws-sdk/client-iam')
type Sts = typeof import('@aws-sdk/client-sts')
export interface SendOptions {
  readonly abortSignal: AbortSignal
}
/** What clients of every service are made with. */
export interface ClientSettings {
  readonly region: string
  readonly endpoint?: string
  readonly credentials: CredentialSource
  readonly retryMode: 'adaptive'
  readonly maxAttempts: number
  readonly requestHandler: Transport
}
/** Who calls: account (12 digits) and partition (`aws`, `aws-cn`, `aws-us-gov`). */
export interface Identity {
  readonly account: string
  readonly partition: string
}

/** Calls of AWS on behalf of one set of credentials. */
export interface AwsClient {
  readonly commands: Iam
  /** The configured region. */
  readonly region: string
  /** For clients of other services; the default is the configured region. */
  settings(region?: string): ClientSettings
  /** `action` is the permission that the call needs: `sqs:ListQueues`. What goes wrong is a value, but the end of the run is thrown. */
  attempt<T>(action: string, signal: AbortSignal, send: (options: SendOptions) => Promise<T>): Promise<Outcome<T>>
  /** A call of IAM. */
  call<T>(
    action: string,
    signal: AbortSignal,
    send: (iam: IAMClient, options: SendOptions) => Promise<T>,
  ): Promise<Outcome<T>>
  /** By STS. */
  identity(signal: AbortSignal): Promise<Outcome<Identity>>
  /** The same region and endpoint with the rights of a role; it is assumed now, and again when the session ends. */
  assume(roleArn: string, externalId: string | undefined, signal: AbortSignal): Promise<Outcome<AwsClient>>
}

/** IAM and STS are global: any region will do where none is configured. */
const DEFAULT_REGION = 'us-east-1'

/**
 * Opens a target with AWS's own chain of credentials (environment, the operator's shared config, container, instance);
 * nothing is read from the audited tree. The SDK is loaded here, when it is needed.
 */
export async function openAws(target: AwsTarget): Promise<AwsClient> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const [commands, sts, requestHandler] = await Promise.all([
    import('@aws-sdk/client-iam'),
    import('@aws-sdk/client-sts'),
    transportOf(process.env),
  ])
  const common = {
    ...(target.endpoint !== undefined && { endpoint: target.endpoint }),
    retryMode: 'adaptive',
    maxAttempts: 4,
    requestHandler,
  } as const
  const chain = { ...common, ...(target.profile !== undefined && { profile: target.profile }) }
  const region = await regionOf(() => new commands.IAMClient(chain).config.region())
  const { config } = new commands.IAMClient({ ...chain, region })
  // One chain for all clients: a credential process, or an SSO session, is asked once.
  const credentials = explained(() => config.credentials(), target.profile ?? process.env.AWS_PROFILE)
  return connect(commands, sts, { ...common, region, credentials })
}

function connect(commands: Iam, sts: Sts, base: ClientSettings): AwsClient {
  const iam = new commands.IAMClient(base)
  const identities = new sts.STSClient(base)
  return {
    commands,
    region: base.region,
    settings: (region = base.region) => ({ ...base, region }),
    attempt,
    call: (action, signal, send) => attempt(action, signal, (options) => send(iam, options)),
    async identity(signal) {
      const outcome = await attempt('sts:GetCallerIdentity', signal, (options) =>
        identities.send(new sts.GetCallerIdentityCommand({}), options),
      )
      if ('failure' in outcome) return outcome
      return { value: { account: outcome.value.Account ?? '', partition: outcome.value.Arn?.split(':')[1] || 'aws' } }
    },
    async assume(roleArn, externalId, signal) {
      const request = { RoleArn: roleArn, RoleSessionName: SESSION_NAME, ...(externalId && { ExternalId: externalId }) }
      const ask = async (options?: SendOptions): Promise<Credentials> => {
        const { Credentials: given } = await identities.send(new sts.AssumeRoleCommand(request), options)
        if (!given?.AccessKeyId || !given.SecretAccessKey) throw new Error('the answer holds no credentials')
        return {
          accessKeyId: given.AccessKeyId,
          secretAccessKey: given.SecretAccessKey,
          ...(given.SessionToken && { sessionToken: given.SessionToken }),
          ...(given.Expiration && { expiration: given.Expiration }),
        }
      }
      const first = await attempt(`sts:AssumeRole on ${roleArn}`, signal, ask)
      if ('failure' in first) return first
      return { value: connect(commands, sts, { ...base, credentials: renewing(first.value, ask) }) }
    },
  }
}

/** How an audit shows in the CloudTrail of the accounts that it looks into. */
const SESSION_NAME = 'zt-audit'
async function attempt<T>(
  action: string,
  signal: AbortSignal,
  send: (options: SendOptions) => Promise<T>,
): Promise<Outcome<T>> {
  signal.throwIfAborted()
  const limit = AbortSignal.timeout(CALL_TIMEOUT)
  try {
    return { value: await send({ abortSignal: AbortSignal.any([signal, limit]) }) }
  } catch (error) {
    signal.throwIfAborted()
    return { failure: explainFailure(error, action, limit.aborted) }
  }
}

async function regionOf(configured: () => Promise<string>): Promise<string> {
  try {
    return await configured()
  } catch {
    // "Region is missing" is no failure for global services.
    return DEFAULT_REGION
  }
}
