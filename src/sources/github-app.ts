import { createPrivateKey, createSign, type KeyObject } from 'node:crypto'
import type { GithubApp } from '../model.ts'

/** Sends a request as the App itself: with a signed token that proves who asks. */
export type AppRequest = (route: string, parameters: Readonly<Record<string, string>>, jwt: string) => Promise<unknown>

/** GitHub takes ten minutes at most; a minute back, for clocks that are ahead. */
const SECONDS_AHEAD = 540
const SECONDS_BACK = 60
/** A token of an installation holds for an hour; it is made anew when less than this is left. */
const RENEW_MILLISECONDS = 5 * 60_000

/**
 * Tokens of a GitHub App's installation, made when they are needed. Throws what `request` throws, and a plain error, without a word
 * of the key, if the key is none. Source:
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
 */
export function installationTokens(app: GithubApp, owner: string, request: AppRequest): () => Promise<string> {
  let current: Promise<{ token: string; expires: number }> | undefined
  const make = async () => {
    const jwt = appToken(app, Date.now())
    const installation = app.installation ?? (await installationOf(owner, request, jwt))
    const route = 'POST /app/installations/{installation_id}/access_tokens'
    const body = await request(route, { installation_id: installation }, jwt)
    const { token, expires_at } = body as { token?: unknown; expires_at?: unknown }
    if (typeof token !== 'string') throw new GithubAppError(`${route}: the answer has no token`)
    return { token, expires: Date.parse(String(expires_at)) }
  }
  return async () => {
    const before = current
    if (before && (await before).expires - Date.now() > RENEW_MILLISECONDS) return (await before).token
    // Another request may have made one meanwhile.
    if (current === before || !current) {
      current = make().catch((error) => {
        current = undefined
        throw appError(error, owner)
      })
    }
    return (await current).token
  }
}

/** The App itself was not accepted: no request of its installation can do better. Its message holds nothing of the key. */
export class GithubAppError extends Error {}

function appError(error: unknown, owner: string): unknown {
  const { status } = error as { status?: number }
  if (status === 404) return new GithubAppError(`the GitHub App is not installed for ${owner}, or its id is another`)
  if (status === 401) return new GithubAppError('GitHub does not accept the id and private key of the GitHub App')
  return error
}

async function installationOf(owner: string, request: AppRequest, jwt: string): Promise<string> {
  const idOf = (body: unknown) => String((body as { id?: unknown }).id)
  try {
    return idOf(await request('GET /orgs/{org}/installation', { org: owner }, jwt))
  } catch (error) {
    if ((error as { status?: unknown }).status !== 404) throw error
    return idOf(await request('GET /users/{username}/installation', { username: owner }, jwt))
  }
}

/** A JSON Web Token by which an App proves who it is. `now`: milliseconds since 1970. */
export function appToken({ id, privateKey }: GithubApp, now: number): string {
  const seconds = Math.floor(now / 1000)
  const claims = { iat: seconds - SECONDS_BACK, exp: seconds + SECONDS_AHEAD, iss: id }
  const text = [{ alg: 'RS256', typ: 'JWT' }, claims].map(encode).join('.')
  return `${text}.${createSign('RSA-SHA256').update(text).sign(keyOf(privateKey), 'base64url')}`
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

/** Environment variables often hold a key on one line, its ends of lines written as `\n`. */
function keyOf(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem.includes('\n') ? pem : pem.replaceAll('\\n', '\n'))
  } catch {
    throw new GithubAppError('the private key of the GitHub App is no key in PEM form')
  }
  if (key.asymmetricKeyType !== 'rsa') throw new GithubAppError('the private key of the GitHub App is no RSA key')
  return key
}
