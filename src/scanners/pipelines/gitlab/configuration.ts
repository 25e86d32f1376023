import type { SourceFile } from '../../../sources/source-file.ts'
import { get, type MapEntry, textOf, type ValueNode } from '../../../sources/value-node.ts'
import { entriesOf, itemsOf } from '../workflow.ts'

/**
 * One file of a GitLab CI configuration, as it is written. Source of its form: https://docs.gitlab.com/ci/yaml/
 */
export interface GitlabFile {
  readonly source: SourceFile
  readonly node: ValueNode
  readonly includes: readonly Include[]
  readonly variables: readonly MapEntry[]
  /** What every job has that does not say otherwise: `default:`, and the same keywords at the top as they were written once. */
  readonly defaults: ValueNode | undefined
  readonly jobs: readonly GitlabJob[]
}
/** A job; one whose name begins with a dot is a template that others extend. */
export interface GitlabJob {
  readonly name: string
  readonly hidden: boolean
  readonly keyStart: number
  readonly node: ValueNode
  readonly source: SourceFile
  /** Jobs that it takes keywords from, the last one first in effect. */
  readonly extends: readonly string[]
}
/** What is taken from elsewhere. */
export interface Include {
  readonly by: 'local' | 'project' | 'remote' | 'template' | 'component'
  /** Path, project, address, name of the template, or component with its version. */
  readonly what: string
  /** For projects. */
  readonly ref: string
  /** For projects. */
  readonly files: readonly string[]
  /** For remote files: a digest that GitLab checks. */
  readonly integrity: string
  readonly node: ValueNode
}

/** Keywords at the top that are no jobs. */
const GLOBAL = new Set([
  'default',
  'include',
  'stages',
  'types',
  'variables',
  'workflow',
  'spec',
  'image',
  'services',
  'cache',
  'before_script',
  'after_script',
])
const INCLUDES = ['local', 'project', 'remote', 'template', 'component'] as const

/** Reads a file of a configuration; undefined for YAML that is no map. */
export function readGitlabFile(node: ValueNode, source: SourceFile): GitlabFile | undefined {
  if (node.type !== 'map') return undefined
  const jobs = node.entries
    .filter(({ key, value }) => !GLOBAL.has(key) && value.type === 'map')
    .map(
      ({ key, keyStart, value }): GitlabJob => ({
        name: key,
        hidden: key.startsWith('.'),
        keyStart,
        node: value,
        source,
        extends: textsOf(get(value, 'extends')),
      }),
    )
  // A child pipeline is configured by files like those of the pipeline itself.
  const children = jobs.flatMap((job) => itemsOf(get(get(job.node, 'trigger'), 'include')))
  return {
    source,
    node,
    includes: [...itemsOf(get(node, 'include')), ...children].flatMap(includeOf),
    variables: entriesOf(get(node, 'variables')),
    defaults: get(node, 'default'),
    jobs,
  }
}

function includeOf(node: ValueNode): Include[] {
  const plain = textOf(node)
  if (plain !== undefined) {
    const by = /^https?:\/\//i.test(plain) ? 'remote' : 'local'
    return [{ by, what: plain, ref: '', files: [], integrity: '', node }]
  }
  const by = INCLUDES.find((key) => get(node, key) !== undefined)
  const what = by && textOf(get(node, by))
  if (!by || what === undefined) return []
  const integrity = textOf(get(node, 'integrity')) ?? ''
  return [{ by, what, ref: textOf(get(node, 'ref')) ?? '', files: textsOf(get(node, 'file')), integrity, node }]
}

/** Texts of a list, or the one text. */
export function textsOf(node: ValueNode | undefined): string[] {
  return itemsOf(node).flatMap((item) => textOf(item) ?? [])
}

/** Jobs that one job takes keywords from; GitLab itself allows eleven levels. */
const MAX_BASES = 200

/**
 * A keyword of a job as it takes effect: its own, else that of the jobs it extends, else the default. Maps are not merged: whoever asks for one
 * key of a map asks for `keyword.key`.
 */
export function effective(job: GitlabJob, keyword: string, files: readonly GitlabFile[]): ValueNode | undefined {
  const own = extended(job, keyword.split('.'), jobsByName(files), new Set())
  if (own || excludesDefaults(job)) return own
  for (const file of files) {
    const found = at(file.defaults, keyword.split('.')) ?? (GLOBAL.has(keyword) ? get(file.node, keyword) : undefined)
    if (found) return found
  }
  return undefined
}

function extended(
  job: GitlabJob,
  path: readonly string[],
  byName: ReadonlyMap<string, GitlabJob>,
  seen: Set<GitlabJob>,
): ValueNode | undefined {
  const own = at(job.node, path)
  if (own || seen.size > MAX_BASES) return own
  for (const name of [...job.extends].reverse()) {
    const base = byName.get(name)
    // What was looked through once has nothing for a second way to it either.
    if (!base || seen.has(base)) continue
    seen.add(base)
    const found = extended(base, path, byName, seen)
    if (found) return found
  }
  return undefined
}

function at(node: ValueNode | undefined, path: readonly string[]): ValueNode | undefined {
  return path.reduce<ValueNode | undefined>((value, key) => get(value, key), node)
}

const NAMED = new WeakMap<readonly GitlabFile[], ReadonlyMap<string, GitlabJob>>()

/** Of two jobs of one name, the later one counts. */
function jobsByName(files: readonly GitlabFile[]): ReadonlyMap<string, GitlabJob> {
  const known = NAMED.get(files)
  if (known) return known
  const named = new Map(files.flatMap(({ jobs }) => jobs).map((job) => [job.name, job]))
  NAMED.set(files, named)
  return named
}

function excludesDefaults(job: GitlabJob): boolean {
  const inherited = get(get(job.node, 'inherit'), 'default')
  return inherited?.type === 'plain' && inherited.value === false
}

/** A line of a script, where it stands, and the section it belongs to. */
export interface ScriptLine {
  readonly text: string
  readonly node: ValueNode
  readonly section: 'before_script' | 'script' | 'after_script'
}
const SECTIONS = ['before_script', 'script', 'after_script'] as const

/** The script of a job, or of the defaults, as written there; what `!reference` points to is told where it is written. */
export function scriptOf(node: ValueNode | undefined): ScriptLine[] {
  return SECTIONS.flatMap((section) =>
    flat(get(node, section)).flatMap((item) => {
      const text = textOf(item)
      return text === undefined ? [] : [{ text, node: item, section }]
    }),
  )
}

/** Lists in a script are made one, as anchors put them there. */
function flat(node: ValueNode | undefined): ValueNode[] {
  return itemsOf(node).flatMap((item) => (item.type === 'list' ? flat(item) : [item]))
}
