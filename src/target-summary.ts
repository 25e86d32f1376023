import type { Fact, Gap, TargetSummary, Targets } from './model.ts'
import type { NamedTree } from './open-trees.ts'

/** What was audited, and what was not, with how to ask for it. */
export function summariseTargets(
  trees: readonly NamedTree[],
  targets: Targets,
  gaps: readonly Gap[],
  facts: readonly Fact[],
): TargetSummary[] {
  const seen = new Set(facts.map((fact) => fact.scope.slice(0, fact.scope.indexOf(':'))))
  /** A target of which every call failed was not audited. */
  const reached = (provider: string) =>
    seen.has(provider) || !gaps.some((gap) => gap.class === 'fault' && gap.scope.startsWith(`${provider}:`))
  const notAsked = (kind: string, name: string, how: string): TargetSummary => ({
    kind,
    name,
    audited: false,
    detail: `not audited; ask with ${how}`,
  })
  const list: TargetSummary[] = trees.map(({ path, tree, reason = '' }) => ({
    kind: 'repository',
    name: path,
    audited: tree !== undefined,
    detail: tree ? `${count(tree.files().length, 'file')}${tree.isGit ? '' : ', not a git repository'}` : reason,
  }))
  if (trees.length > 0 && !targets.history) list.push(notAsked('history', 'git history', '--history'))
  for (const { profile, endpoint } of targets.aws) {
    list.push({ kind: 'aws', name: profile ?? 'default credentials', audited: reached('aws'), detail: endpoint ?? '' })
  }
  if (targets.aws.length === 0) list.push(notAsked('aws', 'AWS account', '--aws'))
  for (const { context } of targets.kubernetes) {
    list.push({ kind: 'kubernetes', name: context ?? 'current context', audited: reached('k8s'), detail: '' })
  }
  for (const dump of targets.kubernetesDumps)
    list.push({ kind: 'kubernetes', name: dump, audited: reached('k8s'), detail: 'dump' })
  if (targets.kubernetes.length + targets.kubernetesDumps.length === 0)
    list.push(notAsked('kubernetes', 'Kubernetes cluster', '--k8s'))
  for (const { owner } of targets.github)
    list.push({ kind: 'github', name: owner, audited: reached('github'), detail: '' })
  if (targets.github.length === 0) list.push(notAsked('github', 'GitHub organisation', '--github OWNER'))
  return list
}

export function count(n: number, noun: string): string {
  // Not toLocaleString: loading the locale's data takes longer than a small scan.
  return `${String(n).replace(/\B(?=(?:\d{3})+$)/g, ',')} ${noun}${n === 1 ? '' : 's'}`
}
