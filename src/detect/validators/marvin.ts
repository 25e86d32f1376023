/** Marvin32, the checksum in Microsoft's identifiable secrets (documented in microsoft/security-utilities). */

const rotate = (value: number, bits: number) => ((value << bits) | (value >>> (32 - bits))) >>> 0

/** The 32-bit checksum of bytes. A seed is eight ASCII characters, such as `Default0`, the first the most significant. */
export function marvin32(bytes: Uint8Array, seed: string): number {
  const word = (at: number) => [0, 1, 2, 3].reduce((sum, i) => sum * 256 + seed.charCodeAt(at + i), 0)
  let low = word(4)
  let high = word(0)
  const mix = () => {
    high = (high ^ low) >>> 0
    low = (rotate(low, 20) + high) >>> 0
    high = (rotate(high, 9) ^ low) >>> 0
    low = (rotate(low, 27) + high) >>> 0
    high = rotate(high, 19)
  }
  const whole = bytes.length & ~3
  for (let at = 0; at < whole; at += 4) {
    low = (low + littleEndian(bytes, at, 4)) >>> 0
    mix()
  }
  const rest = bytes.length - whole
  low = (low + littleEndian(bytes, whole, rest) + 0x80 * 256 ** rest) >>> 0
  mix()
  mix()
  return (high ^ low) >>> 0
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] as number)
  return value
}
