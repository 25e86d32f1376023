import { factKind } from '../model.ts'
import { cluster, source } from './kubernetes-fields.ts'

const reach = {
  resources: ['list<string>', 'What it looks at as GROUP/RESOURCE, the core group without a name; * for all', ['pods']],
  operations: ['list<string>', 'CREATE, UPDATE, DELETE, CONNECT; * for all', ['CREATE']],
  namespaces: ['string', 'Where it holds, in words', 'in all namespaces'],
  onlyNamespaces: ['list<string>', 'Names of namespaces that it is limited to, with * and ?; empty for all', []],
  exceptNamespaces: ['list<string>', 'Names of namespaces that it leaves out, with * and ?', []],
  namespaceSelector: ['string', 'Labels of namespaces that it is limited to, in kubectl’s selector syntax', ''],
  narrowed: ['bool', 'Whether it looks at some objects only (object selector, match conditions, exceptions)', false],
} as const

const fields = {
  cluster,
  admission: [
    'string',
    'KIND NAME, or KIND NAMESPACE/NAME of a policy of one namespace',
    'ValidatingAdmissionPolicy pods',
  ],
  part: ['string', 'Name of the webhook, the rule or the binding within it; empty where it is one', ''],
  admissionKind: ['string', 'Kind of the object', 'ValidatingAdmissionPolicy'],
  namespace: ['string', 'Namespace; empty for what is cluster-wide', ''],
  name: ['string', 'Name', 'pods'],
  engine: [
    'string',
    'Kubernetes, Kyverno, Gatekeeper, Kubewarden, OpenShift or another policy engine that is known; empty for other webhooks',
    'Kubernetes',
  ],
  ...reach,
  actions: [
    'list<string>',
    'What it does with a request that breaks it: deny, warn, audit; change for what alters requests',
    ['deny'],
  ],
  mayRefuse: ['bool', 'Whether it can refuse a request; what warns or audits only is no guard', true],
  failurePolicy: ['string', 'Fail or Ignore: what happens where it cannot be evaluated', 'Fail'],
  source,
} as const

/** Source: admissionregistration.k8s.io/v1 and the policy engines’ own API groups. */
export const k8sAdmissionPolicy = factKind({
  kind: 'k8s.admission-policy',
  meaning:
    'A policy or webhook of admission control as it is declared; a ValidatingAdmissionPolicy without its bindings.',
  identity: ['cluster', 'admission', 'part'],
  fields,
})

/** A ValidatingAdmissionPolicy does nothing without one. Source: admissionregistration.k8s.io/v1. */
export const k8sAdmissionBinding = factKind({
  kind: 'k8s.admission-binding',
  meaning: 'A binding that puts a ValidatingAdmissionPolicy into effect.',
  identity: ['cluster', 'binding'],
  fields: {
    cluster,
    binding: ['string', 'Name of the ValidatingAdmissionPolicyBinding', 'pods'],
    policy: ['string', 'Name of the policy', 'pods'],
    actions: ['list<string>', 'validationActions in lower case: deny, warn, audit', ['deny']],
    ...reach,
    source,
  },
})

/** Derived: a policy or webhook that is in effect. */
export const k8sAdmission = factKind({
  kind: 'k8s.admission',
  meaning:
    'What admission control does with requests: a policy with its binding, a webhook, a rule of a policy engine.',
  identity: ['cluster', 'admission', 'part'],
  derivedFrom: ['k8s.admission-policy', 'k8s.admission-binding'],
  fields,
})
