import { k8sServiceAccount, k8sTokenSecret } from '../../facts/kubernetes.ts'
import { type Fact, fact } from '../../model.ts'
import { boolText, type Header, type KubernetesObject, type ObjectKind, type Origin, scopeOf, text } from './objects.ts'

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

/** The type of a Secret that holds a service account's token. */
export const TOKEN_SECRET = 'kubernetes.io/service-account-token'

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

/** Service accounts, and the secrets that hold their tokens. */
export const ACCOUNT_KINDS: readonly ObjectKind[] = [
  {
    kind: 'ServiceAccount',
    groups: [''],
    resource: 'serviceaccounts',
    emits: [k8sServiceAccount],
    parse: (...all) => [parseServiceAccount(...all)],
  },
  {
    kind: 'Secret',
    groups: [''],
    resource: 'secrets',
    // The server picks the secrets that are tokens and sends their metadata only: no value ever leaves it.
    listOptions: { fieldSelector: `type=${TOKEN_SECRET}`, metadataOnly: true },
    emits: [k8sTokenSecret],
    parse: parseSecret,
  },
]
