import { Buffer } from 'node:buffer'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { secretMatch, sourceSuppression } from '../../../src/facts/secret.ts'
import { secretsScanner } from '../../../src/scanners/secrets/index.ts'
import { ARCHIVE_LIMITS, type ArchiveEntry, readArchive } from '../../../src/sources/archive.ts'
import { wideEncoding } from '../../../src/sources/text-encoding.ts'
import { collect } from '../../support/context.ts'
import { builtInDetectors } from '../../support/detection.ts'
import { Folder } from '../../support/repository.ts'

const LIMITS = { ...ARCHIVE_LIMITS, entry: 4 << 20 }

/** A zip of deflated files; `flags` of the directory entries. */
function zip(files: Readonly<Record<string, Buffer>>, flags = 0): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const packed = deflateRawSync(content)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(8, 8)
    local.writeUInt16LE(Buffer.byteLength(name), 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(flags, 8)
    entry.writeUInt16LE(8, 10)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(content.length, 24)
    entry.writeUInt16LE(Buffer.byteLength(name), 28)
    entry.writeUInt32LE(offset, 42)
    locals.push(local, Buffer.from(name), packed)
    directory.push(entry, Buffer.from(name))
    offset += 30 + Buffer.byteLength(name) + packed.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...directory, end])
}

function tar(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write(content.length.toString(8).padStart(11, '0'), 124)
  header.write('0', 156)
  header.write('ustar', 257)
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512), Buffer.alloc(1024)])
}

function withChecksum(bytes: Buffer): Buffer {
  bytes.fill(' ', 148, 156)
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}

const read = (path: string, bytes: Buffer, limits = LIMITS) => [...readArchive(path, bytes, limits)]
const show = (entry: ArchiveEntry) =>
  'bytes' in entry ? `${entry.name}=${entry.bytes}` : `${entry.name}: ${entry.reason}`
const text = Buffer.from('hello')

describe('archives', () => {
  it('gives the files of zip, gzip and tar, within each other, too; names are only names', () => {
    expect(read('a.zip', zip({ 'x/a.txt': text, '../../b': text })).map(show)).toEqual([
      'x/a.txt=hello',
      '../../b=hello',
    ])
    expect(read('a.txt.gz', gzipSync(text)).map(show)).toEqual(['a.txt=hello'])
    expect(read('a.tar', tar('d/a.txt', text)).map(show)).toEqual(['d/a.txt=hello'])
    expect(read('a.tgz', gzipSync(tar('d/a.txt', text))).map(show)).toEqual(['d/a.txt=hello'])
    expect(read('a.war', zip({ 'lib/b.jar': zip({ 'c.txt': text }) })).map(show)).toEqual(['lib/b.jar!/c.txt=hello'])
  })

  it('reads tar files of tools that write no magic, by the sum of the header; folders are no files', () => {
    const old = tar('d/a.txt', text)
    old.fill(0, 257, 263)
    expect(read('a.tar', old).map(show)).toEqual([': corrupt archive'])
    expect(read('a.tar', withChecksum(old)).map(show)).toEqual(['d/a.txt=hello'])
    const folder = withChecksum(tar('d/', Buffer.alloc(0)).subarray(0, 512))
    expect(read('a.tar', Buffer.concat([folder, withChecksum(old)])).map(show)).toEqual(['d/a.txt=hello'])
  })

  it('takes what only has the name of an archive for the file that it is', () => {
    expect(read('a.zip', zip({ 'notes.zip': text, 'b.gz': text })).map(show)).toEqual(['notes.zip=hello', 'b.gz=hello'])
  })

  it('says what a limit left out', () => {
    const bomb = zip({ 'zeros.txt': Buffer.alloc(64 << 20), 'a.txt': text })
    expect(read('a.zip', bomb).map(show)).toEqual(['zeros.txt: archive entry too large', 'a.txt=hello'])
    const deep = zip({ 'b.zip': zip({ 'c.zip': zip({ 'd.zip': zip({ 'e.txt': text }) }) }) })
    expect(read('a.zip', deep).map(show)).toEqual(['b.zip!/c.zip!/d.zip: archive too deep'])
    const many = zip({ a: text, b: text, c: text })
    expect(
      read('a.zip', many, { ...LIMITS, entries: 2 })
        .map(show)
        .at(-1),
    ).toBe('a.zip: archive too large')
    expect(read('a.zip', zip({ a: text }, 1)).map(show)).toEqual(['a: encrypted archive entry'])
  })

  it('says what is broken', () => {
    const whole = zip({ a: text })
    expect(read('a.zip', whole.subarray(0, 40)).map(show)).toEqual([': corrupt archive'])
    expect(read('a.zip', Buffer.from('no zip')).map(show)).toEqual([': corrupt archive'])
  })
})

describe('archives of a tree', () => {
  const line = (key: string) => `${key}_password = "${'Hr7Kq2' + 'Lm9XwPz4'}"\n`
  const scan = async (folder: Folder) =>
    collect(secretsScanner, {
      trees: [await folder.open()],
      detectors: builtInDetectors,
      limits: { maxFileSize: 10 << 20, timeoutSeconds: 60, archives: true },
    })

  it('give secrets and comments at places within them, and what was skipped there', async () => {
    const jar = zip({
      'a.py': Buffer.from(`# zt-audit${': ignore'} secrets -- test\n${line('db')}`),
      'b.bin': Buffer.from([1, 0, 2]),
      'big.txt': Buffer.alloc(64 << 20),
    })
    const { of, skips } = await scan(new Folder({ 'lib/x.jar': jar, 'text.zip': line('text') }))
    expect(of(secretMatch).flatMap(({ at, also = [] }) => [at, ...also])).toMatchObject([
      { file: 'text.zip', line: 1 },
      { file: 'lib/x.jar!/a.py', line: 2 },
    ])
    expect(of(sourceSuppression).map(({ data }) => data.path)).toEqual(['lib/x.jar!/a.py'])
    expect(skips.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      'lib/x.jar!/b.bin: binary',
      'lib/x.jar!/big.txt: archive entry',
    ])
  })
})

describe('UTF-16 without a byte order mark', () => {
  it('is told from binary data', () => {
    const wide = Buffer.from('password = "x"', 'utf16le')
    expect(wideEncoding(wide)).toBe('utf-16le')
    expect(wideEncoding(Buffer.from(wide).swap16())).toBe('utf-16be')
    expect(wideEncoding(Buffer.alloc(40))).toBeUndefined()
    expect(wideEncoding(Buffer.from('\x7fELF\0\0\0\0\x01\0\x02\0'))).toBeUndefined()
  })
})
