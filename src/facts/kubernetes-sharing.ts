import { factKind } from '../model.ts'
import { cluster, source } from './kubernetes-fields.ts'

/** Derived: a service account that workloads of several applications run as. */
export const k8sSharedAccount = factKind({
  kind: 'k8s.shared-account',
  meaning:
    'A service account that workloads run as which by labels, Helm release, owner and name belong to nothing common.',
  identity: ['cluster', 'account'],
  derivedFrom: ['k8s.workload', 'k8s.binding', 'k8s.subject'],
  fields: {
    cluster,
    account: ['string', 'NAMESPACE/NAME', 'shop/app'],
    namespace: ['string', 'Namespace', 'shop'],
    name: ['string', 'Name', 'app'],
    applications: [
      'list<string>',
      'One workload of each application',
      ['Deployment shop/billing', 'Deployment shop/mail'],
    ],
    inWords: ['string', 'The same in words', 'Deployment shop/billing, Deployment shop/mail'],
    granted: ['bool', 'Whether a binding of its own grants it anything', true],
    bindings: ['string', 'Those bindings, in words', 'RoleBinding shop/app'],
    source,
  },
})
