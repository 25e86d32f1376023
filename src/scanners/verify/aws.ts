import { failed, live, revoked, undecided, type Verdict } from './answer.ts'
import { agentFor, describeFailure } from './ask.ts'
import { RATE_LIMITED } from './providers.ts'

/** Rules whose secrets open AWS: the id of a key names it, its secret signs, and a session's token goes with both. */
export const AWS_RULES = {
  id: 'secrets/aws-access-key',
  secret: 'secrets/aws-secret-key',
  token: 'secrets/aws-session-token',
} as const

export const AWS_BASE = 'https://sts.amazonaws.com'

export interface AwsKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/**
 * STS GetCallerIdentity, which needs no permission (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
 * One call: the SDK would try again by itself.
 */
export async function askAws(credentials: AwsKey, base: string, signal: AbortSignal): Promise<Verdict> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts')
  const agent = await agentFor(base)
  const client = new STSClient({
    endpoint: base,
    region: regionOf(base),
    credentials,
    maxAttempts: 1,
    requestHandler: agent ? { httpAgent: agent, httpsAgent: agent } : {},
  })
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}), { abortSignal: signal })
    return Arn?.startsWith('arn:') ? live(Arn) : failed('the answer is not understood')
  } catch (error) {
    return judgeError(error, signal)
  } finally {
    client.destroy()
  }
}

/** The region that signs is part of the name of a regional endpoint: `sts.us-gov-west-1.amazonaws.com`. */
function regionOf(base: string): string {
  return /^sts\.([a-z0-9-]+)\.amazonaws\.com/.exec(new URL(base).hostname)?.[1] ?? 'us-east-1'
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html. Of the error only its name is read: messages quote requests. */
export function judgeError(error: unknown, signal: AbortSignal): Verdict {
  const { name = '', $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } }
  const status = $metadata?.httpStatusCode
  if (/^InvalidClientTokenId|^InvalidAccessKeyId|^UnrecognizedClient/.test(name)) return revoked('not known to AWS')
  if (/^ExpiredToken/.test(name)) return revoked('expired')
  if (/^SignatureDoesNotMatch/.test(name)) return undecided('the id is known, but this is not its secret')
  if (/^Throttling|^TooManyRequests/.test(name) || status === 429) return failed(RATE_LIMITED)
  if (status === undefined) return failed(describeFailure(error, signal))
  if (status >= 300 && status < 400) return failed(`redirected (HTTP ${status}), which is not followed`)
  return failed(`the answer is not understood (HTTP ${status})`)
}
