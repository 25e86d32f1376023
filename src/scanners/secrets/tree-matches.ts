import type { Buffer } from 'node:buffer'
import type { Inspection } from '../../detect/detect.ts'
import type { Match } from '../../detect/match.ts'
import { secretMatch } from '../../facts/secret.ts'
import type { FileLocation, ScanContext } from '../../model.ts'
import { cutExcerpt } from './excerpt.ts'
import type { Occurrences } from './occurrences.ts'

/** What of the scan's context is needed for one text. */
export type GapSink = Pick<ScanContext, 'gap'>

/** Adds what was found in a file as it stands. */
export function addTreeMatches(
  inspection: Inspection,
  place: { readonly file: string; readonly committed: boolean | undefined },
  buffer: Buffer,
  occurrences: Occurrences,
): void {
  const { matches, positions } = inspection
  if (matches.length === 0) return
  occurrences.add(
    matches,
    { ...place, text: () => positions.text() },
    (match) => locate(match, place.file),
    (match) => cutExcerpt(match, { buffer, positions, matches }),
  )
}

function locate({ line, column, endLine, endColumn }: Match, file: string): FileLocation {
  return { file, line, column, endLine, endColumn }
}

/** What had to be given up for a text. */
export function recordLimits({ limits }: Inspection, scope: string, path: string, context: GapSink): void {
  for (const { reason, detail } of limits) {
    context.gap({
      kind: secretMatch.kind,
      scope: `${scope}/${path}`,
      class: 'limit',
      reason,
      detail: `${path}: ${detail}`,
    })
  }
}
