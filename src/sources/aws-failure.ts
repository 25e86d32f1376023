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

/** One call with its retries, in milliseconds; longer waits are better told than sat out. */
export const CALL_TIMEOUT = 30_000

const DENIED =
  /^(?:AccessDenied|AccessDeniedException|UnauthorizedOperation|NotAuthorized|AuthorizationError|AuthorizationErrorException|KMSAccessDeniedException)$/
const REFUSED =
  /^(?:ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidAccessKeyId|InvalidToken|MissingAuthenticationToken|IncompleteSignature)$/
const MISSING = /^(?:CredentialsProviderError|TokenProviderError|ProviderError|SSOTokenProviderFailure)$/
const THROTTLED = /^(?:Throttling|ThrottlingException|TooManyRequestsException|RequestLimitExceeded|SlowDown)$/
/** Each service has its own word for what is not there. */
const ABSENT =
  /^(?:NoSuchEntity(?:Exception)?|NoSuchBucketPolicy|NoSuchPublicAccessBlockConfiguration|ResourceNotFoundException|RepositoryPolicyNotFoundException|RepositoryNotFoundException|NotFoundException|NotFound|NoSuchBucket|QueueDoesNotExist|AWSOrganizationsNotInUseException|PolicyTypeNotEnabledException)$/

/** What an error of the SDK means to people. */
export function explainFailure(error: unknown, action: string, timedOut: boolean): Failure {
  const { name = 'Error', message = '', code = '' } = error as { name?: string; message?: string; code?: string }
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  const said = firstLine(message)
  if (timedOut) return failed('no answer in time', `${action}: no answer within ${CALL_TIMEOUT / 1000} s`)
  const credentials = explainCredentials(name, message, said)
  if (credentials) return credentials
  if (REFUSED.test(name)) {
    const detail = `${action}: ${name}; the credentials are expired or not valid here`
    return { kind: 'credentials', reason: 'AWS credentials refused', detail }
  }
  if (ABSENT.test(name)) return { kind: 'absent', reason: 'not there', detail: `${action}: ${said}` }
  if (DENIED.test(name) || status === 403) {
    return { kind: 'denied', reason: 'access denied', detail: `${action} was denied; allow ${action} to the auditor` }
  }
  if (THROTTLED.test(name) || status === 429)
    return failed('throttled', `${action}: AWS asked to slow down, and did so again after retries`)
  if (/^E[A-Z]+$/.test(code)) return failed('not reached', `${action}: ${said || code}`)
  const answer = status === undefined ? '' : ` (HTTP ${status})`
  return failed('call failed', `${action}: ${said || name}${answer}`)
}

/**
 * What kept the SDK from having credentials: a session that has ended, a program that failed, a profile that is not there. What
 * a credential process printed is never quoted: it may be a credential.
 */
function explainCredentials(name: string, message: string, said: string): Failure | undefined {
  const failure = (reason: string, detail: string): Failure => ({ kind: 'credentials', reason, detail })
  if (!MISSING.test(name)) return undefined
  if (/^Command failed|credential_process/.test(message)) {
    return failure(
      'credential process failed',
      'the credential_process of the profile failed or gave no credentials; run its command by hand to see why',
    )
  }
  if (/\bsso\b/i.test(message)) {
    return failure(
      'no SSO session',
      'the SSO session has ended or was never begun; run `aws sso login` with this profile',
    )
  }
  if (/profile/i.test(message) && /could not resolve/i.test(message)) {
    return failure(
      'no AWS credentials',
      `${said.replace(/\.$/, '')}; \`aws configure list-profiles\` lists the profiles`,
    )
  }
  return failure('no AWS credentials', `${said.replace(/\.$/, '')}; sign in, or set AWS_PROFILE or the AWS_ variables`)
}

function failed(reason: string, detail: string): Failure {
  return { kind: 'failed', reason, detail }
}

/** Answers of load balancers are pages of HTML; parsers quote them. */
function firstLine(message: string): string {
  const line = message.split('\n')[0]?.trim() ?? ''
  return (/<!?[a-z]/i.test(line) ? 'the answer is no AWS answer' : line).slice(0, 200)
}
