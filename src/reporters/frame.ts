import type { Excerpt, FileLocation } from '../model.ts'
import type { TextMeasure } from './text-measure.ts'

/** How a frame is drawn. */
export interface FrameOptions {
  readonly paint: (text: string) => string
  readonly dim: (text: string) => string
  readonly width: number
  readonly measure: TextMeasure
}

/** Lines of code with numbers, and a caret under what is meant. Secrets were masked where the lines were cut,
 *  control characters made printable before. */
export function renderFrame(excerpt: Excerpt, region: FileLocation | undefined, options: FrameOptions): string {
  const last = excerpt.startLine + excerpt.lines.length - 1
  const gutter = String(last).length
  const out: string[] = []
  for (const [i, raw] of excerpt.lines.entries()) {
    const number = excerpt.startLine + i
    const meant = number === region?.line
    const { text, shift } = cutToWidth(raw, options.width - gutter - 9, meant ? (region?.column ?? 1) : 1)
    const margin = `${String(number).padStart(gutter)} │ `
    out.push(`    ${meant ? options.paint('>') : ' '} ${options.dim(margin)}${text}`)
    if (meant && region?.column !== undefined)
      out.push(
        `      ${options.dim(`${' '.repeat(gutter)} │ `)}${options.paint(underline(text, region, { shift, length: raw.length }, options.measure))}`,
      )
  }
  return out.join('\n')
}

function underline(
  text: string,
  region: FileLocation,
  { shift, length }: { shift: number; length: number },
  measure: TextMeasure,
): string {
  const start = Math.max(0, (region.column ?? 1) - 1 - shift)
  const sameLine = region.endLine === undefined || region.endLine === region.line
  const end =
    sameLine && region.endColumn !== undefined ? region.endColumn - 1 - shift : Math.min(length - shift, start + 1)
  const before = measure.width(text.slice(0, start))
  const meant = Math.max(1, measure.width(text.slice(start, Math.min(end, text.length))))
  return `${' '.repeat(before)}${'^'.repeat(meant)}`
}

/** Cuts a long line so that the column is in view; `shift` characters were cut off in front. */
export function cutToWidth(line: string, room: number, column: number): { text: string; shift: number } {
  if (line.length <= room) return { text: line, shift: 0 }
  const shift = Math.max(0, Math.min(column - 1 - Math.floor(room / 3), line.length - room))
  return { text: line.slice(shift, shift + room), shift }
}
