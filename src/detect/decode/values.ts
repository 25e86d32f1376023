import { Buffer } from 'node:buffer'
import type { Encoding } from './decoding.ts'

/** Fewer bytes could be text by chance. */
const LEAST = 8
const PRINTABLE = /^[\x20-\x7e\r\n\t]+$/

/** A value that says something readable in base64 or hexadecimal digits, decoded; undefined if it does not. */
export function decodeValue(value: string): { readonly value: string; readonly encoding: Encoding } | undefined {
  if (value.length < 12) return undefined
  const isHex = value.length % 2 === 0 && /^(?:0x)?[0-9A-Fa-f]+$/.test(value)
  if (isHex) return readable(Buffer.from(value.replace(/^0x/, ''), 'hex'), 'hex')
  const digits = value.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(digits) || (digits.includes('=') && digits.length % 4 !== 0)) return undefined
  if (digits.replace(/=+$/, '').length % 4 === 1) return undefined
  return readable(Buffer.from(digits, 'base64'), 'base64')
}

function readable(bytes: Buffer, encoding: Encoding) {
  const value = bytes.toString('latin1')
  return bytes.length >= LEAST && PRINTABLE.test(value) ? { value, encoding } : undefined
}
