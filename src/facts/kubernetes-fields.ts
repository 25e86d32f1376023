// Names of things, the same in all kinds: a role is `Role NAMESPACE/NAME` or `ClusterRole NAME`, a binding alike, a service
// account is `NAMESPACE/NAME`. `cluster` is `-` for manifests and dumps. An object whose manifest names no namespace stands
// in `default`, where `kubectl apply` puts it, and `namespaceGiven` is false.

export const cluster = ['string', 'The cluster by its name in kubeconfig; - for manifests and dumps', '-'] as const
export const source = ['string', 'Where it was read: file (a manifest), dump or cluster', 'cluster'] as const
export const namespaceGiven = ['bool', 'Whether the namespace is written (true for cluster-wide things)', true] as const
export const bootstrapping = [
  'bool',
  'Whether it is one of the API server’s own defaults (label kubernetes.io/bootstrapping)',
  false,
] as const

/** Which binding something is said of. */
export const bindingFields = {
  cluster,
  binding: ['string', 'RoleBinding NAMESPACE/NAME or ClusterRoleBinding NAME', 'RoleBinding shop/web'],
  bindingName: ['string', 'Name of the binding', 'web'],
  role: ['string', 'The role it refers to', 'Role shop/web'],
} as const
