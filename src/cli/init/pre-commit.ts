import { isDeepStrictEqual } from 'node:util'
import { isMap, isSeq, parseDocument } from 'yaml'
import { preCommitEntry } from './templates.ts'

/** What becomes of a .pre-commit-config.yaml: its new text, or why it is left alone. */
export type Edited = { readonly text: string } | { readonly unchanged: string }

/**
 * Adds the hook, which starts `command`, as the last entry of `repos`. Everything else stays as it was written, comments and
 * indentation included: the entry is put in as text, and what comes out must mean what it meant before, with one entry more.
 */
export function addHook(text: string, command: string): Edited {
  const document = parseDocument(text, { logLevel: 'error' })
  if (document.errors.length > 0) return { unchanged: 'it is no YAML that can be read' }
  if (/^\s*-?\s*id:\s*['"]?zt-audit\b/m.test(text)) return { unchanged: 'the hook is there already' }
  const entry: unknown = parseDocument(preCommitEntry(command)).toJS()
  const before: unknown = document.toJS()
  if (!isConfig(before) || !Array.isArray(entry)) return { unchanged: 'it has no list of repos' }
  const wanted = { ...before, repos: [...before.repos, ...entry] }
  const repos = isMap(document.contents) ? document.contents.get('repos', true) : undefined
  const [item] = isSeq(repos) && !repos.flow ? repos.items.slice(-1) : []
  const range = isMap(item) ? (item.range ?? undefined) : undefined
  const inserted = range && insertAfter(text, range[0], range[1], preCommitEntry(command))
  if (inserted !== undefined && isDeepStrictEqual(parseDocument(inserted).toJS(), wanted)) return { text: inserted }
  // A list in brackets, say: the library writes the whole file, comments included.
  for (const each of entry) document.addIn(['repos'], document.createNode(each))
  return { text: document.toString({ lineWidth: 0 }) }
}

/** The text of a new file. */
export function newConfig(command: string): string {
  return `# https://pre-commit.com; run once: pre-commit install\nrepos:\n${indented(preCommitEntry(command), '  ')}`
}

function isConfig(value: unknown): value is { readonly repos: readonly unknown[] } {
  return typeof value === 'object' && value !== null && 'repos' in value && Array.isArray(value.repos)
}

/** The entry behind the item that spans `start` to `end`, as far to the right as that. */
function insertAfter(text: string, start: number, end: number, added: string): string | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const indent = /^([ \t]*)-[ \t]+$/.exec(text.slice(lineStart, start))?.[1]
  if (indent === undefined) return undefined
  const last = text.slice(0, end).trimEnd().length
  const lineEnd = text.indexOf('\n', last)
  const at = lineEnd < 0 ? text.length : lineEnd
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const entry = indented(added, indent).trimEnd().replaceAll('\n', newline)
  const head = text.slice(0, at).replace(/\r$/, '')
  const rest = text.slice(at)
  return `${head}${newline}${entry}${rest === '' ? newline : newline + rest.replace(/^\r?\n/, '')}`
}

function indented(text: string, indent: string): string {
  return text.replace(/^(?=.)/gm, indent)
}
