import { Buffer } from 'node:buffer'
import { isCommonWord, isWeakPassword, placeholderReason } from '../placeholders.ts'
import { crc16, crc32, decodeBase32, encodeBase32, encodeBase62 } from './base-encodings.ts'
import type { Verdict } from './verdict.ts'

/** Length of the checksum at the end of GitHub's and npm's tokens. */
const CHECKSUM = 6

/**
 * Classic GitHub and npm tokens: after the prefix 30 random characters, then their CRC-32 in base62.
 * https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
 */
export function checkBase62Checksum(value: string): Verdict {
  return withBase62Checksum(value) === value ? 'valid' : 'invalid'
}

/** The same value with the checksum that belongs to it. */
export function withBase62Checksum(value: string): string {
  const body = value.slice(value.indexOf('_') + 1, -CHECKSUM)
  return value.slice(0, -CHECKSUM) + encodeBase62(crc32(body), CHECKSUM)
}

/** Account numbers have twelve digits. */
const MAX_ACCOUNT = 999_999_999_999

/**
 * The AWS account that an access key id belongs to: 40 bits after the first one of the base32 text behind the prefix, set in ids
 * made since 2018 or so. Undefined for older ids.
 */
export function accountOfKeyId(id: string): number | undefined {
  const bytes = decodeBase32(id.slice(4))
  if (!bytes || bytes.length < 6 || ((bytes[0] as number) & 0x80) === 0) return undefined
  let number = (bytes[0] as number) & 0x7f
  for (let i = 1; i < 6; i++) number = number * 256 + (bytes[i] as number)
  return Math.floor(number / 128)
}

/** An id whose account number is impossible was made up; that it is possible proves little. */
export function checkAwsKeyId(id: string): Verdict {
  const account = accountOfKeyId(id)
  return account !== undefined && account > MAX_ACCOUNT ? 'invalid' : 'unproven'
}

/** The same id with a bit cleared that makes its account number possible. */
export function withPossibleAccount(id: string): string {
  return checkAwsKeyId(id) === 'invalid' ? `${id.slice(0, 4)}I${id.slice(5)}` : id
}

/**
 * NATS seeds: base32 of two prefix bytes, a 32-byte seed and the CRC-16 (little endian) of both.
 * https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth
 */
export function checkNatsSeed(seed: string): Verdict {
  const bytes = decodeBase32(seed)
  if (bytes?.length !== 36) return 'invalid'
  const given = (bytes[34] as number) | ((bytes[35] as number) << 8)
  return crc16(bytes.subarray(0, 34)) === given ? 'valid' : 'invalid'
}

export function withNatsChecksum(seed: string): string {
  const bytes = decodeBase32(seed)
  if (bytes?.length !== 36) return seed
  const crc = crc16(bytes.subarray(0, 34))
  bytes[34] = crc & 0xff
  bytes[35] = crc >> 8
  return encodeBase32(bytes)
}

/** Base64 of `user:password`, as basic authentication and Docker's config have it. */
export function checkUserPassword(value: string): Verdict {
  const text = Buffer.from(value, 'base64').toString('latin1')
  const [, password] = /^[\x20-\x39\x3b-\x7e]+:([\x20-\x7e]+)$/.exec(text) ?? []
  if (password === undefined) return 'invalid'
  const filler = placeholderReason(password)
  if (filler === undefined) return isWeakPassword(password) ? 'weak' : 'valid'
  return (isCommonWord(password) && /^[\w!@#.-]+$/.test(password)) || filler === 'a sequence' ? 'weak' : 'invalid'
}

/** Telegram's bots have a number before the colon; a leading zero or too small a number is none. */
export function checkTelegramBot(value: string): Verdict {
  return /^[1-9]\d{7,9}:/.test(value) ? 'unproven' : 'invalid'
}
