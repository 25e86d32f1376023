import { k8sCloudIdentity, k8sClusterAccess } from '../../facts/kubernetes-cloud.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { isOpen, readAwsAuth } from './aws-auth.ts'
import { type Header, type KubernetesObject, type ObjectKind, type Origin, record, scopeOf, text } from './objects.ts'

type Provider = 'aws' | 'gcp' | 'azure'

/** Where the clouds write which of their identities an account may take, and how the account comes by it. */
export const CLOUD_ANNOTATIONS: Readonly<Record<string, { provider: Provider; via: string }>> = {
  'eks.amazonaws.com/role-arn': { provider: 'aws', via: 'annotation' },
  'iam.gke.io/gcp-service-account': { provider: 'gcp', via: 'annotation' },
  'azure.workload.identity/client-id': { provider: 'azure', via: 'annotation' },
}

/** The cloud identities that annotations give a service account. */
export function annotatedIdentities(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const { namespace, name, annotations } = header
  return Object.entries(CLOUD_ANNOTATIONS).flatMap(([key, { provider, via }]) => {
    const written = annotations[key]
    if (written === undefined || written === null || written === '') return []
    const identity = text(written)
    return [
      fact(k8sCloudIdentity, scopeOf(cluster, namespace), object.at(), {
        cluster,
        cloudCluster: '',
        account: `${namespace}/${name}`,
        provider,
        identity: identity === undefined || isOpen(identity) ? UNKNOWN : identity,
        via,
        through: '',
        source,
      }),
    ]
  })
}

/**
 * An association of EKS Pod Identity as its controller keeps it in the cluster. The association belongs to the EKS cluster that
 * it names, which need not be the one that holds the object. Source: aws-controllers-k8s/eks-controller.
 */
function parseAssociation(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const spec = record(object.value.spec)
  const [namespace, account, role] = ['namespace', 'serviceAccount', 'roleARN'].map((key) => known(spec?.[key]))
  const hasTarget = spec?.targetRoleARN !== undefined
  return [
    fact(k8sCloudIdentity, scopeOf(cluster, header.namespace), object.at(), {
      cluster,
      cloudCluster: text(spec?.clusterName) ?? '',
      account: namespace === undefined || account === undefined ? UNKNOWN : `${namespace}/${account}`,
      provider: 'aws',
      identity: (hasTarget ? known(spec?.targetRoleARN) : role) ?? UNKNOWN,
      via: 'pod-identity',
      through: hasTarget ? (role ?? UNKNOWN) : '',
      source,
    }),
  ]
}

function known(value: unknown): string | undefined {
  const written = text(value)
  return written === undefined || isOpen(written) ? undefined : written
}

const AWS_AUTH = 'aws-auth'

function parseConfigMap(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const { name, namespace } = header
  // A manifest without a namespace may be applied to any.
  if (name !== AWS_AUTH || (namespace !== 'kube-system' && header.namespaceGiven)) return []
  const at = object.at()
  const place = 'file' in at ? `file:${at.file}#ConfigMap kube-system/${AWS_AUTH}` : at.resource
  return readAwsAuth(record(object.value.data) ?? {}).map(({ principal, username, groups, entry }) =>
    fact(k8sClusterAccess, scopeOf(cluster, 'kube-system'), at, {
      cluster,
      cloudCluster: '',
      principal,
      via: AWS_AUTH,
      username,
      groups,
      policies: [],
      type: '',
      declaration: `${place} ${entry}`,
      source,
    }),
  )
}

/** What says in a cluster who of a cloud is let in, and which identity of a cloud an account gets; both belong to EKS. */
export const CLOUD_KINDS: readonly ObjectKind[] = [
  {
    kind: 'ConfigMap',
    groups: [''],
    resource: 'configmaps',
    extension: true,
    mentions: /\baws-auth\b/,
    listOptions: { fieldSelector: `metadata.name=${AWS_AUTH}` },
    emits: [k8sClusterAccess],
    parse: parseConfigMap,
  },
  {
    kind: 'PodIdentityAssociation',
    groups: ['eks.services.k8s.aws'],
    version: 'v1alpha1',
    resource: 'podidentityassociations',
    extension: true,
    emits: [k8sCloudIdentity],
    parse: parseAssociation,
  },
]
