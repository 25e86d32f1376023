import { ScanError } from '../../errors.ts'
import type { Fact, ScanContext, Scanner } from '../../model.ts'
import { concerns } from '../../sources/changes.ts'
import { connect } from '../../sources/kubernetes-client.ts'
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

/** Clusters and dumps one after the other. One that fails is a gap of its own scope as long as another was seen. */
async function* scanTargets(context: ScanContext, declarations: Declarations): AsyncGenerator<Fact> {
  const failures: { scope: string; message: string }[] = []
  const { kubernetes, kubernetesDumps } = context.targets
  if (kubernetesDumps.length > 0) {
    const failed = yield* scanDumps(kubernetesDumps, context, declarations)
    for (const message of failed) failures.push({ scope: scopeOf('-'), message })
  }
  for (const target of kubernetes) {
    let scope = 'k8s:'
    try {
      const client = await connect(target, {
        roots: context.trees.map((tree) => tree.root),
        signal: context.signal,
        // One resource that hangs must leave time for the others.
        timeoutMs: Math.min(30_000, (context.limits.timeoutSeconds * 1000) / 4),
      })
      scope = scopeOf(client.cluster)
      yield* scanCluster(client, context, declarations)
    } catch (error) {
      if (!(error instanceof ScanError)) throw error
      failures.push({ scope, message: error.message })
    }
  }
  if (failures.length === kubernetes.length + kubernetesDumps.length) {
    throw new ScanError(failures.map(({ message }) => message).join('; '))
  }
  for (const { scope, message } of failures)
    gapAll(context, { scope, class: 'fault', reason: 'not reached', detail: message })
}
