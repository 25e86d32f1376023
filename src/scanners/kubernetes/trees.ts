import { k8sRoleRule } from '../../facts/kubernetes.ts'
import type { Fact, FactKind, Gap, ScanContext, Tree, TreeFile } from '../../model.ts'
import { assumeNamespaces } from './assumed-namespaces.ts'
import { type Declarations, indexDeclarations } from './declarations.ts'
import { isDumped } from './dump.ts'
import { gapAll } from './gap-all.ts'
import { MalformedObject } from './header.ts'
import { OBJECT_FACTS, parseObject } from './kinds.ts'
import { type ManifestObject, manifestFiles, readManifests, type UnreadManifest } from './manifests.ts'
import { type KubernetesObject, type Origin, record, resourceOf, text } from './objects.ts'
import { type RenderedTree, type RenderFailure, renderTrees } from './render.ts'
import { parseCustomWorkload } from './workload.ts'

/** The objects of all trees, taken as one cluster: those of manifests and, with --render, of what charts and kustomizations come to. */
export async function* scanManifests(context: ScanContext): AsyncGenerator<Fact> {
  const templates = new Map<Tree, UnreadManifest[]>()
  const rendered = await renderWhereAsked(context)
  for (const tree of context.trees) {
    const { objects = [], covers, failed } = rendered.get(tree) ?? {}
    const unread = (manifest: UnreadManifest) => {
      if (manifest.class === 'fault') gapAll(context, brokenManifest(tree, manifest), kindsOf(manifest))
      else if (!failed?.(manifest.file)) append(templates, tree, manifest)
    }
    const unseen = (file: TreeFile) => gapAll(context, unreadFile(tree, file), OTHER_FACTS)
    const files = manifestFiles(tree, context.limits.maxFileSize).filter(({ path }) => !covers?.(path))
    const manifests = assumeNamespaces(tree, [...readManifests(tree, files, unread, unseen)])
    for (const object of manifests) yield* readObject(object, tree, context)
    for (const object of objects) yield* readObject(object, tree, context)
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
function resourceOfManifest({ kind, type, value, assumedNamespace }: ManifestObject): string {
  const metadata = record(value.metadata)
  const namespace = type?.clusterWide ? '' : text(metadata?.namespace) || assumedNamespace || 'default'
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
    const detail = `${files.slice(0, NAMED_FILES).join(', ')}${more}: --render, or audit the output of helm template, or the cluster`
    gapAll(context, { scope: tree.scope, class: 'limit', reason: 'Helm template, not rendered', detail }, [kind])
  }
}

async function renderWhereAsked(context: ScanContext): Promise<ReadonlyMap<Tree, RenderedTree>> {
  if (!context.limits.render) return new Map()
  return renderTrees(context, {
    failure: (tree, failure) => gapAll(context, notRendered(tree, failure)),
    unread: (tree, manifest) => gapAll(context, brokenManifest(tree, manifest), kindsOf(manifest)),
  })
}

function notRendered(tree: Tree, { what, file, reason }: RenderFailure): Omit<Gap, 'kind'> {
  const folder = file.includes('/') ? `/${file.slice(0, file.lastIndexOf('/'))}` : ''
  const scope = `${tree.scope}${folder}`
  return { scope, class: 'limit', reason: `${what} not rendered`, detail: `${file}: ${reason}` }
}

/**
 * Where the objects of a cluster are declared. What is too large, unreadable or cannot be rendered is no gap here: the objects
 * themselves are read from the cluster.
 */
export async function declarationsOf(context: ScanContext): Promise<Declarations> {
  const inDump = isDumped(context.targets.kubernetesDumps)
  const ignore = () => undefined
  const rendered = context.limits.render
    ? await renderTrees(context, { failure: ignore, unread: ignore })
    : new Map<Tree, RenderedTree>()
  const manifests = function* () {
    for (const tree of context.trees) {
      yield* rendered.get(tree)?.objects ?? []
      const files = manifestFiles(tree, context.limits.maxFileSize).filter(
        (file) =>
          file.size <= context.limits.maxFileSize && !(typeof file.absolute === 'string' && inDump(file.absolute)),
      )
      yield* readManifests(tree, files, () => undefined)
    }
  }
  return indexDeclarations(manifests())
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key)
  if (known) known.push(value)
  else map.set(key, [value])
}
