import { basename } from 'node:path'
import { k8sTokenSecret } from '../../facts/kubernetes.ts'
import type { Fact, ScanContext } from '../../model.ts'
import type { Declarations } from './declarations.ts'
import { type Dump, dumpFiles, readDump } from './dump.ts'
import { gapAll } from './gap-all.ts'
import { MalformedObject } from './header.ts'
import { kindOf, OBJECT_FACTS, OBJECT_KINDS, parseObject } from './kinds.ts'
import { kindName, type ObjectKind, type Origin, record, scopeOf, text } from './objects.ts'

/** All dumps together are one cluster. Gives the messages of those that could not be read. */
export function* scanDumps(
  paths: readonly string[],
  context: ScanContext,
  declarations: Declarations,
): Generator<Fact, readonly string[]> {
  const origin: Origin = { cluster: '-', source: 'dump' }
  const failed: string[] = []
  const seen = new Set<ObjectKind>()
  const ids = new Set<string>()
  for (const path of paths) {
    for (const { file, dump } of readAll(path, failed)) {
      for (const detail of dump.problems)
        gapAll(context, { scope: scopeOf('-'), class: 'fault', reason: 'broken dump', detail })
      for (const value of dump.objects()) {
        const type = kindOf(value)
        const id = text(record(value.metadata)?.uid)
        // Somebody asked for all pods, and for all of one namespace.
        if (!type || (id && ids.has(id))) continue
        if (id) ids.add(id)
        seen.add(type)
        const at = declarations.locate('-', type, value)
        yield* readDumped({ kind: kindName(type, value), type, value, at }, basename(file), origin, context)
      }
    }
  }
  if (failed.length < paths.length) gapMissingKinds(seen, context)
  return failed
}

/** The dumps of a file or folder, one at a time. If none can be read, that is why in `failed`; what else cannot is a problem. */
function* readAll(path: string, failed: string[]): Generator<{ file: string; dump: Dump }> {
  const problems: { file: string; message: string }[] = []
  let found = 0
  for (const file of filesOf(path, problems)) {
    const dump = tryRead(file, problems)
    if (!dump) continue
    found++
    yield { file, dump }
  }
  const messages = problems.map(({ file, message }) => `${file}: ${message}`)
  if (found === 0) failed.push(messages.join('; ') || `${path}: holds no Kubernetes objects`)
  else for (const { file, message } of problems) yield { file, dump: unreadable(`${basename(file)}: ${message}`) }
}

type Problems = { file: string; message: string }[]

function filesOf(path: string, problems: Problems): readonly string[] {
  try {
    return dumpFiles(path)
  } catch (error) {
    problems.push({ file: path, message: (error as Error).message })
    return []
  }
}

function tryRead(file: string, problems: Problems): Dump | undefined {
  try {
    return readDump(file)
  } catch (error) {
    problems.push({ file, message: (error as Error).message })
    return undefined
  }
}

function unreadable(problem: string): Dump {
  return { problems: [problem], *objects() {} }
}

function* readDumped(
  object: Parameters<typeof parseObject>[0],
  file: string,
  origin: Origin,
  context: ScanContext,
): Generator<Fact> {
  try {
    yield* parseObject(object, origin)
  } catch (error) {
    if (!(error instanceof MalformedObject)) throw error
    const detail = `${file}: ${object.kind}: ${error.message}`
    gapAll(context, { scope: scopeOf('-'), class: 'fault', reason: 'broken dump', detail }, object.type?.emits)
  }
}

/** A dump holds what somebody asked for: of a kind without a single object nobody knows whether the cluster has some. */
function gapMissingKinds(seen: ReadonlySet<ObjectKind>, context: ScanContext): void {
  for (const fact of OBJECT_FACTS) {
    const kinds = OBJECT_KINDS.filter(({ emits, extension }) => emits.includes(fact) && !extension)
    if (kinds.length === 0 || kinds.some((kind) => seen.has(kind))) continue
    const resources = kinds.map(({ resource }) => resource).join(',')
    // Secrets belong into no file; a live cluster is asked for their metadata only.
    const help = fact === k8sTokenSecret ? '--k8s reads their metadata' : `kubectl get ${resources} -A -o json`
    const detail = `the dump holds no ${resources}: ${help}`
    gapAll(context, { scope: scopeOf('-'), class: 'limit', reason: 'not in the dump', detail }, [fact])
  }
}
