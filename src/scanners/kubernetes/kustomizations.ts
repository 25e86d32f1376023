import { existsSync, mkdtempSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import { k8sRoleRule } from '../../facts/kubernetes.ts'
import type { Tree, TreeFile } from '../../model.ts'
import { isBelow, withSlashes } from '../../paths.ts'
import type { RenderPrograms } from '../../sources/render-program.ts'
import { readSlice, splitDocuments } from '../../sources/yaml-documents.ts'
import { list, record, text } from './objects.ts'
import { isRemote, isTagged, mayFetch, overlookedKey } from './remote-parts.ts'

type Json = Readonly<Record<string, unknown>>

/** A Kustomize folder that no other one of the tree builds upon. */
export interface Kustomization {
  /** Path below the tree's root; empty for the root itself. */
  readonly folder: string
  readonly file: TreeFile
  /** Paths of files that are part of it, bases and patches of bases included. */
  readonly parts: ReadonlySet<string>
  /** Why it cannot be rendered. */
  readonly problem?: string
}

/** The mapping of a small YAML file; undefined if it is something else. */
export function readSettingsFile(tree: Tree, file: TreeFile): Json | undefined {
  const [first, ...more] = splitDocuments(tree.text(file, k8sRoleRule) ?? '')
  if (!first || more.some((slice) => /^[^#\s-]/m.test(slice.text))) return undefined
  const read = readSlice(first)
  return 'message' in read ? undefined : record(read.value)
}

/**
 * The kustomizations of a tree that are rendered by themselves. A base that an overlay of the tree builds upon is rendered as part of
 * that one, with its prefix and namespace, and so is a component.
 */
export function findKustomizations(tree: Tree): Kustomization[] {
  const nodes = new Map<string, Node>()
  const files = new Set(tree.files().map(({ path }) => path))
  for (const file of tree.files()) {
    const folder = posix.dirname(file.path) === '.' ? '' : posix.dirname(file.path)
    if (KUSTOMIZATION.test(file.path) && !nodes.has(folder)) {
      const node = readNode(tree, file, folder, files)
      if (node) nodes.set(folder, node)
    }
  }
  const used = new Set([...nodes.values()].flatMap(({ folders }) => folders))
  const roots = [...nodes.values()].filter(({ folder, isComponent }) => !used.has(folder) && !isComponent)
  return roots.map((root) => gather(root, nodes))
}

const KUSTOMIZATION = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/

/** One file and what it names. */
interface Node {
  readonly folder: string
  readonly file: TreeFile
  readonly isComponent: boolean
  readonly folders: readonly string[]
  readonly files: readonly string[]
  readonly problem: string | undefined
}

/** Undefined if the file belongs to another program (Flux has a kind of the same name). */
function readNode(tree: Tree, file: TreeFile, folder: string, known: ReadonlySet<string>): Node | undefined {
  const value = readSettingsFile(tree, file)
  const api = text(value?.apiVersion)
  if (api && !api.startsWith('kustomize.config.k8s.io/')) return undefined
  const base = { folder, file, isComponent: value?.kind === 'Component' }
  if (!value) return { ...base, folders: [], files: [], problem: 'cannot be read' }
  const folders: string[] = []
  const files: string[] = [file.path]
  let problem = needsHelm(value) ?? unclear(value, tree.text(file, k8sRoleRule) ?? '')
  for (const { named, key } of referencesOf(value)) {
    const path = posix.normalize(posix.join(folder, named))
    const place = within(tree, path)
    const isPlugin = PLUGINS.includes(key)
    const inline = isPlugin && isInline(named) && place !== 'file' && place !== 'folder'
    const plugin = isPlugin ? pluginProblem(tree, named, path, place) : undefined
    if (!inline && isRemote(named, place)) problem ??= `${key}: remote, ${withoutUser(named)}`
    else if (plugin !== undefined) problem ??= `${key}: ${plugin}`
    else if (inline) continue
    else if (place === 'folder') folders.push(path === '.' || path === './' ? '' : path.replace(/\/$/, ''))
    else if (place === 'file') {
      files.push(path)
      if (!known.has(path)) problem ??= `${key}: ${path} is left out of the audit`
    } else problem ??= `${key}: ${named} is ${place}`
  }
  return { ...base, folders, files, problem }
}

/** Generators, transformers and validators stand there in place, or in a file; some of them fetch what they name. */
function pluginProblem(tree: Tree, named: string, path: string, place: string): string | undefined {
  if (mayFetch(named)) return 'what stands there in place names a URL, or cannot be judged'
  // What stands there is put together by yet another kustomization.
  if (place === 'folder') return `${named} is a folder, whose plugins cannot be judged`
  const file = tree.files().find((each) => each.path === path)
  if (place !== 'file' || !file) return undefined
  const content = tree.text(file, k8sRoleRule)
  return content === undefined || mayFetch(content) ? `${named} names a URL, or cannot be judged` : undefined
}

/** What stands there in place has more than one line, or is JSON. */
function isInline(named: string): boolean {
  return named.includes('\n') || /^\s*[{[]/.test(named)
}

/** What Kustomize would read otherwise than we do. */
function unclear(value: Json, yaml: string): string | undefined {
  const key = overlookedKey(value, KEYS)
  if (key !== undefined) return `${key} is a key that Kustomize may read otherwise`
  return isTagged(yaml) ? 'tags, which Kustomize may read otherwise' : undefined
}

/** A URL may hold credentials. */
function withoutUser(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//').replace(/\?.*/, '')
}

function needsHelm(value: Json): string | undefined {
  const key = HELM.find((each) => list(value[each]).length > 0)
  return key && `${key}: Kustomize would have to run helm, which fetches charts`
}

const PLUGINS = ['generators', 'transformers', 'validators']
const FOLDERS_OR_FILES = ['resources', 'bases', 'components', ...PLUGINS]
const FILES = ['crds', 'configurations']
const WITH_PATH = ['patches', 'patchesJson6902', 'replacements']
const GENERATORS = ['configMapGenerator', 'secretGenerator']
const HELM = ['helmCharts', 'helmChartInflationGenerator']
const KEYS = [...FOLDERS_OR_FILES, ...FILES, 'patchesStrategicMerge', ...WITH_PATH, ...GENERATORS, ...HELM].concat([
  'openapi',
  'path',
  'files',
  'envs',
  'env',
  'kind',
  'apiVersion',
])

/** Everything a kustomization names by path: what stands there in place (a patch, a generator) has more than one line. */
function* referencesOf(value: Json): Generator<{ named: string; key: string }> {
  for (const key of [...FOLDERS_OR_FILES, ...FILES, 'patchesStrategicMerge'])
    for (const each of list(value[key])) {
      const named = text(each)
      if (named !== undefined && (PLUGINS.includes(key) || !named.includes('\n'))) yield { named, key }
    }
  for (const key of WITH_PATH)
    for (const each of list(value[key])) {
      const named = text(record(each)?.path)
      if (named !== undefined) yield { named, key }
    }
  const openapi = text(record(value.openapi)?.path)
  if (openapi !== undefined) yield { named: openapi, key: 'openapi' }
  for (const key of GENERATORS)
    for (const each of list(value[key])) {
      const { files, envs, env } = record(each) ?? {}
      for (const file of [...list(files), ...list(envs), env]) {
        const named = text(file)?.replace(/^[^=/]*=/, '')
        if (named !== undefined) yield { named, key }
      }
    }
}

/** What stands at a path below the tree's root, links followed as Kustomize does. */
function within(tree: Tree, path: string): 'folder' | 'file' | 'not there' | 'out of the tree' {
  if (path.startsWith('../') || path === '..' || posix.isAbsolute(path)) return 'out of the tree'
  const absolute = join(tree.root, path)
  if (!existsSync(absolute)) return 'not there'
  const real = realpathSync(absolute)
  if (!isBelow(real, tree.root)) return 'out of the tree'
  return statSync(real).isDirectory() ? 'folder' : 'file'
}

/** A kustomization with all that it builds upon; the first problem of any part is its own. */
function gather(root: Node, nodes: ReadonlyMap<string, Node>): Kustomization {
  const parts = new Set<string>()
  const seen = new Set<Node>()
  const problems: string[] = []
  const open: Node[] = [root]
  for (let node = open.pop(); node; node = open.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    for (const file of node.files) parts.add(file)
    if (node.problem !== undefined) problems.push(`${node === root ? '' : `${node.file.path}: `}${node.problem}`)
    for (const folder of node.folders) {
      const next = nodes.get(folder)
      if (next) open.push(next)
      else problems.push(`${folder} holds no kustomization that is audited`)
    }
  }
  const [problem] = problems
  return { folder: root.folder, file: root.file, parts, ...(problem !== undefined && { problem }) }
}

const ORIGIN = 'config.kubernetes.io/origin'

/** What a kustomization was built to: documents with one object each. */
export interface BuiltKustomization {
  readonly text: string
  /** The file of the tree that Kustomize says an object comes from; undefined if it was generated. */
  origin(object: Json): string | undefined
}

/** The same object without the annotation that we asked for. */
export function withoutOrigin(object: Json): Json {
  const metadata = record(object.metadata)
  const annotations = record(metadata?.annotations)
  if (!annotations || !(ORIGIN in annotations)) return object
  const { [ORIGIN]: _, ...rest } = annotations
  return { ...object, metadata: { ...metadata, annotations: rest } }
}

/**
 * Renders a kustomization. One of our own around it asks for annotations that tell where each object comes from. Gives why it could
 * not.
 */
export async function buildKustomization(
  { folder, problem }: Kustomization,
  tree: Tree,
  programs: RenderPrograms,
  signal: AbortSignal,
): Promise<BuiltKustomization | string> {
  if (problem !== undefined) return problem
  if (programs.kustomize === undefined) return 'neither kustomize nor kubectl is on PATH'
  const around = mkdtempSync(join(programs.scratch, 'around-'))
  const target = withSlashes(relative(around, join(tree.root, folder)))
  const settings = { resources: [target], buildMetadata: ['originAnnotations'] }
  writeFileSync(join(around, 'kustomization.yaml'), JSON.stringify(settings))
  const { file, args } = programs.kustomize
  const result = await programs.run(file, [...args, around], signal)
  if (!result.ok) return `${args.join(' ') === 'build' ? 'kustomize build' : 'kubectl kustomize'}: ${result.reason}`
  return {
    text: result.output,
    origin: (object) => {
      // Of the object, not of the text: what stands in other annotations and in data may look like one.
      const path = pathIn(text(record(record(object.metadata)?.annotations)?.[ORIGIN]))
      return path === undefined ? undefined : withSlashes(relative(tree.root, join(around, path)))
    },
  }
}

/** What the annotation holds is YAML, too. */
function pathIn(annotation: string | undefined): string | undefined {
  const [first] = splitDocuments(annotation ?? '')
  const read = first && readSlice(first)
  return !read || 'message' in read ? undefined : text(record(read.value)?.path)
}
