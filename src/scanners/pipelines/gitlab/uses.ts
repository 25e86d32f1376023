import { ciUse } from '../../../facts/pipeline-uses.ts'
import { type Fact, fact, UNKNOWN } from '../../../model.ts'
import { get, textOf, type ValueNode } from '../../../sources/value-node.ts'
import { itemsOf } from '../workflow.ts'
import type { GitlabFile, GitlabJob, Include } from './configuration.ts'
import { fill, variablesOf } from './variables.ts'

/** Images and files of others that a pipeline runs. GitLab's own templates come with the server. */
export function* gitlabUses(files: readonly GitlabFile[]): Generator<Fact> {
  for (const file of files) {
    for (const include of file.includes) yield* includeFacts(file, include)
    const owners = [{ node: file.node }, { node: file.defaults }, ...file.jobs.map((job) => ({ node: job.node, job }))]
    for (const { node, job } of owners as { node: ValueNode | undefined; job?: GitlabJob }[]) {
      for (const image of [get(node, 'image'), ...itemsOf(get(node, 'services'))]) {
        if (image) yield* imageFact(file, files, image, job)
      }
    }
  }
}

type Pin = 'commit' | 'digest' | 'tag' | 'branch' | 'none'
interface Use {
  readonly action: string
  readonly owner: string
  readonly version: string
  readonly pin: Pin | typeof UNKNOWN
}

function* includeFacts({ source }: GitlabFile, include: Include): Generator<Fact> {
  for (const use of usesOf(include))
    yield fact(ciUse, source.scope, source.location(include.node.start, include.node.end), {
      workflow: source.path,
      job: '',
      step: '',
      form: 'workflow',
      ...use,
    })
}

function usesOf({ by, what, ref, files, integrity }: Include): Use[] {
  if (by === 'project') {
    const owner = what.split('/')[0]?.toLowerCase() ?? ''
    return files.map((file) => ({
      action: `${what}/${file.replace(/^\/+/, '')}`,
      owner,
      version: ref,
      pin: pinOf(ref),
    }))
  }
  if (by === 'component') {
    const [path = '', version = ''] = what.split('@')
    const owner = path.split('/')[1]?.toLowerCase() ?? ''
    return [{ action: path, owner, version, pin: what.includes('$[[') ? UNKNOWN : pinOf(version) }]
  }
  if (by !== 'remote') return []
  const pin = integrity !== '' ? 'digest' : /[/=][0-9a-f]{40}(?:[/&]|$)/.test(what) ? 'commit' : 'none'
  return [{ action: what.replace(/[?#].*$/, ''), owner: '', version: '', pin }]
}

/** A reference is a commit, a version (which a tag names) or else a branch; without one it is the default branch. */
function pinOf(ref: string): Pin | typeof UNKNOWN {
  if (ref === '') return 'none'
  if (ref.includes('$')) return UNKNOWN
  if (/^[0-9a-f]{40}$/.test(ref)) return 'commit'
  return /^v?\d+(?:\.\d+)*/.test(ref) ? 'tag' : 'branch'
}

function* imageFact(
  { source }: GitlabFile,
  files: readonly GitlabFile[],
  node: ValueNode,
  job: GitlabJob | undefined,
): Generator<Fact> {
  const written = node.type === 'map' ? textOf(get(node, 'name')) : textOf(node)
  if (written === undefined) return
  const { text, open } = fill(written, variablesOf(job, files))
  // An image of the project's own registry is the project's own.
  if (open.some((name) => /^CI_(?:REGISTRY|TEMPLATE_REGISTRY)/.test(name))) return
  const [name = '', digest] = text.split('@')
  const tag = /:([^/:]+)$/.exec(name)?.[1] ?? ''
  const action = tag === '' ? name : name.slice(0, -tag.length - 1)
  const known: Pin = digest ? 'digest' : tag === '' || tag === 'latest' ? 'none' : 'tag'
  yield fact(ciUse, source.scope, source.location(node.start, node.end), {
    workflow: source.path,
    job: job?.name ?? '',
    step: '',
    action,
    form: 'image',
    owner: '',
    version: digest ?? tag,
    pin: open.length > 0 ? UNKNOWN : known,
  })
}
