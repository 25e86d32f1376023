import { changeRate, entropyOf, wordiness } from '../entropy.ts'
import { isCommonWord, isFillerPhrase, isRepetitive, isSequence, isWeakPassword } from '../placeholders.ts'
import { isName, type OtherThing, otherThing } from '../value-kind.ts'
import { type Feature, flag } from './feature.ts'

/** A value with what several features need of it; the shares are of its length. */
export interface ValueFacts {
  readonly value: string
  readonly lower: number
  readonly upper: number
  readonly digit: number
  readonly symbol: number
  readonly blank: number
  readonly entropy: number
  readonly wordiness: number
  /** Letters and digits, in lower case. */
  readonly plain: string
  /** The same of the value's name. */
  readonly plainKey: string
  readonly other: OtherThing | undefined
}

export function valueFacts(value: string, key: string): ValueFacts {
  let lower = 0
  let upper = 0
  let digit = 0
  let blank = 0
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code >= 97 && code <= 122) lower++
    else if (code >= 65 && code <= 90) upper++
    else if (code >= 48 && code <= 57) digit++
    else if (code === 32 || code === 9) blank++
  }
  const total = Math.max(1, value.length)
  // Every field by its name: this runs for each pair of a tree, and a spread costs more than all the rest.
  return {
    value,
    lower: lower / total,
    upper: upper / total,
    digit: digit / total,
    symbol: (value.length - lower - upper - digit - blank) / total,
    blank: blank / total,
    entropy: entropyOf(value),
    wordiness: wordiness(value),
    plain: plainOf(value),
    plainKey: plainOf(key),
    other: otherThing(value),
  }
}

function plainOf(text: string): string {
  const lower = text.toLowerCase()
  return /[^a-z0-9]/.test(lower) ? lower.replace(/[^a-z0-9]+/g, '') : lower
}

/** What a value's own characters tell; flags are 0 or 1. */
export const valueFeatures: readonly Feature<ValueFacts>[] = [
  ['length', ({ value }) => Math.min(value.length, 400)],
  ['entropy', ({ entropy }) => entropy],
  ['entropyShare', ({ value, entropy }) => entropy / Math.max(1, Math.min(Math.log2(Math.max(2, value.length)), 5.9))],
  ['lower', ({ lower }) => lower],
  ['upper', ({ upper }) => upper],
  ['digit', ({ digit }) => digit],
  ['symbol', ({ symbol }) => symbol],
  ['blank', ({ blank }) => blank],
  [
    'kinds',
    ({ lower, upper, digit, symbol }) => flag(lower > 0) + flag(upper > 0) + flag(digit > 0) + flag(symbol > 0),
  ],
  ['wordiness', ({ wordiness }) => wordiness],
  ['changeRate', ({ value }) => changeRate(value)],
  ['hex', ({ value }) => flag(/^(?:0x)?(?:[0-9a-f]{8,}|[0-9A-F]{8,})$/.test(value))],
  ['uuid', ({ value }) => flag(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value))],
  [
    'base64',
    ({ value, lower, upper, digit }) =>
      flag(/^[A-Za-z0-9+/_-]{16,}={0,2}$/.test(value) && digit > 0 && lower > 0 && upper > 0),
  ],
  ['padded', ({ value }) => flag(/=$/.test(value))],
  ['name', ({ value }) => flag(isName(value))],
  ['other', ({ other }) => (other === undefined ? 0 : 1)],
  ['path', ({ other }) => flag(other === 'path' || other === 'file')],
  ['address', ({ other }) => flag(other === 'url' || other === 'email')],
  ['code', ({ other }) => flag(other === 'code' || other === 'type')],
  ['sentence', ({ value, other }) => flag(other === 'sentence' || value.split(/\s+/).length > 3)],
  ['hash', ({ other }) => flag(other === 'hash')],
  ['identifier', ({ value }) => flag(/^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(value))],
  ['constant', ({ value }) => flag(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(value))],
  ['camel', ({ value }) => flag(/^[a-z]+(?:[A-Z][a-z0-9]+)+$/.test(value))],
  ['snake', ({ value }) => flag(/^[a-z]+(?:[_-][a-z0-9]+)+$/.test(value))],
  ['secretWord', ({ value }) => flag(/pass|pwd|secret|token|key|cred/i.test(value))],
  [
    'madeUpWord',
    ({ value }) => flag(/test|example|sample|dummy|fake|mock|demo|foo|bar\b|invalid|wrong|bad|incorrect/i.test(value)),
  ],
  ['userWord', ({ value }) => flag(/admin|root|user|guest|login/i.test(value))],
  ['weak', ({ value }) => flag(isWeakPassword(value))],
  ['common', ({ value }) => flag(isCommonWord(value))],
  ['filler', ({ value }) => flag(isFillerPhrase(value))],
  ['repetitive', ({ plain }) => flag(isRepetitive(plain))],
  ['sequence', ({ value, plain }) => flag(isSequence(plain) || /1234|abcd|qwer|asdf/i.test(value))],
  [
    'namesKey',
    ({ plain, plainKey }) =>
      flag(plain.length > 0 && (plainKey === plain || plainKey.endsWith(plain) || plain.endsWith(plainKey))),
  ],
  ['bracket', ({ value }) => flag(/[{}<>()[\]]/.test(value))],
  ['dollar', ({ value }) => flag(/^[$%@&#]/.test(value))],
  ['endMark', ({ value }) => flag(/[.:!?,;]$/.test(value))],
  ['foreign', ({ value }) => flag(/[\x80-\xff]/.test(value))],
  ['number', ({ value }) => flag(/^[\d.,:-]+$/.test(value))],
  ['escape', ({ value }) => flag(/\\/.test(value))],
  ['capital', ({ value }) => flag(/^[A-Z][a-z]+$/.test(value))],
]
