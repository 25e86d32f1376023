import { UNKNOWN } from '../../model.ts'

const MILLISECONDS_A_DAY = 86_400_000

/** Fields of an answer that nobody has checked: each is what it should be, or was not seen. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

export function textOf(value: unknown, name: string): string | typeof UNKNOWN {
  const found = field(value, name)
  if (typeof found === 'number') return String(found)
  return typeof found === 'string' ? found : UNKNOWN
}

export function flagOf(value: unknown, name: string): boolean | typeof UNKNOWN {
  const found = field(value, name)
  return typeof found === 'boolean' ? found : UNKNOWN
}

/** `{ "status": "enabled" }`, or `{ "enabled": true }`. */
export function switchOf(value: unknown, name: string): boolean | typeof UNKNOWN {
  const found = field(value, name)
  const enabled = field(found, 'enabled')
  if (typeof enabled === 'boolean') return enabled
  const status = field(found, 'status')
  return status === 'enabled' ? true : status === 'disabled' ? false : UNKNOWN
}

export function listOf(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name)
  return Array.isArray(found) ? found : []
}

export function namesOf(value: unknown, name: string): string[] {
  return listOf(value, name).filter((each): each is string => typeof each === 'string')
}

/** Whole days since a time in ISO 8601; `never` for null. */
export function daysSince(time: unknown, now: Date, never: number | typeof UNKNOWN = UNKNOWN): number | typeof UNKNOWN {
  if (time === null) return never
  const then = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return Number.isNaN(then) ? UNKNOWN : Math.max(0, Math.floor((now.getTime() - then) / MILLISECONDS_A_DAY))
}

/** `{ "contents": "write" }` as `contents: write`. */
export function permissionsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .map(([name, access]) => `${name}: ${access}`)
    .sort()
}
