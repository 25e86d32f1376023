import { k8sTokenSecret } from '../../facts/kubernetes.ts'
import type { k8sPrivilege } from '../../facts/kubernetes-rights.ts'
import { type Fact, isFact } from '../../model.ts'
import { USER_FACING_ROLES } from '../../reference/kubernetes-resources.ts'
import { foldHeld, type Held, nameSubject } from './held.ts'
import { BUILT_IN_PRIVILEGES, matchesResource, privilegesOf } from './privileges.ts'
import type { Grant, Rbac, RuleFact, SubjectFact } from './rbac.ts'

type TokenSecret = Fact<typeof k8sTokenSecret>

/** One fact for each privilege of the same subjects; the API server's own bindings are left out, unless they are open to strangers. */
export function derivePrivileges(clusters: readonly Rbac[], facts: readonly Fact[]): Fact<typeof k8sPrivilege>[] {
  const secrets = facts.filter((f) => isFact(k8sTokenSecret, f))
  return clusters.flatMap((rbac) => {
    const approvers = certificateApprovers(rbac)
    const found = rbac.grants.flatMap((grant) => {
      const strangers = openToStrangers(grant, rbac)
      if (isDefault(grant) || grant.subjects.length === 0) return strangers
      return [...ownPrivileges(grant, rbac, approvers), ...readableTokens(grant, secrets), ...strangers]
    })
    return foldHeld(found)
  })
}

/** The API server's and kubeadm's own bindings. */
export function isDefault(grant: Grant): boolean {
  const { binding, subjects } = grant
  if (binding.data.bootstrapping || isClusterInfo(grant)) return true
  return (
    binding.data.name?.startsWith('kubeadm:') === true &&
    subjects.every(({ data: { subjectKind, name = '' } }) => subjectKind !== 'ServiceAccount' && isOfKubeadm(name))
  )
}

/** Names of nodes and of who joins them; everybody's groups can be bound by anybody, whatever the binding is called. */
const isOfKubeadm = (name: string) => /^(?:system|kubeadm):/.test(name) && !EVERYONE.has(name) && !ANONYMOUS.has(name)

/** Whether the role is one that every cluster has for people, not one of the same name that was never seen to be its own. */
export function isUserFacing({ binding }: Grant, { roles }: Rbac): boolean {
  const { roleName = '', roleKind, role = '' } = binding.data
  if (roleKind !== 'ClusterRole' || !USER_FACING_ROLES.has(roleName)) return false
  return (roles.get(role) ?? []).every((fact) => fact.data.bootstrapping)
}

/** Of a rule on all resources of all groups only the worst is told apart; its wildcard is a finding that names the rest. */
const SAID_OF_EVERYTHING = new Set(['cluster-admin', 'read-secrets', 'nodes-proxy', 'escalate-or-bind', 'impersonate'])

export function isEverything({ data }: RuleFact): boolean {
  return Boolean(data.resources?.includes('*') && data.apiGroups?.includes('*'))
}

interface Found {
  readonly permissions: string[]
  readonly at: Fact['at']
  named: boolean
}

function ownPrivileges(grant: Grant, rbac: Rbac, approvers: ReadonlySet<string>): Held[] {
  const found = new Map<string, Found>()
  const add = (privilege: string, permissions: readonly string[], named: boolean, at: Fact['at']) => {
    const known = found.get(privilege)
    if (!known) found.set(privilege, { permissions: [...permissions], named, at })
    else {
      known.permissions.push(...permissions)
      known.named &&= named
    }
  }
  if (isUserFacing(grant, rbac)) {
    for (const { privilege, permissions } of BUILT_IN_PRIVILEGES.get(grant.binding.data.roleName ?? '') ?? []) {
      add(privilege, permissions, false, grant.binding.at)
    }
  } else {
    for (const rule of grant.rules) {
      for (const { privilege, permissions, named } of privilegesOf(rule.data, grant.scope === '*')) {
        if (isEverything(rule) && !SAID_OF_EVERYTHING.has(privilege)) continue
        if (privilege === 'approve-csr' && !grant.subjects.some((subject) => approvers.has(nameSubject(subject))))
          continue
        add(privilege, permissions, named, rule.at)
      }
    }
  }
  // Whoever may do everything needs no list of what that includes.
  const admin = found.get('cluster-admin')
  const kept: [string, Found][] = admin ? [['cluster-admin', admin]] : [...found]
  return kept.map(([privilege, { permissions, named, at }]) => ({
    grant,
    privilege,
    permissions,
    named,
    at,
    subjects: grant.subjects,
    tokenSecrets: [],
  }))
}

/** Secrets that hold another account's token, which a binding lets its subjects read. */
function readableTokens(grant: Grant, secrets: readonly TokenSecret[]): Held[] {
  const own = new Set(grant.subjects.map(({ data }) => data.subject))
  const inScope = secrets.filter(
    ({ data }) =>
      data.cluster === grant.binding.data.cluster &&
      (grant.scope === '*' || data.namespace === grant.scope) &&
      !(own.size === 1 && own.has(data.account)),
  )
  const rules = new Map(
    grant.rules.map((rule) => [rule, inScope.filter(({ data }) => readsSecret(rule, data.name ?? ''))]),
  )
  const [first] = [...rules].filter(([, readable]) => readable.length > 0)
  if (!first) return []
  const readable = [...new Set([...rules.values()].flat().map(({ data }) => data.secret ?? ''))].sort()
  const permissions = readable.map((secret) => `read secret ${secret}`)
  const { at } = first[0]
  const { subjects } = grant
  return [{ grant, privilege: 'token-secret-read', permissions, named: false, at, subjects, tokenSecrets: readable }]
}

function readsSecret({ data }: RuleFact, name: string): boolean {
  if (!data.apiGroups?.some((group) => group === '' || group === '*')) return false
  if (!matchesResource(data.resources ?? [], 'secrets')) return false
  const names = data.resourceNames ?? []
  if (names.length > 0 && !names.includes(name)) return false
  return data.verbs?.some((verb) => ['get', 'list', 'watch', '*'].includes(verb)) ?? false
}

const ANONYMOUS = new Set(['system:anonymous', 'system:unauthenticated'])
const EVERYONE = new Set(['system:authenticated', 'system:serviceaccounts'])
/** ClusterRoles that the API server itself binds to everybody, and (the second list) to strangers, too. */
const FOR_EVERYONE = new Set([
  'system:basic-user',
  'system:discovery',
  'system:public-info-viewer',
  'system:service-account-issuer-discovery',
])
const FOR_STRANGERS = new Set(['system:discovery', 'system:public-info-viewer'])
/** What those roles allow: paths that tell version, health and API groups. */
const PUBLIC_PATHS = /^\/(?:healthz|livez|readyz|version|openapi|api|apis)(?:\/\*?)?$/

/** Bindings of anonymous callers, and of everybody who has any account. */
function openToStrangers(grant: Grant, { rules }: Rbac): Held[] {
  const { roleName = '', role = '', bindingKind, bootstrapping } = grant.binding.data
  const seen = rules.get(role) ?? []
  const harmless = seen.every(
    ({ data }) =>
      data.resources?.length === 0 &&
      data.verbs?.every((verb) => verb === 'get') &&
      data.nonResourceUrls?.every((path) => PUBLIC_PATHS.test(path)),
  )
  const named = (names: ReadonlySet<string>) => grant.subjects.filter(({ data }) => names.has(data.name ?? ''))
  const permissions = grant.rules.map((rule) => rule.data.summary ?? '')
  const at = grant.rules[0]?.at ?? grant.binding.at
  const said = permissions.length > 0 ? permissions : [role]
  const make = (privilege: string, subjects: readonly SubjectFact[]): Held[] =>
    subjects.length === 0 ? [] : [{ grant, privilege, permissions: said, named: false, at, subjects, tokenSecrets: [] }]
  const strangersMay = bindingKind === 'ClusterRoleBinding' && FOR_STRANGERS.has(roleName) && harmless
  const anonymous = strangersMay || isClusterInfo(grant) ? [] : make('anonymous-bound', named(ANONYMOUS))
  const everyone = bootstrapping || FOR_EVERYONE.has(roleName) ? [] : make('everyone-bound', named(EVERYONE))
  return [...anonymous, ...everyone]
}

/** kubeadm lets a joining node read one config map before it has an identity. */
function isClusterInfo({ binding, rules }: Grant): boolean {
  return (
    binding.data.binding === 'RoleBinding kube-public/kubeadm:bootstrap-signer-clusterinfo' &&
    rules.every(
      ({ data }) =>
        data.resources?.join() === 'configmaps' &&
        data.resourceNames?.join() === 'cluster-info' &&
        data.verbs?.join() === 'get',
    )
  )
}

/** Signers of Kubernetes' own whose certificates the API server or the kubelets trust. */
const TRUSTED_SIGNERS = /^kubernetes\.io\/(?:\*|kube-apiserver-client(?:-kubelet)?|kubelet-serving)$/

/** Subjects with the second right that it takes to approve a certificate request: `approve` on its signer. */
function certificateApprovers({ grants }: Rbac): Set<string> {
  const approving = grants.filter(({ scope, rules }) => scope === '*' && rules.some((rule) => approvesSigners(rule)))
  return new Set(approving.flatMap(({ subjects }) => subjects.map(nameSubject)))
}

/** Whether a rule gives the right that approving a certificate request takes besides. */
export function approvesSigners({ data }: RuleFact): boolean {
  const names = data.resourceNames ?? []
  return (
    (data.apiGroups?.some((group) => group === 'certificates.k8s.io' || group === '*') ?? false) &&
    matchesResource(data.resources ?? [], 'signers') &&
    (data.verbs?.some((verb) => verb === 'approve' || verb === '*') ?? false) &&
    (names.length === 0 || names.some((name) => TRUSTED_SIGNERS.test(name)))
  )
}
