import { readSlice, splitDocuments } from '../../sources/yaml-documents.ts'
import { list, record } from './objects.ts'

/**
 * What a chart or kustomization would be fetched from the network for. Programs are kept from it by a proxy that is not there, but
 * no proxy is asked for addresses of this machine: what names a URL must not run at all.
 */

/** Kustomize asks for these before it looks for a file of that name. */
const URL = /:\/\/|^https?:/i
/** What Kustomize gives to git, although a folder of that name may be there. */
const REPOSITORY = /^git::|^gh:|^[\w-]+@|^github\.com[:/]|[?&]ref=|\.git(?:[/?]|$)|_git\//i
const STARTS_WITH_HOST = /^[\w-]+(?:\.[\w-]+)+\//

/** Whether Kustomize would fetch what is named. `place` is what stands there if it is taken as a path. */
export function isRemote(named: string, place: string): boolean {
  if (URL.test(named)) return true
  if (place === 'file') return false
  return REPOSITORY.test(named) || (place !== 'folder' && STARTS_WITH_HOST.test(named))
}

/**
 * A key that Kustomize takes for one of `keys`, and that we would overlook: Go ignores case. Those of the mapping,
 * of mappings in its lists and of `openapi` are looked at.
 */
export function overlookedKey(value: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  const known = new Map(keys.map((key) => [folded(key), key]))
  const mappings = [value, record(value.openapi), ...Object.values(value).flatMap((each) => list(each).map(record))]
  return mappings.flatMap((each) => Object.keys(each ?? {})).find((key) => (known.get(folded(key)) ?? key) !== key)
}

/** As Go's encoding/json compares names: `ſ` is an s, the sign for kelvin a k. */
function folded(key: string): string {
  return key.toUpperCase().toLowerCase()
}

/** Tags make Kustomize read something else than we do: `!!binary` holds text as base64. */
const TAGGED = /(?:^|[\s,[{])!(?:!|<)|^%TAG/m

export function isTagged(yaml: string): boolean {
  return TAGGED.test(yaml)
}

/** Whether the settings of a generator, transformer or validator name a URL, however it is written, or cannot be judged. */
export function mayFetch(yaml: string): boolean {
  if (isTagged(yaml)) return true
  return splitDocuments(yaml).some((slice) => {
    const read = readSlice(slice)
    return 'message' in read || strings(read.value).some((each) => URL.test(each))
  })
}

/** Whether a JSON schema refers to something outside of itself, or cannot be judged. */
export function refersOut(schema: string): boolean {
  try {
    return refersOutIn(JSON.parse(schema))
  } catch {
    return true
  }
}

const KNOWN_DRAFT = /^https?:\/\/json-schema\.org\//

function refersOutIn(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(refersOutIn)
  return Object.entries(record(value) ?? {}).some(([key, each]) => {
    if (typeof each !== 'string') return refersOutIn(each)
    if (key === '$ref' || key === '$dynamicRef') return !each.startsWith('#')
    if (key === '$schema') return !KNOWN_DRAFT.test(each)
    // References are relative to it.
    return (key === '$id' || key === 'id') && URL.test(each)
  })
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(strings)
  return Object.entries(record(value) ?? {}).flatMap(([key, each]) => [key, ...strings(each)])
}
