import { factKind } from '../model.ts'

// Names of things, the same in all kinds: a role is `Role NAMESPACE/NAME` or `ClusterRole NAME`, a binding alike, a service
// account is `NAMESPACE/NAME`. `cluster` is `-` for manifests and dumps. An object whose manifest names no namespace stands
// in `default`, where `kubectl apply` puts it, and `namespaceGiven` is false.

const cluster = ['string', 'The cluster by its name in kubeconfig; - for manifests and dumps', '-'] as const
const source = ['string', 'Where it was read: file (a manifest), dump or cluster', 'cluster'] as const
const namespaceGiven = ['bool', 'Whether the namespace is written (true for cluster-wide things)', true] as const
const bootstrapping = [
  'bool',
  'Whether it is one of the API server’s own defaults (label kubernetes.io/bootstrapping)',
  false,
] as const

/** A Role or ClusterRole. Source: rbac.authorization.k8s.io/v1. */
export const k8sRole = factKind({
  kind: 'k8s.role',
  meaning: 'A Role or ClusterRole.',
  identity: ['cluster', 'role'],
  fields: {
    cluster,
    role: ['string', 'Role NAMESPACE/NAME or ClusterRole NAME', 'Role shop/web'],
    roleKind: ['string', 'Role or ClusterRole', 'Role'],
    namespace: ['string', 'Namespace; empty for a ClusterRole', 'shop'],
    name: ['string', 'Name', 'web'],
    labels: ['list<string>', 'Labels as KEY=VALUE', []],
    aggregated: ['bool', 'Whether its rules come from other ClusterRoles (aggregationRule)', false],
    selectors: ['list<string>', 'Its clusterRoleSelectors, each in kubectl’s selector syntax', []],
    bootstrapping,
    namespaceGiven,
    source,
  },
})

/** One rule of a role, as written. The hash is of the sorted rule, so that moving rules about changes nothing. */
export const k8sRoleRule = factKind({
  kind: 'k8s.role-rule',
  meaning: 'One rule of a Role or ClusterRole, as written.',
  identity: ['cluster', 'role', 'hash'],
  fields: {
    cluster,
    role: ['string', 'Role NAMESPACE/NAME or ClusterRole NAME', 'Role shop/web'],
    roleKind: ['string', 'Role or ClusterRole', 'Role'],
    hash: ['string', 'SHA-256 of the canonical rule, first 16 hexadecimal digits', '0123456789abcdef'],
    apiGroups: ['list<string>', 'apiGroups; the core group is the empty string', ['']],
    resources: ['list<string>', 'resources, a subresource as pods/log', ['pods']],
    resourceNames: ['list<string>', 'resourceNames; empty for all', []],
    verbs: ['list<string>', 'verbs', ['get']],
    nonResourceUrls: ['list<string>', 'nonResourceURLs', []],
    summary: ['string', 'The rule in a few words', 'get pods'],
    ownGroups: ['bool', 'Whether it reaches Kubernetes’ own API groups, not only those of extensions', true],
    bootstrapping,
    source,
  },
})

/** A RoleBinding or ClusterRoleBinding. Source: rbac.authorization.k8s.io/v1. */
export const k8sBinding = factKind({
  kind: 'k8s.binding',
  meaning: 'A RoleBinding or ClusterRoleBinding.',
  identity: ['cluster', 'binding'],
  fields: {
    cluster,
    binding: ['string', 'RoleBinding NAMESPACE/NAME or ClusterRoleBinding NAME', 'RoleBinding shop/web'],
    bindingKind: ['string', 'RoleBinding or ClusterRoleBinding', 'RoleBinding'],
    namespace: ['string', 'Namespace; empty for a ClusterRoleBinding', 'shop'],
    name: ['string', 'Name', 'web'],
    role: ['string', 'The role it refers to: Role NAMESPACE/NAME or ClusterRole NAME', 'Role shop/web'],
    roleKind: ['string', 'Role or ClusterRole', 'Role'],
    roleName: ['string', 'Name of that role', 'web'],
    bootstrapping,
    namespaceGiven,
    source,
  },
})

/** One subject of a binding. `system:serviceaccount:NS:NAME` as a User is the service account. */
export const k8sSubject = factKind({
  kind: 'k8s.subject',
  meaning: 'A subject of a RoleBinding or ClusterRoleBinding.',
  identity: ['cluster', 'binding', 'subjectKind', 'subject'],
  fields: {
    cluster,
    binding: ['string', 'RoleBinding NAMESPACE/NAME or ClusterRoleBinding NAME', 'RoleBinding shop/web'],
    role: ['string', 'The role that it is bound to', 'Role shop/web'],
    roleName: ['string', 'Name of that role', 'web'],
    subjectKind: ['string', 'ServiceAccount, User or Group', 'ServiceAccount'],
    subject: ['string', 'NAMESPACE/NAME of a service account, else the name of the user or group', 'shop/web'],
    namespace: ['string', 'Namespace of a service account; else empty', 'shop'],
    name: ['string', 'Name', 'web'],
    bootstrapping,
    namespaceGiven,
    source,
  },
})

/** A service account. Source: core v1. */
export const k8sServiceAccount = factKind({
  kind: 'k8s.service-account',
  meaning: 'A service account.',
  identity: ['cluster', 'account'],
  fields: {
    cluster,
    account: ['string', 'NAMESPACE/NAME', 'shop/web'],
    namespace: ['string', 'Namespace', 'shop'],
    name: ['string', 'Name', 'web'],
    automount: ['string', 'automountServiceAccountToken: true or false; empty if not set, which means true', ''],
    cloudIdentities: ['list<string>', 'Cloud identities by annotation: role ARN, Google account, Azure client id', []],
    namespaceGiven,
    source,
  },
})

/** A pod, or what makes pods. Pods and ReplicaSets that belong to one of these are not facts of their own. */
export const k8sWorkload = factKind({
  kind: 'k8s.workload',
  meaning: 'A pod that stands alone, or a Deployment, StatefulSet, DaemonSet, Job, CronJob, … that makes pods.',
  identity: ['cluster', 'workload'],
  fields: {
    cluster,
    workload: ['string', 'KIND NAMESPACE/NAME', 'Deployment shop/web'],
    workloadKind: ['string', 'Pod, Deployment, …', 'Deployment'],
    namespace: ['string', 'Namespace', 'shop'],
    name: ['string', 'Name', 'web'],
    account: ['string', 'NAMESPACE/NAME of its service account', 'shop/web'],
    automount: ['string', 'automountServiceAccountToken of the pod: true or false; empty if not set', ''],
    projectedToken: ['bool', 'Whether it mounts a token of its own (projected volume), whatever automount says', false],
    namespaceGiven,
    source,
  },
})

/** A Secret of type kubernetes.io/service-account-token: a token without expiry. Its data is never read. */
export const k8sTokenSecret = factKind({
  kind: 'k8s.token-secret',
  meaning: 'A Secret that holds a service account’s token, which never expires.',
  identity: ['cluster', 'secret'],
  fields: {
    cluster,
    secret: ['string', 'NAMESPACE/NAME', 'shop/web-token'],
    namespace: ['string', 'Namespace', 'shop'],
    name: ['string', 'Name', 'web-token'],
    account: ['string', 'NAMESPACE/NAME of the service account', 'shop/web'],
    namespaceGiven,
    source,
  },
})

/** What an audit log holds as a whole. Source: audit.k8s.io/v1 events. */
export const k8sAuditLog = factKind({
  kind: 'k8s.audit-log',
  meaning: 'An audit log of the API server: its window and what it covers.',
  identity: ['cluster'],
  fields: {
    cluster,
    files: ['list<string>', 'Names of the files', ['audit.log']],
    events: ['int', 'Number of events', 1000],
    firstEvent: ['string', 'Time of the earliest event, RFC 3339', '2026-01-01T00:00:00Z'],
    lastEvent: ['string', 'Time of the latest event, RFC 3339', '2026-02-01T00:00:00Z'],
    windowHours: ['int', 'Hours between them, rounded down', 744],
    coversReads: ['bool', 'Whether it holds any get, list or watch', true],
    coversAll: [
      'bool',
      'Whether nothing is filtered: it holds even health checks and writes of events, which audit policies drop first',
      false,
    ],
    resources: ['list<string>', 'Resources (GROUP/RESOURCE, core: RESOURCE) on which it holds any event', ['pods']],
    urls: ['list<string>', 'Non-resource paths on which it holds any event', []],
  },
})

/** Calls of one user of one kind, as the audit log tells. Stages of one call count once. */
export const k8sCalls = factKind({
  kind: 'k8s.calls',
  meaning: 'Calls to the API server by one user, with one verb, on one resource in one namespace.',
  identity: ['cluster', 'user', 'impersonator', 'decision', 'verb', 'apiGroup', 'resource', 'namespace'],
  fields: {
    cluster,
    user: ['string', 'User name; of an impersonated call the impersonated one', 'system:serviceaccount:shop:web'],
    groups: ['list<string>', 'Groups of the user', ['system:authenticated']],
    impersonator: ['string', 'Who called in the user’s name; empty if nobody', ''],
    decision: ['string', 'allow or forbid: what authorisation said, whatever the status was', 'allow'],
    verb: ['string', 'Verb as authorisation saw it', 'get'],
    apiGroup: ['string', 'API group; empty for core and for non-resource paths', ''],
    resource: ['string', 'RESOURCE or RESOURCE/SUBRESOURCE; a non-resource path begins with /', 'pods'],
    namespace: ['string', 'Namespace; empty if cluster-wide', 'shop'],
    names: ['list<string>', 'Object names as authorisation saw them', []],
    namesComplete: ['bool', 'Whether names holds all (at most 1,000 are kept)', true],
    calls: ['int', 'Number of calls', 1],
    lastSeen: ['string', 'Time of the last, RFC 3339', '2026-01-01T00:00:00Z'],
  },
})

const bindingFields = {
  cluster,
  binding: ['string', 'RoleBinding NAMESPACE/NAME or ClusterRoleBinding NAME', 'RoleBinding shop/web'],
  bindingName: ['string', 'Name of the binding', 'web'],
  role: ['string', 'The role it refers to', 'Role shop/web'],
} as const

/** Derived: something dangerous that a binding lets its subjects do; one fact for each binding and privilege. */
export const k8sPrivilege = factKind({
  kind: 'k8s.privilege',
  meaning: 'Something dangerous that a binding lets its subjects do.',
  identity: ['cluster', 'binding', 'privilege'],
  derivedFrom: ['k8s.role', 'k8s.role-rule', 'k8s.binding', 'k8s.subject'],
  fields: {
    ...bindingFields,
    privilege: ['string', 'By the name of its rule: read-secrets, pod-exec, cluster-admin, …', 'read-secrets'],
    subjects: ['list<string>', 'KIND NAME of each subject', ['ServiceAccount shop/web']],
    who: ['string', 'The subjects in words', 'ServiceAccount shop/web'],
    where: ['string', 'in namespace NAME, or: in the whole cluster', 'in namespace shop'],
    permissions: ['string', 'The permissions that give it, in words', 'get secrets'],
    tokenSecrets: ['list<string>', 'For token-secret-read: NAMESPACE/NAME of the secrets that can be read', []],
    clusterWide: ['bool', 'Whether it holds in every namespace', false],
    named: ['bool', 'Whether it is limited to objects by name', false],
    workload: ['bool', 'Whether a service account is among the subjects', true],
    source,
  },
})

/** Derived: a role that uses `*`. A role that is bound as administrator is left out: that says it all. */
export const k8sWildcard = factKind({
  kind: 'k8s.wildcard',
  meaning: 'A role that uses a wildcard.',
  identity: ['cluster', 'role', 'wildcard'],
  // Not the bindings: without them the role is still one with a wildcard.
  derivedFrom: ['k8s.role-rule'],
  fields: {
    cluster,
    role: ['string', 'Role NAMESPACE/NAME or ClusterRole NAME', 'ClusterRole app'],
    roleKind: ['string', 'Role or ClusterRole', 'ClusterRole'],
    wildcard: ['string', 'verb; or resource, for resources and API groups', 'verb'],
    rules: ['string', 'The rules that use it, in words', '* pods'],
    includes: ['list<string>', 'What a rule on all resources of all groups includes, by the names of rules', []],
    ownGroups: ['bool', 'Whether it reaches Kubernetes’ own API groups, not only those of extensions', true],
    source,
  },
})

/** Derived: that a ClusterRole’s rules are added to another one by its labels. */
export const k8sAggregation = factKind({
  kind: 'k8s.aggregation',
  meaning: 'That the rules of a ClusterRole are added to another ClusterRole by labels.',
  identity: ['cluster', 'part', 'target'],
  derivedFrom: ['k8s.role', 'k8s.role-rule'],
  fields: {
    cluster,
    part: ['string', 'The role whose rules are added', 'ClusterRole crd-view'],
    target: ['string', 'The role that they are added to', 'ClusterRole view'],
    targetBuiltIn: ['bool', 'Whether that is one of admin, edit and view', true],
    privileges: ['list<string>', 'What of it is dangerous, or for view: writes', []],
    widening: ['string', 'The same in words; empty if nothing', ''],
    bootstrapping,
    source,
  },
})

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
    mountsToken: ['bool', 'Whether any of them mounts its token', true],
    granted: ['bool', 'Whether a binding other than the API server’s defaults grants it anything', true],
    silent: ['bool', 'Whether an audit log was given and holds no call of it; false without a log', false],
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
