import { k8sServiceAccount, k8sTokenSecret } from '../../facts/kubernetes.ts'
import { k8sCloudIdentity } from '../../facts/kubernetes-cloud.ts'
import { type Fact, fact } from '../../model.ts'
import { annotatedIdentities } from './cloud.ts'
import { boolText, type Header, type KubernetesObject, type ObjectKind, type Origin, scopeOf, text } from './objects.ts'

function parseServiceAccount(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact {
  const { namespace, name, namespaceGiven } = header
  return fact(k8sServiceAccount, scopeOf(cluster, namespace), object.at(), {
    cluster,
    account: `${namespace}/${name}`,
    namespace,
    name,
    automount: boolText(object.value.automountServiceAccountToken),
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
    emits: [k8sServiceAccount, k8sCloudIdentity],
    parse: (...all) => [parseServiceAccount(...all), ...annotatedIdentities(...all)],
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
