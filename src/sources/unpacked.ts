import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** The bytes of a file as a stream, unpacked if it is gzip, by its first bytes and not its name. */
export async function openUnpacked(file: string, signal: AbortSignal): Promise<Readable> {
  const handle = await open(file)
  const magic = Buffer.alloc(2)
  try {
    await handle.read(magic, 0, 2, 0)
  } finally {
    await handle.close()
  }
  const stream = createReadStream(file, { highWaterMark: 1 << 18, signal })
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return stream
  const unpacked = createGunzip({ chunkSize: 1 << 18 })
  // `pipe` passes no errors on.
  stream.on('error', (error) => unpacked.destroy(error))
  unpacked.on('close', () => stream.destroy())
  return stream.pipe(unpacked)
}
