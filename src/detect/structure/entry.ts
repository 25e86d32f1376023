import { Buffer } from 'node:buffer'

/**
 * One scalar of a structured file. Text holds one byte per character, offsets are bytes; `start` and `end` enclose the value
 * without its quotes.
 */
export interface Entry {
  /** Name that the value has in its mapping; empty for an item of a list. */
  readonly key: string
  readonly keyStart: number
  /** As meant: escapes resolved, block scalars without their indentation. */
  readonly value: string
  readonly start: number
  readonly end: number
  readonly quoted: boolean
  /** What the file says that the value is encoded in; it is not decoded here. */
  readonly encoding?: 'base64'
  /** The mapping or list that holds it. */
  readonly container: Container
}

/** A mapping or list, with the way that leads to it. */
export interface Container {
  /** The name that it has in its parent; empty for an item of a list and for the root. */
  readonly key: string
  readonly parent: Container | undefined
}

/** More entries than this are data, no configuration. */
export const MAX_ENTRIES = 100_000

/** Deeper than this no file has a meaning that is known; going up further would make hostile files slow. */
const MAX_PATH = 64

/** The keys from the root to the container, `*` for items of lists: `services.*.environment`. */
export function pathOf(container: Container): string {
  const keys: string[] = []
  for (let each: Container | undefined = container; each?.parent && keys.length < MAX_PATH; each = each.parent)
    keys.push(each.key || '*')
  return keys.reverse().join('.')
}

/** Whether a container or one around it has a name that begins so: `resource.`. */
export function isWithin(container: Container, beginning: string): boolean {
  let each: Container | undefined = container
  for (let depth = 0; each && depth < MAX_PATH; each = each.parent, depth++)
    if (each.key.startsWith(beginning)) return true
  return false
}

/** The outermost container; the one that is reached if that is too far up. */
export function rootOf(container: Container): Container {
  let root = container
  for (let depth = 0; root.parent && depth < MAX_PATH; depth++) root = root.parent
  return root
}

/** Resolves the escapes of JSON and of YAML's double quotes; characters beyond one byte become their UTF-8 bytes. */
export function unescapeDouble(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r?\n[ \t]*|([\s\S]))/g, (_, u, x, c) => {
    const code = u ?? x
    if (code !== undefined) return utf8(String.fromCharCode(Number.parseInt(code, 16)))
    return c === undefined ? '' : (ESCAPES[c] ?? c)
  })
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0', e: '\x1b' }

function utf8(character: string): string {
  return character.charCodeAt(0) < 128 ? character : Buffer.from(character, 'utf8').toString('latin1')
}
