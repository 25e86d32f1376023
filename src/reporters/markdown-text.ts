import { printableText } from './printable.ts'
import { shorten } from './shorten.ts'

/**
 * Text of an audited tree for GitHub's and GitLab's Markdown. Both look for mentions, references and emoji in what is already
 * rendered, where a backslash is gone: a zero-width space behind the mark keeps `@someone`, `#1` and `!1` from being one.
 */
const BREAK = '&#8203;'
/** Longer texts are cut: what a tree holds has no bound of its own. */
const LONGEST = 2000

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', $: '<span>$</span>' }

/** As running text: nothing in it is markup, a link, a mention or a reference. Never the start of a line. */
export function escapeMarkdown(text: string): string {
  return printableText(shorten(text, LONGEST))
    .replace(/[&<>$]/g, (c) => ENTITIES[c] ?? c)
    .replace(/[\\`*_[\]|~!]/g, '\\$&')
    .replace(/:(?=\/\/)|(?<=\bwww)\./gi, '\\$&')
    .replace(/(?:[@#!~%]|\bGH-|(?<![\w:]):(?=[\w+-]+:))(?=[\w":+-])/g, `$&${BREAK}`)
}

/** As code, where neither renderer looks for anything: for places and names, which people copy. Not for table cells. */
export function codeSpan(text: string): string {
  const shown = printableText(shorten(text, LONGEST))
  if (shown.trim() === '') return '` `'
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = /^[`\s]|[`\s]$/.test(shown) ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}

/** Our own texts and those of the operator's rules: their lines are kept out of the layout, tags are not tags. */
export function proseOf(text: string): string {
  return escapeMarkdown(text.replace(/\s+/g, ' ').trim())
}
