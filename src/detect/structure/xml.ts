import { Buffer } from 'node:buffer'
import { type Container, type Entry, MAX_ENTRIES } from './entry.ts'

const ROOT: Container = { key: '', parent: undefined }
const NAME = /[A-Za-z_][\w.:-]{0,200}/y
const ATTRIBUTE = /\s*([A-Za-z_][\w.:-]{0,200})\s{0,20}=\s{0,20}(?:"([^"<]{0,4000})"|'([^'<]{0,4000})')/y

/** Deeper than this nobody nests configuration; what stands there is read as if it stood higher. */
const MAX_DEPTH = 200

interface Named {
  readonly key: string
  readonly keyStart: number
}

interface Open {
  readonly container: Container
  /** The attribute `name` or `key`: what `<property name="password">` calls its text. */
  readonly label: Named | undefined
  readonly isBase64: boolean
  readonly textStart: number
  hasChildren: boolean
}

/**
 * Reads XML: texts of elements that hold nothing else, attributes, CDATA, `<key>…</key><string>…</string>` of property
 * lists. Text of `<property name="password">` is named by its attribute, text of `<Pass encoding="base64">` is decoded.
 * Broken markup is stepped over; nothing is resolved but the five entities of XML, and characters by number.
 */
export function readXml(text: string): Entry[] {
  const entries: Entry[] = []
  const open: Open[] = [{ container: ROOT, label: undefined, isBase64: false, textStart: 0, hasChildren: true }]
  let plistKey: Named | undefined
  let at = text.indexOf('<')
  while (at >= 0 && at < text.length && entries.length < MAX_ENTRIES) {
    if (text.startsWith('<!--', at)) at = after(text, '-->', at + 4)
    else if (text.startsWith('<![CDATA[', at)) at = after(text, ']]>', at + 9)
    else if (text[at + 1] === '?' || text[at + 1] === '!') at = after(text, '>', at + 2)
    else if (text[at + 1] === '/') {
      const top = open.at(-1) as Open
      if (open.length > 1) open.pop()
      const entry = top.hasChildren ? undefined : textEntry(text, at, top, plistKey)
      if (entry) entries.push(entry)
      plistKey = entry && entry.key === 'key' ? { key: entry.value, keyStart: entry.start } : undefined
      at = after(text, '>', at + 2)
    } else at = openElement(text, at, open, entries)
    at = at < 0 ? -1 : text.indexOf('<', at)
  }
  return entries
}

/** Reads a tag with its attributes; gives the offset behind it. */
function openElement(text: string, at: number, open: Open[], entries: Entry[]): number {
  NAME.lastIndex = at + 1
  const name = NAME.exec(text)?.[0]
  if (name === undefined) return at + 1
  const parent = open.at(-1) as Open
  parent.hasChildren = true
  const container: Container = { key: localName(name), parent: parent.container }
  const named: { label?: Named; isBase64?: boolean } = {}
  let next = at + 1 + name.length
  for (;;) {
    ATTRIBUTE.lastIndex = next
    const match = ATTRIBUTE.exec(text)
    if (!match || entries.length >= MAX_ENTRIES) break
    const [whole, attribute = '', double, single] = match
    const raw = double ?? single ?? ''
    const end = next + whole.length - 1
    const start = end - raw.length
    const key = localName(attribute)
    entries.push({ key, keyStart: next + whole.indexOf(attribute), value: resolve(raw), start, end, quoted: true, container }) // biome-ignore format: one entry
    if (/^(?:name|key)$/i.test(key)) named.label = { key: raw, keyStart: start }
    if (key === 'encoding' && raw === 'base64') named.isBase64 = true
    next += whole.length
  }
  const close = /\s*(\/?)>/y
  close.lastIndex = next
  const end = close.exec(text)
  if (end) next += end[0].length
  if (end?.[1] !== '/' && open.length < MAX_DEPTH) {
    const { label, isBase64 = false } = named
    open.push({ container, label, isBase64, textStart: next, hasChildren: !end })
  }
  return next
}

function textEntry(text: string, end: number, element: Open, plistKey: Named | undefined): Entry | undefined {
  let start = element.textStart
  let stop = end
  const cdata = text.startsWith('<![CDATA[', skipBlank(text, start, stop))
  if (cdata) {
    start = text.indexOf('<![CDATA[', start) + 9
    stop = Math.min(stop, Math.max(start, text.indexOf(']]>', start)))
  }
  start = skipBlank(text, start, stop)
  while (stop > start && /\s/.test(text[stop - 1] ?? '')) stop--
  if (start === stop || stop - start > MAX_TEXT) return undefined
  const raw = text.slice(start, stop)
  const { container } = element
  const keyStart = text.lastIndexOf(container.key, element.textStart)
  const name = (container.key === 'string' ? plistKey : undefined) ?? element.label ?? { key: container.key, keyStart }
  return {
    ...name,
    value: cdata ? raw : resolve(raw),
    start,
    end: stop,
    quoted: true,
    container: container.parent ?? ROOT,
    ...(element.isBase64 && { encoding: 'base64' as const }),
  }
}

/** Longer text is a document, no value. */
const MAX_TEXT = 20_000

function skipBlank(text: string, from: number, end: number): number {
  let at = from
  while (at < end && /\s/.test(text[at] ?? '')) at++
  return at
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

/** Offset behind a mark; the end of the text if it never comes. */
function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at < 0 ? text.length : at + mark.length
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function resolve(raw: string): string {
  if (!raw.includes('&')) return raw
  return raw.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w{2,4}));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole
    const code = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16)
    return code > 0x10ffff ? whole : Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1')
  })
}
