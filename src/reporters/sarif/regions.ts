import type * as Sarif from 'sarif'
import type { Excerpt, FileLocation } from '../../model.ts'
import { printableText } from '../printable.ts'
import { artifactOf } from './uris.ts'

/** How much of the text is shown: none, the lines at hand, or that the file is not there. */
export type Shown = Excerpt | 'nothing' | 'no such file'

/** A place with its region, and the text of it and around it, secrets masked. */
export function toPhysical(place: FileLocation, shown: Shown = 'nothing'): Sarif.PhysicalLocation {
  const artifactLocation = artifactOf(place)
  const region = regionOf(place)
  if (shown === 'nothing') return { artifactLocation, region }
  if (shown === 'no such file') return { artifactLocation, ...emptyRegions(region) }
  const last = shown.startLine + shown.lines.length - 1
  if (shown.startLine > region.startLine || last < region.startLine) return { artifactLocation, region }
  return { artifactLocation, ...regionsWithin(region, shown) }
}

/** A region that GitHub takes: there is a line, no number is below 1, and the end is behind the start. */
interface LineRegion extends Sarif.Region {
  startLine: number
}
function regionOf(place: FileLocation): LineRegion {
  const startLine = Math.max(1, place.line ?? 1)
  const startColumn = place.column === undefined ? undefined : Math.max(1, place.column)
  const endLine = place.endLine === undefined ? undefined : Math.max(startLine, place.endLine)
  const sameLine = (endLine ?? startLine) === startLine
  const endColumn =
    place.endColumn === undefined ? undefined : Math.max(sameLine ? (startColumn ?? 1) + 1 : 1, place.endColumn)
  return {
    startLine,
    ...(startColumn !== undefined && { startColumn }),
    ...(endLine !== undefined && { endLine }),
    ...(endColumn !== undefined && { endColumn }),
  }
}

/**
 * SARIF wants a context that is more than the region. A long statement is pointed at by those of its first lines that are
 * shown: GitHub shows an alert in a pull request only if all of its lines were changed.
 */
function regionsWithin(wanted: LineRegion, excerpt: Excerpt): { region: Sarif.Region; contextRegion: Sarif.Region } {
  const last = excerpt.startLine + excerpt.lines.length - 1
  const wantedEnd = wanted.endLine ?? wanted.startLine
  let end = Math.min(wantedEnd, last)
  const moreLines = excerpt.startLine < wanted.startLine || last > end
  const narrow = end === wantedEnd && ((wanted.startColumn ?? 1) > 1 || wanted.endColumn !== undefined)
  if (!moreLines && !narrow && end > wanted.startLine) end -= 1
  const { endLine, endColumn, ...start } = wanted
  const region: LineRegion = end === wantedEnd ? wanted : { ...start, endLine: end }
  const text = textOf(excerpt, wanted.startLine, end)
  if (!moreLines && !narrow && end === wantedEnd) Object.assign(region, columnsOf(text))
  return {
    region: { ...region, snippet: { text } },
    contextRegion: {
      startLine: excerpt.startLine,
      endLine: last,
      snippet: { text: textOf(excerpt, excerpt.startLine, last) },
    },
  }
}

/** Of the only line of a file, the part without blanks around it. */
function columnsOf(line: string): { startColumn: number; endColumn: number } {
  const startColumn = line.length - line.trimStart().length + 1
  return { startColumn, endColumn: Math.max(startColumn, line.trimEnd().length) + 1 }
}

function textOf(excerpt: Excerpt, from: number, to: number): string {
  return excerpt.lines
    .slice(from - excerpt.startLine, to - excerpt.startLine + 1)
    .map(printableText)
    .join('\n')
}

/** A file that is not there has an empty first line. */
function emptyRegions({ startLine }: LineRegion): { region: Sarif.Region; contextRegion: Sarif.Region } {
  const snippet = { text: '' }
  return {
    region: { startLine, startColumn: 1, endLine: startLine, endColumn: 2, snippet },
    contextRegion: { startLine, endLine: startLine, snippet },
  }
}
