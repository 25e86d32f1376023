import { k8sCloudIdentity, k8sClusterAccess } from '../../facts/kubernetes-cloud.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import { get, type ValueNode } from '../../sources/value-node.ts'
import { type AwsAuthEntry, readAwsAuth } from '../kubernetes/aws-auth.ts'
import { CLOUD_ANNOTATIONS } from '../kubernetes/cloud.ts'
import { Hidden } from './eks.ts'
import { plainText, type Resource } from './resource.ts'
import { renderAll } from './statement.ts'
import { emailOf } from './terraform-google.ts'
import { roleOf } from './workloads.ts'

/** Kubernetes objects in Terraform. */
export function* readTerraformIdentities(resources: readonly Resource[], gap: (gap: Gap) => void): Generator<Fact> {
  const hidden = new Hidden()
  for (const resource of resources) {
    if (/^kubernetes_service_account(?:_v1)?$/.test(resource.type)) yield* readAccount(resource, hidden)
    if (/^kubernetes_config_map(?:_v1)?(?:_data)?$/.test(resource.type)) yield* readConfigMap(resource, hidden)
  }
  hidden.gaps(gap)
}

const OF_CLUSTER = { cluster: '-', cloudCluster: '', source: 'file' } as const

function metadataOf(resource: Resource): {
  name: string | undefined
  namespace: string | undefined
  annotations: ValueNode | undefined
} {
  const metadata = resource.nested.find(({ type }) => type === 'metadata')
  const text = (name: string) => plainText(metadata?.value(name))
  const namespace = metadata?.value('namespace') ? text('namespace') : 'default'
  return { name: text('name'), namespace, annotations: metadata?.value('annotations') }
}

function* readAccount(resource: Resource, hidden: Hidden): Generator<Fact> {
  const { name, namespace, annotations } = metadataOf(resource)
  for (const [key, { provider, via }] of Object.entries(CLOUD_ANNOTATIONS)) {
    const value = get(annotations, key)
    if (!value) continue
    const identity = provider === 'aws' ? roleOf(value, resource) : (emailOf(value, resource) ?? plainText(value))
    const named = name !== undefined && namespace !== undefined
    if (!named || identity === undefined) hidden.note(k8sCloudIdentity, resource)
    yield identityFact(resource, {
      ...OF_CLUSTER,
      account: named ? `${namespace}/${name}` : UNKNOWN,
      provider,
      identity: identity ?? UNKNOWN,
      via,
      through: '',
    })
  }
}

type IdentityFields = Parameters<typeof fact<typeof k8sCloudIdentity>>[3]

function identityFact(resource: Resource, seen: IdentityFields): Fact {
  const { source, start, end } = resource
  return fact(k8sCloudIdentity, source.scope, source.location(start, end), seen)
}

/** aws-auth as a resource; what `yamlencode` is given counts as it stands. */
function* readConfigMap(resource: Resource, hidden: Hidden): Generator<Fact> {
  const { name } = metadataOf(resource)
  if (name !== 'aws-auth') return
  const data = resource.value('data')
  const isSeen = data?.type === 'map'
  const entries: AwsAuthEntry[] = isSeen
    ? readAwsAuth(Object.fromEntries(data.entries.map(({ key, value }) => [key, toPlain(value, resource)])))
    : [{ principal: UNKNOWN, username: '', groups: UNKNOWN, entry: 'data' }]
  const { source, start, end } = resource
  for (const { principal, username, groups, entry } of entries) {
    if (principal === UNKNOWN || groups === UNKNOWN) hidden.note(k8sClusterAccess, resource)
    const at = source.location(start, end)
    const rest = { via: 'aws-auth', username, policies: [], type: '', declaration: `${resource.id} ${entry}` }
    yield fact(k8sClusterAccess, source.scope, at, { ...OF_CLUSTER, ...rest, principal, groups })
  }
}

/** As JavaScript has it; a role that the tree declares stands by its id, what only a run knows as `${…}`. */
export function toPlain(value: ValueNode, resource: Resource): unknown {
  if (value.type === 'list') {
    const items = value.items.map((item) => toPlain(item, resource))
    return value.open ? [...items, undefined] : items
  }
  if (value.type === 'map')
    return Object.fromEntries(value.entries.map(({ key, value: own }) => [key, toPlain(own, resource)]))
  if (value.type === 'plain') return value.value
  return plainText(value) ?? roleOf(value, resource) ?? renderAll(value)[0]
}
