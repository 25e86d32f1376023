import { Buffer } from 'node:buffer'
import type { Pair, Syntax } from '../pair.ts'
import type { Entry } from './entry.ts'

export function toPair({ key, keyStart, value, start, end, quoted, encoding }: Entry, syntax: Syntax): Pair {
  return { key, keyStart, value, start, end, quoted, syntax, form: 'assignment', ...(encoding && { encoding }) }
}

/** `- KEY=value` in a list of variables. */
export function splitItem(entry: Entry, syntax: Syntax): Pair[] {
  const equals = entry.value.indexOf('=')
  if (equals <= 0) return []
  const value = entry.value.slice(equals + 1)
  const start = entry.start + equals + 1
  return [{ ...toPair(entry, syntax), key: entry.value.slice(0, equals), value, start }]
}

/** What base64 of anything hides; the pair as it is, if it is no base64. */
export function decoded({ encoding: _, ...pair }: Pair): Pair {
  const compact = pair.value.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]{2,}={0,2}$/.test(compact)) return pair
  return { ...pair, value: Buffer.from(compact, 'base64').toString('latin1'), encoding: 'base64' }
}

export function shifted(pair: Pair, by: number): Pair {
  return { ...pair, keyStart: pair.keyStart + by, start: pair.start + by, end: pair.end + by }
}
