/**
 * Commands of a shell script as far as an audit has to tell them apart: quotes, pipes, redirections, substitutions and here
 * documents of POSIX shells, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html. Nothing is expanded and
 * nothing is run; `${{ … }}` is a piece of a word.
 */
export interface Command {
  /** Its name and arguments without quotes; assignments and keywords before it are left out. */
  readonly words: readonly string[]
  /** `NAME=value` before it. */
  readonly assignments: readonly string[]
  /** Offset of its first character in the script. */
  readonly start: number
  /** The command whose input its output is, in a pipe. */
  readonly pipedTo?: string
  /** Files that its output goes to instead of the log. */
  readonly output?: string
  /** Its output becomes a value: it stands in `$(…)` or backticks. */
  readonly captured: boolean
  /** The here document or here string that it reads. */
  readonly input?: string
}

interface Draft {
  words: string[]
  start: number
  output?: string
  input?: string
}
const KEYWORDS = new Set([
  'if',
  'then',
  'elif',
  'else',
  'while',
  'until',
  'do',
  '!',
  'time',
  '{',
  'exec',
  'command',
  'sudo',
  'env',
  'nohup',
])
const NOTHING = new Set(['fi', 'done', 'esac', '}', 'in', ''])

/** The commands of a script in their order, those within substitutions behind the one that holds them. */
export function commandsOf(script: string): Command[] {
  return new Reader(script).read(false)
}

class Reader {
  readonly #text: string
  readonly #commands: Command[] = []
  readonly #nested: Command[] = []
  readonly #base: number
  #at = 0
  /** Parentheses of subshells. */
  #open = 0
  #draft: Draft | undefined
  /** Delimiters of here documents that begin behind the line's end. */
  #pending: { delimiter: string; indented: boolean; draft: Draft }[] = []

  constructor(text: string, base = 0) {
    this.#text = text
    this.#base = base
  }

  read(captured: boolean): Command[] {
    while (this.#at < this.#text.length) this.#step(captured)
    this.#end(captured)
    return [...this.#commands, ...this.#nested]
  }

  #step(captured: boolean): void {
    const text = this.#text
    const char = text[this.#at] ?? ''
    if (char === '\\' && /^\\\r?\n/.test(text.slice(this.#at, this.#at + 3)))
      this.#at = text.indexOf('\n', this.#at) + 1
    else if (char === ' ' || char === '\t' || char === '\r') this.#at++
    else if (char === '\n') {
      this.#end(captured)
      this.#at++
      this.#hereDocuments()
    } else if (char === '#') this.#at = lineEnd(text, this.#at)
    else if (char === '|' && text[this.#at + 1] !== '|') {
      this.#at += text[this.#at + 1] === '&' ? 2 : 1
      this.#end(captured, true)
    } else if (char === ')' && this.#open === 0) this.#dropPattern()
    else if (/[;&|()]/.test(char)) {
      this.#end(captured)
      if (char === '(') this.#open++
      if (char === ')') this.#open--
      this.#at++
    } else this.#wordOrRedirection()
  }

  /** `a | b)` of a `case` is no pipe. */
  #dropPattern(): void {
    this.#draft = undefined
    this.#at++
    while (this.#commands.at(-1)?.pipedTo === '|') this.#commands.pop()
  }

  /** Within `[[ … ]]`, `&&` and `<` are operators of the test. */
  #test(draft: Draft): void {
    while (this.#at < this.#text.length && !this.#text.startsWith(']]', this.#at)) {
      const before = this.#at
      const word = this.#word()
      if (this.#at === before) this.#at++
      else draft.words.push(word)
    }
    this.#at += 2
  }

  #wordOrRedirection(): void {
    const rest = this.#text.slice(this.#at, this.#at + 120)
    const here = /^\d?<<(-?)\s*(["']?)([A-Za-z_]\w*)\2/.exec(rest)
    const draft = this.#started()
    if (here) {
      this.#at += here[0].length
      this.#pending.push({ delimiter: here[3] ?? '', indented: here[1] === '-', draft })
      return
    }
    const redirection = /^(?:<<<|&>>?|\d*>>?&?|<)[ \t]*/.exec(rest)
    if (!redirection || (redirection[0] === '' && rest[0] !== '<')) {
      const word = this.#word()
      draft.words.push(word)
      if (word === '[[') this.#test(draft)
      return
    }
    this.#at += redirection[0].length
    const target = this.#word()
    const sign = redirection[0].trim()
    if (sign === '<<<') draft.input = target
    // What goes to standard error stands in the log, too.
    else if (/>/.test(sign) && !/^2/.test(sign) && !/^(?:[12]|\/dev\/(?:stderr|stdout|tty))$/.test(target))
      draft.output = target
  }

  /** One word; substitutions in it are commands of their own. */
  #word(): string {
    const text = this.#text
    let word = ''
    while (this.#at < text.length) {
      const char = text[this.#at] ?? ''
      if (text.startsWith('${{', this.#at)) word += this.#until('}}', 3)
      else if (text.startsWith('${', this.#at)) word += this.#until('}', 2)
      else if (text.startsWith('$((', this.#at)) word += this.#until('))', 3)
      else if (text.startsWith('$(', this.#at)) word += this.#substitution(')')
      else if (char === '`') word += this.#substitution('`')
      else if (char === "'") word += this.#until("'", 1).slice(1, -1)
      else if (char === '"') word += this.#doubleQuoted()
      else if (char === '\\') {
        if (text[this.#at + 1] !== '\n') word += text[this.#at + 1] ?? ''
        this.#at += 2
      } else if (/[\s;&|()<>]/.test(char)) break
      else {
        word += char
        this.#at++
      }
    }
    return word
  }

  #doubleQuoted(): string {
    const text = this.#text
    let word = ''
    this.#at++
    while (this.#at < text.length && text[this.#at] !== '"') {
      if (text.startsWith('${{', this.#at)) word += this.#until('}}', 3)
      else if (text.startsWith('$((', this.#at)) word += this.#until('))', 3)
      else if (text.startsWith('$(', this.#at)) word += this.#substitution(')')
      else if (text[this.#at] === '`') word += this.#substitution('`')
      else if (text[this.#at] === '\\') {
        word += text[this.#at + 1] ?? ''
        this.#at += 2
      } else word += text[this.#at++]
    }
    this.#at++
    return word
  }

  #substitution(close: ')' | '`'): string {
    const from = this.#at
    const open = close === '`' ? 1 : 2
    let depth = 1
    let i = from + open
    for (; i < this.#text.length && depth > 0; i++) {
      if (this.#text[i] === close) depth--
      else if (close === ')' && this.#text[i] === '(') depth++
    }
    this.#at = i
    const inner = this.#text.slice(from + open, i - 1)
    this.#nested.push(...new Reader(inner, this.#base + from + open).read(true))
    return this.#text.slice(from, i)
  }

  #until(end: string, from: number): string {
    const start = this.#at
    const found = this.#text.indexOf(end, start + from)
    this.#at = found < 0 ? this.#text.length : found + end.length
    return this.#text.slice(start, this.#at)
  }

  #started(): Draft {
    this.#draft ??= { words: [], start: this.#base + this.#at }
    return this.#draft
  }

  #end(captured: boolean, piped = false): void {
    const draft = this.#draft
    this.#draft = undefined
    if (!draft) return
    const words = [...draft.words]
    const assignments: string[] = []
    let prefixed = false
    // `sudo -E make`: options of what only starts another command.
    while (
      words[0] !== undefined &&
      (KEYWORDS.has(words[0]) || /^\w+\+?=/.test(words[0]) || (prefixed && /^-\w/.test(words[0])))
    ) {
      const word = words.shift() ?? ''
      prefixed ||= KEYWORDS.has(word)
      if (/^\w+\+?=/.test(word)) assignments.push(word)
    }
    if (words.length === 0 ? assignments.length === 0 : NOTHING.has(words[0] ?? '')) return
    const command = {
      words,
      assignments,
      start: draft.start,
      captured,
      ...(draft.output !== undefined && { output: draft.output }),
      ...(draft.input !== undefined && { input: draft.input }),
      // Filled in when the next command is known.
      ...(piped && { pipedTo: '|' }),
    }
    const before = this.#commands.at(-1)
    if (before?.pipedTo === '|') this.#commands[this.#commands.length - 1] = { ...before, pipedTo: words.join(' ') }
    this.#commands.push(command)
    for (const each of this.#pending) if (each.draft === draft) each.draft = command as unknown as Draft
  }

  #hereDocuments(): void {
    for (const { delimiter, indented, draft } of this.#pending) {
      const from = this.#at
      let end = this.#text.length
      for (let line = from; line < this.#text.length; line = lineEnd(this.#text, line) + 1) {
        const content = this.#text.slice(line, lineEnd(this.#text, line)).replace(/\r$/, '')
        if ((indented ? content.replace(/^\t+/, '') : content) === delimiter) {
          end = line
          break
        }
      }
      draft.input = this.#text.slice(from, end)
      this.#at = end < this.#text.length ? lineEnd(this.#text, end) : end
    }
    this.#pending = []
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
