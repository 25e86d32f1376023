import { Buffer } from 'node:buffer'
import type { Verdict } from './verdict.ts'

/** Lines of a key as they stand in source code: quotes, `\n` escapes, string concatenation, indentation. */
function bodyOf(armored: string): { label: string; body: string; headers: boolean } | undefined {
  const match = /-----BEGIN ([A-Z0-9 ]{3,40})-----([\s\S]*?)-----END /.exec(armored)
  if (!match) return undefined
  const lines = (match[2] ?? '').split(/\\r\\n|\\n|\\r|\r\n|\n|\r/).map(unquoteLine)
  const headers = lines.some((line) => /^[A-Za-z-]+:/.test(line))
  // Armour headers (Proc-Type, DEK-Info, Comment) have a colon; PGP's checksum begins with "=".
  const body = lines.filter((line) => !line.includes(':') && !/^=[A-Za-z0-9+/]{4}$/.test(line)).join('')
  return { label: match[1] ?? '', body, headers }
}

/** A line of a literal: `"MII…" +`, `'MII…',`, `MII…\`. A plus within is base64's own. */
function unquoteLine(line: string): string {
  const bare = line
    .trim()
    .replace(/^[+.\s]*["'`]/, '')
    .replace(/["'`][\s+,;.)\\]*$/, '')
    .replace(/\\$/, '')
    .trim()
  return /^[+.,;)\s]*$/.test(bare) ? '' : bare
}

/**
 * An armored private key: its body must be base64, and begin as the kind of key does: an ASN.1 sequence of the body's length
 * (RFC 7468), `openssh-key-v1`, or a packet of OpenPGP (RFC 9580). A key that was cut short in documentation is none.
 */
export function checkArmoredKey(armored: string): Verdict {
  const key = bodyOf(armored)
  if (!key || key.body.length < 40 || !/^[A-Za-z0-9+/]+={0,2}$/.test(key.body)) return 'invalid'
  const bytes = Buffer.from(key.body, 'base64')
  if (key.label.startsWith('OPENSSH')) return bytes.toString('latin1', 0, 14) === 'openssh-key-v1' ? 'valid' : 'invalid'
  if (key.label.startsWith('PGP')) return (bytes[0] ?? 0) & 0x80 ? 'valid' : 'invalid'
  if (key.label.startsWith('SSH2')) return bytes.readUInt32BE(0) === 0x3f6ff9eb ? 'valid' : 'invalid'
  // The old encrypted form (DEK-Info) holds cipher text, which begins with anything.
  if (key.headers) return 'unproven'
  return isAsn1Sequence(bytes) ? 'valid' : 'invalid'
}

/** Whether the bytes are one ASN.1 SEQUENCE that is all there, give or take a few bytes of padding. */
function isAsn1Sequence(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30) return false
  const first = bytes[1] ?? 0
  if (first < 0x80) return Math.abs(bytes.length - (first + 2)) <= 2
  const size = first & 0x7f
  if (size === 0 || size > 3 || bytes.length < 2 + size) return false
  return Math.abs(bytes.length - (bytes.readUIntBE(2, size) + 2 + size)) <= 2
}

/** PuTTY's own format: the private part is counted and base64. */
export function checkPuttyKey(text: string): Verdict {
  const match = /Private-Lines: (\d{1,3})\r?\n([\s\S]*?)\r?\nPrivate-(?:MAC|Hash):/.exec(text)
  if (!match) return 'invalid'
  const lines = (match[2] ?? '').split(/\r?\n/)
  return lines.length === Number(match[1]) && lines.every((line) => /^[A-Za-z0-9+/]+={0,2}$/.test(line))
    ? 'valid'
    : 'invalid'
}

/** Whatever form a private key comes in. PKCS#12 (RFC 7292) is a sequence that begins with version 3 and PKCS#7 data. */
export function checkPrivateKey(text: string): Verdict {
  if (text.startsWith('PuTTY')) return checkPuttyKey(text)
  if (text.startsWith('-----')) return checkArmoredKey(text)
  const bytes = Buffer.from(text.replace(/\s/g, ''), 'base64')
  return isAsn1Sequence(bytes) && bytes.subarray(4, 7).equals(Buffer.from([0x02, 0x01, 0x03])) ? 'valid' : 'invalid'
}

/**
 * A private key in DER: a sequence that begins with a version, then an algorithm (PKCS#8), the modulus (PKCS#1) or the key's
 * bytes (SEC 1). Public keys and certificates begin with another sequence.
 */
export function checkDerPrivateKey(text: string): Verdict {
  const bytes = Buffer.from(text, 'base64')
  if (!isAsn1Sequence(bytes)) return 'invalid'
  const at = 2 + ((bytes[1] ?? 0) & 0x80 ? (bytes[1] ?? 0) & 0x7f : 0)
  const [tag, length, version, next] = bytes.subarray(at, at + 4)
  if (tag !== 2 || length !== 1) return 'invalid'
  return (version === 0 && (next === 0x30 || next === 2)) || (version === 1 && (next === 4 || next === 0x30))
    ? 'valid'
    : 'invalid'
}

/** A made-up key of that form, for the tests of rules. */
export function composeDerPrivateKey(random: (count: number) => Uint8Array): string {
  const head = Buffer.from([0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13])
  return Buffer.concat([head, random(0x87 + 3 - head.length)]).toString('base64')
}

/** The private part of a JSON Web Key (RFC 7518): base64url of at least 16 bytes. */
export function checkJwkSecret(value: string): Verdict {
  if (!/^[A-Za-z0-9_-]+$/.test(value)) return 'invalid'
  return Buffer.from(value, 'base64url').length >= 16 ? 'unproven' : 'invalid'
}

/** What the body of a key begins with, so that the rest can be anything. */
const BEGINNINGS: readonly [label: RegExp, bytes: Buffer][] = [
  [/^OPENSSH/, Buffer.from('openssh-key-v1\0')],
  [/^PGP/, Buffer.from([0x95, 0x01, 0xd8])],
  [/^SSH2/, Buffer.from([0x3f, 0x6f, 0xf9, 0xeb])],
]

/** An armored key for the tests of rules, with the label of the given one: the right beginning, then random bytes. */
export function composeArmoredKey(like: string, random: (count: number) => Uint8Array): string {
  const given = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(like)?.[1]
  const label = given ?? ['PRIVATE', 'KEY'].join(' ')
  const beginning = BEGINNINGS.find(([kind]) => kind.test(label))?.[1] ?? Buffer.from([0x30, 0x81, 0x87])
  const body = Buffer.concat([beginning, random(0x87)]).toString('base64')
  const lines = body.match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n')
}
