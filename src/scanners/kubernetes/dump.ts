import { readFileSync, realpathSync } from 'node:fs'
import { basename } from 'node:path'
import { withSlashes } from '../../paths.ts'
import { decodeText } from '../../sources/text-encoding.ts'
import { readSlice, splitDocuments } from '../../sources/yaml-documents.ts'
import { kindOf } from './kinds.ts'
import { listItems, record } from './objects.ts'

type Json = Readonly<Record<string, unknown>>

/** What a dump held: objects of our kinds, and what could not be read of it. */
export interface Dump {
  readonly objects: readonly Json[]
  readonly problems: readonly string[]
}

/** Reads the output of `kubectl get … -o json|yaml`. Throws an Error whose message is for people if nothing can be read. */
export function readDump(file: string): Dump {
  const content = decodeText(readFileSync(file))
  if (content === undefined) throw new Error('is binary, not the output of kubectl get -o json or yaml')
  return parseDump(content, basename(file))
}

/** The objects of a dump's text. */
export function parseDump(content: string, name: string): Dump {
  const objects: Json[] = []
  const problems: string[] = []
  let documents = 0
  for (const { value, problem } of documentsOf(content)) {
    if (problem !== undefined) problems.push(`${name}${problem}`)
    else if (record(value)?.kind !== undefined) documents++
    for (const object of flatten(value)) if (kindOf(object)) objects.push(record(object) ?? {})
  }
  if (documents === 0 && problems.length === 0) throw new Error('holds no Kubernetes objects')
  return { objects, problems }
}

function* documentsOf(content: string): Generator<{ value?: unknown; problem?: string }> {
  try {
    // Far faster than YAML, and no places are needed.
    yield { value: JSON.parse(content) }
    return
  } catch (error) {
    if (/^\s*\{(?!\{)/.test(content)) {
      // The parser's message quotes the text, which may be a secret.
      const [, position] = /position (\d+)/.exec((error as Error).message) ?? []
      const line = position === undefined ? '' : `:${content.slice(0, Number(position)).split('\n').length}`
      yield { problem: `${line}: not valid JSON` }
      return
    }
  }
  for (const slice of splitDocuments(content)) {
    const read = readSlice(slice)
    if ('message' in read) yield { problem: `:${read.line}: ${read.message}` }
    else if (read.value !== null) yield { value: read.value }
  }
}

function* flatten(value: unknown): Generator<unknown> {
  const items = listItems(value) ?? (Array.isArray(value) ? value : undefined)
  if (items) for (const item of items) yield* flatten(item)
  else yield value
}

/** The real paths of files that exist: a dump that lies in the tree is not read as manifests, too. */
export function realPaths(files: readonly string[]): Set<string> {
  const paths = new Set<string>()
  for (const file of files) {
    try {
      paths.add(withSlashes(realpathSync(file)))
    } catch {
      // A file that does not exist is reported where it is read.
    }
  }
  return paths
}
