import { printableText } from '../printable.ts'
import { shorten } from '../shorten.ts'

/** HTML that is safe: all else is text and gets escaped. Only this file makes it, so that nothing can be forgotten. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
/** What may stand in a template: markup as it is, text escaped, lists one after the other, nothing for the rest. */
export type Part = Markup | string | number | false | undefined | readonly Part[]

/** Longer texts are cut: what a tree holds has no bound of its own. */
const LONGEST = 2000
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Most texts are; telling so is quicker than looking for each thing that is not. */
const PLAIN = /^[ !#-%(-;=?-~\u00a1-\u1fff]*$/

/** A template whose values are escaped: in text and in quoted attributes alike. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(literals.map((literal, i) => literal + render(parts[i])).join(''))
}

function render(part: Part): string {
  if (part instanceof Markup) return part.text
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return part === false || part === undefined ? '' : part.map(render).join('')
}

/** Control and direction characters are shown as escapes, see printable.ts; so no line break is left in it. */
export function escapeHtml(text: string): string {
  if (text.length <= LONGEST && PLAIN.test(text)) return text
  return printableText(shorten(text, LONGEST)).replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c)
}

/** Our own texts and those of the operator's rules, whose lines are only a matter of layout. Text between backticks is code. */
export function prose(text: string): Markup {
  const pieces = text.replace(/\s+/g, ' ').trim().split('`')
  // An odd one out is no code.
  if (pieces.length % 2 === 0) return html`${text.replace(/\s+/g, ' ').trim()}`
  return html`${pieces.map((piece, i) => (i % 2 === 1 ? html`<code>${piece}</code>` : piece))}`
}

/** A link that leaves the page; anything but an address of the web is shown as text. */
export function outwardLink(url: string): Markup {
  if (!/^https?:\/\/[^\s<>"'`\\]+$/.test(url) || !URL.canParse(url)) return html`${url}`
  return html`<a href="${url}" rel="noopener noreferrer">${url.replace(/^https?:\/\//, '')}</a>`
}

/** `3 findings`, `1 finding`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}

/** What names something must be there to be read, and to be followed. */
export function orEmpty(text: string): string {
  return text.trim() === '' ? '(empty)' : text
}
