import type { Confidence } from '../model.ts'
import { type ByteText, textBeside } from './byte-text.ts'
import type { Candidate } from './candidate.ts'
import { entropyOf, wordiness } from './entropy.ts'
import type { FileKind } from './file-kind.ts'
import { KEY_REACH, keyBefore } from './key-before.ts'
import { opensAt } from './opening.ts'
import type { Pair, Syntax } from './pair.ts'
import {
  isCommonWord,
  isFormattedFiller,
  isReference,
  isWeakPassword,
  looksTyped,
  placeholderReason,
} from './placeholders.ts'
import { type PreparedDetector, valueSpan } from './prepared.ts'
import { contextOf, isInComment, isProduction, lowered, type Model, scorePair } from './score.ts'

/** The text that patterns are tried on. */
export interface PatternContext {
  readonly path: string
  readonly text: ByteText
  readonly kind: FileKind
  readonly syntax: Syntax
  /** Milliseconds that one rule may take; a pattern is bounded, the number of places to try it is not. */
  readonly maxTime: number
  /** Called if a rule had to be given up for this text. */
  readonly limit: (reason: string, detail: string) => void
  /** Called with a value in a rule's format that says itself that it is none. */
  readonly filler: (refused: Refused) => void
}

/** What a rule refused as a filler: no rule that knows less of it may take it. */
export interface Refused {
  readonly start: number
  readonly end: number
  readonly priority: number
}

/** The candidates without what a rule of higher priority refused. */
export function withoutRefused(candidates: readonly Candidate[], refused: readonly Refused[]): readonly Candidate[] {
  if (refused.length === 0) return candidates
  return candidates.filter(
    ({ start, end, source }) =>
      !refused.some((each) => each.start <= start && end <= each.end && each.priority > source.detector.priority),
  )
}

/** Attempts between two looks at the clock. */
const CHECK_EVERY = 256

/** Tries a detector's pattern around the places where its keywords stand; `positions` ascend. */
export function matchPattern(
  source: PreparedDetector,
  positions: readonly number[],
  context: PatternContext,
): Candidate[] {
  const found: Candidate[] = []
  const deadline = performance.now() + context.maxTime
  let attempts = 0
  for (const match of source.window.anchored
    ? anchoredMatches(source, positions, context.text)
    : windowMatches(source, positions, context.text)) {
    if (++attempts % CHECK_EVERY === 0 && performance.now() > deadline) {
      context.limit(
        'too many places to try',
        `${source.detector.id} was given up after ${context.maxTime / 1000} s; the file may be generated, exclude it`,
      )
      break
    }
    const candidate = match && toCandidate(source, match.match, match.offset, context)
    if (candidate) found.push(candidate)
  }
  return found
}

interface Found {
  readonly match: RegExpExecArray
  /** Where the text that the match counts from begins. */
  readonly offset: number
}

/** The match begins with the keyword. Yields undefined for an attempt without a match. */
function* anchoredMatches(
  source: PreparedDetector,
  positions: readonly number[],
  text: ByteText,
): Generator<Found | undefined> {
  const { before, after, opening } = source.window
  let end = 0
  for (const position of positions) {
    if (position < end || (opening && !opensAt(opening, text.bytes, text.length, position))) continue
    const offset = Math.max(0, position - before)
    const limit = Math.min(text.length, position + after)
    const match = source.matchAt(text.slice(offset, limit), position - offset)
    if (match && endsInside(match, offset, limit, text.length)) {
      end = offset + match.index + match[0].length
      yield { match, offset }
    } else yield undefined
  }
}

/** The keyword stands anywhere in the match: windows around the places, those that overlap made one. */
function* windowMatches(
  source: PreparedDetector,
  positions: readonly number[],
  text: ByteText,
): Generator<Found | undefined> {
  const { before, after } = source.window
  let end = 0
  for (let i = 0; i < positions.length; ) {
    const first = positions[i] as number
    const offset = Math.max(end === 0 ? 0 : end - 1, first - before)
    let limit = Math.min(text.length, first + after)
    i++
    // A merged window may grow, but not without bound: a pattern is searched in it again and again.
    while (i < positions.length && (positions[i] as number) - before <= limit && limit - offset < MERGED_WINDOW)
      limit = Math.min(text.length, (positions[i++] as number) + after)
    const window = text.slice(offset, limit)
    let from = Math.max(0, end - offset)
    for (;;) {
      const match = source.matchFrom(window, from)
      if (!match || !endsInside(match, offset, limit, text.length)) break
      yield { match, offset }
      from = match.index + Math.max(1, match[0].length)
      end = offset + from
    }
    yield undefined
  }
}

const MERGED_WINDOW = 65_536

/** A match that touches the end of its window may have been cut short by it, unless the text ends there, too. */
function endsInside(match: RegExpExecArray, offset: number, limit: number, length: number): boolean {
  return limit === length || offset + match.index + match[0].length < limit
}

function toCandidate(
  source: PreparedDetector,
  match: RegExpExecArray,
  offset: number,
  context: PatternContext,
): Candidate | undefined {
  const { detector, validator } = source
  const [first, last] = valueSpan(match)
  const start = offset + first
  const end = offset + last
  const value = context.text.slice(start, end)
  // `'cookieParser("secret") is needed'`: a text about the call.
  const at = offset + match.index
  if (detector.acceptPlaceholders && /["'`]/.test(context.text.slice(Math.max(0, at - 1), at))) return undefined
  if (value === '' || (detector.minEntropy > 0 && entropyOf(value) < detector.minEntropy) || source.ignores(value))
    return undefined
  const judged = judge(source, value, start, end, context)
  if (judged === undefined) return undefined
  const verdict = validator?.check(value) ?? 'unproven'
  if (verdict === 'invalid' && validator?.invalid === 'drop') return undefined
  const key = keyBefore(context.text.slice(start - KEY_REACH, start))
  const proven = isProduction(context.path) ? 'high' : 'medium'
  const confidence =
    verdict === 'invalid' || verdict === 'example' || verdict === 'weak' ? 'low' : verdict === 'valid' ? proven : judged
  return { source, start, end, value, key, syntax: context.syntax, confidence, validated: verdict === 'valid' }
}

/** How sure a match of a pattern is; undefined if it is a placeholder. */
function judge(
  { detector, validator }: PreparedDetector,
  value: string,
  start: number,
  end: number,
  context: PatternContext,
): Confidence | undefined {
  if (validator?.about === 'setting') return isProduction(context.path) ? 'high' : 'low'
  if (isReference(value)) return undefined
  if (detector.acceptPlaceholders)
    return judgeAs('signing-key', asPair(value, 'secret', context), textBeside(context.text, start, end), context)
  if (detector.lowEntropy) return judgePassword(value, start, end, context)
  // A key file has comments; its validator looks at what counts.
  if (!/\s/.test(value) && isFormattedFiller(value)) {
    if (looksTyped(value)) return 'low'
    context.filler({ start, end, priority: detector.priority })
    return undefined
  }
  return isProduction(context.path) ? 'high' : 'medium'
}

/** A password in an address or a header: nothing but a filler is ruled out; the host tells whether it opens anything. */
function judgePassword(value: string, start: number, end: number, context: PatternContext): Confidence | undefined {
  const filler = placeholderReason(value)
  const beside = textBeside(context.text, start, end)
  // A word may be what is used, unless all of the address is made of such words.
  if (filler !== undefined) return isCommonWord(value) && !PLACEHOLDER_USER.test(beside.before) ? 'low' : undefined
  const host = /^@\[?([\w.:-]+)/.exec(beside.after)?.[1]
  const { path } = context
  const scored = judgeAs('password', asPair(decodePercent(value), 'password', context), beside, context)
  if (host !== undefined && EXAMPLE_HOST.test(host))
    return isProduction(path) || (value.length >= 16 && wordiness(value) < 0.4) ? lowered(scored) : undefined
  // A slash in the user's name: the address of a page that stands within another one.
  if (/%2f[^:/]*:$/i.test(beside.before)) return undefined
  if (host !== undefined && isLocal(host) && isInComment(beside.before)) return scored && 'low'
  if (host === undefined || isLocal(host)) return scored ?? (isWeakPassword(value) ? 'low' : undefined)
  if (scored === 'high' || scored === 'medium') return scored
  return isProduction(path) ? 'medium' : 'low'
}

/** Names that no machine has: https://www.rfc-editor.org/rfc/rfc2606 */
const EXAMPLE_HOST = /(?:^|\.)example\.(?:com|org|net)(?::|$)|\.(?:example|invalid|test)(?::|$)|^(?:\w*_)?HOST/
const PLACEHOLDER_USER = /(?:^|[^\w.-])(?:user|username|name|login|foo|myuser|your\w*|u):$/i

/** The judgement of pairs, for a value whose place in a pattern says that it is a secret. */
function judgeAs(model: Model, pair: Pair, beside: ReturnType<typeof textBeside>, { path, kind }: PatternContext) {
  const context = contextOf(pair, { path, kind, ...beside })
  return scorePair(pair, model, { ...context, structured: true })
}

function isLocal(host: string): boolean {
  return /^(?:localhost|127\.|0\.0\.0\.0|::1|host\.docker\.internal|[a-z][a-z0-9_-]*(?::\d+)?$)/i.test(host)
}

function decodePercent(value: string): string {
  return value.replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

function asPair(value: string, key: string, { syntax }: PatternContext): Pair {
  return { key, keyStart: 0, value, start: 0, end: 0, quoted: true, syntax, form: 'assignment' }
}
