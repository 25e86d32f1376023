import { Buffer } from 'node:buffer'
import { crc32 } from './base-encodings.ts'
import type { Verdict } from './verdict.ts'

/** Grafana's service account tokens end with the CRC-32 of what stands before, little endian in hexadecimal. */
export function checkGrafanaToken(token: string): Verdict {
  return !token.startsWith('glsa_') ? 'unproven' : withGrafanaChecksum(token) === token ? 'valid' : 'invalid'
}

export function withGrafanaChecksum(token: string): string {
  if (!token.startsWith('glsa_')) return token
  const body = token.slice(0, token.lastIndexOf('_'))
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(body))
  return `${body}_${sum.toString('hex')}`
}

/** Digits of the CRC-32 at the end of a routable token, in base 36. */
const ROUTABLE_CHECKSUM = 7
const ROUTABLE = /\.(?:\d{2}\.)?[0-9a-z]{9}$/

/** GitLab's routable tokens end with the length of their payload and the CRC-32 of all before it; older ones have no checksum. */
export function checkGitlabToken(token: string): Verdict {
  return !ROUTABLE.test(token) ? 'unproven' : withGitlabChecksum(token) === token ? 'valid' : 'invalid'
}

export function withGitlabChecksum(token: string): string {
  if (!ROUTABLE.test(token)) return token
  const body = token.slice(0, -ROUTABLE_CHECKSUM)
  return body + crc32(body).toString(36).padStart(ROUTABLE_CHECKSUM, '0')
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const AGE = 'age-secret-key-'
const AGE_CHECKSUM = 6

function bech32Checksum(prefix: string, data: readonly number[]): number[] {
  const codes = [...prefix].map((character) => character.charCodeAt(0))
  const values = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...data]
  let sum = 1
  for (const value of [...values, 0, 0, 0, 0, 0, 0]) {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    for (const [bit, generator] of [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].entries())
      if ((top >> bit) & 1) sum ^= generator
  }
  sum ^= 1
  return Array.from({ length: AGE_CHECKSUM }, (_, i) => (sum >> (5 * (5 - i))) & 31)
}

/** The secret keys of age are Bech32 (BIP 173) in capitals, which ends with a checksum. */
export function checkAgeKey(key: string): Verdict {
  return withAgeChecksum(key) === key ? 'valid' : 'invalid'
}

export function withAgeChecksum(key: string): string {
  const body = key.slice(0, -AGE_CHECKSUM)
  const data = [...body.slice(AGE.length + 1).toLowerCase()].map((character) => BECH32.indexOf(character))
  const sum = bech32Checksum(AGE, data).map((value) => BECH32[value])
  return body + sum.join('').toUpperCase()
}

/** The first part of a Discord bot's token is its id, a number of 17 to 20 digits, in base64. */
export function checkDiscordToken(token: string): Verdict {
  const id = Buffer.from(token.split('.')[0] ?? '', 'base64').toString('latin1')
  return /^\d{17,20}$/.test(id) ? 'valid' : 'invalid'
}

/** PyPI's tokens are macaroons: version 2, a location (`pypi.org`), then an identifier, a UUID in the ones of today. */
export function checkMacaroon(token: string): Verdict {
  const bytes = Buffer.from(token.slice(token.indexOf('-') + 1), 'base64url').toString('latin1')
  return /^\x02\x01.(?:test\.)?pypi\.org\x02\x24[0-9a-f-]{36}/s.test(bytes) ? 'valid' : 'unproven'
}

/** Sentry's organisation tokens hold JSON that names their organisation and region. */
export function checkSentryToken(token: string): Verdict {
  const [prefix, body = ''] = token.split('_')
  if (prefix !== 'sntrys') return 'unproven'
  const text = Buffer.from(body, 'base64').toString('utf8')
  try {
    const claims: unknown = JSON.parse(text)
    return typeof claims === 'object' && claims !== null && 'org' in claims ? 'valid' : 'invalid'
  } catch {
    // Not JSON: the answer to the question, not a failure.
    return 'invalid'
  }
}
