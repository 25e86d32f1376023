import { createTwoFilesPatch } from 'diff'
import type { StatementEdit } from '../../derive/iam/suggest.ts'

/** Changes of one file, and the statements of which only a person can tell how to change them. */
export interface FilePatch {
  readonly file: string
  /** Unified; empty if nothing can be changed. */
  readonly diff: string
  /** `PATH:LINE: why`. */
  readonly byHand: readonly string[]
}

/** Writes the edits of one file into its text, last first, and gives the difference. */
export function patchFile(file: string, text: string, edits: readonly StatementEdit[]): FilePatch {
  const byHand: string[] = []
  let result = text
  const offsets = lineOffsets(text)
  const offset = (line: number, column: number) => (offsets[line - 1] ?? 0) + column - 1
  const spans = edits.map((edit) => {
    const { line = 1, column = 1, endLine = line, endColumn = 1 } = edit.at
    return { edit, start: offset(line, column), end: offset(endLine, endColumn) }
  })
  for (const { edit, start, end } of spans.sort((a, b) => b.start - a.start)) {
    const changed =
      edit.actions.length === 0 ? withoutStatement(result, start, end) : withActions(result, start, end, edit)
    if (changed === undefined) byHand.push(`${file}:${edit.at.line ?? 1}: ${wordsFor(edit)}`)
    else result = changed
  }
  const diff =
    result === text ? '' : createTwoFilesPatch(`a/${file}`, `b/${file}`, text, result, '', '', { context: 3 })
  return { file, diff: diff.replace(/^=+\n/, ''), byHand: byHand.reverse() }
}

function wordsFor({ policyName, actions }: StatementEdit): string {
  if (actions.length === 0) return `nothing that this statement of ${policyName} allows was used; remove it`
  return `the actions of this statement of ${policyName} are built elsewhere; they should be ${actions.join(', ')}`
}

function lineOffsets(text: string): number[] {
  const offsets = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) offsets.push(at + 1)
  return offsets
}

/** HCL's `actions = […]` and `Action = "…"`, JSON's `"Action": […]`. */
const LIST = /(?<![\w"'])(?:"Action"|'Action'|Action|actions)\s*[=:]\s*(\[[^\][]*\]|"[^"\n]*")/
/** YAML's block list, or one plain value. */
const YAML_LIST =
  /(?<=^|\n)([ ]*)((?:- )?)(["']?)Action\3:[ ]*((?:\n[ ]*- [^\n]*)+|[^\s[{"'#&*!|>][^\n]*|"[^"\n]*"|'[^'\n]*')/

/** The text with the statement's list of actions exchanged; undefined if the list that stands there is not the one known. */
function withActions(text: string, start: number, end: number, edit: StatementEdit): string | undefined {
  const statement = text.slice(start, end)
  const found = LIST.exec(statement)
  if (found?.[1] !== undefined) {
    const strings = [...found[1].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, value = '']) => value)
    if (!isSame(strings, edit.before)) return undefined
    const at = start + found.index + found[0].length - found[1].length
    return text.slice(0, at) + listLike(found[1], edit.actions) + text.slice(at + found[1].length)
  }
  // The first line of a statement that is an item of a list stands behind `- `.
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const block = text.slice(lineStart, end)
  const yaml = YAML_LIST.exec(block)
  if (!yaml) return undefined
  const [whole, indent = '', dash = '', , value = ''] = yaml
  const strings = value.includes('\n- ') || /^\n/.test(value) ? value.split('\n').slice(1).map(plain) : [plain(value)]
  if (!isSame(strings, edit.before)) return undefined
  const inner = /\n([ ]*)- /.exec(value)?.[1] ?? `${indent}${dash ? '  ' : ''}  `
  const list = edit.actions.map((action) => `\n${inner}- ${/[*?]/.test(action) ? `'${action}'` : action}`).join('')
  const at = lineStart + yaml.index + whole.length - value.length
  const before = text.slice(0, at).replace(/[ ]+$/, '')
  return before + list + text.slice(at + value.length)
}

function plain(item: string): string {
  return item
    .trim()
    .replace(/^- /, '')
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
}

function isSame(found: readonly string[], known: readonly string[]): boolean {
  return found.length > 0 && [...found].sort().join('\n') === [...known].sort().join('\n')
}

/** A list in the shape of the one that it replaces: in one line, or a line for each item. */
function listLike(old: string, items: readonly string[]): string {
  const strings = items.map((item) => JSON.stringify(item))
  const indent = /\n([ \t]*)"/.exec(old)?.[1]
  if (indent === undefined) return `[${strings.join(', ')}]`
  const trailing = /,\s*\]$/.test(old) ? ',' : ''
  const closing = /\n([ \t]*)\]$/.exec(old)?.[1] ?? ''
  return `[\n${strings.map((each) => indent + each).join(',\n')}${trailing}\n${closing}]`
}

/** The text without a statement that is not needed; undefined if it is the only one of its list. */
function withoutStatement(text: string, start: number, end: number): string | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const isAlone = text.slice(lineStart, start).trim() === ''
  if (/^statement\s*\{/.test(text.slice(start, end)) && isAlone) {
    const rest = text.slice(end)
    return text.slice(0, lineStart).replace(/\n[ \t]*\n$/, '\n') + rest.replace(/^[ \t]*\n/, '')
  }
  const after = /^\s*,/.exec(text.slice(end))
  if (after)
    return text.slice(0, isAlone ? lineStart : start) + text.slice(end + after[0].length).replace(/^[ \t]*\n/, '')
  const before = /,\s*$/.exec(text.slice(0, start))
  return before ? text.slice(0, start - before[0].length) + text.slice(end) : undefined
}
