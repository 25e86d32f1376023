import { referencesIn } from './expressions-flow.ts'

/** What a script hands on to later steps by one of the runner's files. */
export interface Write {
  readonly file: 'env' | 'path' | 'output'
  /** Empty where it is not written. */
  readonly name: string
  /** Paths of contexts; `env.NAME` for a variable of the shell that the script does not set. */
  readonly references: readonly string[]
  readonly content: 'text' | 'command' | 'file'
  /** The command whose output is written; empty for a text. */
  readonly command: string
}
/** What a variable of the script, or a part of a text, is made of. */
interface Value {
  readonly references: readonly string[]
  readonly content: Write['content']
  readonly command: string
}

const TARGET = /GITHUB_(ENV|PATH|OUTPUT)\b/
const REDIRECT =
  /(?:>>?|\btee\s+(?:-a|--append)|\b(?:Out-File|Add-Content|Set-Content)\b[^|]{0,199}?)\s*["']?\$\{?(?:env:)?GITHUB_(ENV|PATH|OUTPUT)\}?["']?/i
const ASSIGNMENT = /^(?:export\s+|local\s+|readonly\s+|declare\s+(?:-\w+\s+)*)?\$?([A-Za-z_]\w*)\s?\+?=\s?(.*)$/
/** Commands whose output is digits, a hash or a word of their own, whatever they read. */
const TAMES =
  /\|\s*(?:wc\b|sha\d+sum|md5sum|base64\b|jq\s+(?:-\w+\s+)*['"]?length|grep\s+-\w*[cq]\b|tr\s+-\w*c|xxd|jq\s+-Rs?a?\b)|\bgrep\s+-\w*o\w*\s+["']?(?:\[0-9|\\d)|\bsed\s+(?:-\w+\s+)*["']?s\/\[\^/

/** Texts of commits, whose authors need not be those who merged them. */
const MESSAGES = /\bgit\s+(?:-\S+\s+){0,9}(?:log|show)\b[^|]*(?:%[sbB]\b|%a[neE]\b|--oneline\b)/

/** Reads a script line by line. */
export function writesOf(script: string): Write[] {
  const lines = script.replace(/\\\n/g, '  ').split('\n')
  const variables = new Map<string, Value>()
  const writes: Write[] = []
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim()
    if (trimmed.startsWith('#')) continue
    const read = /(?:^|\s)read\s+(?:-\w+\s+)*([A-Za-z_]\w*)/.exec(trimmed)
    if (read?.[1]) variables.set(read[1], readValue(trimmed, variables))
    const assigned = ASSIGNMENT.exec(trimmed)
    if (assigned?.[1] && !TARGET.test(trimmed)) variables.set(assigned[1], readValue(assigned[2] ?? '', variables))
    const command = /::set-(output|env)\s+name=([\w-]+)::(.*)/.exec(trimmed)
    if (command) {
      const file = command[1] === 'env' ? 'env' : 'output'
      writes.push({ file, name: command[2] ?? '', ...readValue(command[3] ?? '', variables) })
    }
    const file = REDIRECT.exec(trimmed)?.[1]?.toLowerCase() as Write['file'] | undefined
    if (file) for (const write of written(bodyOf(lines, index), file, variables)) writes.push(write)
  }
  return writes
}

/** The text that goes into the file: the line's own, that of a heredoc behind it, or of the group that ends here. */
function bodyOf(lines: readonly string[], index: number): string[] {
  const line = (lines[index] ?? '').trim()
  const heredoc = /<<-?\s*\\?["']?(\w+)["']?/.exec(line)
  // `echo "name<<EOF"` is no heredoc of the shell.
  if (heredoc && /^(?:cat|tee)\b/.test(line)) {
    const end = lines.findIndex((each, i) => i > index && each.trim() === heredoc[1])
    return lines.slice(index + 1, end < 0 ? undefined : end)
  }
  if (/^(?:\}|\)|done|fi)/.test(line)) {
    const opening = line.startsWith('done')
      ? /\bdo$|^(?:for|while)\b/
      : line.startsWith('fi')
        ? /^if\b/
        : /(?:^|\s)[{(]$/
    const start = lines.slice(0, index).findLastIndex((each) => opening.test(each.trim()))
    return start < 0 ? [] : lines.slice(start + 1, index)
  }
  return [line.replace(REDIRECT, '').replace(/\|\s*$/, '')]
}

function* written(
  body: readonly string[],
  file: Write['file'],
  variables: ReadonlyMap<string, Value>,
): Generator<Write> {
  let block: { name: string; end: string; values: Value[] } | undefined
  for (const line of body) {
    const text = printed(line)
    if (block) {
      if (text.trim() === block.end) {
        yield { file, name: block.name, ...joined(block.values) }
        block = undefined
      } else block.values.push(readValue(asValue(line, text), variables))
      continue
    }
    const start = /^([A-Za-z_][\w.-]*)<<(.+)$/.exec(text.trim())
    if (start) {
      const [name = '', end = ''] = [start[1], start[2]]
      const inline = /^(\w+)\\n(.*)\\n\1/.exec(end)
      if (inline) yield { file, name, ...readValue(inline[2] ?? '', variables) }
      else block = { name, end, values: [] }
      continue
    }
    const pair = file === 'path' ? undefined : /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(text)
    if (pair) yield { file, name: pair[1] ?? '', ...readValue(pair[2] ?? '', variables) }
    else if (text.trim() !== '') yield { file, name: '', ...readValue(asValue(line, text), variables) }
  }
}

/** What `echo` or `printf` prints; a line of another command as it is. */
function printed(line: string): string {
  const text = line
    .trim()
    .replace(/^(?:sudo\s+)?(?:echo|printf|Write-Output)\s+(?:-[a-zA-Z]+\s+)*(?:['"]%s(?:\\n)?['"]\s+)?/, '')
  const quoted = /^(["'])([\s\S]*)\1$/.exec(text.trim())
  return quoted?.[2] ?? text.replace(/^(["'])/, '')
}

/** A command that is no echo: what it prints. */
function asValue(line: string, text: string): string {
  const trimmed = line.trim()
  if (/^(?:echo|printf|Write-Output)\b|^["'$]/.test(trimmed)) return text
  return /^[a-z][\w./-]*(?:\s|$)/.test(trimmed) ? `$(${trimmed})` : text
}

function readValue(text: string, variables: ReadonlyMap<string, Value>): Value {
  const references = new Set(referencesIn(text))
  const plain = text.replace(/\$\{\{(?:(?!\$\{\{)[\s\S])*?\}\}/g, '')
  let { content, command }: { content: Write['content']; command: string } = { content: 'text', command: '' }
  const substitution = /(?:\$\(|`)(?!\()([\s\S]+?)(?:\)|`)?$/.exec(plain)?.[1]
  if (substitution !== undefined && !plain.startsWith('$((')) {
    if (TAMES.test(substitution)) return { references: [], content: 'text', command: '' }
    command = substitution.trim().slice(0, 120)
    content = /^(?:cat|<|head|tail|jq|yq)\b/.test(command) && !/\|/.test(command.slice(0, 3)) ? 'file' : 'command'
    if (MESSAGES.test(substitution)) references.add('git.message')
    // The newest commit of a pull request, asked of the API.
    if (/headRefOid|headRefName|\.head\.(?:sha|ref)\b|headRepository/.test(substitution)) references.add('pull.head')
  }
  for (const [, name = ''] of plain.matchAll(/\$(?:env:)?\{?(?:env:)?([A-Za-z_]\w*)/g)) {
    const known = variables.get(name)
    if (!known) references.add(`env.${name.toLowerCase()}`)
    else {
      for (const each of known.references) references.add(each)
      if (known.content !== 'text' && content === 'text') ({ content, command } = known)
    }
  }
  return { references: [...references], content, command }
}

function joined(values: readonly Value[]): Value {
  const references = [...new Set(values.flatMap((value) => value.references))]
  const other = values.find(({ content }) => content !== 'text')
  return { references, content: other?.content ?? 'text', command: other?.command ?? '' }
}
