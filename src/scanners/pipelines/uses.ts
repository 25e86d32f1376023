import { ciUse } from '../../facts/pipeline-uses.ts'
import { type Fact, fact } from '../../model.ts'
import { get, textOf, type ValueNode } from '../../sources/value-node.ts'
import { splitUse } from './structure.ts'
import { isLocal } from './token.ts'
import { type ActionsFile, type ActionsReader, stepsOf } from './workflow-file.ts'

/** Code of others that a file runs: actions, reusable workflows and images, each with what it is pinned to. */
export const useReader: ActionsReader = {
  emits: [ciUse],
  *read(file) {
    for (const { step, job } of stepsOf(file)) yield* useFact(file, step.uses, job?.id ?? '', step.label, 'action')
    if (file.form === 'workflow')
      for (const job of file.workflow.jobs) {
        yield* useFact(file, job.uses, job.id, '', 'workflow')
        const container = get(job.node, 'container')
        yield* useFact(file, container?.type === 'map' ? get(container, 'image') : container, job.id, '', 'image')
      }
  },
}

function* useFact(
  { source }: ActionsFile,
  node: ValueNode | undefined,
  job: string,
  step: string,
  form: string,
): Iterable<Fact> {
  const written = textOf(node)
  if (!node || !written || isLocal(written) || written.includes('${{')) return
  const image = form === 'image' || written.startsWith('docker://')
  const { action, version } = image ? splitImage(written.replace(/^docker:\/\//, '')) : splitUse(written)
  yield fact(ciUse, source.scope, source.location(node.start, node.end), {
    workflow: source.path,
    job,
    step,
    action,
    form: image ? 'image' : form,
    owner: image ? '' : (action.split('/')[0] ?? '').toLowerCase(),
    version,
    pin: pinOf(version, image),
  })
}

/** `host:5000/name:tag@sha256:…` → name, and digest or tag. */
export function splitImage(image: string): { action: string; version: string } {
  const at = image.indexOf('@')
  const name = at < 0 ? image : image.slice(0, at)
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1)
  const action = colon < 0 ? name : name.slice(0, colon)
  return { action, version: at >= 0 ? image.slice(at + 1) : colon < 0 ? '' : name.slice(colon + 1) }
}

/** Names that branches have by convention: they move with each commit. */
const BRANCH =
  /^(?:main|master|develop|development|dev|trunk|head|nightly|stable|latest|edge|next|beta|canary|releases?\/.+|refs\/heads\/.+)$/i

export function pinOf(version: string, image = false): 'commit' | 'digest' | 'tag' | 'branch' | 'none' {
  if (version === '') return 'none'
  if (/^sha256:[0-9a-f]{64}$/.test(version)) return 'digest'
  if (image) return version === 'latest' ? 'branch' : 'tag'
  // Short ones can be made again by another commit, and GitHub refuses them.
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(version)) return 'commit'
  return BRANCH.test(version) ? 'branch' : 'tag'
}
