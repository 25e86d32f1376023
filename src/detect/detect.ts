import { Buffer } from 'node:buffer'
import type { Detector } from '../model.ts'
import { type ByteText, byteText } from './byte-text.ts'
import type { Candidate } from './candidate.ts'
import { holdsBareSecret } from './client-file.ts'
import { MAX_DEPTH } from './decode/announcers.ts'
import { decodeAt, joinEncodings, MAX_DECODE_TIME } from './decode/decoders.ts'
import type { Decoding } from './decode/decoding.ts'
import { resolveLineBreaks } from './decode/escapes.ts'
import { goesOn, joinLiterals } from './decode/literals.ts'
import { decodeValue } from './decode/values.ts'
import { type FileKind, isForeign, kindOf, structureOf } from './file-kind.ts'
import { HitFinder, MOST_PAIRS, PROVIDER_PRIORITY, type SortedHits } from './hits.ts'
import { maskValue } from './masking.ts'
import { type Match, spansOf, toMatches } from './match.ts'
import { resolveOverlaps } from './overlap.ts'
import type { Pair } from './pair.ts'
import { MAX_STRUCTURED, PairJudges, readPairs } from './pairs.ts'
import { matchPattern, type Refused, withoutRefused } from './patterns.ts'
import { placeholderReason } from './placeholders.ts'
import { Positions } from './position.ts'
import { PreparedDetector } from './prepared.ts'
import { isProduction } from './score.ts'
import { readSuppression, type SuppressionComment } from './suppression.ts'

/** A comment that asks to leave findings out, with its line. */
export interface Suppression extends SuppressionComment {
  readonly line: number
}

/** All that was seen in one text. */
export interface Inspection {
  readonly matches: readonly Match[]
  readonly suppressions: readonly Suppression[]
  /** What had to be given up for this text: why in a few words, and what it means. */
  readonly limits: readonly { readonly reason: string; readonly detail: string }[]
  /** Lines of the text; only asked for where something was found. */
  readonly positions: Positions
}

/** Finds secrets in text. */
export interface Detection {
  /** Bytes of UTF-8 (or of any encoding that has ASCII as its lower half). */
  inspect(path: string, buffer: Buffer, length: number): Inspection
  scan(path: string, buffer: Buffer, length: number): readonly Match[]
  /** Where secrets stand in a text, in UTF-16 units, ascending, without overlaps: what must not be shown. */
  mask(path: string, text: string): readonly { readonly start: number; readonly end: number }[]
  /** How a value may be shown. */
  masked(value: string): string
}

export interface DetectionOptions {
  /** Milliseconds after which a rule is given up for a text. */
  readonly maxRuleTime?: number
  /** Milliseconds after which decoding is given up for a text. */
  readonly maxDecodeTime?: number
}
const MAX_RULE_TIME = 2000

/** Prepares detectors. Cheap: the automaton is built when the first text comes, each pattern when its keyword is first met. */
export function createDetection(detectors: readonly Detector[], options?: DetectionOptions): Detection {
  const made = options ? undefined : prepared.get(detectors)
  if (made) return made
  const detection = detectionOf(detectors, options ?? {})
  if (!options) prepared.set(detectors, detection)
  return detection
}

/** Of one list, as what is built on first use is used again: by the scan, then for what is shown. */
const prepared = new WeakMap<readonly Detector[], Detection>()

function detectionOf(detectors: readonly Detector[], options: DetectionOptions): Detection {
  const engine = new Engine(detectors, options.maxRuleTime ?? MAX_RULE_TIME, options.maxDecodeTime ?? MAX_DECODE_TIME)
  const inspect = (path: string, buffer: Buffer, length: number) => engine.inspect(path, buffer, length)
  return {
    inspect,
    scan: (path, buffer, length) => inspect(path, buffer, length).matches,
    mask: (path, text) => {
      const buffer = Buffer.from(text, 'utf8')
      return spansOf(inspect(path, buffer, buffer.length).matches, text)
    },
    masked: (value) => maskValue(value),
  }
}

class Engine {
  readonly #prepared: readonly PreparedDetector[]
  readonly #judges: PairJudges
  readonly #finder: HitFinder
  readonly #maxTime: number
  readonly #maxDecodeTime: number

  constructor(detectors: readonly Detector[], maxTime: number, maxDecodeTime: number) {
    this.#maxTime = maxTime
    this.#maxDecodeTime = maxDecodeTime
    this.#prepared = detectors.map((detector) => new PreparedDetector(detector))
    this.#judges = new PairJudges(this.#prepared.filter(({ detector }) => detector.by !== 'pattern'))
    this.#finder = new HitFinder(detectors, this.#prepared, this.#judges)
  }

  inspect(path: string, buffer: Buffer, length: number): Inspection {
    const positions = new Positions(buffer, length)
    const bare = holdsBareSecret(path)
    const foreign = isForeign(path)
    // Nothing announces a secret that stands alone.
    const sorted = this.#finder.find(buffer, length, {
      isForeign: foreign,
      hasStructure: structureOf(path) !== undefined,
      isBare: bare && !foreign,
    })
    if (!sorted) return { matches: [], suppressions: [], limits: [], positions }
    if (
      sorted.pairs.length === 0 &&
      !sorted.isStructured &&
      sorted.patterns.size === 0 &&
      sorted.suppressions.length === 0 &&
      sorted.announced.length === 0
    )
      return { matches: [], suppressions: [], limits: [], positions }
    const text = byteText(buffer, length)
    const limits: Inspection['limits'][number][] = []
    const candidates = this.#candidates(text, sorted, {
      path,
      depth: 0,
      isForeign: foreign,
      deadline: Number.POSITIVE_INFINITY,
      goesOn: (at) => goesOn(buffer, length, at),
      limit: (reason, detail) => {
        // Of a text that holds many encoded ones each may say the same.
        if (!limits.some((each) => each.reason === reason && each.detail === detail)) limits.push({ reason, detail })
      },
    })
    const suppressions = sorted.suppressions.flatMap(({ at, keyword }) => {
      const comment = readSuppression(text, at, keyword)
      return comment ? [{ ...comment, line: positions.lineAt(at) }] : []
    })
    return { matches: toMatches(resolveOverlaps(candidates), positions), suppressions, limits, positions }
  }

  #candidates(text: ByteText, hits: SortedHits, task: Task): readonly Candidate[] {
    const { path, limit } = task
    const kind = kindOf(path)
    if (hits.hasMorePairs)
      task.limit(
        'too many places to try',
        `names beyond the first ${MOST_PAIRS} that may be those of secrets were not judged; the file may be generated, exclude it`,
      )
    // Of equal matches the first counts: the one that knows more of the place.
    const found: Candidate[] = hits.pairs.length > 0 || hits.isStructured ? this.#paired(text, hits, task, kind) : []
    found.push(...this.#hidden(text, hits, task))
    const refused: Refused[] = []
    const filler = (each: Refused) => void refused.push(each)
    for (const [index, places] of hits.patterns) {
      const context = { path, text, kind, syntax: 'text' as const, maxTime: this.#maxTime, limit, filler }
      const matches = matchPattern(this.#prepared[index] as PreparedDetector, places, context)
      for (const match of matches) found.push(match.value.startsWith('-----BEGIN') ? withLineBreaks(match) : match)
    }
    return withoutRefused(found, refused)
  }

  #paired(text: ByteText, hits: SortedHits, task: Task, kind: FileKind): Candidate[] {
    const { path } = task
    const found: Candidate[] = []
    if (hits.isStructured && text.length > MAX_STRUCTURED && structureOf(path) !== undefined)
      task.limit(
        'structured file too large',
        `over ${MAX_STRUCTURED >> 20} MiB it was read as text: values far from their names may be missed`,
      )
    for (const pair of readPairs(path, text, hits.pairs, hits.isStructured)) {
      if (pair.encoding !== undefined) {
        const bytes = Buffer.from(pair.value, 'latin1')
        const { start, end, key, syntax } = pair
        for (const candidate of this.#inspectInner(bytes, nested(task, `${path}/${key}`, this.#maxDecodeTime)))
          found.push({
            ...candidate,
            start,
            end,
            key,
            syntax,
            encoding: joinEncodings('base64', candidate.encoding ?? ''),
          })
      }
      const candidate = this.#judgeValue(pair, text, path, kind)
      if (candidate) found.push(candidate)
    }
    return found
  }

  /** A value that says something in base64 or hexadecimal digits is judged by what it says. */
  #judgeValue(pair: Pair, text: ByteText, path: string, kind: FileKind): Candidate | undefined {
    if (!this.#judges.concern(pair)) return undefined
    const decoded = pair.encoding === undefined ? decodeValue(pair.value) : undefined
    const meant = decoded && this.#judges.judge({ ...pair, value: decoded.value, quoted: true }, text, path, kind)
    if (meant) return { ...meant, encoding: decoded.encoding }
    // What it says is a filler, or it is a token that is made in this way.
    if (decoded && placeholderReason(decoded.value, pair.key) !== undefined) return undefined
    const candidate = this.#judges.judge(pair, text, path, kind)
    return candidate && pair.encoding !== undefined ? { ...candidate, encoding: pair.encoding } : candidate
  }

  /** Secrets in parts of a text that stand in it encoded, or split over several literals. */
  #hidden(text: ByteText, hits: SortedHits, task: Task): Candidate[] {
    if (task.depth >= MAX_DEPTH || (hits.announced.length === 0 && hits.patterns.size === 0)) return []
    const found: Candidate[] = []
    // Made when it is needed: what a path is for takes longer to tell than a small file to read.
    let inner: Task | undefined
    const ends = new Map<string, number>()
    const add = (decoding: Decoding) => {
      inner ??= nested(task, undefined, this.#maxDecodeTime)
      for (const candidate of this.#inspectInner(decoding.bytes, inner)) {
        if (decoding.isNews?.(candidate.start, candidate.end) === false) continue
        const [start, end] = [decoding.from(candidate.start), decoding.to(candidate.end)]
        found.push({ ...candidate, start, end, encoding: joinEncodings(decoding.encoding, candidate.encoding ?? '') })
      }
    }
    for (const { at, announcer } of hits.announced) {
      // What was decoded together with an earlier place is done.
      if (at < (ends.get(announcer.by) ?? 0)) continue
      const decoding = decodeAt(text, at, announcer)
      if (!decoding) continue
      if (inner && performance.now() > inner.deadline) {
        task.limit(
          'too much encoded text',
          'decoding was given up after a while; the file may be generated, exclude it',
        )
        break
      }
      add(decoding)
      ends.set(announcer.by, decoding.end)
    }
    for (const at of this.#splitPlaces(hits, task)) {
      if (at < (ends.get('seam') ?? 0)) continue
      const joined = joinLiterals(text, at)
      if (!joined) continue
      add(joined)
      ends.set('seam', joined.end)
    }
    return found
  }

  /** Places where a provider's format begins in a literal that another one follows. */
  #splitPlaces({ patterns }: SortedHits, { goesOn }: Task): number[] {
    const places: number[] = []
    for (const [index, at] of patterns) {
      const { detector, window } = this.#prepared[index] as PreparedDetector
      if (detector.priority < PROVIDER_PRIORITY || !window.anchored) continue
      for (const place of at) if (goesOn(place)) places.push(place)
    }
    return places.sort((a, b) => a - b)
  }

  /** Secrets within decoded bytes: a token, a private key, or a whole file. Offsets are those of the bytes. */
  #inspectInner(bytes: Buffer, task: Task): Candidate[] {
    const sorted = this.#finder.find(bytes, bytes.length, {
      isForeign: task.isForeign,
      hasStructure: structureOf(task.path) !== undefined,
      isBare: false,
    })
    if (!sorted) return []
    const inner = { ...task, goesOn: (at: number) => goesOn(bytes, bytes.length, at) }
    return resolveOverlaps(this.#candidates(byteText(bytes, bytes.length), sorted, inner))
  }
}

/** A text, or a decoded part of one, and how it is looked through. */
interface Task {
  readonly path: string
  /** Encodings around it. */
  readonly depth: number
  readonly isForeign: boolean
  /** When decoding is given up. */
  readonly deadline: number
  readonly goesOn: (at: number) => boolean
  readonly limit: (reason: string, detail: string) => void
}

/** The task for a decoded part; without a path of its own it is read as text of no certain kind. */
function nested(task: Task, path: string | undefined, maxDecodeTime: number): Task {
  const folder = isProduction(task.path) ? '' : 'tests/'
  return {
    ...task,
    path: path ?? (task.depth === 0 ? `${folder}${task.path}/decoded` : task.path),
    depth: task.depth + 1,
    deadline: Math.min(task.deadline, performance.now() + maxDecodeTime),
  }
}

/** A key of many lines that stands in one literal is the same key. */
function withLineBreaks(candidate: Candidate): Candidate {
  if (!candidate.value.includes('\\n')) return candidate
  return { ...candidate, value: resolveLineBreaks(candidate.value), encoding: 'escapes' }
}
