import { type FileKind, isTranslation } from '../file-kind.ts'
import type { Pair } from '../pair.ts'
import { classifyPath, type PathClass } from '../path-class.ts'
import { type Feature, flag } from './feature.ts'

/** Where a pair stands. */
export interface Surroundings {
  readonly path: string
  readonly kind: FileKind
  /** Text before the pair's key and behind its value, on the same and the neighbouring lines. */
  readonly before: string
  readonly after: string
}

/** A pair with what several features need of its place. */
export interface Place extends Surroundings {
  readonly pair: Pair
  readonly pathClass: PathClass
  readonly lineBefore: string
  readonly lineAfter: string
}

export function placeOf(pair: Pair, { path, kind, before, after }: Surroundings): Place {
  const newline = after.indexOf('\n')
  const lineBefore = before.slice(before.lastIndexOf('\n') + 1)
  const lineAfter = newline < 0 ? after : after.slice(0, newline)
  return { path, kind, before, after, pair, pathClass: classifyPath(path), lineBefore, lineAfter }
}

/** What the place of a pair tells; flags are 0 or 1. */
export const placeFeatures: readonly Feature<Place>[] = [
  ['quoted', ({ pair }) => flag(pair.quoted)],
  ['argument', ({ pair }) => flag(pair.form === 'argument')],
  ['markup', ({ pair }) => flag(pair.form === 'markup')],
  ['structure', ({ pair }) => flag(pair.syntax !== 'text')],
  ['environment', ({ pair }) => flag(/^(?:dotenv|compose|dockerfile|workflow)$/.test(pair.syntax))],
  ['kindCode', ({ kind }) => flag(kind === 'code')],
  ['kindConfig', ({ kind }) => flag(kind === 'config')],
  ['kindShell', ({ kind }) => flag(kind === 'shell')],
  ['kindProse', ({ kind }) => flag(kind === 'prose')],
  ['kindData', ({ kind }) => flag(kind === 'data')],
  ['kindUnknown', ({ kind }) => flag(kind === 'unknown')],
  ['inTest', ({ pathClass }) => flag(pathClass === 'test')],
  ['inExample', ({ pathClass }) => flag(pathClass === 'example')],
  ['inDocs', ({ pathClass }) => flag(pathClass === 'docs')],
  ['translation', ({ path }) => flag(isTranslation(path))],
  [
    'besideUser',
    ({ before, after }) => flag(/user|login|e?mail|account/i.test(before) || /user|login|e?mail|account/i.test(after)),
  ],
  [
    'besideHost',
    ({ before, after }) =>
      flag(/host|server|endpoint|https?:|port\b/i.test(before) || /host|server|endpoint|https?:|port\b/i.test(after)),
  ],
  [
    'lineUser',
    ({ lineBefore, lineAfter }) =>
      flag(/user|login|e?mail|account/i.test(lineBefore) || /user|login|e?mail|account/i.test(lineAfter)),
  ],
  ['asserts', ({ lineBefore }) => flag(/assert|expect|should|equal|require\.|must/i.test(lineBefore))],
  ['comment', ({ lineBefore }) => flag(/^\s*(?:#|\/\/|\*|<!--|;|--)/.test(lineBefore))],
  ['first', ({ lineBefore }) => flag(/^[\s"'`{([<*-]*$/.test(lineBefore))],
  ['indented', ({ lineBefore }) => flag(/^\s/.test(lineBefore))],
  [
    'comparison',
    ({ lineBefore, lineAfter }) => flag(/[!=]==?\s*["'`]?$/.test(lineBefore) || /^["'`]?\s*[!=]==?/.test(lineAfter)),
  ],
  ['continues', ({ lineAfter }) => flag(/^["'`]?\s*(?:[+.%]|\|\|)/.test(lineAfter))],
  ['ends', ({ lineAfter }) => flag(/^["'`]?[,;)\]}\s]*$/.test(lineAfter))],
  ['call', ({ lineBefore, lineAfter }) => flag(/\($/.test(lineBefore.trimEnd()) || /^["'`]?\)/.test(lineAfter))],
  ['made', ({ lineBefore }) => flag(/test|example|sample|dummy|fake|mock/i.test(lineBefore))],
  ['lineLong', ({ lineBefore, lineAfter }) => flag(lineBefore.length + lineAfter.length > 300)],
]
