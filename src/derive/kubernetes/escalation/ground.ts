import { k8sServiceAccount, k8sTokenSecret, k8sWorkload } from '../../../facts/kubernetes.ts'
import { k8sNamespace } from '../../../facts/kubernetes-network.ts'
import { type Fact, type Gap, isFact } from '../../../model.ts'
import { mountsToken } from '../accounts.ts'
import { allowsEverything } from '../privileges.ts'
import type { Rbac } from '../rbac.ts'

/** What of a cluster can be taken over, by namespace. */
export interface Ground {
  /** NAMESPACE/NAME of the accounts of a namespace. */
  readonly accounts: ReadonlyMap<string, ReadonlySet<string>>
  /** Accounts whose token a pod mounts; `maybe`: where it was not seen whether it does. */
  readonly mounted: ReadonlyMap<string, ReadonlySet<string>>
  readonly maybeMounted: ReadonlyMap<string, ReadonlySet<string>>
  /** Accounts whose token a Secret holds. */
  readonly held: ReadonlyMap<string, ReadonlySet<string>>
  /** NAMESPACE/NAME of the Secret → the account whose token it holds. */
  readonly tokenSecrets: ReadonlyMap<string, string>
  /** `KIND NAMESPACE/NAME` of what makes pods. */
  readonly workloads: ReadonlySet<string>
  /** Kind → namespaces that hold one. */
  readonly kinds: ReadonlyMap<string, ReadonlySet<string>>
  /** Namespaces whose labels let a pod have the disk of its node. */
  readonly open: ReadonlySet<string>
  readonly users: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  /** Names of the ClusterRoles that allow everything. */
  readonly adminRoles: ReadonlySet<string>
  /** Names of the ClusterRoleBindings to such a role. */
  readonly adminBindings: ReadonlySet<string>
}

/** Collects it from the facts of one cluster. */
export function surveyGround(rbac: Rbac, facts: readonly Fact[], gaps: readonly Gap[]): Ground {
  const sets = () => new Map<string, Set<string>>()
  const [accounts, mounted, maybeMounted, held, kinds] = [sets(), sets(), sets(), sets(), sets()]
  const tokenSecrets = new Map<string, string>()
  const workloads = new Set<string>()
  const open = new Set<string>()
  const users = new Set<string>()
  const groups = new Set<string>()
  const declared = new Map<string, Fact<typeof k8sServiceAccount>>()
  const here = facts.filter((f) => (f.data as { cluster?: string }).cluster === rbac.cluster)
  for (const f of here) {
    if (!isFact(k8sServiceAccount, f)) continue
    add(accounts, f.data.namespace, f.data.account)
    declared.set(f.data.account ?? '', f)
  }
  for (const f of here) {
    if (isFact(k8sTokenSecret, f) && f.data.account) {
      add(held, f.data.namespace, f.data.account)
      tokenSecrets.set(f.data.secret ?? '', f.data.account)
    }
    if (isFact(k8sNamespace, f) && !f.data.labels?.some((label) => ENFORCED.test(label)))
      open.add(f.data.namespace ?? '')
    if (!isFact(k8sWorkload, f)) continue
    const { account = '', namespace, workload = '', workloadKind = '' } = f.data
    workloads.add(workload)
    add(kinds, workloadKind, namespace)
    const mounts = mountsToken(f, declared.get(account), gaps)
    if (mounts !== false) add(mounts === true ? mounted : maybeMounted, namespace, account)
  }
  for (const { subjects } of rbac.grants) {
    for (const { data } of subjects) {
      if (data.subjectKind === 'User') users.add(data.subject ?? '')
      else if (data.subjectKind === 'Group') groups.add(data.subject ?? '')
    }
  }
  const roles = adminRoles(rbac)
  const adminBindings = new Set(
    rbac.grants
      .filter(({ binding, scope }) => scope === '*' && roles.has(binding.data.roleName ?? ''))
      .map(({ binding }) => binding.data.name ?? ''),
  )
  return {
    accounts,
    mounted,
    maybeMounted,
    held,
    tokenSecrets,
    workloads,
    kinds,
    open,
    users,
    groups,
    adminRoles: roles,
    adminBindings,
  }
}

/** Both levels refuse a volume of the node's disk. */
const ENFORCED = /^pod-security\.kubernetes\.io\/enforce=(?:baseline|restricted)$/

function add(map: Map<string, Set<string>>, key: string | undefined, value: string | undefined): void {
  if (key === undefined || value === undefined) return
  const known = map.get(key)
  if (known) known.add(value)
  else map.set(key, new Set([value]))
}

function adminRoles(rbac: Rbac): Set<string> {
  const names = [...rbac.rules].flatMap(([role, rules]) =>
    role.startsWith('ClusterRole ') && rules.some((rule) => allowsEverything(rule.data))
      ? [role.slice('ClusterRole '.length)]
      : [],
  )
  return new Set(['cluster-admin', ...names])
}
