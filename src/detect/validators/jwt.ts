import { Buffer } from 'node:buffer'
import type { Verdict } from './verdict.ts'

/** Header and claims of a JSON Web Token (RFC 7519). */
export interface DecodedJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly signature: string
}

/** Undefined if it is no signed token in compact form. */
export function decodeJwt(token: string): DecodedJwt | undefined {
  const [head = '', body = '', signature = ''] = token.split('.')
  const header = parseObject(head)
  const claims = parseObject(body)
  return header && claims && typeof header.alg === 'string' ? { header, claims, signature } : undefined
}

function parseObject(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    // Not JSON: the answer to the question, not a failure.
    return undefined
  }
}

/** The token of jwt.io's debugger and of the RFC's examples has these names; it opens nothing. */
const EXAMPLE_SUBJECTS = new Set(['John Doe', 'joe'])

/** A signed token; an unsigned one (`alg: none`) opens nothing, nor does documentation's well-known example. */
export function checkJwt(token: string): Verdict {
  const jwt = decodeJwt(token)
  if (!jwt || jwt.header.alg === 'none' || jwt.signature === '') return 'invalid'
  if (EXAMPLE_SUBJECTS.has(String(jwt.claims.name)) || EXAMPLE_SUBJECTS.has(String(jwt.claims.iss))) return 'invalid'
  return 'valid'
}

/** A token that was encoded in base64 once more. */
export function checkEncodedJwt(value: string): Verdict {
  const token = Buffer.from(value, 'base64').toString('latin1')
  const [header = '', claims = ''] = token.split('.')
  if (!parseObject(header) || !parseObject(claims)) return 'invalid'
  // An encoded one is rare enough to be told of, even if it is an example or unsigned.
  return checkJwt(token) === 'valid' ? 'valid' : 'example'
}

/** Whether a token says that it has ended; `now` in milliseconds. */
export function hasExpired(token: string, now: number): boolean {
  const end = decodeJwt(token)?.claims.exp
  return typeof end === 'number' && end * 1000 < now
}

/** A token of a Kubernetes service account, bound or legacy. */
export function checkServiceAccountToken(token: string): Verdict {
  return checkJwt(token) === 'valid' && isServiceAccountToken(token) ? 'valid' : 'invalid'
}

function isServiceAccountToken(token: string): boolean {
  return String(decodeJwt(token)?.claims.sub ?? '').startsWith('system:serviceaccount:')
}

/** A signed token that holds for ever: no `exp` claim. */
export function checkJwtWithoutExpiry(token: string): Verdict {
  return checkJwt(token) === 'valid' && decodeJwt(token)?.claims.exp === undefined ? 'valid' : 'invalid'
}

/** Composes a token for the tests of rules. The signature signs nothing. */
export function composeJwt(claims: Readonly<Record<string, unknown>>, signature: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${signature}`
}
