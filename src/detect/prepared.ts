import type { Detector } from '../model.ts'
import { type Validator, validators } from './validators.ts'
import { type Window, windowOf } from './windows.ts'

/** A detector with what it needs to run; each part is made when it is first used, since most rules meet no text at all. */
export class PreparedDetector {
  readonly detector: Detector
  readonly validator: Validator | undefined
  #sticky: RegExp | undefined
  #global: RegExp | undefined
  #keys: RegExp | undefined
  #ignore: readonly RegExp[] | undefined
  #window: Window | undefined

  constructor(detector: Detector) {
    this.detector = detector
    this.validator = detector.validator === undefined ? undefined : validators[detector.validator]
    if (detector.validator !== undefined && !this.validator)
      throw new Error(`${detector.id}: there is no validator '${detector.validator}'`)
  }

  get window(): Window {
    this.#window ??= this.detector.pattern
      ? windowOf(this.detector.pattern, this.detector.keywords)
      : { anchored: false, before: 0, after: 0 }
    return this.#window
  }

  /** The match that begins exactly at an offset of the text. */
  matchAt(text: string, offset: number): RegExpExecArray | null {
    this.#sticky ??= this.#compile('dy')
    this.#sticky.lastIndex = offset
    return this.#sticky.exec(text)
  }

  /** The first match from an offset on. */
  matchFrom(text: string, offset: number): RegExpExecArray | null {
    this.#global ??= this.#compile('dg')
    this.#global.lastIndex = offset
    return this.#global.exec(text)
  }

  /** Whether pairs with this key are judged by the rule. */
  judges(key: string): boolean {
    const { keys } = this.detector
    if (!keys) return true
    this.#keys ??= new RegExp(keys.source, keys.flags)
    return this.#keys.test(key)
  }

  ignores(value: string): boolean {
    this.#ignore ??= this.detector.ignore.map(({ source, flags }) => new RegExp(source, flags))
    return this.#ignore.some((pattern) => pattern.test(value))
  }

  #compile(flags: string): RegExp {
    const { pattern, id } = this.detector
    if (!pattern) throw new Error(`${id} has no pattern`)
    return new RegExp(pattern.source, pattern.flags + flags)
  }
}

/** Offsets of the value within a match: the group `secret`, else the first group that took part, else all of it. */
export function valueSpan(match: RegExpExecArray): readonly [start: number, end: number] {
  const indices = match.indices
  const named = indices?.groups?.secret
  if (named) return named
  for (let group = 1; group < match.length; group++) {
    const span = indices?.[group]
    if (span) return span
  }
  return [match.index, match.index + match[0].length]
}
