import { type Container, type Entry, MAX_ENTRIES } from './entry.ts'
import { forEachLine } from './lines.ts'

const ROOT: Container = { key: '', parent: undefined }

/** Readers of files whose values have no names: each value is given the name `password`. */
function password(value: string, start: number): Entry {
  return { key: 'password', keyStart: start, value, start, end: start + value.length, quoted: false, container: ROOT }
}

/** Reads .netrc and .authinfo: words in pairs, `machine h login u password p`, on one line or several; `macdef` ends it. */
export function readNetrc(text: string): Entry[] {
  const entries: Entry[] = []
  let before = ''
  const word = /"([^"\n]{0,2000})"|#[^\n]*|[^\s"]{1,4000}/g
  for (let match = word.exec(text); match && entries.length < MAX_ENTRIES; match = word.exec(text)) {
    const [whole, quoted] = match
    if (before === 'password') {
      entries.push(quoted === undefined ? password(whole, match.index) : { ...password(quoted, match.index + 1), quoted: true }) // biome-ignore format: one entry
      before = ''
    } else if (whole[0] !== '#') before = before === 'login' || before === 'machine' ? '' : whole
  }
  return entries
}

/**
 * Reads files in columns. .pgpass: `host:port:database:user:password`, with `\:` in values. chap-secrets:
 * `client server secret addresses`.
 */
export function readColumns(text: string): Entry[] {
  const entries: Entry[] = []
  forEachLine(text, (start, end) => {
    if (text[start] === '#') return true
    const line = text.slice(start, end)
    const colons = /^(?:[^:\\\n]|\\.){1,400}:(?:\d{1,5}|\*):(?:[^:\\\n]|\\.){1,200}:(?:[^:\\\n]|\\.){1,200}:/.exec(line)
    if (colons) {
      const raw = line.slice(colons[0].length)
      entries.push({ ...password(raw, start + colons[0].length), value: raw.replace(/\\([:\\])/g, '$1') })
    } else {
      const chap =
        /^(?:"[^"\n]{1,200}"|[^\s":]{1,200})[ \t]+(?:"[^"\n]{0,200}"|[^\s":]{1,200})[ \t]+"?([^\s"]{1,200})/.exec(line)
      if (chap?.[1] !== undefined) entries.push(password(chap[1], start + chap[0].length - chap[1].length))
    }
    return entries.length < MAX_ENTRIES
  })
  return entries
}

/**
 * Reads .git-credentials: one address a line. The password goes from the first colon of what stands before the host to the
 * last `@`, so that one that was written without percent encoding is read, too.
 */
export function readCredentialUrls(text: string): Entry[] {
  const entries: Entry[] = []
  forEachLine(text, (start, end) => {
    const line = text.slice(start, end)
    const scheme = /^[a-z][a-z0-9+.-]{0,20}:\/\//i.exec(line)?.[0]
    const at = line.lastIndexOf('@')
    const colon = scheme === undefined ? -1 : line.indexOf(':', scheme.length)
    if (colon > 0 && colon < at) entries.push(password(line.slice(colon + 1, at), start + colon + 1))
    return entries.length < MAX_ENTRIES
  })
  return entries
}

/** Bytes of a file that holds one secret and nothing else. */
const MAX_SINGLE = 4096

/** Reads a file that is one secret: its only line that is no comment. */
export function readSingle(text: string): Entry[] {
  if (text.length > MAX_SINGLE) return []
  const lines: Entry[] = []
  forEachLine(text, (start, end) => {
    if (text[start] !== '#') lines.push(password(text.slice(start, end), start))
    return lines.length < 2
  })
  const [only] = lines
  return lines.length === 1 && only && !/\s/.test(only.value) ? [only] : []
}
