import type { Buffer } from 'node:buffer'
import type { FileKind } from './file-kind.ts'
import type { Pair, Syntax } from './pair.ts'

/** Bytes of a name, a value and what stands between them that are looked at. */
const MAX_KEY = 80
const MAX_VALUE = 600

/**
 * What may stand between a name and its value: the closing quote or bracket of the name, a type annotation, an operator, a
 * prefix of the literal (`b"…"`, `@"…"`, `new String("…")`, `[]byte("…")`, `&str = "…"`).
 */
const OPERATOR =
  /(\\?["'`]?\]?["']?)[ \t]{0,20}(?:(?:\?|!)?:[ \t]{0,4}(?:&'?\w{0,10} ?|\[\])?[A-Za-z][\w.<>[\]?| ]{0,40}?[ \t]{0,4}(=)(?![=>~])|(:=|=>|->|\?=|\+=|[!=]==?(?=[ \t]{0,4}["'`])|=(?![=>~])|:(?![:=])|,(?=[ \t]{0,20}(?:[brfuBRFU@]{0,2})["'`])|\)[ \t]{0,4}[.=][ \t]{0,4}(?:value\(|default\(|set\()?))[ \t]{0,40}(?:\r?\n[ \t]{0,40})?(?:\[[ \t]{0,4}(?=["'`]))?(?:new[ \t]+)?(?:(?:String|string|Some|Buffer\.from|SecureString|Secret|SecretStr|\[\]byte|bytes|b64decode|str|process\.env\.\w{1,60}[ \t]{0,4}\|\|?|process\.env\.\w{1,60}[ \t]{0,4}\?\?)[ \t]{0,2}\(?[ \t]{0,4})?/y
const DECLARED =
  /[ \t]{1,8}(?:(?:const|static|final|volatile)[ \t]+)?(?:\*?[A-Za-z][\w.*<>[\]]{0,30}[ \t]{0,4})?(=)(?![=>~])[ \t]{0,40}/y
const LITERAL_PREFIX = /(?:[brfuBRFUL@$]{0,2}|&)(?=["'`])/y
const SQL =
  /[ \t]{1,8}(?:(?:with[ \t]{1,8}\w{1,40}[ \t]{1,8})?(?:by|as)[ \t]{1,8}(?:password[ \t]{1,8})?|-String[ \t]{1,8})?(?=["'])/iy
/** Words of statements that a password follows. */
const STATEMENT = /^(?:password|identified|convertto-securestring)$/i
const OPTION = /(?:[ \t]+|=)/y
const WORD = /[^\s"'`,;<>(){}[\]|&\\]{1,200}/y

/**
 * Reads the pair whose name holds the word at an offset: `db_password = "…"`, `"password": '…'`, `password="…"`,
 * `--password=…`, `<password>…</password>`, `IDENTIFIED … PASSWORD '…'`. Undefined if nothing literal is assigned to it.
 */
export function readAssignment(text: string, at: number, kind: FileKind, syntax: Syntax): Pair | undefined {
  const { start, end } = nameAround(text, at)
  if (!mayBeAssigned(text.charCodeAt(end))) return undefined
  const key = text.slice(start, end)
  const context: Context = { text, key, keyStart: start, keyEnd: end, kind, syntax }
  return (
    readMarkup(context) ??
    readOption(context) ??
    readQuery(context) ??
    readCall(context) ??
    readOperator(context) ??
    readStatement(context)
  )
}

/**
 * The name around a keyword, if it may be assigned something, told from bytes alone: for most occurrences it may not, and the text
 * need not even be decoded. Refuses nothing that `readAssignment` takes.
 */
export function nameToRead(buffer: Buffer, length: number, at: number): string | undefined {
  let end = at
  while (end < length && end - at < MAX_KEY && isNamePart(buffer[end] as number)) end++
  while (end > at && (buffer[end - 1] === 46 || buffer[end - 1] === 45)) end--
  const next = end < length ? (buffer[end] as number) : 0
  if (!mayBeAssigned(next)) return undefined
  const start = nameStart(buffer, at)
  // An option's value follows a blank; so does the literal of a statement.
  const isBlank = next === 32 || next === 9
  if (
    isBlank &&
    buffer[start] !== 45 &&
    !STATEMENT_LENGTHS.includes(end - start) &&
    !operatorFollows(buffer, length, end)
  )
    return undefined
  return buffer.toString('latin1', start, end)
}

/** The name around a keyword, whatever stands behind it. */
export function nameAt(buffer: Buffer, length: number, at: number): string {
  let end = at
  while (end < length && end - at < MAX_KEY && isNamePart(buffer[end] as number)) end++
  return buffer.toString('latin1', nameStart(buffer, at), end)
}

function nameStart(buffer: Buffer, at: number): number {
  let start = at
  while (start > 0 && at - start < MAX_KEY && isNamePart(buffer[start - 1] as number)) start--
  return start
}

/** Lengths of the names that are keywords of statements: password, identified, ConvertTo-SecureString. */
const STATEMENT_LENGTHS = [8, 10, 22]
/** Blanks between a name and its operator, and bytes of a type between the two. */
const MAX_BLANKS = 20
const MAX_TYPE = 128

/** Whether an operator stands behind blanks, or a type and an equals sign: `password string = …`. */
function operatorFollows(buffer: Buffer, length: number, from: number): boolean {
  let at = from
  const limit = Math.min(length, from + MAX_BLANKS + 1)
  while (at < limit && (buffer[at] === 32 || buffer[at] === 9)) at++
  const code = at < length ? (buffer[at] as number) : 0
  if (code === 41 || (mayBeAssigned(code) && code !== 32 && code !== 9)) return true
  // A type: letters, or a star.
  if (!((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 42)) return false
  for (let i = at, end = Math.min(length, at + MAX_TYPE); i < end; i++) if (buffer[i] === 61) return true
  return false
}

interface Context {
  readonly text: string
  readonly key: string
  readonly keyStart: number
  readonly keyEnd: number
  readonly kind: FileKind
  readonly syntax: Syntax
}

/** The identifier, path (`spring.datasource.password`) or option (`--db-password`) around an offset. */
function nameAround(text: string, at: number): { start: number; end: number } {
  let start = at
  while (start > 0 && at - start < MAX_KEY && isNamePart(text.charCodeAt(start - 1))) start--
  let end = at
  while (end < text.length && end - at < MAX_KEY && isNamePart(text.charCodeAt(end))) end++
  // A full stop or arrow behind the name belongs to what follows.
  while (end > at && (text[end - 1] === '.' || text[end - 1] === '-')) end--
  return { start, end }
}

function isNamePart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 || // _
    code === 45 || // -
    code === 46 || // .
    code === 36 || // $
    code >= 128
  )
}

/** Most occurrences of "token" or "key" are followed by what assigns nothing: they end here, before any pattern is tried. */
function mayBeAssigned(code: number): boolean {
  return (
    code === 61 || // =
    code === 40 || // (
    code === 58 || // :
    code === 32 ||
    code === 9 ||
    code === 34 || // "
    code === 39 || // '
    code === 96 || // `
    code === 93 || // ]
    code === 44 || // ,
    code === 62 || // >
    code === 63 || // ?
    code === 33 || // !
    code === 43 || // +
    code === 45 || // -
    code === 92 // \
  )
}

function readOperator(context: Context): Pair | undefined {
  const { text, key, keyStart, keyEnd } = context
  OPERATOR.lastIndex = keyEnd
  let match = OPERATOR.exec(text)
  let operator = match?.[2] ?? match?.[3]
  if (!match) {
    DECLARED.lastIndex = keyEnd
    match = DECLARED.exec(text)
    operator = match?.[1]
  }
  if (!match || operator === undefined) return undefined
  const at = keyEnd + match[0].length
  const form = operator === ',' || operator.startsWith(')') ? 'argument' : 'assignment'
  // `"password", "x"` in a list of words is no call: the name must stand at the beginning of the arguments.
  if (operator === ',' && !/\([ \t\r\n]{0,40}["'`]$/.test(text.slice(Math.max(0, keyStart - 42), keyStart)))
    return undefined
  const quotedKey = /^\\?["'`]/.test(match[1] ?? '')
  const found =
    readQuoted(text, at) ??
    (mayBeBare(context, operator, quotedKey, /[ \t]/.test(match[0])) ? readBare(text, at, operator) : undefined)
  return found && { key, keyStart, ...found, syntax: context.syntax, form }
}

interface Literal {
  readonly value: string
  readonly start: number
  readonly end: number
  readonly quoted: boolean
}

function readQuoted(text: string, from: number): Literal | undefined {
  LITERAL_PREFIX.lastIndex = from
  const at = from + (LITERAL_PREFIX.exec(text)?.[0].length ?? 0)
  // Quotes within a string of another language: \"password\": \"…\"
  const escaped = text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === "'")
  const quoteAt = escaped ? at + 1 : at
  const quote = text[quoteAt]
  if (quote !== '"' && quote !== "'" && quote !== '`') return undefined
  const triple = text.startsWith(quote.repeat(3), quoteAt) ? 3 : 1
  const start = quoteAt + triple
  const close = closeOf(text, start, escaped ? `\\${quote}` : quote.repeat(triple))
  if (close === undefined) return undefined
  // An interpolated literal is a template: f"…{name}" in Python, $"…{name}" in C#.
  if (/[fF$]/.test(text.slice(from, at)) && /\{[^}]*\}/.test(text.slice(start, close))) return undefined
  return { value: text.slice(start, close), start, end: close, quoted: true }
}

function closeOf(text: string, from: number, quote: string): number | undefined {
  const limit = Math.min(text.length, from + MAX_VALUE)
  for (let at = from; at < limit; at++) {
    if (text.startsWith(quote, at)) return at
    if (text[at] === '\\') at++
    else if (text[at] === '\n' && quote.length < 3) return undefined
  }
  return undefined
}

const PARAMETER = /=([^\s"'`<>&#;,(){}|\\]{4,300})/y

/** `?access_token=…` and `&key=…` of an address. */
function readQuery({ text, key, keyStart, keyEnd, syntax }: Context): Pair | undefined {
  if (text[keyStart - 1] !== '?' && text[keyStart - 1] !== '&') return undefined
  PARAMETER.lastIndex = keyEnd
  const value = PARAMETER.exec(text)?.[1]
  const start = keyEnd + 1
  return value === undefined
    ? undefined
    : { key, keyStart, value, start, end: start + value.length, quoted: true, syntax, form: 'argument' }
}

/** Methods that ask for a secret by its name, or that only have to do with one. */
const GETTER =
  /^(?:[\w$]+\.)*(?:get|find|read|load|fetch|is|has|check|verify|validate|test|create|delete|remove|parse|decode|encode|hash|encrypt|decrypt|compare|match|search|assert|expect|describe|it|print|log|on|handle|generate|make|build|key)(?![a-z])/
const OPEN = /\([ \t]{0,4}(?:\r?\n[ \t]{0,40})?(?=["'`])/y
const CLOSE = /^["'`]{1,3}[ \t\r\n]{0,40}\)/

/** Calls that hand a value over: `setPassword(…)`, `.password(…)`, `new AccessToken(…)`. */
function readCall({ text, key, keyEnd, syntax }: Context): Pair | undefined {
  if (text[keyEnd] !== '(' || GETTER.test(key)) return undefined
  OPEN.lastIndex = keyEnd
  const open = OPEN.exec(text)
  const found = open && readQuoted(text, keyEnd + open[0].length)
  // One argument only: with more, nobody can tell which is which.
  if (!found || !CLOSE.test(text.slice(found.end, found.end + 50))) return undefined
  const name = nameOfCall(key)
  return { key: name, keyStart: keyEnd - name.length, ...found, syntax, form: 'argument' }
}

function nameOfCall(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1).replace(/^(?:set|with|use)(?=[A-Z_])_?/, '')
}

/** The names under which what is assigned to a name may be read: without the dashes of an option, or as that of a call. */
export function readingsOf(name: string): readonly string[] {
  return [name, name.replace(/^-{1,2}/, ''), nameOfCall(name), ...(STATEMENT.test(name) ? ['password'] : [])]
}

/** Without quotes, code holds a variable; configuration, shell scripts and unknown text may hold the value itself. */
function mayBeBare({ kind, key }: Context, operator: string, quotedKey: boolean, isSpaced: boolean): boolean {
  if (quotedKey) return false
  // A variable of the environment, in a comment or in a text that is written to a file.
  if (kind === 'code') return operator === '=' && /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(key) && !isSpaced
  if (kind === 'shell') return operator === '=' && /^\$?(?:env:)?[\w.]+$/i.test(key)
  return operator === '=' || operator === ':' || (kind === 'config' && operator === '=>')
}

const BARE = /[^\s"'`,;<>(){}[\]|&]{1,200}(?=[\s,;]|$)/y

function readBare(text: string, at: number, operator: string): Literal | undefined {
  BARE.lastIndex = at
  const value = BARE.exec(text)?.[0]
  if (value === undefined) return undefined
  // In prose a colon is followed by a sentence: what follows on the line must be nothing, or a comment.
  const rest = text.slice(at + value.length, text.indexOf('\n', at) < 0 ? undefined : text.indexOf('\n', at))
  if (operator === ':' && !/^[ \t\r,;]*(?:[#/].*)?$/.test(rest)) return undefined
  return { value, start: at, end: at + value.length, quoted: false }
}

/** `<password>…</password>`, `<add key="Password" value="…"/>`, `<property name="password">…<`. */
function readMarkup({ text, key, keyStart, keyEnd, syntax }: Context): Pair | undefined {
  const next = text[keyEnd]
  if (next === '>' && /<(?:\w+:)?$/.test(text.slice(Math.max(0, keyStart - 20), keyStart))) {
    const close = text.indexOf('<', keyEnd)
    if (close < 0 || close - keyEnd > MAX_VALUE || !text.startsWith('</', close)) return undefined
    const raw = text.slice(keyEnd + 1, close)
    const start = keyEnd + 1 + (raw.length - raw.trimStart().length)
    const value = raw.trim()
    return value === '' ? undefined : { key, keyStart, value, start, end: start + value.length, quoted: true, syntax, form: 'markup' } // biome-ignore format: one pair
  }
  if (next !== '"' && next !== "'") return undefined
  const attribute =
    /["'](?:\s{1,20}(?:value|connectionString|defaultValue)\s?=\s?["']([^"'<>\n]{1,300})["']|>([^<>\n]{1,300})<\/)/y
  attribute.lastIndex = keyEnd
  const match = attribute.exec(text)
  const value = match?.[1] ?? match?.[2]
  if (!match || value === undefined) return undefined
  const start = keyEnd + match[0].lastIndexOf(value)
  return { key, keyStart, value, start, end: start + value.length, quoted: true, syntax, form: 'markup' }
}

/** `--password=…` and `--password …` of a command line, `-Password …` of PowerShell. */
function readOption({ text, key, keyStart, keyEnd, syntax }: Context): Pair | undefined {
  const dashes = /^(?:--(?=[a-z])|-(?=[A-Z][a-z]))/.exec(key)?.[0].length
  if (dashes === undefined) return undefined
  OPTION.lastIndex = keyEnd
  const match = OPTION.exec(text)
  if (!match) return undefined
  const at = keyEnd + match[0].length
  if (match[0] !== '=' && text[at] === '-') return undefined
  WORD.lastIndex = at
  const word = WORD.exec(text)?.[0]
  const found = readQuoted(text, at) ?? (word && { value: word, start: at, end: at + word.length, quoted: false })
  return found ? { key: key.slice(dashes), keyStart: keyStart + dashes, ...found, syntax, form: 'argument' } : undefined
}

/** `PASSWORD 'secret'` and `IDENTIFIED BY 'secret'` of SQL, `ConvertTo-SecureString 'secret'` of PowerShell. */
function readStatement({ text, key, keyStart, keyEnd, syntax }: Context): Pair | undefined {
  if (!STATEMENT.test(key)) return undefined
  SQL.lastIndex = keyEnd
  const match = SQL.exec(text)
  const found = match && readQuoted(text, keyEnd + match[0].length)
  // Whatever the statement is called, what follows is a password.
  return found
    ? { key: /password/i.test(key) ? key : 'password', keyStart, ...found, syntax, form: 'assignment' }
    : undefined
}
