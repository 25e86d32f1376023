import { Buffer } from 'node:buffer'

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' }
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * A path as git prints it in a diff: with a prefix, quoted like a C string if it holds anything unusual, with a tab behind
 * it if it holds a blank. Bytes that are not UTF-8 are shown as `\xNN`.
 */
export function unquotePath(raw: Buffer): string {
  const text = raw.toString('latin1').replace(/\t$/, '')
  const bare = !text.startsWith('"')
    ? text
    : text
        .slice(1, text.endsWith('"') ? -1 : undefined)
        .replace(/\\(?:([0-7]{3})|(.))/g, (_, octal?: string, character?: string) =>
          octal ? String.fromCharCode(Number.parseInt(octal, 8)) : (ESCAPES[character ?? ''] ?? character ?? ''),
        )
  return showPath(bare.replace(/^b\//, ''))
}

/** A path of which each character is a byte, as text. What is not UTF-8 is shown byte by byte, as the tree's listing does. */
function showPath(path: string): string {
  if (!/[\x80-\xff]/.test(path)) return path
  try {
    return decoder.decode(Buffer.from(path, 'latin1'))
  } catch {
    return path.replace(/[\\\x80-\xff]/g, (c) => (c === '\\' ? '\\\\' : `\\x${c.charCodeAt(0).toString(16)}`))
  }
}
