import { k8sServiceAccount, k8sTokenSecret } from '../../facts/kubernetes.ts'
import { type Fact, fact } from '../../model.ts'
import { type Header, readHeader } from './header.ts'
import { boolText, type KubernetesObject, type Origin, scopeOf, text } from './objects.ts'
import { parseBinding, parseRole } from './rbac.ts'
import { parseWorkload } from './workload.ts'

/**
 * The facts of one object of {@link OBJECT_KINDS}. Fields of a wrong type count as absent, as long as the object still says
 * something; else throws {@link MalformedObject}.
 */
export function parseObject(object: KubernetesObject, origin: Origin): Fact[] {
  const header = readHeader(object)
  switch (object.kind) {
    case 'Role':
    case 'ClusterRole':
      return parseRole(object, header, origin)
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return parseBinding(object, header, origin)
    case 'ServiceAccount':
      return [parseServiceAccount(object, header, origin)]
    case 'Secret':
      return parseSecret(object, header, origin)
    default:
      return parseWorkload(object, header, origin)
  }
}

/** Where the clouds write which of their identities an account may take. */
const CLOUD_ANNOTATIONS = [
  'eks.amazonaws.com/role-arn',
  'iam.gke.io/gcp-service-account',
  'azure.workload.identity/client-id',
]

function parseServiceAccount(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact {
  const { namespace, name, namespaceGiven, annotations } = header
  return fact(k8sServiceAccount, scopeOf(cluster, namespace), object.at(), {
    cluster,
    account: `${namespace}/${name}`,
    namespace,
    name,
    automount: boolText(object.value.automountServiceAccountToken),
    cloudIdentities: CLOUD_ANNOTATIONS.flatMap((key) => text(annotations[key]) ?? []),
    namespaceGiven,
    source,
  })
}

const TOKEN_SECRET = 'kubernetes.io/service-account-token'

/** Only the type and an annotation are looked at, never the data. Metadata listed by type come without it. */
function parseSecret(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  if (object.value.type !== TOKEN_SECRET) return []
  const { namespace, name, namespaceGiven } = header
  const account = text(header.annotations['kubernetes.io/service-account.name']) ?? ''
  const data = {
    cluster,
    secret: `${namespace}/${name}`,
    namespace,
    name,
    account: account && `${namespace}/${account}`,
  }
  return [fact(k8sTokenSecret, scopeOf(cluster, namespace), object.at(), { ...data, namespaceGiven, source })]
}
