import type { Buffer } from 'node:buffer'
import { gunzipSync, inflateRawSync } from 'node:zlib'

/** What unpacking may cost; each limit that is hit is told. */
export interface ArchiveLimits {
  /** Entries of one archive with all archives within it. */
  readonly entries: number
  /** Bytes of all entries, unpacked. */
  readonly total: number
  /** Bytes of one entry, unpacked. */
  readonly entry: number
  /** How much larger an entry may be than its packed form. */
  readonly ratio: number
  /** Archives within archives. */
  readonly depth: number
}
export const ARCHIVE_LIMITS: Omit<ArchiveLimits, 'entry'> = { entries: 20_000, total: 256 << 20, ratio: 200, depth: 3 }

/** A file of an archive, or why one could not be had. Names are names: nothing is ever written. */
export type ArchiveEntry =
  | { readonly name: string; readonly bytes: Buffer }
  | { readonly name: string; readonly class: 'fault' | 'limit'; readonly reason: string; readonly detail: string }

/** Whether a file's name is that of an archive that can be unpacked. */
export function isArchive(path: string): boolean {
  return /\.(?:zip|jar|war|ear|whl|apk|aar|nupkg|vsix|xpi|egg|docx|xlsx|pptx|tar|tgz|gz)$/i.test(path)
}

/** Unpacks an archive in memory, one entry after the other, archives within it too: `inner.jar!/a.txt`. */
export function* readArchive(path: string, bytes: Buffer, limits: ArchiveLimits): Generator<ArchiveEntry> {
  const budget: Budget = { entries: limits.entries, total: limits.total, limits }
  yield* unpack(path, bytes, '', 0, budget)
}

interface Budget {
  entries: number
  total: number
  readonly limits: ArchiveLimits
}

function* unpack(path: string, bytes: Buffer, prefix: string, depth: number, budget: Budget): Generator<ArchiveEntry> {
  try {
    for (const entry of entriesOf(path, bytes, budget)) {
      const name = prefix + entry.name
      // What only has an archive's name is a file like any other.
      if (!('bytes' in entry) || !isArchive(entry.name) || formOf(entry.bytes) === undefined) yield { ...entry, name }
      else if (depth + 1 < budget.limits.depth) yield* unpack(entry.name, entry.bytes, `${name}!/`, depth + 1, budget)
      else yield limit(name, 'archive too deep', `more than ${budget.limits.depth} archives within each other`)
      if (budget.total <= 0 || budget.entries <= 0) {
        const what = budget.total <= 0 ? `${budget.limits.total} bytes` : `${budget.limits.entries} entries`
        yield limit(prefix + path, 'archive too large', `the rest was left out after ${what}`)
        return
      }
    }
  } catch (error) {
    yield { name: prefix, class: 'fault', reason: 'corrupt archive', detail: (error as Error).message }
  }
}

function entriesOf(path: string, bytes: Buffer, budget: Budget): Iterable<ArchiveEntry> {
  const form = formOf(bytes)
  if (form === 'zip') return zipEntries(bytes, budget)
  if (form === 'gzip') return gzipEntries(path, bytes, budget)
  if (form === 'tar') return tarEntries(bytes, budget)
  if (form === 'empty zip') return []
  throw new Error('its content is no zip, gzip or tar')
}

function formOf(bytes: Buffer): 'zip' | 'empty zip' | 'gzip' | 'tar' | undefined {
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === LOCAL_HEADER) return 'zip'
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip'
  if (bytes.length >= 512 && (isUstar(bytes) || hasTarChecksum(bytes))) return 'tar'
  if (bytes.length >= 22 && bytes.readUInt32LE(0) === END_OF_DIRECTORY) return 'empty zip'
  return undefined
}

const isUstar = (header: Buffer) => header.toString('latin1', 257, 262) === 'ustar'

/**
 * Older tools write no magic: the sum of the header's bytes tells, those of the sum itself taken as spaces (POSIX.1-1988, pax
 * "ustar Interchange Format", chksum).
 */
function hasTarChecksum(bytes: Buffer): boolean {
  const stated = /^ *([0-7]{1,7})[ \0]/.exec(bytes.toString('latin1', 148, 156))?.[1]
  if (stated === undefined) return false
  let sum = 8 * 32
  for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += bytes[i] as number
  return sum === Number.parseInt(stated, 8)
}

const limit = (name: string, reason: string, detail: string): ArchiveEntry => ({ name, class: 'limit', reason, detail })

/** Signatures and offsets of APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16. */
const LOCAL_HEADER = 0x04034b50
const DIRECTORY_HEADER = 0x02014b50
const END_OF_DIRECTORY = 0x06054b50

function* zipEntries(bytes: Buffer, budget: Budget): Generator<ArchiveEntry> {
  let end = bytes.length - 22
  while (end >= 0 && bytes.length - end < 66_000 && bytes.readUInt32LE(end) !== END_OF_DIRECTORY) end--
  if (end < 0 || bytes.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error('the directory at its end is missing')
  let at = bytes.readUInt32LE(end + 16)
  if (at === 0xffffffff) throw new Error('it is a zip64, which is not read')
  while (at < end && bytes.readUInt32LE(at) === DIRECTORY_HEADER) {
    const flags = bytes.readUInt16LE(at + 8)
    const method = bytes.readUInt16LE(at + 10)
    const packed = bytes.readUInt32LE(at + 20)
    const size = bytes.readUInt32LE(at + 24)
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28)
    const name = bytes.toString('utf8', at + 46, nameEnd)
    const local = bytes.readUInt32LE(at + 42)
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
    budget.entries--
    if (name.endsWith('/')) continue
    if (flags & 1) yield limit(name, 'encrypted archive entry', 'it cannot be read without its password')
    else if (method !== 0 && method !== 8) yield limit(name, 'archive entry not read', `compression method ${method}`)
    else if (bytes.readUInt32LE(local) !== LOCAL_HEADER) throw new Error(`${name}: the header of the entry is missing`)
    else {
      const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
      const content = bytes.subarray(from, from + packed)
      yield method === 0 ? stored(name, content, budget) : inflated(name, content, size, inflateRawSync, budget)
    }
  }
}

function* gzipEntries(path: string, bytes: Buffer, budget: Budget): Generator<ArchiveEntry> {
  const isTar = /\.(?:tgz|tar\.gz)$/i.test(path)
  const base = path.slice(path.lastIndexOf('/') + 1)
  budget.entries--
  if (!isTar) {
    yield inflated(base.replace(/\.gz$/i, ''), bytes, 0, gunzipSync, budget)
    return
  }
  const tar = inflated(base, bytes, 0, gunzipSync, { ...budget, limits: { ...budget.limits, entry: MOST_TAR } })
  if ('bytes' in tar) yield* tarEntries(tar.bytes, budget)
  else yield tar
}

/** Bytes of an unpacked tar that are held in memory at once. */
const MOST_TAR = 64 << 20

/** POSIX ustar, GNU long names, and what came before both; extended headers are passed over but for `path`. */
function* tarEntries(bytes: Buffer, budget: Budget): Generator<ArchiveEntry> {
  let longName: string | undefined
  for (let at = 0; at + 512 <= bytes.length; ) {
    const header = bytes.subarray(at, at + 512)
    if (header[0] === 0) return
    const size = Number.parseInt(text(header, 124, 136).trim() || '0', 8)
    if (!Number.isSafeInteger(size) || size < 0) throw new Error('a header holds no size')
    const content = bytes.subarray(at + 512, at + 512 + size)
    const type = String.fromCharCode(header[156] ?? 0)
    at += 512 + Math.ceil(size / 512) * 512
    if (type === 'L') longName = text(content, 0, content.length)
    else if (type === 'x') longName = /\d+ path=([^\n]+)\n/.exec(content.toString('utf8'))?.[1] ?? longName
    else {
      // GNU's own form, whose magic has a space for the NUL, has other things there.
      const folder = header.toString('latin1', 257, 263) === 'ustar\0' ? text(header, 345, 500) : ''
      const name = longName ?? `${folder && `${folder}/`}${text(header, 0, 100)}`
      longName = undefined
      budget.entries--
      if (content.length < size) throw new Error(`${name}: it ends within the entry`)
      if ((type === '0' || type === '\0') && !name.endsWith('/')) yield stored(name, content, budget)
    }
  }
}

function text(bytes: Buffer, start: number, end: number): string {
  const part = bytes.subarray(start, end)
  const nul = part.indexOf(0)
  return part.toString('utf8', 0, nul < 0 ? part.length : nul)
}

function stored(name: string, bytes: Buffer, budget: Budget): ArchiveEntry {
  budget.total -= bytes.length
  return bytes.length > budget.limits.entry ? tooLarge(name, budget) : { name, bytes }
}

/** `size`: what the archive says, which may be a lie; 0 if it does not. */
function inflated(
  name: string,
  packed: Buffer,
  size: number,
  inflate: (bytes: Buffer, options: { maxOutputLength: number }) => Buffer,
  budget: Budget,
): ArchiveEntry {
  const { entry, ratio } = budget.limits
  // Small files of one character are no bombs.
  const most = Math.max(1, Math.min(entry, budget.total, Math.max(packed.length * ratio, 1 << 20)))
  if (size > most) return tooLarge(name, budget)
  try {
    const bytes = inflate(packed, { maxOutputLength: most })
    budget.total -= bytes.length
    return { name, bytes }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      budget.total -= most
      return tooLarge(name, budget)
    }
    return { name, class: 'fault', reason: 'corrupt archive', detail: (error as Error).message }
  }
}

function tooLarge(name: string, { limits }: Budget): ArchiveEntry {
  return limit(
    name,
    'archive entry too large',
    `over ${limits.entry} bytes, or over ${limits.ratio} times its packed size`,
  )
}
