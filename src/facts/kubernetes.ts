import { factKind } from '../model.ts'
import { bootstrapping, cluster, namespaceGiven, source } from './kubernetes-fields.ts'

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
    annotations: ['list<string>', 'Annotations as KEY=VALUE, without what kubectl apply notes for itself', []],
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
    podLabels: ['list<string>', 'Labels of its pods as KEY=VALUE', ['app=web']],
    meshMarks: ['list<string>', 'Labels and annotations of its pods that Istio and Linkerd read, as KEY=VALUE', []],
    hostNetwork: ['bool', 'Whether its pods use the node’s network, where no policy reaches them', false],
    nodeAccess: ['bool', 'Whether its pods are privileged, or use the node’s network, processes or files', false],
    projectedTokens: [
      'list<string>',
      'Tokens of projected volumes as AUDIENCE|SECONDS, whatever automount says; the audience is empty for the API server’s own',
      [],
    ],
    tokenAgents: ['list<string>', 'Agents that show its token to another service, by annotation: vault, consul', []],
    apps: ['list<string>', 'What it says it is a part of: labels and Helm’s annotation as KEY=VALUE', []],
    owner: ['string', 'KIND NAME of the extension’s object that made it; empty if none', ''],
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
