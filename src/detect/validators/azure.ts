import { Buffer } from 'node:buffer'
import { marvin32 } from './marvin.ts'
import type { Verdict } from './verdict.ts'

/**
 * Azure's identifiable keys: base64 whose last four bytes are a checksum, and whose four characters before it name the
 * service. Each service has its seeds, one for each kind of key.
 */
const SEEDS: Readonly<Record<string, readonly string[]>> = {
  '+ASb': ['Send0000', 'Listen00', 'Manage00', 'System00', 'Unknown0'],
  '+AEh': ['Send0000', 'Listen00', 'Manage00', 'System00', 'Unknown0'],
  '+ARm': ['Send0000', 'Listen00', 'Manage00', 'Unknown0'],
  '+ABa': ['AbAcct00'],
  AzSe: ['Query000', 'PAdmin00'],
  '+ASt': ['Default0'],
  '+ACR': ['ACRDflt0'],
  AIoT: ['IoTHub00', 'DpsKey00', 'Device00'],
  APIM: ['Tenant00', 'IoTHub00', 'Gatewy00', 'GitKey00'],
  ACDb: ['sysAll00', 'Resour00', 'MastRO00', 'SystRO00', 'Encryp00', 'MastRW00', 'SystRW00'],
}
const CHECKSUM = 4
/** Characters of base64 behind the signature, without padding. */
const BEHIND_SIGNATURE = 6

function signatureOf(key: string): string {
  return key.replace(/=+$/, '').slice(-BEHIND_SIGNATURE - 4, -BEHIND_SIGNATURE)
}

/** Keys of services whose seeds are not known here (or differ, as those of Redis do) stay unproven. */
export function checkAzureKey(key: string): Verdict {
  if (key.length === ANNOTATED) return checkAnnotatedKey(key)
  const bytes = Buffer.from(key, 'base64')
  const payload = bytes.subarray(0, -CHECKSUM)
  const given = bytes.readUInt32LE(payload.length)
  const seeds = SEEDS[signatureOf(key)] ?? []
  return seeds.some((seed) => marvin32(payload, seed) === given) ? 'valid' : 'unproven'
}

/** The same key with the checksum of its service. */
export function withAzureChecksum(key: string): string {
  if (key.length === ANNOTATED) return key.slice(0, -4) + annotatedChecksum(key)
  const seed = SEEDS[signatureOf(key)]?.[0]
  if (seed === undefined) return key
  const bytes = Buffer.from(key, 'base64')
  const end = bytes.length - CHECKSUM
  // What of the signature's last byte belongs to the checksum's first character is zero.
  const spill = ((bytes.length - 7) * 8) % 6
  bytes[end - 1] = ((bytes[end - 1] as number) >> spill) << spill
  bytes.writeUInt32LE(marvin32(bytes.subarray(0, end), seed), end)
  return bytes.toString('base64')
}

/** Length of a common annotated security key: 52 random characters, `JQQJ99`, its date, reserved fields, signature, checksum. */
const ANNOTATED = 84

function annotatedChecksum(key: string): string {
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(marvin32(Buffer.from(key.slice(0, -4), 'base64'), 'Default0'))
  return sum.subarray(0, 3).toString('base64')
}

function checkAnnotatedKey(key: string): Verdict {
  return annotatedChecksum(key) === key.slice(-4) ? 'valid' : 'unproven'
}
