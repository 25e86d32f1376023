import { availableParallelism } from 'node:os'
import { k8sRoleRule } from '../../facts/kubernetes.ts'
import type { FileLocation, ScanContext, Tree, TreeFile } from '../../model.ts'
import { inParallel } from '../../sources/parallel.ts'
import { findRenderPrograms, type RenderPrograms } from '../../sources/render-program.ts'
import {
  belongsToChart,
  type Chart,
  findCharts,
  RELEASE_NAMESPACE,
  type RenderedDocument,
  renderChart,
} from './charts.ts'
import { buildKustomization, findKustomizations, type Kustomization, withoutOrigin } from './kustomizations.ts'
import { inTree, type ManifestObject, readManifest, type UnreadManifest } from './manifests.ts'
import { canonicalRule, list, record, text } from './objects.ts'

/** What the charts and kustomizations of one tree came to. */
export interface RenderedTree {
  readonly objects: readonly ManifestObject[]
  /** Whether a file is part of something that was rendered: by itself it says nothing then. */
  covers(path: string): boolean
  /** Whether a file belongs to a chart of which a failure tells already. */
  failed(path: string): boolean
}

/** A chart or kustomization that was not rendered. */
export interface RenderFailure {
  readonly what: 'chart' | 'kustomization'
  /** Its Chart.yaml or kustomization.yaml. */
  readonly file: string
  readonly reason: string
}

/** What could not be rendered, or not be read when it was. */
export interface RenderProblems {
  failure(tree: Tree, failure: RenderFailure): void
  unread(tree: Tree, manifest: UnreadManifest): void
}

/** Each keeps a processor busy, and takes up to 100 MB. */
const AT_ONCE = Math.min(4, availableParallelism())

/** Renders the charts and kustomizations of all trees by the operator's own helm and kustomize or kubectl. */
export async function renderTrees(
  context: ScanContext,
  problems: RenderProblems,
): Promise<ReadonlyMap<Tree, RenderedTree>> {
  const programs = findRenderPrograms(context.trees.map(({ root }) => root))
  try {
    const rendered = new Map<Tree, RenderedTree>()
    for (const tree of context.trees) rendered.set(tree, await renderTree(tree, context, programs, problems))
    return rendered
  } finally {
    programs.close()
  }
}

async function renderTree(
  tree: Tree,
  context: ScanContext,
  programs: RenderPrograms,
  problems: RenderProblems,
): Promise<RenderedTree> {
  const objects: ManifestObject[] = []
  const charts: Chart[] = []
  const failed: Chart[] = []
  const kustomizations: Kustomization[] = []
  const fail = (what: RenderFailure['what'], file: string, reason: string) =>
    problems.failure(tree, { what, file, reason })
  const unread = (manifest: UnreadManifest) => problems.unread(tree, manifest)
  const staged = tree.changes?.by === 'staged' ? 'the working copy may differ from what is staged' : undefined
  const render = async (chart: Chart) => {
    context.progress(`rendering ${chart.file.path}`)
    if (chart.isLibrary) return { chart, documents: [] }
    return { chart, documents: staged ?? (await renderChart(chart, tree, programs, context.signal)) }
  }
  for await (const { chart, documents } of inParallel(findCharts(tree), render, AT_ONCE)) {
    if (typeof documents === 'string') {
      fail('chart', chart.file.path, documents)
      failed.push(chart)
    } else {
      charts.push(chart)
      objects.push(...objectsOf(documents, unread).map(withoutReleaseNamespace))
    }
  }
  const build = async (kustomization: Kustomization) => {
    context.progress(`rendering ${kustomization.file.path}`)
    const documents = staged ?? (await buildKustomization(kustomization, tree, programs, context.signal))
    return { kustomization, documents }
  }
  const origins = new Origins(tree)
  for await (const { kustomization, documents } of inParallel(findKustomizations(tree), build, AT_ONCE)) {
    const { file } = kustomization
    if (typeof documents === 'string') {
      fail('kustomization', file.path, documents)
      continue
    }
    kustomizations.push(kustomization)
    const own: FileLocation = { file: file.path, line: 1, column: 1 }
    const place = (object: ManifestObject, rule?: number) => {
      const origin = documents.origin(object.value)
      return (origin !== undefined && origins.find(origin, object, rule)) || own
    }
    for (const object of objectsOf([{ text: documents.text, place }], unread))
      objects.push({ ...object, value: withoutOrigin(object.value) })
  }
  return {
    objects: withoutRepeated(objects).map((object) => inTree(object, tree)),
    covers: (path) =>
      charts.some((chart) => belongsToChart(chart, path)) || kustomizations.some(({ parts }) => parts.has(path)),
    failed: (path) => failed.some((chart) => belongsToChart(chart, path)),
  }
}

function objectsOf(
  documents: readonly RenderedDocument[],
  unread: (manifest: UnreadManifest) => void,
): ManifestObject[] {
  return documents.flatMap((document) => {
    const fail = (manifest: UnreadManifest) => {
      const { file, line = 1 } = document.place({ kind: '', type: undefined, value: {}, at: () => ({ file: '' }) })
      unread({ ...manifest, file, line, message: `rendered: ${manifest.message}` })
    }
    return [...readManifest('rendered.yaml', document.text, fail)].map(
      (object): ManifestObject => ({ ...object, at: (rule) => document.place(object, rule) }),
    )
  })
}

/** A chart that names the release's namespace names none. */
function withoutReleaseNamespace(object: ManifestObject): ManifestObject {
  const metadata = record(object.value.metadata)
  if (metadata?.namespace !== RELEASE_NAMESPACE) return object
  const { namespace: _, ...rest } = metadata
  return { ...object, value: { ...object.value, metadata: rest } }
}

/** Overlays of one base make some objects alike. */
function withoutRepeated(objects: readonly ManifestObject[]): ManifestObject[] {
  const seen = new Set<string>()
  return objects.filter((object) => {
    const key = JSON.stringify([object.at(), object.value])
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** The manifests that Kustomize's objects come from. */
class Origins {
  readonly #tree: Tree
  readonly #files: ReadonlyMap<string, TreeFile>
  readonly #read = new Map<string, readonly ManifestObject[]>()

  constructor(tree: Tree) {
    this.#tree = tree
    this.#files = new Map(tree.files().map((file) => [file.path, file]))
  }

  /** The place of an object in its manifest, where its name may lack prefix and suffix; none if that is no audited file. */
  find(path: string, object: ManifestObject, rule: number | undefined): FileLocation | undefined {
    const name = nameOf(object)
    const [source] = this.#objects(path)
      .filter((each) => each.kind === object.kind && name.includes(nameOf(each)))
      .sort((a, b) => nameOf(b).length - nameOf(a).length)
    if (!source || rule === undefined) return source?.at()
    const wanted = canonicalRule(list(object.value.rules)[rule])
    const index = list(source.value.rules).findIndex((each) => canonicalRule(each) === wanted)
    // A patch may have added or changed it.
    return index < 0 ? source.at() : source.at(index)
  }

  #objects(path: string): readonly ManifestObject[] {
    let objects = this.#read.get(path)
    if (!objects) {
      const file = this.#files.get(path)
      const content = file && this.#tree.text(file, k8sRoleRule)
      objects = content === undefined ? [] : [...readManifest(path, content, () => undefined)]
      this.#read.set(path, objects)
    }
    return objects
  }
}

function nameOf({ value }: ManifestObject): string {
  return text(record(value.metadata)?.name) ?? ''
}
