import type { IAMClient } from '@aws-sdk/client-iam'
import type { AwsTarget } from '../model.ts'

/** Why a call gave nothing. */
export interface Failure {
  /** `denied`: a permission is missing; `absent`: there is no such thing; `credentials`: no call will pass; `failed`: the rest. */
  readonly kind: 'denied' | 'absent' | 'credentials' | 'failed'
  /** A few words, the same for failures of one cause. */
  readonly reason: string
  /** Names the call, and what would help. Holds no credential. */
  readonly detail: string
}
export type Outcome<T> = { readonly value: T } | { readonly failure: Failure }

type Iam = typeof import('@aws-sdk/client-iam')
export interface SendOptions {
  readonly abortSignal: AbortSignal
}

/** Calls of IAM and STS on behalf of one target. */
export interface AwsClient {
  readonly commands: Iam
  /** `action` is the permission that the call needs: `iam:ListUsers`. What goes wrong is a value, but the end of the run is thrown. */
  call<T>(
    action: string,
    signal: AbortSignal,
    send: (iam: IAMClient, options: SendOptions) => Promise<T>,
  ): Promise<Outcome<T>>
  /** The account's number, by STS. */
  accountId(signal: AbortSignal): Promise<Outcome<string>>
}

/** One call with its retries; longer waits are better told than sat out. */
const CALL_TIMEOUT = 30_000
const CONNECT_TIMEOUT = 5_000
/** IAM and STS are global: any region will do where none is configured. */
const DEFAULT_REGION = 'us-east-1'

/**
 * Opens a target with AWS's own chain of credentials (environment, the operator's shared config, container, instance);
 * nothing is read from the audited tree. The SDK is loaded here, when it is needed.
 */
export async function openAws(target: AwsTarget): Promise<AwsClient> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const [commands, sts] = await Promise.all([import('@aws-sdk/client-iam'), import('@aws-sdk/client-sts')])
  const config = {
    ...(target.profile !== undefined && { profile: target.profile }),
    ...(target.endpoint !== undefined && { endpoint: target.endpoint }),
    retryMode: 'adaptive',
    maxAttempts: 4,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT },
  } as const
  const region = await regionOf(() => new commands.IAMClient(config).config.region())
  const iam = new commands.IAMClient({ ...config, region })
  const identity = new sts.STSClient({ ...config, region })
  const attempt = async <T>(
    action: string,
    signal: AbortSignal,
    send: (options: SendOptions) => Promise<T>,
  ): Promise<Outcome<T>> => {
    signal.throwIfAborted()
    const limit = AbortSignal.timeout(CALL_TIMEOUT)
    try {
      return { value: await send({ abortSignal: AbortSignal.any([signal, limit]) }) }
    } catch (error) {
      signal.throwIfAborted()
      return { failure: explainFailure(error, action, limit.aborted) }
    }
  }
  return {
    commands,
    call: (action, signal, send) => attempt(action, signal, (options) => send(iam, options)),
    accountId: async (signal) => {
      const outcome = await attempt('sts:GetCallerIdentity', signal, (options) =>
        identity.send(new sts.GetCallerIdentityCommand({}), options),
      )
      return 'failure' in outcome ? outcome : { value: outcome.value.Account ?? '' }
    },
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

const DENIED = /^(?:AccessDenied|AccessDeniedException|UnauthorizedOperation|NotAuthorized|AuthorizationError)$/
const REFUSED =
  /^(?:ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidAccessKeyId|InvalidToken|MissingAuthenticationToken|IncompleteSignature)$/
const MISSING = /^(?:CredentialsProviderError|TokenProviderError|ProviderError|SSOTokenProviderFailure)$/
const THROTTLED = /^(?:Throttling|ThrottlingException|TooManyRequestsException|RequestLimitExceeded|SlowDown)$/

/** What an error of the SDK means to people. */
export function explainFailure(error: unknown, action: string, timedOut: boolean): Failure {
  const { name = 'Error', message = '', code = '' } = error as { name?: string; message?: string; code?: string }
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  const said = firstLine(message)
  if (timedOut) return failed('no answer in time', `${action}: no answer within ${CALL_TIMEOUT / 1000} s`)
  if (MISSING.test(name)) {
    const help = 'sign in, or set AWS_PROFILE or the AWS_ variables'
    return { kind: 'credentials', reason: 'no AWS credentials', detail: `${said}; ${help}` }
  }
  if (REFUSED.test(name)) {
    const detail = `${action}: ${name}; the credentials are expired or not valid here`
    return { kind: 'credentials', reason: 'AWS credentials refused', detail }
  }
  if (DENIED.test(name) || status === 403) {
    return { kind: 'denied', reason: 'access denied', detail: `${action} was denied; allow ${action} to the auditor` }
  }
  if (/^NoSuchEntity/.test(name)) return { kind: 'absent', reason: 'not there', detail: `${action}: ${said}` }
  if (THROTTLED.test(name) || status === 429)
    return failed('throttled', `${action}: AWS asked to slow down, and did so again after retries`)
  if (/^E[A-Z]+$/.test(code)) return failed('not reached', `${action}: ${said || code}`)
  const answer = status === undefined ? '' : ` (HTTP ${status})`
  return failed('call failed', `${action}: ${said || name}${answer}`)
}

function failed(reason: string, detail: string): Failure {
  return { kind: 'failed', reason, detail }
}

/** Answers of load balancers are pages of HTML; parsers quote them. */
function firstLine(message: string): string {
  const line = message.split('\n')[0]?.trim() ?? ''
  return (/<!?[a-z]/i.test(line) ? 'the answer is no AWS answer' : line).slice(0, 200)
}
