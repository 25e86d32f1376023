import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { k8sRoleRule } from '../../facts/kubernetes.ts'
import type { FileLocation, Tree, TreeFile } from '../../model.ts'
import { isBelow } from '../../paths.ts'
import type { RenderPrograms } from '../../sources/render-program.ts'
import { splitDocuments } from '../../sources/yaml-documents.ts'
import { readSettingsFile } from './kustomizations.ts'
import type { ManifestObject } from './manifests.ts'
import { list, record, text } from './objects.ts'
import { refersOut } from './remote-parts.ts'
import { TemplateLines } from './template-lines.ts'

/** A Helm chart of a tree that can be installed by itself. */
export interface Chart {
  /** Path below the tree's root; empty for the root itself. */
  readonly folder: string
  readonly file: TreeFile
  readonly name: string
  /** A library defines templates for others and installs nothing. */
  readonly isLibrary: boolean
  /** Why it cannot be rendered. */
  readonly problem?: string
}

/** The charts of a tree, subcharts under `charts/` left out: they are rendered with their parents. */
export function findCharts(tree: Tree): Chart[] {
  const files = tree.files().filter(({ path }) => /(?:^|\/)Chart\.yaml$/.test(path))
  const folders = new Set(files.map(({ path }) => folderOf(path)))
  return files.filter(({ path }) => !isSubchart(folderOf(path), folders)).map((file) => readChart(tree, file))
}

/** Whether a file becomes part of what the chart renders to. */
export function belongsToChart({ folder }: Chart, path: string): boolean {
  const rest = folder === '' ? path : path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : ''
  return /^(?:templates|charts|crds)\//.test(rest)
}

function folderOf(path: string): string {
  const folder = dirname(path)
  return folder === '.' ? '' : folder
}

function isSubchart(folder: string, charts: ReadonlySet<string>): boolean {
  for (let at = folder.lastIndexOf('charts/'); at >= 0; at = at === 0 ? -1 : folder.lastIndexOf('charts/', at - 1)) {
    if (at > 0 && folder[at - 1] !== '/') continue
    if (charts.has(folder.slice(0, Math.max(0, at - 1)))) return true
  }
  return false
}

function readChart(tree: Tree, file: TreeFile): Chart {
  const folder = folderOf(file.path)
  const settings = readSettingsFile(tree, file)
  const name = text(settings?.name)
  const base = { folder, file, name: name ?? '', isLibrary: settings?.type === 'library' }
  if (!settings || !name) return { ...base, problem: 'Chart.yaml cannot be read' }
  const problem = missingDependency(tree, folder, settings) ?? linkOut(tree.root, join(tree.root, folder))
  return { ...base, ...(problem !== undefined && { problem }) }
}

/** helm would fetch nothing either: what is not under `charts/` is missing. */
function missingDependency(tree: Tree, folder: string, chart: Readonly<Record<string, unknown>>): string | undefined {
  // Charts of Helm 2's format name them in a file of its own.
  const old = tree.files().find(({ path }) => path === below(folder, 'requirements.yaml'))
  const wanted = [...list(chart.dependencies), ...list(old && readSettingsFile(tree, old)?.dependencies)]
    .map((each) => text(record(each)?.name))
    .filter((name) => name !== undefined)
  if (wanted.length === 0) return undefined
  const vendored = namesIn(join(tree.root, folder, 'charts'))
  if (!vendored) return `${below(folder, 'charts')} cannot be read`
  const missing = wanted.filter((name) => !vendored.some((each) => each === name || isArchiveOf(each, name)))
  return missing.length === 0
    ? undefined
    : `dependencies are not in its charts/ folder: ${missing.join(', ')}; run helm dependency build before the audit`
}

function isArchiveOf(file: string, name: string): boolean {
  return file.startsWith(`${name}-`) && /^v?\d.*\.tgz$/.test(file.slice(name.length + 1))
}

/** Undefined if it is there and cannot be read, or is no folder. */
function namesIn(folder: string): string[] | undefined {
  return existsSync(folder) ? entriesOf(folder)?.map(({ name }) => name) : []
}

function entriesOf(folder: string): Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return undefined
  }
}

/** helm follows links, and could be led out of the tree or in circles. */
function linkOut(root: string, folder: string): string | undefined {
  const entries = entriesOf(folder)
  if (!entries) return `${folder.slice(root.length + 1) || 'its folder'} cannot be read`
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isSymbolicLink()) {
      const target = realTarget(path)
      if (target === undefined || !isBelow(target, root) || isBelow(path, target))
        return `${path.slice(root.length + 1)} is a link that leads out of the tree, or nowhere`
    } else if (entry.isDirectory() && entry.name !== '.git') {
      const found = linkOut(root, path)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** Whether a chart or a subchart has a schema that refers elsewhere, or is packed, so that nobody can tell. */
function mayFetchSchema(folder: string): boolean {
  return (entriesOf(folder) ?? []).some((entry) => {
    const path = join(folder, entry.name)
    if (entry.name === 'values.schema.json') return refersOut(textOf(path))
    return entry.name.endsWith('.tgz') || (entry.isDirectory() && entry.name !== '.git' && mayFetchSchema(path))
  })
}

/** Empty, which is no schema, if it cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function realTarget(link: string): string | undefined {
  try {
    return realpathSync(link)
  } catch {
    return undefined
  }
}

/** A rendered document and what it comes from. */
export interface RenderedDocument {
  readonly text: string
  /** Where an object of it, or a rule of that one, stands in the tree. */
  place(object: ManifestObject, rule?: number): FileLocation
}

/** Renders a chart under its own name into the namespace `default`, with its own values. Gives why it could not. */
export async function renderChart(
  chart: Chart,
  tree: Tree,
  programs: RenderPrograms,
  signal: AbortSignal,
): Promise<readonly RenderedDocument[] | string> {
  if (chart.problem !== undefined) return chart.problem
  if (programs.helm === undefined) return 'helm is not on PATH'
  // A name that begins with a dash would be an option.
  const release =
    chart.name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 53) || 'release'
  const folder = join(tree.root, chart.folder)
  const skips = await programs.skipsSchemas(signal)
  if (!skips && mayFetchSchema(folder))
    return 'a schema of values may name URLs, which helm before 3.16 fetches; take a later one'
  const args = ['template', release, folder, '--namespace', RELEASE_NAMESPACE, '--skip-tests']
  if (skips) args.push('--skip-schema-validation')
  const result = await programs.run(programs.helm, args, signal)
  if (!result.ok) return `helm template: ${result.reason}`
  return documentsOf(result.output, new SourceFiles(chart, tree))
}

/** Who installs a chart chooses the namespace. */
export const RELEASE_NAMESPACE = 'default'

function documentsOf(output: string, sources: SourceFiles): RenderedDocument[] {
  return splitDocuments(output).map((slice) => {
    const source = /^# Source: (.+?)\r?$/m.exec(slice.text.slice(0, 1000))?.[1] ?? ''
    return {
      text: slice.text,
      place: (object, rule) => {
        const { file, lines } = sources.find(source)
        return { file, ...lines.place(object, rule) }
      },
    }
  })
}

/** Finds the files that helm's comments name: `parent/charts/sub/templates/role.yaml`, by the names of charts, not of folders. */
class SourceFiles {
  readonly #chart: Chart
  readonly #tree: Tree
  readonly #files: ReadonlyMap<string, TreeFile>
  readonly #found = new Map<string, { file: string; lines: TemplateLines }>()

  constructor(chart: Chart, tree: Tree) {
    this.#chart = chart
    this.#tree = tree
    this.#files = new Map(tree.files().map((file) => [file.path, file]))
  }

  find(source: string): { file: string; lines: TemplateLines } {
    let found = this.#found.get(source)
    if (!found) {
      const file = this.#files.get(this.#path(source)) ?? this.#chart.file
      found = { file: file.path, lines: new TemplateLines(this.#tree.text(file, k8sRoleRule) ?? '') }
      this.#found.set(source, found)
    }
    return found
  }

  #path(source: string): string {
    const [, ...rest] = source.split('/')
    let folder = this.#chart.folder
    while (rest[0] === 'charts' && rest.length > 2) {
      const [charts = '', name = ''] = rest.splice(0, 2)
      const parent = below(folder, charts)
      folder = below(parent, this.#subfolder(parent, name))
    }
    return below(folder, ...rest)
  }

  /** Mostly the chart's name; else the folder whose Chart.yaml says it. */
  #subfolder(charts: string, name: string): string {
    if (this.#files.has(below(charts, name, 'Chart.yaml'))) return name
    for (const [path, file] of this.#files) {
      const [folder, last, ...more] = path.startsWith(`${charts}/`) ? path.slice(charts.length + 1).split('/') : []
      if (folder === undefined || last !== 'Chart.yaml' || more.length > 0) continue
      if (text(readSettingsFile(this.#tree, file)?.name) === name) return folder
    }
    return name
  }
}

/** Paths within a tree have slashes everywhere. */
function below(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/')
}
