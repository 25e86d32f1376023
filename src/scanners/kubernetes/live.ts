import { ScanError } from '../../errors.ts'
import { k8sCloudIdentity, k8sClusterAccess } from '../../facts/kubernetes-cloud.ts'
import type { Fact, FactKind, Gap, ScanContext } from '../../model.ts'
import { ApiFailure } from '../../sources/api-failure.ts'
import type { KubernetesClient } from '../../sources/kubernetes-client.ts'
import { inParallel } from '../../sources/parallel.ts'
import { TOKEN_SECRET } from './accounts.ts'
import type { Declarations } from './declarations.ts'
import { MalformedObject } from './header.ts'
import { OBJECT_KINDS, parseObject } from './kinds.ts'
import { type ObjectKind, type Origin, record, resourceOf, scopeOf } from './objects.ts'

/** As `zt-audit permissions k8s` and a denied call name it. */
function nameOf({ groups: [group = ''], resource }: ObjectKind): string {
  return group === '' ? resource : `${group}/${resource}`
}

/** GROUP/VERSION in which a cluster is asked for a kind: the next only if it does not serve the one before. */
function versionsOf({ groups: [group = ''], version = 'v1', alternatives = [] }: ObjectKind): string[] {
  return [group === '' ? version : `${group}/${version}`, ...alternatives]
}

function pathOf(groupVersion: string, { resource }: ObjectKind): string {
  return `${groupVersion.includes('/') ? '/apis' : '/api'}/${groupVersion}/${resource}`
}

/** Kinds that a cluster is asked for. */
const LIVE_KINDS = OBJECT_KINDS.filter(({ files }) => !files)

/** What the scanner asks a cluster for. */
export const LIVE_PERMISSIONS: readonly string[] = LIVE_KINDS.flatMap((type) => [
  `list ${nameOf(type)}`,
  ...(type.alternatives ?? []).map((groupVersion) => `list ${groupVersion.split('/')[0]}/${type.resource}`),
])

/** Lists that are asked for at once: a cluster's own tools are not slowed down by these. */
const AT_ONCE = 4

/**
 * Everything of one cluster that the run wants. A list that is denied or fails is a gap, and the others are still read. Throws
 * ScanError if the cluster cannot be reached at all or refuses the credentials. `cluster` is its name in scopes.
 */
export async function* scanCluster(
  client: KubernetesClient,
  cluster: string,
  context: ScanContext,
  declarations: Declarations,
): AsyncGenerator<Fact> {
  if (client.isEks) noteEntries(cluster, context)
  let answered = false
  let silent = 0
  let asked: ReturnType<typeof servedBy> | undefined
  const served = () => {
    asked ??= servedBy(client)
    return asked
  }
  const wanted = LIVE_KINDS.filter(({ emits }) => emits.some((kind) => context.wants(kind)))
  const wantedOf = ({ emits }: ObjectKind) => emits.filter((kind) => context.wants(kind))
  const origin: Origin = { cluster, source: 'cluster' }
  const read = async (type: ObjectKind) => {
    // The core group is no extension's, and served by all.
    const known = type.extension && type.groups[0] !== '' ? await served() : undefined
    const versions = versionsOf(type).filter((version) => known?.has(version) ?? true)
    const list = await readList(client, type, versions, origin, context, declarations)
    const isAbsent = versions.length === 0 || list.error?.status === 404
    const others = known && isAbsent ? await otherVersions(client, type, known) : []
    return others.length === 0
      ? list
      : { ...list, gaps: [...list.gaps, ...versionGaps(type, wantedOf(type), others, cluster)] }
  }
  for await (const { type, facts, gaps, answers, error } of inParallel(wanted, read, AT_ONCE)) {
    context.signal.throwIfAborted()
    answered ||= answers
    yield* facts
    const kinds = new Set(wantedOf(type).map(({ kind }) => kind))
    for (const gap of gaps.filter(({ kind }) => kinds.has(kind))) context.gap(gap)
    if (!error) continue
    if (error.timedOut) silent++
    // One resource may hang; a server that answers nothing is away.
    if (!answered && (!error.timedOut || silent > 1)) {
      // The lists beside it are waited for.
      client.close()
      throw new ScanError(unreachable(cluster, error))
    }
    for (const gap of gapsOf(type, wantedOf(type), error, cluster)) context.gap(gap)
  }
}

/** What one list came to. */
interface ReadList {
  readonly type: ObjectKind
  readonly facts: readonly Fact[]
  readonly gaps: readonly Gap[]
  /** The server said something else than that it does not know who asks. */
  readonly answers: boolean
  readonly error?: ApiFailure
}

/** Keeps facts and no objects: of these a page is there at a time. */
async function readList(
  client: KubernetesClient,
  type: ObjectKind,
  versions: readonly string[],
  origin: Origin,
  context: ScanContext,
  declarations: Declarations,
): Promise<ReadList> {
  for (let attempt = 1; ; attempt++) {
    const facts: Fact[] = []
    const gaps: Gap[] = []
    let answers = false
    try {
      context.signal.throwIfAborted()
      context.progress(`${origin.cluster}: ${nameOf(type)}`)
      for await (const item of listServed(client, type, versions)) {
        answers = true
        for (const fact of readItem(item, type, origin, declarations, gaps)) facts.push(fact)
      }
      return { type, facts, gaps, answers: true }
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      // The server has forgotten the state that the pages are of: from the start, once.
      if (error.status === GONE && attempt === 1) continue
      return { type, facts, gaps, answers: answers || (error.status !== undefined && error.status !== 401), error }
    }
  }
}

const GONE = 410

/** Access entries of EKS let in beside RBAC, and associations of Pod Identity give roles: both are told by AWS only. */
function noteEntries(cluster: string, context: ScanContext): void {
  if (context.targets.aws.length > 0) return
  const unseen = [
    { kind: k8sClusterAccess, what: 'access entries of EKS authorise outside RBAC' },
    { kind: k8sCloudIdentity, what: 'associations of EKS Pod Identity give roles' },
  ]
  for (const { kind, what } of unseen.filter((each) => context.wants(each.kind))) {
    const detail = `${cluster}: ${what} and were not seen; add --aws`
    context.gap({ kind: kind.kind, scope: scopeOf(cluster), class: 'limit', reason: 'EKS not asked', detail })
  }
}

/** The objects of a kind, in the first of its versions that the cluster serves. */
async function* listServed(client: KubernetesClient, type: ObjectKind, versions: readonly string[]) {
  for (const [i, version] of versions.entries()) {
    try {
      yield* client.list(pathOf(version, type), type.listOptions)
      return
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.status !== 404 || i === versions.length - 1) throw error
    }
  }
}

/**
 * What the cluster serves; undefined if it does not say. Authorisation comes before that: without asking, a kind of an
 * extension that nobody installed would look like one that is denied.
 */
async function servedBy(client: KubernetesClient): Promise<ReadonlySet<string> | undefined> {
  try {
    return await client.served()
  } catch (error) {
    if (error instanceof ApiFailure) return undefined
    throw error
  }
}

/**
 * The served versions of a kind's group that have such objects and are none of those that it is known in. One that does not tell
 * what it has counts.
 */
async function otherVersions(
  client: KubernetesClient,
  type: ObjectKind,
  served: ReadonlySet<string>,
): Promise<readonly string[]> {
  const known = versionsOf(type)
  const groups = new Set(known.map((version) => version.split('/')[0]))
  const others = [...served].filter((version) => groups.has(version.split('/')[0]) && !known.includes(version))
  const found: string[] = []
  for (const version of others) {
    try {
      if ((await client.resources(version)).has(type.resource)) found.push(version)
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      if (error.status !== 404) found.push(version)
    }
  }
  return found
}

function versionGaps(
  type: ObjectKind,
  emits: readonly FactKind[],
  versions: readonly string[],
  cluster: string,
): Gap[] {
  const detail = `${type.kind}: the cluster serves ${nameOf(type)} as ${versions.join(', ')}, known is ${versionsOf(type).join(', ')}`
  const gap = { scope: scopeOf(cluster), class: 'limit', reason: 'version not known', detail } as const
  return emits.map(({ kind }) => ({ ...gap, kind }))
}

function* readItem(
  item: Readonly<Record<string, unknown>>,
  type: ObjectKind,
  origin: Origin,
  declarations: Declarations,
  gaps: Gap[],
): Generator<Fact> {
  // Items of a list carry no kind, metadata no type.
  const value = { ...item, kind: type.kind, ...(type.kind === 'Secret' && { type: TOKEN_SECRET }) }
  try {
    yield* parseObject({ kind: type.kind, type, value, at: declarations.locate(origin.cluster, type, value) }, origin)
  } catch (error) {
    if (!(error instanceof MalformedObject)) throw error
    for (const kind of type.emits) {
      // A broken server may send null for an object.
      const metadata = record(record(item)?.metadata)
      const name = String(metadata?.name)
      const namespace = String(metadata?.namespace ?? '')
      const what = resourceOf(origin.cluster, type.kind, namespace, name)
      gaps.push({
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

function gapsOf(type: ObjectKind, emits: readonly FactKind[], error: ApiFailure, cluster: string): Gap[] {
  const denied = error.status === 403
  // A server without an API group has no objects of it. Of Kubernetes' own groups every server has all.
  const missing = error.status === 404 || error.status === 406
  if (error.status === 404 && type.extension) return []
  const reason = denied ? 'access denied' : missing ? 'not served' : 'call failed'
  const help = denied ? `; grant the verb list on ${nameOf(type)}` : ''
  return emits.map((kind) => ({
    kind: kind.kind,
    scope: scopeOf(cluster),
    class: missing ? 'limit' : 'fault',
    reason,
    detail: `list ${nameOf(type)}: ${error.message}${help}`,
  }))
}
