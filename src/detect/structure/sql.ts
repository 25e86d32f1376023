import { type Container, type Entry, MAX_ENTRIES } from './entry.ts'

const ROOT: Container = { key: '', parent: undefined }

/** Columns whose values are worth a look; of a dump's other columns none is read. */
const SECRET_COLUMN = /pass|pwd|secret|token|api_?key|private_?key|access_?key|credential|auth_?key/i

const QUOTED = '(?:`[^`\\n]{1,100}`|"[^"\\n]{1,100}"|\\[[^\\]\\n]{1,100}\\]|[\\w$]{1,100})'
const TABLE = `${QUOTED}(?:\\.${QUOTED}){0,2}`
const STATEMENT = new RegExp(
  `\\b(?:CREATE\\s+TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${TABLE})\\s*\\(|(?:INSERT|REPLACE)\\s+(?:IGNORE\\s+)?INTO\\s+(${TABLE})\\s*(\\([^()]{1,4000}\\))?\\s*VALUES\\s*(?=\\()|COPY\\s+(${TABLE})\\s*\\(([^()]{1,4000})\\)\\s+FROM\\s+stdin[^;\\n]{0,200};[^\\n]*\\n|(?:IDENTIFIED\\s+(?:WITH\\s+["'\`]?\\w{1,40}["'\`]?\\s+)?(?:BY|AS)\\s+(?:PASSWORD\\s+|VALUES\\s+)?|PASSWORD\\s*(?:=\\s*|\\(\\s*|\\s)(?:N)?)(?=['"]))`,
  'gi',
)

/**
 * Reads SQL: the values of columns that are named like secrets in `INSERT` (columns named there or by `CREATE TABLE`) and
 * in PostgreSQL's `COPY … FROM stdin`, and what stands behind `IDENTIFIED BY` and `PASSWORD`.
 */
export function readSql(text: string): Entry[] {
  const entries: Entry[] = []
  const tables = new Map<string, readonly Column[]>()
  const statement = new RegExp(STATEMENT.source, STATEMENT.flags)
  for (let match = statement.exec(text); match && entries.length < MAX_ENTRIES; match = statement.exec(text)) {
    const [whole, created, inserted, list, copied, copyList] = match
    const from = match.index + whole.length
    if (created !== undefined) {
      const table = columnsOfTable(text, from)
      tables.set(tableName(created), table.columns)
      statement.lastIndex = table.end
    } else if (inserted !== undefined) {
      const columns = list === undefined ? tables.get(tableName(inserted)) : columnsOfList(list.slice(1, -1))
      if (columns?.some(({ isSecret }) => isSecret))
        statement.lastIndex = readRows(text, from, columns, container(inserted), entries)
    } else if (copied !== undefined) {
      const columns = columnsOfList(copyList ?? '')
      statement.lastIndex = columns.some(({ isSecret }) => isSecret)
        ? readCopy(text, from, columns, container(copied), entries)
        : from
    } else {
      const end = endOfLiteral(text, from)
      entries.push({ key: 'password', keyStart: match.index, value: literal(text, from, end), start: from + 1, end, quoted: true, container: ROOT }) // biome-ignore format: one entry
      statement.lastIndex = end
    }
  }
  return entries
}

interface Column {
  readonly name: string
  readonly isSecret: boolean
}

function column(name: string): Column {
  return { name, isSecret: SECRET_COLUMN.test(name) }
}

function container(table: string): Container {
  return { key: tableName(table), parent: ROOT }
}

function tableName(written: string): string {
  return unquote(written.slice(written.lastIndexOf('.') + 1)).toLowerCase()
}

function unquote(name: string): string {
  return name.trim().replace(/^[`"[]|[`"\]]$/g, '')
}

function columnsOfList(list: string): Column[] {
  return list.split(',').map((name) => column(unquote(name)))
}

/** The first words of the lines of a `CREATE TABLE`, up to its closing bracket; keys and constraints are no columns. */
function columnsOfTable(text: string, from: number): { columns: Column[]; end: number } {
  const columns: Column[] = []
  let depth = 1
  let start = from
  let at = from
  const limit = Math.min(text.length, from + 50_000)
  for (; at < limit && depth > 0; at++) {
    const character = text[at]
    if (character === "'") at = endOfLiteral(text, at)
    else if (character === '(') depth++
    else if (character === ')') depth--
    if (depth === 0 || (depth === 1 && character === ',')) {
      const name = /^\s*(`[^`]+`|"[^"]+"|\[[^\]]+\]|[\w$]+)/.exec(text.slice(start, Math.min(at, start + 200)))?.[1]
      if (name !== undefined && !/^(?:primary|unique|key|index|constraint|foreign|check|fulltext)$/i.test(name))
        columns.push(column(unquote(name)))
      start = at + 1
    }
  }
  return { columns, end: Math.min(at, text.length) }
}

/** Reads `(1, 'a', 'b'), (2, …);`; gives the offset where the rows end. */
function readRows(text: string, from: number, columns: readonly Column[], table: Container, entries: Entry[]): number {
  let at = from
  let index = 0
  let depth = 0
  while (at < text.length && entries.length < MAX_ENTRIES) {
    const character = text[at] as string
    if (character === "'" || (character === '"' && depth > 0)) {
      const end = endOfLiteral(text, at)
      const { name = '', isSecret = false } = depth === 1 ? (columns[index] ?? {}) : {}
      if (isSecret && end > at + 1) {
        const value = literal(text, at, end)
        entries.push({ key: name, keyStart: at + 1, value, start: at + 1, end, quoted: true, container: table })
      }
      at = end + 1
      continue
    }
    if (character === '(') {
      if (depth++ === 0) index = 0
    } else if (character === ')') depth--
    else if (character === ',' && depth === 1) index++
    else if (depth === 0 && character !== ',' && !/\s/.test(character)) return at
    if (depth < 0) return at
    at++
  }
  return at
}

/** Reads lines of values that tabs separate, up to `\.`. */
function readCopy(text: string, from: number, columns: readonly Column[], table: Container, entries: Entry[]): number {
  let at = from
  while (at < text.length && entries.length < MAX_ENTRIES && !text.startsWith('\\.', at)) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    let start = at
    for (const { name, isSecret } of columns) {
      const tab = text.indexOf('\t', start)
      const stop = tab < 0 || tab > end ? end - (text[end - 1] === '\r' ? 1 : 0) : tab
      const value = text.slice(start, stop)
      if (isSecret && value !== '' && value !== '\\N')
        entries.push({ key: name, keyStart: start, value, start, end: stop, quoted: true, container: table })
      start = stop + 1
      if (start > end) break
    }
    at = end + 1
  }
  return at
}

/** Offset of the quote that closes the one at an offset: doubled and escaped ones belong to the text. */
function endOfLiteral(text: string, from: number): number {
  const quote = text[from] as string
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === quote) {
      if (text[at + 1] === quote) at++
      else return at
    }
  }
  return text.length
}

function literal(text: string, from: number, end: number): string {
  const raw = text.slice(from + 1, end)
  return raw.includes('\\') || raw.includes("''") ? raw.replace(/\\(.)/g, '$1').replaceAll("''", "'") : raw
}
