import type { Buffer } from 'node:buffer'
import type { Detector } from '../model.ts'
import { nameAt, nameToRead } from './assignment.ts'
import { type Automaton, createAutomaton, type Hits } from './automaton.ts'
import { type Announcer, announcersFor } from './decode/announcers.ts'
import { opensAt } from './opening.ts'
import { goesByPlace, PAIR_KEYWORDS, type PairJudges } from './pairs.ts'
import type { PreparedDetector } from './prepared.ts'
import { SUPPRESSION_KEYWORDS } from './suppression.ts'

/** What a keyword calls for. */
interface KeywordUse {
  readonly patterns: number[]
  isPair: boolean
  /** It announces pairs whose place says more than their name. */
  isPlace: boolean
  /** Bytes of it. */
  readonly length: number
  readonly suppression: string | undefined
  /** Text that stands here in another form. */
  readonly announcers: Announcer[]
}

/** Places of a text, by what they call for. */
export interface SortedHits {
  readonly patterns: ReadonlyMap<number, number[]>
  /** Places of names that may be assigned a secret. */
  readonly pairs: readonly number[]
  /** There are more than are looked at. */
  readonly hasMorePairs: boolean
  /** Whether the pairs are read by the structure of the file. */
  readonly isStructured: boolean
  readonly suppressions: { readonly at: number; readonly keyword: string }[]
  readonly announced: { readonly at: number; readonly announcer: Announcer }[]
}

/** Places of a text at which the name of a secret is looked for: beyond them it is data, and would fill the memory. */
export const MOST_PAIRS = 100_000

/** Rules of this priority know a provider's own format. */
export const PROVIDER_PRIORITY = 100

/** What the path of a text says of how it is read. */
export interface Reading {
  readonly isForeign: boolean
  /** Its structure is known. */
  readonly hasStructure: boolean
  /** It may hold a secret that nothing announces. */
  readonly isBare: boolean
}

/** Finds the places of a text that are worth a closer look. */
export class HitFinder {
  readonly #prepared: readonly PreparedDetector[]
  readonly #judges: PairJudges
  readonly #uses: readonly KeywordUse[]
  readonly #keywords: readonly string[]
  #automaton: Automaton | undefined

  constructor(detectors: readonly Detector[], prepared: readonly PreparedDetector[], judges: PairJudges) {
    this.#prepared = prepared
    this.#judges = judges
    const uses = new Map<string, KeywordUse>()
    const use = (keyword: string) => {
      const known = uses.get(keyword)
      if (known) return known
      const suppression = SUPPRESSION_KEYWORDS.find((word) => word === keyword)
      const fresh: KeywordUse = {
        patterns: [],
        isPair: false,
        isPlace: false,
        length: keyword.length,
        suppression,
        announcers: [],
      }
      uses.set(keyword, fresh)
      return fresh
    }
    for (const keyword of SUPPRESSION_KEYWORDS) use(keyword)
    detectors.forEach((detector, index) => {
      if (detector.pattern) for (const keyword of detector.keywords) use(keyword).patterns.push(index)
      if (detector.by === 'pattern') return
      const own = detector.pattern ? [] : detector.keywords
      const isPlace = goesByPlace(prepared[index] as PreparedDetector)
      for (const keyword of own.length > 0 ? own : PAIR_KEYWORDS) {
        const announced = use(keyword)
        announced.isPair = true
        announced.isPlace ||= isPlace
      }
    })
    for (const announcer of announcersFor(detectors)) use(announcer.text.toLowerCase()).announcers.push(announcer)
    this.#uses = [...uses.values()]
    this.#keywords = [...uses.keys()]
  }

  /** The places of a text; undefined if there are none. */
  find(buffer: Buffer, length: number, reading: Reading): SortedHits | undefined {
    // Built when the first text comes: an empty tree needs none.
    this.#automaton ??= createAutomaton(this.#keywords)
    const hits = this.#automaton.find(buffer, length)
    if (hits.count === 0 && !reading.isBare) return undefined
    return this.#sort(hits, buffer, length, reading)
  }

  /**
   * Hits by what they call for. In foreign code only formats of providers count. Of the places of pairs those are kept whose name
   * concerns a rule; a file is read by its structure if any name in it does, or a keyword that stands for a place: of another one
   * all pairs would be passed over.
   */
  #sort(hits: Hits, buffer: Buffer, length: number, { isForeign, hasStructure, isBare }: Reading): SortedHits {
    const patterns = new Map<number, number[]>()
    const pairs: number[] = []
    const suppressions: SortedHits['suppressions'][number][] = []
    const announced: SortedHits['announced'][number][] = []
    let hasMorePairs = false
    let isStructured = isBare
    for (let i = 0; i < hits.count; i++) {
      const at = hits.positions[i] as number
      const use = this.#uses[hits.keywords[i] as number] as KeywordUse
      if (use.suppression !== undefined) suppressions.push({ at, keyword: use.suppression })
      if (use.isPair && !isForeign) {
        if (hasStructure && !isStructured)
          isStructured = use.isPlace || this.#judges.concernName(nameAt(buffer, length, at))
        if (!hasMorePairs && this.#mayBeAssigned(buffer, length, at)) {
          if (pairs.length < MOST_PAIRS) pairs.push(at)
          else hasMorePairs = true
        }
      }
      for (const announcer of use.announcers) announced.push({ at, announcer })
      for (const index of use.patterns) {
        const source = this.#prepared[index] as PreparedDetector
        if (isForeign && source.detector.priority < PROVIDER_PRIORITY) continue
        const { opening } = source.window
        // In another case, or within a word. What follows may stand in the next literal.
        if (opening && !opensAt(opening, buffer, length, at, use.length)) continue
        const places = patterns.get(index)
        if (places) places.push(at)
        else patterns.set(index, [at])
      }
    }
    // Hits come in order of their ends; keywords of different lengths may begin the other way round.
    for (const places of [...patterns.values(), pairs]) sortNearlySorted(places)
    return { patterns, pairs, hasMorePairs, isStructured, suppressions, announced }
  }

  #mayBeAssigned(buffer: Buffer, length: number, at: number): boolean {
    const name = nameToRead(buffer, length, at)
    return name !== undefined && this.#judges.concernName(name)
  }
}

function sortNearlySorted(places: number[]): void {
  for (let i = 1; i < places.length; i++) {
    if ((places[i] as number) < (places[i - 1] as number)) {
      places.sort((a, b) => a - b)
      return
    }
  }
}
