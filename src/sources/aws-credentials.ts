export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}
export type CredentialSource = () => Promise<Credentials>

/**
 * The source, with failures that say why. The SDK's chain tries one provider after the other and then only says that none had
 * any: where a profile is named it is asked again by itself, and what that one says is the reason.
 */
export function explained(source: CredentialSource, profile: string | undefined): CredentialSource {
  let reason: Promise<Error> | undefined
  return async () => {
    try {
      return await source()
    } catch (error) {
      reason ??= reasonOf(error as Error, profile)
      throw await reason
    }
  }
}

async function reasonOf(error: Error, profile: string | undefined): Promise<Error> {
  if (profile === undefined || !/any providers/.test(error.message)) return missing(error)
  const { fromIni } = await import('@aws-sdk/credential-provider-ini')
  try {
    await fromIni({ profile })()
    return missing(error)
  } catch (own) {
    return missing(own as Error)
  }
}

/** Whatever went wrong, there are no credentials: a refusal by STS on the way is not one of the call that was to be made. */
function missing({ name, message }: Error): Error {
  const said = name === 'Error' || name === NAME ? message : `${name}: ${message}`
  return Object.assign(new Error(said), { name: NAME })
}

const NAME = 'CredentialsProviderError'

/** Renewed when this much is left, in milliseconds. */
const RENEW_BEFORE = 300_000

/** Credentials of a session that end: `ask` gives the next ones. */
export function renewing(first: Credentials, ask: CredentialSource): CredentialSource {
  let current = first
  return async () => {
    const { expiration } = current
    if (expiration && expiration.getTime() - Date.now() < RENEW_BEFORE) current = await ask()
    return current
  }
}
