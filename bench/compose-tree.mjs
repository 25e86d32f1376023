import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes a tree of source-like files of about so many megabytes: words, assignments, long lines, and now and then
 * something that looks like a secret. The same in every run; nothing in it is a credential.
 */
export function composeTree(root, megabytes) {
  const random = generator(42)
  const pick = (list) => list[Math.floor(random() * list.length)]
  const value = (length) => Array.from({ length }, () => pick(ALPHABET)).join('')
  const line = () => {
    const kind = random()
    if (kind < 0.002) return `${pick(WORDS)}_${pick(['token', 'secret', 'password', 'api_key'])} = "${value(32)}"`
    if (kind < 0.3)
      return `${'  '.repeat(Math.floor(random() * 4))}// ${Array.from({ length: 9 }, () => pick(WORDS)).join(' ')}`
    if (kind < 0.6)
      return `  const ${pick(WORDS)}${pick(WORDS)} = ${pick(WORDS)}.${pick(WORDS)}(${pick(WORDS)}, ${Math.floor(random() * 1000)})`
    if (kind < 0.9) return `  if (${pick(WORDS)}.${pick(WORDS)} !== '${pick(WORDS)}') return ${pick(WORDS)}`
    return ''
  }
  const files = megabytes * 50
  for (let i = 0; i < files; i++) {
    const folder = join(root, `d${i % 97}`)
    mkdirSync(folder, { recursive: true })
    let text = ''
    while (text.length < 20_000) text += `${line()}\n`
    writeFileSync(join(folder, `f${i}.${pick(['js', 'py', 'go', 'md', 'yaml', 'json', 'txt'])}`), text)
  }
  return root
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const WORDS =
  'user order item price cart session request response handler config server client index count total value result error stream buffer token key name path file line parse render write read update delete create list page node tree graph edge cache store state event queue job worker task time date zone locale string number object array'.split(
    ' ',
  )

/** Mulberry32: small, fast, the same everywhere. */
function generator(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
