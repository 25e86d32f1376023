import { basename } from 'node:path'
import { k8sTokenSecret } from '../../facts/kubernetes.ts'
import type { Fact, ScanContext } from '../../model.ts'
import type { Declarations } from './declarations.ts'
import { type Dump, readDump } from './dump.ts'
import { gapAll } from './gap-all.ts'
import { MalformedObject } from './header.ts'
import { kindOf, OBJECT_FACTS, OBJECT_KINDS, parseObject } from './kinds.ts'
import { type ObjectKind, type Origin, scopeOf } from './objects.ts'

/** All dumps together are one cluster. Gives the messages of those that could not be read. */
export function* scanDumps(
  files: readonly string[],
  context: ScanContext,
  declarations: Declarations,
): Generator<Fact, readonly string[]> {
  const origin: Origin = { cluster: '-', source: 'dump' }
  const failed: string[] = []
  const seen = new Set<ObjectKind>()
  for (const file of files) {
    const dump = tryReadDump(file, failed)
    for (const detail of dump?.problems ?? []) {
      gapAll(context, { scope: scopeOf('-'), class: 'fault', reason: 'broken dump', detail })
    }
    for (const value of dump?.objects ?? []) {
      const type = kindOf(value)
      if (!type) continue
      seen.add(type)
      const at = declarations.locate('-', type, value)
      yield* readDumped({ kind: type.kind, type, value, at }, basename(file), origin, context)
    }
  }
  if (failed.length < files.length) gapMissingKinds(seen, context)
  return failed
}

function tryReadDump(file: string, failed: string[]): Dump | undefined {
  try {
    return readDump(file)
  } catch (error) {
    failed.push(`${file}: ${(error as Error).message}`)
    return undefined
  }
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
