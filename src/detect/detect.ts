import { Buffer } from 'node:buffer'
import type { Confidence, Detector } from '../model.ts'
import { mayHoldPair } from './assignment.ts'
import { type Automaton, createAutomaton, type Hits } from './automaton.ts'
import { type ByteText, byteText } from './byte-text.ts'
import type { Candidate } from './candidate.ts'
import { holdsBareSecret } from './client-file.ts'
import { isForeign, kindOf, structureOf } from './file-kind.ts'
import { maskValue } from './masking.ts'
import { resolveOverlaps } from './overlap.ts'
import type { Syntax } from './pair.ts'
import { isPublicId, pairUp } from './pairing.ts'
import { PAIR_KEYWORDS, PairJudges, readPairs } from './pairs.ts'
import { matchPattern } from './patterns.ts'
import { Positions } from './position.ts'
import { PreparedDetector } from './prepared.ts'
import { readSuppression, SUPPRESSION_KEYWORDS, type SuppressionComment } from './suppression.ts'

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
  /** The public id of the credential, if the match is one. */
  readonly publicId: string
  /** Index of the match that belongs to it: the secret of an id, the id of a secret. */
  readonly partner: number | undefined
  readonly confidence: Confidence
  readonly validated: boolean
  readonly priority: number
}

/** A comment that asks to leave findings out, with its line. */
export interface Suppression extends SuppressionComment {
  readonly line: number
}

/** All that was seen in one text. */
export interface Inspection {
  readonly matches: readonly Match[]
  readonly suppressions: readonly Suppression[]
  /** Rules that had to be given up for this text, and why. */
  readonly limits: readonly { readonly rule: string; readonly reason: string }[]
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
}
const MAX_RULE_TIME = 2000

/** Prepares detectors. Cheap: the automaton is built at once, each pattern when its keyword is first met. */
export function createDetection(detectors: readonly Detector[], options: DetectionOptions = {}): Detection {
  const engine = new Engine(detectors, options.maxRuleTime ?? MAX_RULE_TIME)
  const inspect = (path: string, buffer: Buffer, length: number) => engine.inspect(path, buffer, length)
  return {
    inspect,
    scan: (path, buffer, length) => inspect(path, buffer, length).matches,
    mask: (path, text) => maskSpans(inspect, path, text),
    masked: (value) => maskValue(value),
  }
}

/** What a keyword calls for. */
interface KeywordUse {
  readonly patterns: number[]
  isPair: boolean
  readonly suppression: string | undefined
}

class Engine {
  readonly #prepared: readonly PreparedDetector[]
  readonly #uses: readonly KeywordUse[]
  readonly #keywords: readonly string[]
  #automaton: Automaton | undefined
  readonly #judges: PairJudges

  readonly #maxTime: number

  constructor(detectors: readonly Detector[], maxTime: number) {
    this.#maxTime = maxTime
    this.#prepared = detectors.map((detector) => new PreparedDetector(detector))
    this.#judges = new PairJudges(this.#prepared.filter(({ detector }) => detector.by !== 'pattern'))
    const uses = new Map<string, KeywordUse>()
    const use = (keyword: string) => {
      const known = uses.get(keyword)
      if (known) return known
      const suppression = SUPPRESSION_KEYWORDS.find((word) => word === keyword)
      const fresh: KeywordUse = { patterns: [], isPair: false, suppression }
      uses.set(keyword, fresh)
      return fresh
    }
    for (const keyword of SUPPRESSION_KEYWORDS) use(keyword)
    detectors.forEach((detector, index) => {
      if (detector.pattern) for (const keyword of detector.keywords) use(keyword).patterns.push(index)
      if (detector.by === 'pattern') return
      const own = detector.pattern ? [] : detector.keywords
      for (const keyword of own.length > 0 ? own : PAIR_KEYWORDS) use(keyword).isPair = true
    })
    this.#uses = [...uses.values()]
    this.#keywords = [...uses.keys()]
  }

  /** Built when the first text comes: an empty tree needs none. */
  #find(buffer: Buffer, length: number): Hits {
    this.#automaton ??= createAutomaton(this.#keywords)
    return this.#automaton.find(buffer, length)
  }

  inspect(path: string, buffer: Buffer, length: number): Inspection {
    const positions = new Positions(buffer, length)
    const hits = this.#find(buffer, length)
    const bare = holdsBareSecret(path)
    if (hits.count === 0 && !bare) return { matches: [], suppressions: [], limits: [], positions }
    const sorted = this.#sort(hits, isForeign(path))
    if (structureOf(path) === undefined) sorted.pairs = sorted.pairs.filter((at) => mayHoldPair(buffer, length, at))
    // Nothing announces a secret that stands alone; the first place of the file stands for it.
    if (bare && sorted.pairs.length === 0 && !isForeign(path)) sorted.pairs.push(0)
    if (sorted.pairs.length === 0 && sorted.patterns.size === 0 && sorted.suppressions.length === 0)
      return { matches: [], suppressions: [], limits: [], positions }
    const text = byteText(buffer, length)
    const limits: Inspection['limits'][number][] = []
    const candidates = this.#candidates(path, text, sorted, (rule, reason) => limits.push({ rule, reason }))
    const suppressions = sorted.suppressions.flatMap(({ at, keyword }) => {
      const comment = readSuppression(text, at, keyword)
      return comment ? [{ ...comment, line: positions.lineAt(at) }] : []
    })
    return { matches: toMatches(resolveOverlaps(candidates), positions), suppressions, limits, positions }
  }

  /** Hits by what they call for. In foreign code only formats of providers count. */
  #sort(hits: Hits, foreign: boolean): SortedHits {
    const patterns = new Map<number, number[]>()
    const pairs: number[] = []
    const suppressions: SortedHits['suppressions'] = []
    for (let i = 0; i < hits.count; i++) {
      const at = hits.positions[i] as number
      const use = this.#uses[hits.keywords[i] as number] as KeywordUse
      if (use.suppression !== undefined) suppressions.push({ at, keyword: use.suppression })
      if (use.isPair && !foreign) pairs.push(at)
      for (const index of use.patterns) {
        if (foreign && (this.#prepared[index]?.detector.priority ?? 0) < PROVIDER_PRIORITY) continue
        const places = patterns.get(index)
        if (places) places.push(at)
        else patterns.set(index, [at])
      }
    }
    // Hits come in order of their ends; keywords of different lengths may begin the other way round.
    for (const places of [...patterns.values(), pairs]) sortNearlySorted(places)
    return { patterns, pairs, suppressions }
  }

  #candidates(
    path: string,
    text: ByteText,
    hits: SortedHits,
    limit: (rule: string, reason: string) => void,
  ): Candidate[] {
    const kind = kindOf(path)
    const found: Candidate[] = []
    for (const [index, places] of hits.patterns) {
      const context = { path, text, kind, syntax: 'text' as const, maxTime: this.#maxTime, limit }
      found.push(...matchPattern(this.#prepared[index] as PreparedDetector, places, context))
    }
    if (hits.pairs.length === 0) return found
    for (const pair of readPairs(path, text, hits.pairs)) {
      if (pair.encoding !== undefined) {
        const inner = this.#decoded(`${path}/${pair.key}`, pair.value, limit)
        for (const candidate of inner)
          found.push({ ...candidate, start: pair.start, end: pair.end, key: pair.key, syntax: pair.syntax })
      }
      const candidate = this.#judges.judge(pair, text, path, kind)
      if (candidate) found.push(candidate)
    }
    return found
  }

  /** Secrets within a decoded value: a private key, or a whole file that stands in a Kubernetes Secret. */
  #decoded(path: string, value: string, limit: (rule: string, reason: string) => void): Candidate[] {
    const buffer = Buffer.from(value, 'latin1')
    const hits = this.#find(buffer, buffer.length)
    return hits.count === 0
      ? []
      : resolveOverlaps(this.#candidates(path, byteText(buffer, buffer.length), this.#sort(hits, false), limit))
  }
}

interface SortedHits {
  readonly patterns: ReadonlyMap<number, number[]>
  pairs: number[]
  readonly suppressions: { readonly at: number; readonly keyword: string }[]
}

/** Rules of this priority know a provider's own format. */
const PROVIDER_PRIORITY = 100

function sortNearlySorted(places: number[]): void {
  for (let i = 1; i < places.length; i++) {
    if ((places[i] as number) < (places[i - 1] as number)) {
      places.sort((a, b) => a - b)
      return
    }
  }
}

function toMatches(candidates: readonly Candidate[], positions: Positions): Match[] {
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
      publicId: isPublicId(detector.id) ? value : '',
      partner: partners.get(index),
      confidence,
      validated,
      priority: detector.priority,
    }
  })
}

function maskSpans(inspect: Detection['inspect'], path: string, text: string) {
  const buffer = Buffer.from(text, 'utf8')
  const spans: { start: number; end: number }[] = []
  let bytes = 0
  let units = 0
  const unitsAt = (offset: number) => {
    units += buffer.toString('utf8', bytes, Math.max(bytes, offset)).length
    bytes = Math.max(bytes, offset)
    return units
  }
  for (const { start, end, about } of inspect(path, buffer, buffer.length).matches) {
    if (about === 'setting' || end <= bytes) continue
    spans.push({ start: unitsAt(start), end: unitsAt(end) })
  }
  return spans
}
