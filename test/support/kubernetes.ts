import { kubernetesDerivations } from '../../src/derive/kubernetes/index.ts'
import type { k8sPermission } from '../../src/facts/kubernetes-usage.ts'
import { type Fact, type FactKind, type Gap, isFact, type ScanContext } from '../../src/model.ts'
import { kubernetesAuditLogScanner } from '../../src/scanners/kubernetes/audit-log.ts'
import { kubernetesScanner } from '../../src/scanners/kubernetes/index.ts'
import { collect } from './context.ts'

/** All facts and gaps of one Kubernetes audit. */
export interface KubernetesResult {
  readonly facts: readonly Fact[]
  readonly gaps: readonly Gap[]
  of<K extends FactKind>(kind: K): Fact<K>[]
}

/** Scans objects and audit logs, then derives: what a run does before its rules. */
export async function auditKubernetes(context: Partial<Omit<ScanContext, 'gap'>>): Promise<KubernetesResult> {
  const objects = await collect(kubernetesScanner, context)
  const withLog = (context.targets?.auditLogs.length ?? 0) > 0
  const log = withLog ? await collect(kubernetesAuditLogScanner, context) : { facts: [], gaps: [] }
  return deriveKubernetes([...objects.facts, ...log.facts], [...objects.gaps, ...log.gaps])
}

/** What follows from facts. */
export function deriveKubernetes(scanned: readonly Fact[], seen: readonly Gap[] = []): KubernetesResult {
  const facts = [...scanned]
  const gaps = [...seen]
  for (const derivation of kubernetesDerivations) {
    const derived = derivation.derive(facts, gaps, { trustedAccounts: [], breakGlassRoles: [] })
    facts.push(...derived.facts)
    gaps.push(...derived.gaps)
  }
  return { facts, gaps, of: (kind) => facts.filter((candidate) => isFact(kind, candidate)) }
}

/** `properties.permission` of what is certainly unused, sorted: the form of a case's expected answer. */
export function unusedRows(permissions: readonly Fact<typeof k8sPermission>[]): Record<string, string>[] {
  return permissions
    .filter(({ data }) => data.used === false)
    .map(({ data }) => ({
      serviceAccount: data.subject ?? '',
      binding: data.bindingName ?? '',
      scope: data.within ?? '',
      verb: data.verb ?? '',
      resource: data.resource ?? '',
      ...(data.resourceName && { resourceName: data.resourceName }),
    }))
    .sort(compareRows)
}

/** In the order of all values. */
export function compareRows(a: Record<string, string>, b: Record<string, string>): number {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)]
  return x < y ? -1 : x > y ? 1 : 0
}
