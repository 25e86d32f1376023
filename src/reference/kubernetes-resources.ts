/**
 * The resources of Kubernetes' own API groups (1.36, and the older ones that roles still name), each with where it lives.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/ and the API server's discovery. `signers`, `users`, `groups`,
 * `uids` and `userextras` exist for authorisation only.
 */
const NAMESPACED: Readonly<Record<string, string>> = {
  '': 'bindings configmaps endpoints events limitranges persistentvolumeclaims pods podtemplates replicationcontrollers resourcequotas secrets serviceaccounts services',
  apps: 'controllerrevisions daemonsets deployments replicasets statefulsets',
  'authorization.k8s.io': 'localsubjectaccessreviews',
  autoscaling: 'horizontalpodautoscalers',
  batch: 'cronjobs jobs',
  'certificates.k8s.io': 'podcertificaterequests',
  'coordination.k8s.io': 'leasecandidates leases',
  'discovery.k8s.io': 'endpointslices',
  'events.k8s.io': 'events',
  extensions: 'daemonsets deployments ingresses networkpolicies replicasets replicationcontrollers',
  'networking.k8s.io': 'ingresses networkpolicies',
  policy: 'poddisruptionbudgets',
  'rbac.authorization.k8s.io': 'rolebindings roles',
  'resource.k8s.io': 'resourceclaims resourceclaimtemplates',
  'scheduling.k8s.io': 'podgroups workloads',
  'storage.k8s.io': 'csistoragecapacities',
}
const CLUSTER_WIDE: Readonly<Record<string, string>> = {
  '': 'componentstatuses groups namespaces nodes persistentvolumes users',
  'admissionregistration.k8s.io':
    'mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations',
  'apiextensions.k8s.io': 'customresourcedefinitions',
  'apiregistration.k8s.io': 'apiservices',
  'authentication.k8s.io': 'selfsubjectreviews tokenreviews uids userextras',
  'authorization.k8s.io': 'selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews',
  'certificates.k8s.io': 'certificatesigningrequests clustertrustbundles signers',
  extensions: 'podsecuritypolicies',
  'flowcontrol.apiserver.k8s.io': 'flowschemas prioritylevelconfigurations',
  'internal.apiserver.k8s.io': 'storageversions',
  'networking.k8s.io': 'ingressclasses ipaddresses servicecidrs',
  'node.k8s.io': 'runtimeclasses',
  policy: 'podsecuritypolicies',
  'rbac.authorization.k8s.io': 'clusterrolebindings clusterroles',
  'resource.k8s.io': 'deviceclasses devicetaintrules resourceslices',
  'scheduling.k8s.io': 'priorityclasses',
  'storage.k8s.io': 'csidrivers csinodes storageclasses volumeattachments volumeattributesclasses',
  'storagemigration.k8s.io': 'storageversionmigrations',
}

const SCOPES = new Map<string, Map<string, 'namespaced' | 'cluster'>>()
for (const [table, scope] of [
  [NAMESPACED, 'namespaced'],
  [CLUSTER_WIDE, 'cluster'],
] as const) {
  for (const [group, names] of Object.entries(table)) {
    const resources = SCOPES.get(group) ?? new Map()
    for (const name of names.split(' ')) resources.set(name, scope)
    SCOPES.set(group, resources)
  }
}

/** Whether a group is Kubernetes' own, not one of an extension. */
export function isOwnGroup(group: string): boolean {
  return SCOPES.has(group)
}

/** Where a resource of one of Kubernetes' own groups lives; undefined if the group has none of that name, or is an extension's. */
export function resourceScope(group: string, resource: string): 'namespaced' | 'cluster' | undefined {
  return SCOPES.get(group)?.get(resource)
}

/** The ClusterRoles that every cluster has for people to use. */
export const USER_FACING_ROLES: ReadonlySet<string> = new Set(['cluster-admin', 'admin', 'edit', 'view'])

/** Whether every cluster has a ClusterRole of that name, so that a manifest may refer to it without declaring it. */
export function isBuiltInRole(name: string): boolean {
  return USER_FACING_ROLES.has(name) || name.startsWith('system:')
}
