import { type ClusterSuggestions, suggestRoles } from '../../derive/kubernetes/suggest.ts'
import { UsageError } from '../../errors.ts'
import { k8sRole, k8sSubject } from '../../facts/kubernetes.ts'
import { type Fact, isFact } from '../../model.ts'
import { nearest } from '../../nearest.ts'
import { distinctGaps } from '../../reporters/not-seen.ts'
import { kubernetesTargets, look } from '../look.ts'
import type { SuggestKubernetesOptions } from '../options.ts'
import { print } from '../output.ts'
import { patchManifests } from './kubernetes-patch.ts'
import { besidesDiff, markKey, rolesAsDiff, rolesAsJson, rolesAsText, rolesAsYaml } from './kubernetes-render.ts'
import type { RoleMarks } from './kubernetes-yaml.ts'

/** The rule whose facts are what a suggestion is made of. */
const RULE = 'k8s/unused-permission'
const RENDER = { pretty: rolesAsText, yaml: rolesAsYaml, diff: rolesAsDiff, json: rolesAsJson }

/**
 * `zt-audit suggest k8s [PATH]`: the smallest roles and bindings that cover what was used, and the changes to manifests that grant
 * more. Nothing is changed. Exit 1 if the suggestion would deny a call of the log, 3 if something was not seen that should have
 * been, 4 if nobody could be judged. Throws UsageError.
 */
export async function suggestKubernetes(path: string | undefined, options: SuggestKubernetesOptions): Promise<void> {
  if (options.auditLog.length === 0)
    throw new UsageError('what was used is in the audit log of the cluster: --audit-log FILE')
  const { facts, gaps, trees } = await look(
    path,
    {
      targets: {
        kubernetes: kubernetesTargets(options.k8s, options.kubeconfig),
        kubernetesDumps: options.k8sDump,
        auditLogs: options.auditLog,
      },
      only: [RULE],
    },
    options,
  )
  const isChosen = chosen(facts, options.account)
  const clusters = suggestRoles(facts, gaps, isChosen)
  const suggested = {
    clusters,
    patches: clusters.flatMap((cluster) => patchManifests(cluster, facts, trees)),
    gaps: distinctGaps(gaps.filter((gap) => gap.class === 'fault' || gap.kind.startsWith('k8s.'))),
    marks: marksOf(facts),
  }
  const isPartial = gaps.some((gap) => gap.class === 'fault') || clusters.some(hidesBindings)
  const isEmpty = clusters.every(({ accounts }) => accounts.length === 0)
  process.exitCode = clusters.some(isLossy) ? 1 : isEmpty ? 4 : isPartial ? 3 : 0
  if (options.format === 'diff') {
    for (const line of besidesDiff(suggested)) process.stderr.write(`zt-audit: ${line}\n`)
  }
  await print(RENDER[options.format](suggested))
}

/** By NAMESPACE/NAME, or the name of a user or group. Throws UsageError for one that nothing is bound to. */
function chosen(facts: readonly Fact[], names: readonly string[]): ((subject: string) => boolean) | undefined {
  if (names.length === 0) return undefined
  const known = new Set(facts.flatMap((f) => (isFact(k8sSubject, f) ? (f.data.subject ?? []) : [])))
  for (const name of names) {
    if (known.has(name)) continue
    const near = nearest(name, [...known])
    throw new UsageError(`nothing is bound to '${name}'${near ? `, did you mean '${near}'?` : ''}`)
  }
  return (subject) => names.includes(subject)
}

function marksOf(facts: readonly Fact[]): Map<string, RoleMarks> {
  const roles = facts.filter((f) => isFact(k8sRole, f))
  return new Map(
    roles.map(({ data: { cluster = '', role = '', labels = [], annotations = [] } }) => [
      markKey(cluster, role),
      { labels, annotations },
    ]),
  )
}

function isLossy({ accounts, lost }: ClusterSuggestions): boolean {
  return lost.length > 0 || accounts.some(({ replay }) => replay.lost.length > 0)
}

/** Whether somebody who is judged was allowed calls by something that was not seen. */
function hidesBindings({ accounts }: ClusterSuggestions): boolean {
  return accounts.some(({ unseen }) => unseen.calls > 0)
}
