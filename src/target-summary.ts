import type { Fact, FileLocation, Gap, Targets } from './model.ts'
import type { NamedTree } from './open-trees.ts'
import type { TargetSummary } from './report.ts'
import type { OpenedTree } from './sources/tree.ts'

/** What a run saw of its targets. */
export interface SeenTargets {
  readonly opened: readonly NamedTree[]
  readonly targets: Targets
  readonly gaps: readonly Gap[]
  readonly facts: readonly Fact[]
  readonly interrupted: boolean
}

/** Of a change, nothing may be the answer. */
function isEmpty(tree: OpenedTree): boolean {
  return tree.changes === undefined && tree.files().length === 0 && tree.excludedPaths.length === 0
}

/** `folder` is the part of a repository that was named, with a slash at its end. */
function describeTree(tree: OpenedTree, folder: string | undefined): string {
  const files = isEmpty(tree) ? 'no files' : count(tree.files().length, 'file')
  if (!tree.isGit) return `${files}, not a git repository`
  return folder ? `${files}, only the folder ${folder.replace(/\/$/, '')} of its repository` : files
}

/** What was audited, and what was not, with how to ask for it. */
export function summariseTargets(seen: SeenTargets): TargetSummary[] {
  const { opened, targets } = seen
  const list: TargetSummary[] = opened.map(({ path, tree, reason = '', revision }, i) => {
    const scope = tree?.scope ?? (i === 0 ? 'repo:.' : `repo:${path}`)
    return {
      kind: 'repository',
      name: path,
      audited: tree !== undefined,
      detail: tree ? describeTree(tree, revision?.folder) : reason,
      scope,
      complete: tree !== undefined && !seen.interrupted && !isFaulty((gap) => gap.scope === scope, seen),
      ...(revision && { revision }),
    }
  })
  if (opened.length > 0 && !targets.history) list.push(notAsked('history', 'git history', '--history'))
  const aws = targets.aws.map(({ profile = 'default credentials', endpoint = '', declaredAt }) => ({
    name: profile,
    detail: endpoint,
    declaredAt,
  }))
  list.push(...live('aws', 'aws', aws, seen))
  if (targets.aws.length === 0) list.push(notAsked('aws', 'AWS account', '--aws'))
  const clusters = targets.kubernetes.map(({ context = 'current context', declaredAt }) => ({
    name: context,
    detail: '',
    declaredAt,
  }))
  const dumps = targets.kubernetesDumps.map((dump) => ({ name: dump, detail: 'dump', declaredAt: undefined }))
  list.push(...live('kubernetes', 'k8s', [...clusters, ...dumps], seen))
  if (clusters.length + dumps.length === 0) list.push(notAsked('kubernetes', 'Kubernetes cluster', '--k8s'))
  const owners = targets.github.map(({ owner, declaredAt }) => ({ name: owner, detail: '', declaredAt }))
  list.push(...live('github', 'github', owners, seen))
  if (owners.length === 0) list.push(notAsked('github', 'GitHub organisation', '--github OWNER'))
  return list
}

function notAsked(kind: string, name: string, how: string): TargetSummary {
  const detail = `not audited; ask with ${how}`
  return { kind, name, audited: false, asked: false, detail, scope: '', complete: false }
}

/** A live target as the operator named it. */
interface AskedTarget {
  readonly name: string
  readonly detail: string
  readonly declaredAt: FileLocation | undefined
}

/**
 * The live targets of one provider. Facts come in the order of the targets, so if each gave some, they belong together; else
 * those that gave facts go by their own names, and the others were not reached.
 */
function live(kind: string, provider: string, asked: readonly AskedTarget[], seen: SeenTargets): TargetSummary[] {
  if (asked.length === 0) return []
  const scopes = [...new Set(seen.facts.map((fact) => firstSegment(fact.scope)))].filter((scope) =>
    scope.startsWith(`${provider}:`),
  )
  const complete = (scope: string) =>
    !seen.interrupted &&
    !isFaulty((gap) => gap.scope === `${provider}:` || gap.scope === scope || gap.scope.startsWith(`${scope}/`), seen)
  if (scopes.length === asked.length) {
    return asked.map(({ name, detail, declaredAt }, i) => {
      const scope = scopes[i] ?? ''
      return { kind, name, audited: true, detail, scope, complete: complete(scope), ...(declaredAt && { declaredAt }) }
    })
  }
  const names = asked.map(({ name }) => name).join(', ')
  const reached = !isFaulty((gap) => gap.scope.startsWith(`${provider}:`), seen)
  const found = scopes.map((scope): TargetSummary => {
    const name = scope.slice(provider.length + 1)
    const declaredAt = asked.find((target) => target.name === name)?.declaredAt
    return {
      kind,
      name,
      audited: true,
      detail: '',
      scope,
      complete: complete(scope),
      ...(declaredAt && { declaredAt }),
    }
  })
  const { detail = '', declaredAt: declared } = asked[0] ?? {}
  // A target of which every call failed was not audited.
  if (scopes.length < asked.length && !(reached && scopes.length > 0))
    found.push({
      kind,
      name: names,
      audited: reached,
      detail,
      scope: '',
      complete: reached,
      ...(declared && { declaredAt: declared }),
    })
  return found
}

function isFaulty(concerns: (gap: Gap) => boolean, { gaps }: SeenTargets): boolean {
  return gaps.some((gap) => gap.class === 'fault' && concerns(gap))
}

function firstSegment(scope: string): string {
  const slash = scope.indexOf('/')
  return slash < 0 ? scope : scope.slice(0, slash)
}

export function count(n: number, noun: string): string {
  // Not toLocaleString: loading the locale's data takes longer than a small scan.
  return `${String(n).replace(/\B(?=(?:\d{3})+$)/g, ',')} ${noun}${n === 1 ? '' : 's'}`
}
