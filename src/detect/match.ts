import { Buffer } from 'node:buffer'
import type { Confidence } from '../model.ts'
import type { Candidate } from './candidate.ts'
import { maskValue } from './masking.ts'
import type { Syntax } from './pair.ts'
import { isPublicId, pairUp } from './pairing.ts'
import type { Positions } from './position.ts'

/** A secret, or a setting, in a text. Holds the value itself: it never leaves the secrets scanner and what masks text. */
export interface Match {
  readonly rule: string
  /** Bytes of the value in the text, end exclusive. */
  readonly start: number
  readonly end: number
  /** 1-based, columns in UTF-16 units, end exclusive. */
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  /** One byte per character; decoded if the text holds it encoded. */
  readonly value: string
  readonly masked: string
  /** What it is: see Validator. A setting is no secret and shown as it stands. */
  readonly about: 'secret' | 'setting' | 'aspect'
  readonly key: string
  readonly syntax: Syntax
  /** How the text holds the value, outermost first (`base64+hex`); empty if as it is. */
  readonly encoding: string
  /** The public id of the credential, if the match is one. */
  readonly publicId: string
  /** Index of the match that belongs to it: the secret of an id, the id of a secret. */
  readonly partner: number | undefined
  readonly confidence: Confidence
  readonly validated: boolean
  readonly priority: number
}

/** What is said of candidates; those that belong together know each other. */
export function toMatches(candidates: readonly Candidate[], positions: Positions): Match[] {
  const partners = pairUp(candidates)
  return candidates.map((candidate, index): Match => {
    const { source, start, end, value, key, syntax, confidence, validated } = candidate
    const { detector } = source
    const first = positions.at(start)
    const last = positions.at(end)
    const about = source.validator?.about ?? 'secret'
    return {
      rule: detector.id,
      start,
      end,
      line: first.line,
      column: first.column,
      endLine: last.line,
      endColumn: last.column,
      value,
      masked: about === 'setting' ? value : maskValue(value, detector.lowEntropy),
      about,
      key,
      syntax,
      encoding: candidate.encoding ?? '',
      publicId: isPublicId(detector.id) ? value : '',
      partner: partners.get(index),
      confidence,
      validated,
      priority: detector.priority,
    }
  })
}

/** Where matches stand in a text, in UTF-16 units, ascending, without overlaps. */
export function spansOf(matches: readonly Match[], text: string): { start: number; end: number }[] {
  const buffer = Buffer.from(text, 'utf8')
  const spans: { start: number; end: number }[] = []
  let bytes = 0
  let units = 0
  const unitsAt = (offset: number) => {
    units += buffer.toString('utf8', bytes, Math.max(bytes, offset)).length
    bytes = Math.max(bytes, offset)
    return units
  }
  for (const { start, end, about } of matches) {
    if (about === 'setting' || end <= bytes) continue
    spans.push({ start: unitsAt(start), end: unitsAt(end) })
  }
  return spans
}
