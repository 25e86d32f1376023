import type { Excerpt, FileLocation } from '../../model.ts'
import { cutToWidth } from '../frame.ts'
import { html, type Markup } from './markup.ts'

/** Characters of a line that are shown; a minified file is one line. */
const WIDTH = 240

/** Lines of code with their numbers, what is meant marked. Secrets were masked where the lines were cut. */
export function codeFrame(excerpt: Excerpt, region: FileLocation | undefined): Markup {
  const lines = excerpt.lines.map((raw, i) => {
    const number = excerpt.startLine + i
    const meant = number === region?.line
    const { text, shift } = cutToWidth(raw, WIDTH, meant ? (region?.column ?? 1) : 1)
    const shown = meant && region.column !== undefined ? mark(text, region, shift, raw.length) : html`${text}`
    return html`<code${meant && html` class="meant"`} data-line="${number}">${shown}
</code>`
  })
  return html`<pre class="frame">${lines}</pre>`
}

function mark(text: string, region: FileLocation, shift: number, length: number): Markup {
  const start = Math.max(0, (region.column ?? 1) - 1 - shift)
  const sameLine = region.endLine === undefined || region.endLine === region.line
  const end =
    sameLine && region.endColumn !== undefined ? region.endColumn - 1 - shift : Math.min(length - shift, start + 1)
  const stop = Math.max(start + 1, Math.min(end, text.length))
  return html`${text.slice(0, start)}<mark>${text.slice(start, stop)}</mark>${text.slice(stop)}`
}

const SORT: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'place' }

/** A unified diff; the signs in front say what colour says. */
export function diffFrame(diff: string): Markup {
  const lines = diff
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => {
      const sort = /^(?:\+\+\+|---)/.test(line) ? 'place' : (SORT[line.charAt(0)] ?? '')
      return html`<code${sort && html` class="${sort}"`}>${line.replace(/\r$/, '')}
</code>`
    })
  return html`<pre class="frame diff">${lines}</pre>`
}
