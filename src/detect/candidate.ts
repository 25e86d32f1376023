import type { Confidence } from '../model.ts'
import type { Syntax } from './pair.ts'
import type { PreparedDetector } from './prepared.ts'

/** A value that one detector takes for a secret, before detectors are weighed against each other. Offsets are bytes. */
export interface Candidate {
  readonly source: PreparedDetector
  readonly start: number
  readonly end: number
  /** One byte per character; decoded if the text holds it encoded. */
  readonly value: string
  readonly key: string
  readonly syntax: Syntax
  /** How the text holds the value, outermost first; absent if as it is. */
  readonly encoding?: string
  readonly confidence: Confidence
  readonly validated: boolean
}
