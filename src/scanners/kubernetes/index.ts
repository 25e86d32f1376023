import { ScanError } from '../../errors.ts'
import type { Fact, KubernetesTarget, ScanContext, Scanner } from '../../model.ts'
import { concerns } from '../../sources/changes.ts'
import { connect, type KubernetesClient } from '../../sources/kubernetes-client.ts'
import type { Declarations } from './declarations.ts'
import { scanDumps } from './dumps.ts'
import { gapAll } from './gap-all.ts'
import { OBJECT_FACTS } from './kinds.ts'
import { LIVE_PERMISSIONS, scanCluster } from './live.ts'
import { MANIFEST_SOURCES } from './manifests.ts'
import { scopeOf } from './objects.ts'
import { declarationsOf, scanManifests } from './trees.ts'

/**
 * RBAC, service accounts and workloads: from a live cluster or a dump of one, else from the manifests of the trees, which are
 * then taken as one cluster. With a cluster at hand, manifests only tell where its objects are declared.
 */
export const kubernetesScanner: Scanner = {
  id: 'kubernetes',
  emits: OBJECT_FACTS,
  needs: LIVE_PERMISSIONS,
  requested: ({ trees, targets }) =>
    trees.some((tree) => concerns(tree, MANIFEST_SOURCES)) ||
    targets.kubernetes.length + targets.kubernetesDumps.length + targets.auditLogs.length > 0,
  async *scan(context) {
    const { kubernetes, kubernetesDumps } = context.targets
    if (kubernetes.length + kubernetesDumps.length === 0) yield* scanManifests(context)
    else yield* scanTargets(context, await declarationsOf(context))
  },
}

/** Dumps and clusters one after the other. One that fails is a gap of its own scope as long as another was seen. */
async function* scanTargets(context: ScanContext, declarations: Declarations): AsyncGenerator<Fact> {
  const failures: { scope: string; message: string }[] = []
  const { kubernetes, kubernetesDumps } = context.targets
  let seen = 0
  if (kubernetesDumps.length > 0) {
    const failed = yield* scanDumps(kubernetesDumps, context, declarations)
    for (const message of failed) failures.push({ scope: scopeOf('-'), message })
    seen = kubernetesDumps.length - failed.length
  }
  const clients: KubernetesClient[] = []
  for (const target of kubernetes) {
    const client = await connectTo(target, context)
    if ('message' in client) failures.push({ scope: 'k8s:', message: client.message })
    // Two contexts of one cluster differ in who asks; it is read once.
    else if (!clients.some(({ server }) => server === client.server)) clients.push(client)
  }
  for (const client of clients) {
    const cluster = nameAmong(client, clients)
    try {
      yield* scanCluster(client, cluster, context, declarations)
      seen++
    } catch (error) {
      if (!(error instanceof ScanError)) throw error
      failures.push({ scope: scopeOf(cluster), message: error.message })
    }
  }
  if (seen === 0) {
    throw new ScanError(failures.map(({ message }) => message).join('; '))
  }
  for (const { scope, message } of failures)
    gapAll(context, { scope, class: 'fault', reason: 'not reached', detail: message })
}

async function connectTo(target: KubernetesTarget, context: ScanContext): Promise<KubernetesClient | ScanError> {
  try {
    return await connect(target, {
      roots: context.trees.map((tree) => tree.root),
      signal: context.signal,
      // One resource that hangs must leave time for the others.
      timeoutMs: Math.min(30_000, (context.limits.timeoutSeconds * 1000) / 4),
    })
  } catch (error) {
    if (error instanceof ScanError) return error
    throw error
  }
}

/** kubeadm calls each cluster `kubernetes`: where several of a name are audited, their servers tell them apart. */
function nameAmong({ cluster, server }: KubernetesClient, clients: readonly KubernetesClient[]): string {
  const namesakes = clients.filter((other) => other.cluster === cluster)
  return namesakes.length === 1 ? cluster : `${cluster}@${new URL(server).host}`
}
