import { basename } from 'node:path'
import { ScanError } from '../../errors.ts'
import { k8sRoleRule, k8sTokenSecret } from '../../facts/kubernetes.ts'
import type { Fact, FactKind, Gap, ScanContext, Scanner, Tree, TreeFile } from '../../model.ts'
import { withSlashes } from '../../paths.ts'
import { concerns } from '../../sources/changes.ts'
import { connect } from '../../sources/kubernetes-client.ts'
import { type Declarations, indexDeclarations } from './declarations.ts'
import { type Dump, readDump, realPaths } from './dump.ts'
import { MalformedObject } from './header.ts'
import { kindOf, OBJECT_FACTS, OBJECT_KINDS, parseObject } from './kinds.ts'
import { LIVE_PERMISSIONS, scanCluster } from './live.ts'
import { MANIFEST_FILES, type ManifestObject, manifestFiles, readManifests, type UnreadManifest } from './manifests.ts'
import {
  type KubernetesObject,
  kindName,
  type ObjectKind,
  type Origin,
  record,
  resourceOf,
  scopeOf,
  text,
} from './objects.ts'
import { parseCustomWorkload } from './workload.ts'

/**
 * RBAC, service accounts and workloads: from a live cluster or a dump of one, else from the manifests of the trees, which are
 * then taken as one cluster. With a cluster at hand, manifests only tell where its objects are declared.
 */
export const kubernetesScanner: Scanner = {
  id: 'kubernetes',
  emits: OBJECT_FACTS,
  needs: LIVE_PERMISSIONS,
  requested: ({ trees, targets }) =>
    trees.some((tree) => concerns(tree, MANIFEST_FILES)) ||
    targets.kubernetes.length + targets.kubernetesDumps.length + targets.auditLogs.length > 0,
  async *scan(context) {
    const { kubernetes, kubernetesDumps } = context.targets
    if (kubernetes.length + kubernetesDumps.length === 0) yield* scanManifests(context)
    else yield* scanTargets(context, declarationsOf(context))
  },
}

/** Clusters and dumps one after the other. One that fails is a gap of its own scope as long as another was seen. */
async function* scanTargets(context: ScanContext, declarations: Declarations): AsyncGenerator<Fact> {
  const failures: { scope: string; message: string }[] = []
  const { kubernetes, kubernetesDumps } = context.targets
  if (kubernetesDumps.length > 0) {
    const failed = yield* scanDumps(kubernetesDumps, context, declarations)
    for (const message of failed) failures.push({ scope: scopeOf('-'), message })
  }
  for (const target of kubernetes) {
    let scope = 'k8s:'
    try {
      const client = await connect(target, {
        roots: context.trees.map((tree) => tree.root),
        signal: context.signal,
        // One resource that hangs must leave time for the others.
        timeoutMs: Math.min(30_000, (context.limits.timeoutSeconds * 1000) / 4),
      })
      scope = scopeOf(client.cluster)
      yield* scanCluster(client, context, declarations)
    } catch (error) {
      if (!(error instanceof ScanError)) throw error
      failures.push({ scope, message: error.message })
    }
  }
  if (failures.length === kubernetes.length + kubernetesDumps.length) {
    throw new ScanError(failures.map(({ message }) => message).join('; '))
  }
  for (const { scope, message } of failures)
    gapAll(context, { scope, class: 'fault', reason: 'not reached', detail: message })
}

function gapAll(context: ScanContext, gap: Omit<Gap, 'kind'>, kinds: readonly FactKind[] = OBJECT_FACTS): void {
  for (const kind of kinds) if (context.wants(kind)) context.gap({ kind: kind.kind, ...gap })
}

function* scanManifests(context: ScanContext): Generator<Fact> {
  const templates = new Map<Tree, UnreadManifest[]>()
  for (const tree of context.trees) {
    const unread = (manifest: UnreadManifest) => {
      if (manifest.class === 'limit') append(templates, tree, manifest)
      else gapAll(context, brokenManifest(tree, manifest), kindsOf(manifest))
    }
    const unseen = (file: TreeFile) => gapAll(context, unreadFile(tree, file), OTHER_FACTS)
    const files = manifestFiles(tree, context.limits.maxFileSize)
    for (const object of readManifests(tree, files, unread, unseen)) yield* readObject(object, tree, context)
  }
  for (const [tree, manifests] of templates) gapTemplates(tree, manifests, context)
}

/** The tree has named the file and its class of gap for one kind. */
const OTHER_FACTS = OBJECT_FACTS.filter((kind) => kind !== k8sRoleRule)

function unreadFile(tree: Tree, { path }: TreeFile): Omit<Gap, 'kind'> {
  return {
    scope: `${tree.scope}/${path}`,
    class: 'limit',
    reason: 'file not read',
    detail: `${path}: may be a manifest`,
  }
}

function* readObject(object: ManifestObject, tree: Tree, context: ScanContext): Generator<Fact> {
  const origin: Origin = { cluster: '-', source: 'file' }
  const resource = resourceOfManifest(object)
  const located: KubernetesObject = { ...object, at: (rule) => ({ resource, declaredAt: object.at(rule) }) }
  try {
    const custom = object.type ? undefined : parseCustomWorkload(located, origin)
    if (custom) yield custom
    else yield* parseObject(located, origin)
  } catch (error) {
    if (!(error instanceof MalformedObject)) throw error
    const { file, line = 1 } = object.at()
    const kinds = object.type ? [object.type] : []
    const manifest = { kinds, file, line, class: 'fault' as const, message: error.message }
    gapAll(context, brokenManifest(tree, manifest), kindsOf(manifest))
  }
}

/** What the object would be called in the cluster that the manifests are taken for. */
function resourceOfManifest({ kind, type, value }: ManifestObject): string {
  const metadata = record(value.metadata)
  const namespace = type?.clusterWide ? '' : (text(metadata?.namespace) ?? 'default')
  return resourceOf('-', kind, namespace, text(metadata?.name) ?? text(metadata?.generateName) ?? '')
}

function kindsOf(manifest: UnreadManifest): FactKind[] {
  return [...new Set(manifest.kinds.flatMap(({ emits }) => emits))]
}

function brokenManifest(tree: Tree, { file, line, kinds, message }: UnreadManifest): Omit<Gap, 'kind'> {
  return {
    scope: `${tree.scope}/${file}`,
    class: 'fault',
    reason: 'broken manifest',
    detail: `${file}:${line}: ${[...new Set(kinds.map(({ kind }) => kind))].join(', ')} cannot be read: ${message}`,
  }
}

const NAMED_FILES = 3

/** A chart has dozens of templates: one gap for each kind of fact names a few of them. */
function gapTemplates(tree: Tree, manifests: readonly UnreadManifest[], context: ScanContext): void {
  for (const kind of OBJECT_FACTS) {
    const files = [...new Set(manifests.filter((m) => kindsOf(m).includes(kind)).map((m) => m.file))].sort()
    if (files.length === 0) continue
    const more = files.length > NAMED_FILES ? ` and ${files.length - NAMED_FILES} more` : ''
    const detail = `${files.slice(0, NAMED_FILES).join(', ')}${more}: audit the output of helm template, or the cluster`
    gapAll(context, { scope: tree.scope, class: 'limit', reason: 'Helm template, not rendered', detail }, [kind])
  }
}

/** Files that are too large or unreadable are no gap here: the objects themselves are read from the cluster. */
function declarationsOf(context: ScanContext): Declarations {
  const dumps = realPaths(context.targets.kubernetesDumps)
  const manifests = function* () {
    for (const tree of context.trees) {
      const files = manifestFiles(tree, context.limits.maxFileSize).filter(
        (file) =>
          file.size <= context.limits.maxFileSize &&
          !(typeof file.absolute === 'string' && dumps.has(withSlashes(file.absolute))),
      )
      yield* readManifests(tree, files, () => undefined)
    }
  }
  return indexDeclarations(manifests())
}

/** All dumps together are one cluster. Gives the messages of those that could not be read. */
function* scanDumps(
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
      yield* readDumped({ kind: kindName(type, value), type, value, at }, basename(file), origin, context)
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

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key)
  if (known) known.push(value)
  else map.set(key, [value])
}
