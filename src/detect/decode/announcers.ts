import { Buffer } from 'node:buffer'
import type { Detector } from '../../model.ts'

/**
 * What announces text that must be decoded before it can be read. The automaton looks for it together with the keywords of
 * all rules, so that text without any costs nothing.
 */
export interface Announcer {
  /** Bytes as they stand in the text; the automaton ignores the case of letters, `isExact` does not. */
  readonly text: string
  readonly isExact: boolean
  readonly by: 'base64' | 'hex' | 'percent' | 'escapes' | 'seam'
  /** For base64: how many characters of its group of four stand before it. */
  readonly phase: number
}

/** Encodings within encodings that are followed. */
export const MAX_DEPTH = 3

/** Characters of an encoded keyword that are looked for: more say nothing more and make the automaton larger. */
const MOST = 6
/** Shorter ones would be met by chance all the time. */
const LEAST_KEYWORD = 4
const LEAST = 4

/** What stands in whole files that are encoded, besides the formats of providers. */
const IN_FILES = ['https://', 'password', 'PASSWORD', 'postgres', 'mongodb', 'mysql://', 'redis://', 'amqp://']

/** Places where two literals are put together; a space stands for the operators that need none. */
const SEAMS = ['" + "', "' + '", '"+"', "'+'", '" . "', "' . '", "'.'", '" +\n', "' +\n", '" "', '" .. "']

/** Characters that tokens and addresses hold and encoders replace. */
const PERCENT = ['%5f', '%2d', '%3a%2f%2f', 'begin%20']
const ESCAPES = ['\\x5f', '\\x2d', '\\u005f', '\\u002d', ':\\/\\/', '\\u002f\\u002f']

/** The announcers for a set of rules. */
export function announcersFor(detectors: readonly Detector[]): readonly Announcer[] {
  const words = new Set(detectors.flatMap(formatWords))
  if (words.size === 0) return []
  for (const word of IN_FILES) words.add(word)
  const found = new Map<string, Announcer>()
  const add = (announcer: Announcer) => found.set(`${announcer.by} ${announcer.text} ${announcer.phase}`, announcer)
  for (const word of words) {
    for (const announcer of base64Forms(word)) add(announcer)
    // A value that begins with it may be encoded again, and again.
    let again = word
    for (let depth = 1; depth < MAX_DEPTH; depth++) {
      again = wholeCharacters(again)
      const text = wholeCharacters(again).slice(0, MOST)
      if (text.length >= LEAST) add({ text, isExact: true, by: 'base64', phase: 0 })
    }
    const hex = Buffer.from(word.slice(0, LEAST_KEYWORD), 'latin1').toString('hex')
    add({ text: hex, isExact: false, by: 'hex', phase: 0 })
  }
  for (const text of PERCENT) add({ text, isExact: false, by: 'percent', phase: 0 })
  for (const text of ESCAPES) add({ text, isExact: false, by: 'escapes', phase: 0 })
  for (const text of SEAMS) add({ text, isExact: false, by: 'seam', phase: 0 })
  return [...found.values()]
}

/** The beginnings of a provider's formats, in the case in which its pattern has them. */
function formatWords({ by, pattern, keywords, priority }: Detector): string[] {
  if (by !== 'pattern' || !pattern || priority < 100 || pattern.flags.includes('i')) return []
  const lower = pattern.source.toLowerCase()
  return keywords.flatMap((keyword) => {
    // A name beside which a value stands is no part of the format.
    if (keyword.length < LEAST_KEYWORD || keyword.includes('://')) return []
    const at = lower.indexOf(keyword)
    if (at >= 0) return pattern.source.slice(at, at + keyword.length)
    return /[_.-]$/.test(keyword) ? keyword : []
  })
}

/** What base64 begins with if the text begins with a word. */
function wholeCharacters(word: string): string {
  return Buffer.from(word, 'latin1')
    .toString('base64')
    .slice(0, Math.floor((8 * word.length) / 6))
}

/** A word in base64, without the characters at its edges that hang on its neighbours too. */
function* base64Forms(word: string): Generator<Announcer> {
  for (let before = 0; before < 3; before++) {
    const phase = Math.ceil((8 * before) / 6)
    const whole = Buffer.from('\0'.repeat(before) + word, 'latin1').toString('base64')
    const text = whole.slice(phase, Math.min(Math.floor((8 * (before + word.length)) / 6), phase + MOST))
    if (text.length < LEAST) continue
    yield { text, isExact: true, by: 'base64', phase }
    const safe = text.replaceAll('+', '-').replaceAll('/', '_')
    if (safe !== text) yield { text: safe, isExact: true, by: 'base64', phase }
  }
}
