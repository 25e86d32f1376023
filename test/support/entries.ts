import { expect } from 'vitest'
import { type Entry, pathOf } from '../../src/detect/structure/entry.ts'

/** Entries as `path.key = value`, with a check that the offsets enclose what stands in the text. */
export function shown(entries: readonly Entry[], text: string): string[] {
  return entries.map(({ key, value, start, end, keyStart, container }) => {
    expect(text.slice(start, end)).toBe(value)
    // A name that stands elsewhere, or nowhere, has the place of its value.
    if (keyStart !== start) expect(text.slice(keyStart, keyStart + key.length)).toBe(key)
    return `${[pathOf(container), key || '*'].filter(Boolean).join('.')} = ${value}`
  })
}
