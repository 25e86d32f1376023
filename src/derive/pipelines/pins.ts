import { sourceRepository } from '../../facts/pipeline-cloud.ts'
import { ciSecretUse } from '../../facts/pipeline-secrets.ts'
import { ciUnpinnedAction, ciUse } from '../../facts/pipeline-uses.ts'
import { type Derivation, type Fact, fact, type Gap, isFact } from '../../model.ts'

type Use = Fact<typeof ciUse>

const GITHUB: ReadonlySet<string> = new Set(['actions', 'github', 'dependabot'])
/** What has to be named by a tag: its verifier compares it. Source: https://github.com/slsa-framework/slsa-github-generator#referencing-slsa-builders-and-generators */
const BY_TAG = /^slsa-framework\/slsa-github-generator\//i
const IMMUTABLE = 'A release that its owner made immutable cannot be moved; files do not show that.'
const WHOSE =
  'Whose repository this is was not seen (no git remote, no --github OWNER/REPO): actions of its own owner count as others’.'

/** Actions, reusable workflows and images that are used by a name which their owner can move: one fact for each. */
export const findUnpinned: Derivation = {
  id: 'unpinned-actions',
  from: [ciUse],
  optional: [sourceRepository, ciSecretUse],
  emits: [ciUnpinnedAction],
  derive(facts) {
    const owners = new Map<string, string>()
    const withSecrets = new Set<string>()
    const groups = new Map<string, Use[]>()
    const open = new Map<string, Use>()
    for (const each of facts) {
      // Groups of GitLab hold groups: who owns the first owns all of them.
      if (isFact(sourceRepository, each) && each.data.owner !== undefined)
        owners.set(each.scope, each.data.owner.split('/')[0]?.toLowerCase() ?? '')
      if (isFact(ciSecretUse, each)) withSecrets.add(jobOf(each.data))
      if (!isFact(ciUse, each) || isPinned(each)) continue
      // A version that a variable or an input holds may be a commit or a digest.
      if (each.data.pin === undefined) {
        if (!open.has(each.scope)) open.set(each.scope, each)
        continue
      }
      const key = `${treeOf(each)}\n${each.data.action?.toLowerCase()}`
      groups.set(key, [...(groups.get(key) ?? []), each])
    }
    const found = [...groups.values()].map((uses) => unpinned(uses as [Use, ...Use[]], owners, withSecrets))
    return { facts: found, gaps: [...open.values()].map(gapFor) }
  },
}

function gapFor({ scope, data }: Use): Gap {
  return {
    kind: ciUnpinnedAction.kind,
    scope,
    class: 'limit',
    reason: 'version known at run time only',
    detail: `${data.workflow}: the version of ${data.action} is what a variable or an input says`,
  }
}

function isPinned({ data }: Use): boolean {
  if (data.pin === 'commit' || data.pin === 'digest') return true
  return data.pin === 'tag' && BY_TAG.test(data.action ?? '')
}

/** Secrets of a workflow’s variables are in each of its jobs; those of one job are told by its key. */
function jobOf({ workflow = '', job = '' }: { workflow?: string; job?: string }): string {
  return `${workflow}\n${job}`
}

function treeOf({ scope, data }: Use): string {
  return scope.slice(0, scope.length - (data.workflow ?? '').length - 1)
}

function unpinned(
  uses: readonly [Use, ...Use[]],
  owners: ReadonlyMap<string, string>,
  withSecrets: ReadonlySet<string>,
): Fact {
  const [first] = uses
  const { action = '', form = '', owner = '' } = first.data
  const tree = treeOf(first)
  const repositoryOwner = owners.get(tree)
  const versions = [...new Set(uses.map(({ data }) => data.version ?? ''))].sort()
  const moving = uses.filter(({ data }) => data.pin === 'branch' || data.pin === 'none')
  const data = {
    action,
    form,
    versions,
    places: uses.length,
    branch: moving.length > 0,
    secrets: uses.some(
      ({ data }) => withSecrets.has(jobOf(data)) || withSecrets.has(jobOf({ workflow: data.workflow ?? '' })),
    ),
    github: GITHUB.has(owner) || (form === 'image' && isOfficial(action)),
    own: repositoryOwner !== undefined && owner === repositoryOwner,
    inWords: wordsFor(uses, versions, moving, form),
    assumptions: form === 'image' ? [] : repositoryOwner === undefined ? [IMMUTABLE, WHOSE] : [IMMUTABLE],
  }
  const result = fact(ciUnpinnedAction, tree, first.at, data)
  return { ...result, also: uses.slice(1).flatMap(({ at }) => ('file' in at ? [at] : [])) }
}

/** Images of Docker's own library, and Microsoft's registry: not GitHub's, as well kept. */
function isOfficial(image: string): boolean {
  return /^(?:docker\.io\/)?(?:library\/)?[a-z0-9-]+$/.test(image) || image.startsWith('mcr.microsoft.com/')
}

function wordsFor(uses: readonly Use[], versions: readonly string[], moving: readonly Use[], form: string): string {
  const places = uses.length === 1 ? 'once' : `in ${uses.length} places`
  const named = versions
    .map((version) => version || 'no version')
    .slice(0, 3)
    .join(', ')
  if (moving.length === 0)
    return `${places} by ${versions.length === 1 ? 'a tag' : 'tags'} that can be moved (${named})`
  if (form === 'image')
    return `${places} by a tag that moves with each build (${versions[0] || 'latest, as no tag is written'})`
  if (/^https?:/i.test(uses[0]?.data.action ?? ''))
    return `${places}, whatever stands at that address then: no digest is written`
  if (versions.every((version) => version === ''))
    return `${places} from the default branch, which moves with each commit`
  return `${places} by a branch, which moves with each commit (${named})`
}
