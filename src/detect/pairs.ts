import { Buffer } from 'node:buffer'
import { readAssignment, readingsOf } from './assignment.ts'
import { type ByteText, pieceReader, textBeside } from './byte-text.ts'
import type { Candidate } from './candidate.ts'
import { entropyOf } from './entropy.ts'
import { type FileKind, kindOf, structureOf } from './file-kind.ts'
import { judgeKey } from './key-name.ts'
import type { Pair, Syntax } from './pair.ts'
import type { PreparedDetector } from './prepared.ts'
import { contextOf, type Model, type PairContext, scorePair } from './score.ts'
import { readPairs as readStructure } from './structure/interpret.ts'
import { kindsIn } from './structure/markdown.ts'

/** What announces a pair worth reading, for rules that name no keywords of their own. */
export const PAIR_KEYWORDS: readonly string[] = [
  'pass',
  'pwd',
  'secret',
  'token',
  'auth',
  'key',
  'credential',
  'identified',
  'securestring',
]

/** Bytes. Structured files beyond this size are data; their text is read around keywords like any other. */
export const MAX_STRUCTURED = 2 << 20

/** Bytes before and after a keyword that reading an assignment looks at. */
const BEFORE = 128
const AFTER = 1400

/**
 * The pairs of a text: all of a structured file, if it is worth being read as one, and those whose name holds a keyword elsewhere.
 * `positions` are the places of keywords, ascending.
 */
export function readPairs(path: string, text: ByteText, positions: readonly number[], isStructured: boolean): Pair[] {
  const kind = kindOf(path)
  const structure = structureOf(path)
  const pairs =
    isStructured && structure && text.length <= MAX_STRUCTURED
      ? readStructure(path, structure, text.slice(0, text.length))
      : []
  pairs.sort((a, b) => a.keyStart - b.keyStart)
  if (positions.length === 0) return pairs
  const kindAt =
    structure === 'markdown' ? kindsIn(text.slice(0, Math.min(text.length, MAX_STRUCTURED)), kindOf) : () => kind
  const loose: Pair[] = []
  const pieceAt = pieceReader(text, BEFORE, AFTER)
  let next = 0
  let lastStart = -1
  for (const at of positions) {
    while (next < pairs.length && endOf(pairs[next] as Pair) <= at) next++
    const around = pairs[next]
    if (around && around.keyStart <= at && !mayNest(around, at)) continue
    const piece = pieceAt(at)
    const pair = shifted(readAssignment(piece.text, at - piece.base, kindAt(at), 'text'), piece.base)
    // "secret_token" holds two keywords and is one name.
    if (pair && pair.start !== lastStart) loose.push(pair)
    lastStart = pair?.start ?? lastStart
  }
  return [...pairs, ...loose]
}

function shifted(pair: Pair | undefined, by: number): Pair | undefined {
  return pair && { ...pair, keyStart: pair.keyStart + by, start: pair.start + by, end: pair.end + by }
}

/** A script or a document within a scalar is read as text; only its key has been dealt with. */
function endOf({ value, keyStart, key, end }: Pair): number {
  return value.includes('\n') ? keyStart + key.length : end
}

/** Longer values are text: read around each of its words again and again, they would cost too much. */
const MAX_NESTING_VALUE = 4000

/**
 * Whether the value around a keyword may hold a pair of its own: arguments (`JAVA_OPTS=-Dapp.password=…`), the pairs of a
 * connection string, a document.
 */
function mayNest({ start, end, value }: Pair, at: number): boolean {
  return at > start && at < end && value.length < MAX_NESTING_VALUE && /[="']|--|: /.test(value)
}

/** The rules that judge pairs, and which of them a key concerns. */
export class PairJudges {
  readonly #judges: readonly PreparedDetector[]
  readonly #byKey = new Map<Syntax, Map<string, readonly PreparedDetector[]>>()
  readonly #names = new Map<string, boolean>()

  /** Rules of higher priority are asked first. */
  constructor(detectors: readonly PreparedDetector[]) {
    this.#judges = [...detectors].sort((a, b) => b.detector.priority - a.detector.priority)
  }

  /** Whether any rule is concerned with a pair of this name. */
  concern({ syntax, key }: Pair): boolean {
    return this.#judgesOf(syntax, key).length > 0
  }

  /**
   * Whether any rule may be concerned with what is assigned to a name, in whatever syntax. Rules that only go by the place (all
   * that a Secret of Kubernetes holds) do not count: what announces their pairs is a keyword of their own.
   */
  concernName(name: string): boolean {
    let known = this.#names.get(name)
    if (known === undefined) {
      const readings = readingsOf(name)
      known = this.#judges.some((source) => !goesByPlace(source) && readings.some((each) => source.judges(each)))
      if (this.#names.size > MOST_NAMES) this.#names.clear()
      this.#names.set(name, known)
    }
    return known
  }

  /** What the first rule that takes the pair for a secret says of it. */
  judge(pair: Pair, text: ByteText, path: string, kind: FileKind): Candidate | undefined {
    let context: Omit<PairContext, 'structured'> | undefined
    for (const source of this.#judgesOf(pair.syntax, pair.key)) {
      const { detector } = source
      if (detector.minEntropy > 0 && entropyOf(pair.value) < detector.minEntropy) continue
      if (source.ignores(pair.value)) continue
      const structured = detector.by === 'structure'
      context ??= contextOf(pair, { path, kind, ...textBeside(text, pair.keyStart, pair.end) })
      const confidence = scorePair(pair, modelFor(source, pair.key), { ...context, structured })
      if (confidence === undefined) continue
      const { start, end, value, key, syntax } = pair
      return { source, start, end, value, key, syntax, confidence, validated: false }
    }
    return undefined
  }

  #judgesOf(syntax: Syntax, key: string): readonly PreparedDetector[] {
    let byKey = this.#byKey.get(syntax)
    if (!byKey) {
      byKey = new Map()
      this.#byKey.set(syntax, byKey)
    }
    let judges = byKey.get(key)
    if (!judges) {
      judges = this.#judges.filter((source) => takes(source, syntax) && source.judges(key))
      if (byKey.size > MOST_NAMES) byKey.clear()
      // A copy: a slice would keep the text that it was cut from in memory.
      byKey.set(Buffer.from(key, 'latin1').toString('latin1'), judges)
    }
    return judges
  }
}

/** Names whose judges are remembered. */
const MOST_NAMES = 20_000

function takes({ detector: { syntaxes } }: PreparedDetector, syntax: Syntax): boolean {
  return syntaxes.length === 0 || syntaxes.includes(syntax)
}

/** Whether a rule judges pairs of any name, since it knows the place in which they stand. */
export function goesByPlace(source: PreparedDetector): boolean {
  return source.detector.keys === undefined && !takes(source, 'text')
}

function modelFor({ detector }: PreparedDetector, key: string): Model {
  if (detector.acceptPlaceholders) return 'signing-key'
  return judgeKey(key).isPassword || (detector.by === 'score' && detector.lowEntropy) ? 'password' : 'key'
}
