import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { isBelow } from '../../paths.ts'
import { decodeText } from '../../sources/text-encoding.ts'
import { readSlice, splitDocuments, splitJson } from '../../sources/yaml-documents.ts'
import { kindOf } from './kinds.ts'
import { listItems, record } from './objects.ts'

type Json = Readonly<Record<string, unknown>>

/** What a dump held: objects of our kinds, and what could not be read of it. */
export interface Dump {
  /** Empties itself as it is read: objects need not live until the last one is. */
  objects(): Generator<Json>
  readonly problems: readonly string[]
}

/** A string in V8 has half a gigabyte at most. */
const LARGEST = 500 << 20

/** The file itself, or those of a folder as `kubectl cluster-info dump --output-directory` fills it. Throws if it does not exist. */
export function dumpFiles(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return [...filesBelow(path)].filter((file) => /\.(?:json|ya?ml)(?:\.gz)?$/i.test(file)).sort()
}

/** Node's own recursion follows links to folders in some versions, in a loop too. */
function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) yield path
  }
}

/**
 * Reads the output of `kubectl get … -o json|yaml`, gzip or not; undefined if it holds no Kubernetes objects at all. Throws an Error whose
 * message is for people if nothing can be read.
 */
export function readDump(file: string): Dump | undefined {
  const bytes = readFileSync(file)
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const content = decodeText(isGzip ? gunzipSync(bytes, { maxOutputLength: LARGEST }) : bytes)
  if (content === undefined) throw new Error('is binary, not the output of kubectl get -o json or yaml')
  return parseDump(content, basename(file))
}

/** The objects of a dump's text; undefined if it holds none at all, of no kind. */
export function parseDump(content: string, name: string): Dump | undefined {
  const objects: Json[] = []
  const problems: string[] = []
  let documents = 0
  for (const { value, problem } of documentsOf(content)) {
    if (problem !== undefined) problems.push(`${name}${problem}`)
    else if (record(value)?.kind !== undefined) documents++
    for (const list of cutLists(value)) problems.push(`${name}: ${list}`)
    for (const object of flatten(value)) {
      if (kindOf(object)) objects.push(record(object) ?? {})
      if (record(object)?.kind !== undefined) documents++
    }
  }
  if (documents === 0 && problems.length === 0) return undefined
  objects.reverse()
  return {
    problems,
    *objects() {
      for (let object = objects.pop(); object; object = objects.pop()) yield object
    },
  }
}

function* documentsOf(content: string): Generator<{ value?: unknown; problem?: string }> {
  if (/^\s*[{[](?!\{)/.test(content)) {
    yield* jsonDocuments(content)
    return
  }
  for (const slice of splitDocuments(content)) {
    const read = readSlice(slice)
    if ('message' in read) yield { problem: `:${read.line}: ${read.message}` }
    else if (read.value !== null) yield { value: read.value }
  }
}

/** One text, or several one after the other: `kubectl get … >> file`. */
function* jsonDocuments(content: string): Generator<{ value?: unknown; problem?: string }> {
  try {
    // Far faster than anything that knows lines.
    yield { value: JSON.parse(content) }
    return
  } catch {
    // Each by itself, then. The parser's message would quote the text, which may be a secret.
  }
  for (const part of splitJson(content)) {
    if ('message' in part) {
      yield { problem: `:${part.line}: ${part.message}` }
      continue
    }
    let value: unknown
    try {
      value = JSON.parse(part.text)
    } catch {
      yield { problem: `:${part.line}: not valid JSON` }
      continue
    }
    yield { value }
  }
}

/** A page that the API server gave names the one behind it, which nobody says is here, too. */
function* cutLists(value: unknown): Generator<string> {
  const items = listItems(value) ?? (Array.isArray(value) ? value : [])
  for (const item of items) yield* cutLists(item)
  const list = record(value)
  if (list && listItems(list) && record(list.metadata)?.continue)
    yield `the list is cut off after ${items.length} objects (${list.kind}): ask without a limit`
}

function* flatten(value: unknown): Generator<unknown> {
  const items = listItems(value) ?? (Array.isArray(value) ? value : undefined)
  if (items) for (const item of items) yield* flatten(item)
  else yield value
}

/** Whether a real path is one of the dumps or lies in one: what lies in the tree is not read as manifests, too. */
export function isDumped(dumps: readonly string[]): (path: string) => boolean {
  const paths: string[] = []
  for (const dump of dumps) {
    try {
      paths.push(realpathSync(dump))
    } catch {
      // A file that does not exist is reported where it is read.
    }
  }
  return (path) => paths.some((dump) => isBelow(path, dump))
}
