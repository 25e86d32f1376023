import { collectFacts } from '../../audit.ts'
import { type ClusterSuggestions, suggestRoles } from '../../derive/kubernetes/suggest.ts'
import { UsageError } from '../../errors.ts'
import { k8sRole, k8sSubject } from '../../facts/kubernetes.ts'
import { type Fact, type Gap, isFact } from '../../model.ts'
import { nearest } from '../../nearest.ts'
import { prepare } from '../../prepare.ts'
import type { SuggestKubernetesOptions } from '../options.ts'
import { print } from '../output.ts'
import { startProgress } from '../progress.ts'
import { patchManifests } from './kubernetes-patch.ts'
import { rolesAsDiff, rolesAsJson, rolesAsText, rolesAsYaml } from './kubernetes-render.ts'

/** The rule whose facts are what a suggestion is made of. */
const RULE = 'k8s/unused-permission'
const RENDER = { pretty: rolesAsText, yaml: rolesAsYaml, diff: rolesAsDiff, json: rolesAsJson }

/**
 * `zt-audit suggest k8s [PATH]`: the smallest roles and bindings that cover what was used, and the changes to manifests that grant
 * more. Nothing is changed. Exit 1 if the suggestion would deny a call of the log, 3 if something was not seen that should have
 * been. Throws UsageError.
 */
export async function suggestKubernetes(path: string | undefined, options: SuggestKubernetesOptions): Promise<void> {
  if (options.auditLog.length === 0)
    throw new UsageError('what was used is in the audit log of the cluster: --audit-log FILE')
  const { facts, gaps, trees } = await look(path, options)
  const isChosen = chosen(facts, options.account)
  const clusters = suggestRoles(facts, gaps, isChosen)
  const suggested = {
    clusters,
    patches: clusters.flatMap((cluster) => patchManifests(cluster, facts, trees)),
    gaps: uniqueGaps(gaps.filter(({ kind }) => kind.startsWith('k8s.'))),
    labels: labelsOf(facts),
  }
  process.exitCode = isLossy(clusters) ? 1 : gaps.some((gap) => gap.class === 'fault') ? 3 : 0
  await print(RENDER[options.format](suggested))
}

async function look(path: string | undefined, options: SuggestKubernetesOptions) {
  const progress = startProgress(options)
  try {
    const { audit } = await prepare({
      paths: path ?? '.',
      targets: {
        kubernetes: options.k8s.map((context) => ({
          ...(context !== '' && { context }),
          ...(options.kubeconfig !== undefined && { kubeconfig: options.kubeconfig }),
        })),
        kubernetesDumps: options.k8sDump,
        auditLogs: options.auditLog,
      },
      only: [RULE],
      baseline: false,
      ...(options.config !== undefined && { config: options.config }),
      timeoutSeconds: options.timeout,
      progress: progress.update,
    })
    return await collectFacts(audit)
  } finally {
    progress.stop()
  }
}

/** By NAMESPACE/NAME, or the name of a user or group. Throws UsageError for one that nothing is bound to. */
function chosen(
  facts: readonly Fact[],
  names: readonly string[],
): ((kind: string, subject: string) => boolean) | undefined {
  if (names.length === 0) return undefined
  const known = new Set(facts.flatMap((f) => (isFact(k8sSubject, f) ? (f.data.subject ?? []) : [])))
  for (const name of names) {
    if (known.has(name)) continue
    const near = nearest(name, [...known])
    throw new UsageError(`nothing is bound to '${name}'${near ? `, did you mean '${near}'?` : ''}`)
  }
  return (_kind, subject) => names.includes(subject)
}

function labelsOf(facts: readonly Fact[]): Map<string, readonly string[]> {
  return new Map(facts.flatMap((f) => (isFact(k8sRole, f) ? [[f.data.role ?? '', f.data.labels ?? []] as const] : [])))
}

function isLossy(clusters: readonly ClusterSuggestions[]): boolean {
  return clusters.some(({ accounts }) => accounts.some(({ replay }) => replay.lost.length > 0))
}

function uniqueGaps(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.reason} ${gap.detail}`, gap])).values()]
}
