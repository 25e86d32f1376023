import { eksCluster, gcpGrant, k8sCloudIdentity, k8sClusterAccess } from '../../facts/kubernetes-cloud.ts'
import { type Fact, type FactKind, fact, type Gap, UNKNOWN } from '../../model.ts'
import { get, type ValueNode } from '../../sources/value-node.ts'
import { type Arguments, plainText, type Resource } from './resource.ts'
import { renderAll } from './statement.ts'
import { roleOf } from './workloads.ts'

export const EKS_KINDS: readonly FactKind[] = [k8sCloudIdentity, k8sClusterAccess, eksCluster, gcpGrant]
/** A folder none of whose files says one of these words holds nothing for this reader. */
export const EKS_WORDS =
  /aws_eks_|kubernetes_(?:service_account|config_map)|google_service_account|google_(?:project|folder|organization)_iam_|terraform-aws-modules\/eks|AWS::EKS::/
/** The types of resources of Terraform that it reads. */
export const EKS_TYPES =
  /^(?:aws_eks_|kubernetes_(?:service_account|config_map)|google_service_account|google_(?:project|folder|organization)_iam_)/

/** What only a run knows of these: one gap for each kind and file. */
export class Hidden {
  readonly #first = new Map<string, { kind: FactKind; resource: Resource }>()

  note(kind: FactKind, resource: Resource): void {
    const key = `${kind.kind} ${resource.source.path}`
    if (!this.#first.has(key)) this.#first.set(key, { kind, resource })
  }

  gaps(gap: (gap: Gap) => void): void {
    for (const { kind, resource } of this.#first.values()) {
      const detail = `${resource.type}.${resource.label} names what is not in the files: audit the plan or the live account`
      const why = { class: 'limit', reason: 'value known at run time only', offset: resource.start } as const
      gap(
        resource.source.gap({
          kind: kind.kind,
          fields: ['account', 'identity', 'principal', 'groups'],
          ...why,
          detail,
        }),
      )
    }
  }
}

/** Argument names of the same thing in Terraform and CloudFormation. */
interface Form {
  readonly cluster: string
  readonly [argument: string]: string
}

const ASSOCIATIONS: Readonly<Record<string, Form>> = {
  aws_eks_pod_identity_association: {
    cluster: 'cluster_name',
    namespace: 'namespace',
    account: 'service_account',
    role: 'role_arn',
    target: 'target_role_arn',
  },
  'AWS::EKS::PodIdentityAssociation': {
    cluster: 'ClusterName',
    namespace: 'Namespace',
    account: 'ServiceAccount',
    role: 'RoleArn',
    target: 'TargetRoleArn',
  },
}

/** Clusters of EKS, who is let into them, and which roles their accounts get: from one Terraform module or template. */
export function* readEks(resources: readonly Resource[], gap: (gap: Gap) => void): Generator<Fact> {
  const hidden = new Hidden()
  for (const resource of resources) {
    yield* readAssociation(resource, hidden)
    yield* readEntry(resource, hidden)
    yield* readPolicyAssociation(resource, hidden)
    yield* readCluster(resource, gap)
  }
  hidden.gaps(gap)
}

function placeOf({ source, start, end }: Resource) {
  return source.location(start, end)
}

function* readAssociation(resource: Resource, hidden: Hidden): Generator<Fact> {
  const form = ASSOCIATIONS[resource.type]
  if (!form) return
  const [namespace, account] = [resource.text(form.namespace ?? ''), resource.text(form.account ?? '')]
  const [role, target] = [resource.value(form.role ?? ''), resource.value(form.target ?? '')]
  const first = role && roleOf(role, resource)
  const identity = target ? roleOf(target, resource) : first
  const named = namespace !== undefined && account !== undefined
  if (!named || identity === undefined || first === undefined) hidden.note(k8sCloudIdentity, resource)
  yield fact(k8sCloudIdentity, resource.source.scope, placeOf(resource), {
    cluster: '',
    cloudCluster: clusterOf(resource, form.cluster),
    account: named ? `${namespace}/${account}` : UNKNOWN,
    provider: 'aws',
    identity: identity ?? UNKNOWN,
    via: 'pod-identity',
    through: target ? (first ?? UNKNOWN) : '',
    source: 'file',
  })
}

/** The name of the cluster that a resource belongs to: as written, or of the block; else as the expression says. */
export function clusterOf(resource: Resource, argument: string): string {
  const value = resource.value(argument)
  const text = plainText(value)
  if (text !== undefined) return text
  const target = resource.target(value)
  return (target && nameOf(target)) ?? renderAll(value)[0] ?? ''
}

function nameOf(cluster: Resource): string | undefined {
  return cluster.text('name') ?? cluster.text('Name') ?? (/eks/i.test(cluster.type) ? `\${${cluster.id}}` : undefined)
}

const ENTRIES: Readonly<Record<string, Form>> = {
  aws_eks_access_entry: {
    cluster: 'cluster_name',
    principal: 'principal_arn',
    groups: 'kubernetes_groups',
    username: 'user_name',
    type: 'type',
    policies: '',
  },
  'AWS::EKS::AccessEntry': {
    cluster: 'ClusterName',
    principal: 'PrincipalArn',
    groups: 'KubernetesGroups',
    username: 'Username',
    type: 'Type',
    policies: 'AccessPolicies',
  },
}

function* readEntry(resource: Resource, hidden: Hidden): Generator<Fact> {
  const form = ENTRIES[resource.type]
  if (!form) return
  const groups = textsOf(resource.value(form.groups ?? ''))
  const policies = policiesOf(resource.value(form.policies ?? ''))
  const { username, type } = form
  yield accessFact(resource, form, hidden, {
    username: resource.text(username ?? '') ?? '',
    groups,
    policies,
    type: resource.text(type ?? '') ?? 'STANDARD',
  })
}

/** Who is meant by an argument is a role, or a user whose ARN is written. */
function accessFact(
  resource: Resource,
  form: Form,
  hidden: Hidden,
  about: {
    readonly username: string
    readonly groups: readonly string[] | undefined
    readonly policies: readonly string[] | undefined
    readonly type: string
  },
): Fact {
  const value = resource.value(form.principal ?? '')
  const principal = value && (roleOf(value, resource) ?? userOf(value, resource))
  if (principal === undefined || !about.groups || !about.policies) hidden.note(k8sClusterAccess, resource)
  return fact(k8sClusterAccess, resource.source.scope, placeOf(resource), {
    cluster: '',
    cloudCluster: clusterOf(resource, form.cluster),
    principal: principal ?? UNKNOWN,
    via: 'access-entry',
    username: about.username,
    groups: about.groups ?? UNKNOWN,
    policies: about.policies ?? UNKNOWN,
    type: about.type,
    declaration: resource.id,
    source: 'file',
  })
}

function userOf(value: ValueNode, resource: Resource): string | undefined {
  const target = resource.target(value)
  return target?.type === 'aws_iam_user' || target?.type === 'AWS::IAM::User' ? target.id : undefined
}

/** The texts of a list; undefined if some are not known. */
function textsOf(value: ValueNode | undefined): string[] | undefined {
  const texts = renderAll(value)
  const open = value?.type === 'list' && value.open
  return open || texts.some((text) => text.includes('${')) ? undefined : texts
}

const POLICY_ASSOCIATION = 'aws_eks_access_policy_association'
const ASSOCIATION_FORM: Form = { cluster: 'cluster_name', principal: 'principal_arn' }

function* readPolicyAssociation(resource: Resource, hidden: Hidden): Generator<Fact> {
  if (resource.type !== POLICY_ASSOCIATION) return
  const scope = resource.nested.find(({ type }) => type === 'access_scope')
  const policy = inWords(resource.value('policy_arn'), scope?.value('type'), scope?.value('namespaces'))
  yield accessFact(resource, ASSOCIATION_FORM, hidden, {
    username: '',
    groups: [],
    policies: policy === undefined ? undefined : [policy],
    type: '',
  })
}

/** `AccessPolicies` of CloudFormation. */
function policiesOf(value: ValueNode | undefined): string[] | undefined {
  if (!value) return []
  if (value.type !== 'list') return undefined
  const policies = value.items.map((item) => {
    const scope = get(item, 'AccessScope')
    return inWords(get(item, 'PolicyArn'), get(scope, 'Type'), get(scope, 'Namespaces'))
  })
  return policies.includes(undefined) ? undefined : policies.filter((each) => each !== undefined)
}

/** `AmazonEKSAdminPolicy in shop,web`; undefined if it is not known which policy, or where. The partition does not matter. */
export function inWords(
  arn: ValueNode | undefined,
  type: ValueNode | undefined,
  namespaces: ValueNode | undefined,
): string | undefined {
  const [policy = ''] = renderAll(arn)
  const name = /[/}]([A-Za-z]\w+)$/.exec(policy)?.[1]
  const reach = plainText(type)
  if (name === undefined || reach === undefined) return undefined
  if (reach !== 'namespace') return name
  const names = textsOf(namespaces)
  return names && `${name} in ${names.join(',')}`
}

const CLUSTERS: Readonly<Record<string, { mode: string; creator: string }>> = {
  aws_eks_cluster: { mode: 'authentication_mode', creator: 'bootstrap_cluster_creator_admin_permissions' },
  'AWS::EKS::Cluster': {
    mode: 'AccessConfig/AuthenticationMode',
    creator: 'AccessConfig/BootstrapClusterCreatorAdminPermissions',
  },
}

function* readCluster(resource: Resource, gap: (gap: Gap) => void): Generator<Fact> {
  const form = CLUSTERS[resource.type]
  if (!form) return
  const config: Arguments = resource.nested.find(({ type }) => type === 'access_config') ?? resource
  const creator = config.value(form.creator)
  const mode = config.value(form.mode)
  // It is so unless somebody says no.
  const creatorIsAdmin = creator ? asBool(creator) : true
  if (creatorIsAdmin !== false) gap(creatorUnseen(resource))
  yield fact(eksCluster, resource.source.scope, placeOf(resource), {
    id: resource.id,
    name: nameOf(resource) ?? resource.id,
    endpoint: '',
    issuer: '',
    authenticationMode: mode ? (plainText(mode) ?? UNKNOWN) : 'CONFIG_MAP',
    creatorIsAdmin,
  })
}

function creatorUnseen(resource: Resource): Gap {
  const name = nameOf(resource) ?? resource.id
  return resource.source.gap({
    kind: k8sClusterAccess.kind,
    fields: ['principal'],
    class: 'limit',
    reason: 'creator of the cluster not seen',
    offset: resource.start,
    detail: `EKS cluster ${name}: whoever creates it is administrator, unless bootstrapClusterCreatorAdminPermissions is false; audit the account (--aws)`,
  })
}

function asBool(value: ValueNode): boolean | typeof UNKNOWN {
  const text = plainText(value)
  return text === 'true' ? true : text === 'false' ? false : UNKNOWN
}
