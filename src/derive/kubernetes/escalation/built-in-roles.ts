import { k8sRoleRule } from '../../../facts/kubernetes.ts'
import { fact } from '../../../model.ts'
import { type Grant, isRoleSeen } from '../rbac.ts'

type Content = readonly [group: string, resources: readonly string[], verbs: readonly string[]]

const WRITE = ['create', 'update', 'patch', 'delete']
/** What of a role for people takes over accounts. Source: the API server's bootstrap policy, since 1.24 the same in all versions. */
const EDIT: readonly Content[] = [
  ['', ['pods', 'replicationcontrollers'], WRITE],
  ['apps', ['daemonsets', 'deployments', 'replicasets', 'statefulsets'], WRITE],
  ['batch', ['cronjobs', 'jobs'], WRITE],
  ['', ['pods/exec', 'pods/attach'], ['get', ...WRITE]],
  ['', ['secrets'], ['get', 'list', 'watch', ...WRITE]],
  ['', ['serviceaccounts'], ['impersonate', ...WRITE]],
  ['', ['serviceaccounts/token'], ['create']],
  ['', ['persistentvolumeclaims'], WRITE],
]
/** `view` holds nothing that takes over anybody. */
const KNOWN: ReadonlyMap<string, readonly Content[]> = new Map([
  ['ClusterRole view', []],
  ['ClusterRole edit', EDIT],
  ['ClusterRole admin', EDIT],
])

/** The grant with what everybody knows of its role, where the role is one of every cluster and was not seen. */
export function withKnownRules(grant: Grant): Grant {
  const { cluster = '', role = '', source = '' } = grant.binding.data
  const contents = grant.roleKnown ? undefined : KNOWN.get(role)
  if (!contents) return grant
  const rules = contents.map(([group, resources, verbs], i) =>
    fact(k8sRoleRule, grant.binding.scope, grant.binding.at, {
      cluster,
      role,
      roleKind: 'ClusterRole',
      hash: `${role}-${i}`,
      apiGroups: [group],
      resources,
      resourceNames: [],
      verbs,
      nonResourceUrls: [],
      summary: `${verbs.join(', ')} ${resources.join(', ')}`,
      ownGroups: true,
      bootstrapping: true,
      source,
    }),
  )
  return { ...grant, rules }
}

/** Whether what takes over accounts by the grant is known. */
export function isKnown(grant: Grant): boolean {
  return isRoleSeen(grant) || KNOWN.has(grant.binding.data.role ?? '')
}
