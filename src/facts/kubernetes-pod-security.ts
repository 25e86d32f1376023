import { factKind } from '../model.ts'
import { cluster, source } from './kubernetes-fields.ts'

/** Derived. Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
export const k8sPodSecurity = factKind({
  kind: 'k8s.pod-security',
  meaning: 'Which pods a namespace with workloads refuses, by its labels or by admission policies.',
  identity: ['cluster', 'namespace'],
  derivedFrom: ['k8s.namespace', 'k8s.workload', 'k8s.admission-policy', 'k8s.admission-binding'],
  fields: {
    cluster,
    namespace: ['string', 'Name', 'shop'],
    enforce: [
      'string',
      'Level of pod-security.kubernetes.io/enforce: privileged, baseline, restricted; empty for none',
      '',
    ],
    enforced: ['bool', 'Whether that level refuses anything', false],
    because: [
      'string',
      'Why it refuses nothing, as the end of a sentence',
      'has no label pod-security.kubernetes.io/enforce',
    ],
    nodeAccess: [
      'list<string>',
      'Workloads there that are privileged, or use the node’s network, processes or files',
      [],
    ],
    guards: ['list<string>', 'Policies of admission control that may refuse pods there', []],
    guardNote: ['string', 'What they may do, to be added to a sentence; empty without one', ''],
    system: ['bool', 'Whether it is a namespace of Kubernetes itself or of a managed cluster', false],
    source,
  },
})
