import { ScanError } from '../../errors.ts'
import type { Fact, FactKind, Gap, ScanContext } from '../../model.ts'
import { ApiFailure, type KubernetesClient, type ListOptions } from '../../sources/kubernetes-client.ts'
import type { Declarations } from './declarations.ts'
import { MalformedObject } from './header.ts'
import { OBJECT_KINDS, type Origin, record, resourceOf, scopeOf } from './objects.ts'
import { parseObject } from './parse.ts'

interface Listing {
  readonly kind: string
  /** As `zt-audit permissions k8s` and a denied call name it. */
  readonly resource: string
  readonly path: string
  readonly options?: ListOptions
}

const TOKEN_SECRET = 'kubernetes.io/service-account-token'
const core = (kind: string, resource: string): Listing => ({ kind, resource, path: `/api/v1/${resource}` })
const grouped = (kind: string, group: string, resource: string): Listing => ({
  kind,
  resource: `${group}/${resource}`,
  path: `/apis/${group}/v1/${resource}`,
})
const rbac = (kind: string, resource: string) => grouped(kind, 'rbac.authorization.k8s.io', resource)

const LISTINGS: readonly Listing[] = [
  rbac('ClusterRole', 'clusterroles'),
  rbac('Role', 'roles'),
  rbac('ClusterRoleBinding', 'clusterrolebindings'),
  rbac('RoleBinding', 'rolebindings'),
  core('ServiceAccount', 'serviceaccounts'),
  // The server picks the secrets that are tokens and sends their metadata only: no value ever leaves it.
  {
    ...core('Secret', 'secrets'),
    options: { fieldSelector: `type=${TOKEN_SECRET}`, metadataOnly: true },
  },
  core('Pod', 'pods'),
  core('ReplicationController', 'replicationcontrollers'),
  grouped('Deployment', 'apps', 'deployments'),
  grouped('DaemonSet', 'apps', 'daemonsets'),
  grouped('StatefulSet', 'apps', 'statefulsets'),
  grouped('ReplicaSet', 'apps', 'replicasets'),
  grouped('Job', 'batch', 'jobs'),
  grouped('CronJob', 'batch', 'cronjobs'),
]

/** What the scanner asks a cluster for. */
export const LIVE_PERMISSIONS: readonly string[] = LISTINGS.map(({ resource }) => `list ${resource}`)

/**
 * Everything of one cluster that the run wants. A list that is denied or fails is a gap, and the others are still read. Throws
 * ScanError if the cluster cannot be reached at all or refuses the credentials.
 */
export async function* scanCluster(
  client: KubernetesClient,
  context: ScanContext,
  declarations: Declarations,
): AsyncGenerator<Fact> {
  const origin: Origin = { cluster: client.cluster, source: 'cluster' }
  let answered = false
  let silent = 0
  for (const listing of LISTINGS) {
    const emits = (OBJECT_KINDS.get(listing.kind)?.emits ?? []).filter((kind) => context.wants(kind))
    if (emits.length === 0) continue
    context.signal.throwIfAborted()
    context.progress(`${client.cluster}: ${listing.resource}`)
    try {
      for await (const item of client.list(listing.path, listing.options)) {
        answered = true
        yield* readItem(item, listing, origin, declarations, context)
      }
      answered = true
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      context.signal.throwIfAborted()
      answered ||= error.status !== undefined && error.status !== 401
      if (error.timedOut) silent++
      // One resource may hang; a server that answers nothing is away.
      if (!answered && (!error.timedOut || silent > 1)) throw new ScanError(unreachable(client.cluster, error))
      for (const gap of gapsOf(listing, emits, error, client.cluster)) context.gap(gap)
    }
  }
}

function* readItem(
  item: Readonly<Record<string, unknown>>,
  listing: Listing,
  origin: Origin,
  declarations: Declarations,
  context: ScanContext,
): Generator<Fact> {
  // Items of a list carry no kind, metadata no type.
  const value = { ...item, kind: listing.kind, ...(listing.kind === 'Secret' && { type: TOKEN_SECRET }) }
  try {
    yield* parseObject(
      { kind: listing.kind, value, at: declarations.locate(origin.cluster, listing.kind, value) },
      origin,
    )
  } catch (error) {
    if (!(error instanceof MalformedObject)) throw error
    for (const kind of OBJECT_KINDS.get(listing.kind)?.emits ?? []) {
      const name = String(record(item.metadata)?.name)
      const namespace = String(record(item.metadata)?.namespace ?? '')
      const what = resourceOf(origin.cluster, listing.kind, namespace, name)
      context.gap({
        kind: kind.kind,
        scope: scopeOf(origin.cluster, namespace),
        class: 'fault',
        reason: 'malformed object',
        detail: `${what}: ${error.message}`,
      })
    }
  }
}

function unreachable(cluster: string, error: ApiFailure): string {
  if (error.status === 401) return `${cluster}: the API server refuses the credentials of kubeconfig (401)`
  return `${cluster}: cannot reach the API server: ${error.message}`
}

function gapsOf(listing: Listing, emits: readonly FactKind[], error: ApiFailure, cluster: string): Gap[] {
  const denied = error.status === 403
  // A server without an API group has no objects of it, but then nothing says why.
  const missing = error.status === 404 || error.status === 406
  const reason = denied ? 'access denied' : missing ? 'not served' : 'call failed'
  const help = denied ? `; grant the verb list on ${listing.resource}` : ''
  return emits.map((kind) => ({
    kind: kind.kind,
    scope: scopeOf(cluster),
    class: missing ? 'limit' : 'fault',
    reason,
    detail: `list ${listing.resource}: ${error.message}${help}`,
  }))
}
