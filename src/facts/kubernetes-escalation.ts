import { factKind } from '../model.ts'
import { cluster, source } from './kubernetes-fields.ts'

const DERIVED_FROM = ['k8s.role', 'k8s.role-rule', 'k8s.binding', 'k8s.subject'] as const
/** Whom a subject can take over hangs on who is there. */
const GROUND = ['k8s.service-account', 'k8s.workload', 'k8s.token-secret', 'k8s.namespace'] as const

/** Derived: that somebody who is no administrator of the cluster can become one. */
export const k8sEscalation = factKind({
  kind: 'k8s.escalation',
  meaning: 'That a subject of bindings can become administrator of the cluster, in one step or several.',
  identity: ['cluster', 'subjectKind', 'subject'],
  derivedFrom: [...DERIVED_FROM, ...GROUND],
  fields: {
    cluster,
    subjectKind: ['string', 'ServiceAccount, User or Group', 'ServiceAccount'],
    subject: ['string', 'NAMESPACE/NAME of a service account, else the name of the user or group', 'shop/web'],
    certain: ['bool', 'Whether all that it takes was seen; else it hangs on something that was not', true],
    paths: ['list<string>', 'The ways of its steps, each once, the shortest first', ['create-workload']],
    claim: [
      'string',
      'Who can do it, as the beginning of a sentence',
      'ServiceAccount shop/web can become administrator of the cluster',
    ],
    how: ['string', 'The shortest way as the end of a sentence', 'by a pod in ops that runs as ops/robot'],
    steps: ['list<string>', 'Its steps, in order', ['create pods in namespace ops, allowed by RoleBinding ops/web']],
    hops: ['int', 'Number of accounts that it takes over on the way, the last one counted', 1],
    target: ['string', 'The subject that it becomes; empty where it makes itself administrator', 'ops/robot'],
    cut: ['string', 'The permission to take away that ends the shortest way', 'create pods in RoleBinding ops/web'],
    binding: ['string', 'The binding that holds that permission', 'RoleBinding ops/web'],
    guards: ['list<string>', 'Admission policies and webhooks that were seen and may refuse a step', []],
    assumptions: ['list<string>', 'What the judgement rests on that this run does not see', []],
    source,
  },
})

/** Derived: what each subject of bindings amounts to, for joins. */
export const k8sPrivileged = factKind({
  kind: 'k8s.privileged',
  meaning: 'What a subject of bindings may do: whether it is administrator of the cluster, or can become it.',
  identity: ['cluster', 'subjectKind', 'subject'],
  derivedFrom: [...DERIVED_FROM, ...GROUND],
  fields: {
    cluster,
    subjectKind: ['string', 'ServiceAccount, User or Group', 'ServiceAccount'],
    subject: ['string', 'NAMESPACE/NAME of a service account, else the name of the user or group', 'shop/web'],
    user: ['string', 'Name by which the API server knows it; empty for a group', 'system:serviceaccount:shop:web'],
    privileged: ['bool', 'Whether it is administrator of the cluster, or can become it', true],
    admin: ['bool', 'Whether it is administrator already', true],
    because: ['string', 'Why, as the end of a sentence; else what it may do that is dangerous', 'may do everything'],
    dangerous: ['list<string>', 'What it may do that is dangerous, by the names of rules', ['cluster-admin']],
    rights: ['string', 'All its rights in a few words', '* * in the whole cluster'],
    binding: ['string', 'The binding that says most', 'ClusterRoleBinding web'],
    assumptions: ['list<string>', 'What the judgement rests on that this run does not see', []],
    source,
  },
})
