import { factKind } from '../model.ts'
import { bindingFields, cluster, source } from './kubernetes-fields.ts'

/** Derived: how workloads use one service account. */
export const k8sAccountUse = factKind({
  kind: 'k8s.account-use',
  meaning: 'How workloads use a service account.',
  identity: ['cluster', 'account'],
  derivedFrom: ['k8s.workload', 'k8s.service-account', 'k8s.binding', 'k8s.subject'],
  fields: {
    cluster,
    account: ['string', 'NAMESPACE/NAME', 'shop/web'],
    namespace: ['string', 'Namespace', 'shop'],
    name: ['string', 'Name', 'web'],
    workloads: ['list<string>', 'Workloads that run as it', ['Deployment shop/web']],
    mounting: ['list<string>', 'Those of them that mount its token', []],
    inWords: ['string', 'The workloads that mount its token, else all, in words', 'Deployment shop/web'],
    mountsToken: ['bool', 'Whether any of them mounts a token of it for the API server', true],
    granted: ['bool', 'Whether a binding other than the API server’s defaults grants it anything', true],
    silent: [
      'bool',
      'Whether an audit log was given and would hold its calls, and there is none; false without a log',
      false,
    ],
    agents: ['list<string>', 'Workloads with an agent that shows the token to another service (Vault, Consul)', []],
    windowHours: ['int', 'Length of the audit log, hours; 0 without one', 0],
    assumptions: ['list<string>', 'What the judgement rests on', []],
    source,
  },
})

const useFields = {
  ...bindingFields,
  within: ['string', 'Namespace in which it holds; * for the whole cluster', 'shop'],
  subjectKind: ['string', 'ServiceAccount, User or Group', 'ServiceAccount'],
  subject: ['string', 'NAMESPACE/NAME of a service account, else the name of the user or group', 'shop/web'],
  window: ['string', 'Length of the audit log in words', '31 days'],
  windowHours: ['int', 'Length of the audit log, hours', 744],
  assumptions: ['list<string>', 'What the judgement rests on', []],
  source,
} as const

/** Derived: one permission of one subject by one binding, with whether the audit log shows its use. */
export const k8sPermission = factKind({
  kind: 'k8s.permission',
  meaning: 'One permission that a subject has by a binding, and whether the audit log shows that it was used.',
  identity: ['cluster', 'binding', 'subjectKind', 'subject', 'verb', 'resource', 'resourceName', 'nonResource'],
  derivedFrom: [
    'k8s.role',
    'k8s.role-rule',
    'k8s.binding',
    'k8s.subject',
    'k8s.service-account',
    'k8s.audit-log',
    'k8s.calls',
  ],
  fields: {
    ...useFields,
    verb: ['string', 'Verb as in the role; * stays *', 'get'],
    resource: ['string', 'GROUP/RESOURCE (core: RESOURCE), or the non-resource path', 'pods'],
    resourceName: ['string', 'Object that it is limited to; empty for all', ''],
    nonResource: ['bool', 'Whether it is a non-resource path', false],
    used: ['bool', 'Whether any call used it; not seen where the log does not cover it', false],
    dangerous: ['bool', 'Whether it is one of the dangerous ones', false],
    text: ['string', 'The permission in words', 'get pods'],
  },
})

/** Derived: one subject of one binding, with whether any of its permissions was used. */
export const k8sBindingUse = factKind({
  kind: 'k8s.binding-use',
  meaning: 'A subject of a binding, and whether the audit log shows any use of what it grants.',
  identity: ['cluster', 'binding', 'subjectKind', 'subject'],
  derivedFrom: ['k8s.permission'],
  fields: {
    ...useFields,
    used: ['bool', 'Whether any permission of it was used; not seen where the log covers too little', false],
    permissions: ['int', 'Number of its permissions', 3],
    onlyNamespace: [
      'string',
      'For a ClusterRoleBinding that was used: the one namespace in which all of its use was; else empty',
      '',
    ],
  },
})
