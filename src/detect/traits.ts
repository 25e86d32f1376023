import { Buffer } from 'node:buffer'
import { decodeJwt, hasExpired } from './validators/jwt.ts'
import { accountOfKeyId } from './validators/tokens.ts'

/** Why a credential opens less than its kind does; empty if nothing tells. */
export type Reach = '' | 'test' | 'expired' | 'passphrase'

/** What a credential tells of itself without its provider being asked. */
export interface Traits {
  /** The provider's account that it belongs to, which is no secret; empty if it does not tell. */
  readonly account: string
  readonly reach: Reach
}

/**
 * Values that reach a provider's test environment only, or that its documentation gives to everyone: keys of Stripe, Clerk,
 * Razorpay, Paystack, Shippo, Duffel, EasyPost, Lob, Courier, Flutterwave, Braintree and Square say so themselves.
 */
const TEST =
  /^(?:(?:sk|rk|pk|rzp|shippo|duffel|scp)[_-]test[_-]|test_|sandbox_|EZTK|FLW(?:SEC|PUB)K_TEST|access_token\$sandbox\$|sandbox-sq0|tr_dev_)/

/** `now` in milliseconds since 1970. */
export function traitsOf(rule: string, value: string, now: number): Traits {
  return { account: accountOf(rule, value), reach: reachOf(value, now) }
}

function accountOf(rule: string, value: string): string {
  const account = rule === 'secrets/aws-access-key' ? accountOfKeyId(value) : undefined
  return account === undefined ? '' : String(account).padStart(12, '0')
}

function reachOf(value: string, now: number): Reach {
  if (TEST.test(value)) return 'test'
  if (value.startsWith('eyJ') && decodeJwt(value) && hasExpired(value, now)) return 'expired'
  if (value.startsWith('-----BEGIN') && needsPassphrase(value)) return 'passphrase'
  return ''
}

/** An OpenSSH key names its cipher behind its magic word; the old PEM form has a header, PKCS#8 its own label. */
function needsPassphrase(armored: string): boolean {
  if (/-----BEGIN ENCRYPTED |Proc-Type: 4,ENCRYPTED|DEK-Info:/.test(armored)) return true
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)/.exec(armored)?.[1]
  if (body === undefined) return false
  const bytes = Buffer.from(body.replace(/\s/g, ''), 'base64')
  const MAGIC = 15
  if (bytes.length < MAGIC + 8) return false
  const length = bytes.readUInt32BE(MAGIC)
  return bytes.toString('latin1', MAGIC + 4, MAGIC + 4 + length) !== 'none'
}

/** The end of a sentence about a credential: ` (account 123456789012)`; empty if nothing is to be said. */
export function describeTraits({ account, reach }: Traits): string {
  const parts = [account === '' ? '' : `account ${account}`, REACH[reach]].filter((part) => part !== '')
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

const REACH: Readonly<Record<Reach, string>> = {
  '': '',
  test: 'of a test environment',
  expired: 'expired',
  passphrase: 'protected by a passphrase',
}
