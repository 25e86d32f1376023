import { k8sServiceAccount, k8sTokenSecret, k8sWorkload } from '../facts/kubernetes.ts'
import { k8sCloudIdentity } from '../facts/kubernetes-cloud.ts'
import type { Fact, Gap } from '../model.ts'
import type { Cell, Column, Row, Table } from '../table.ts'
import { cell, dayOf, listCell, placeCell } from './cells.ts'
import { type ClusterFacts, clustersOf, type Standing } from './kubernetes-cluster.ts'
import { describeMounts } from './kubernetes-tokens.ts'

const CLUSTER = { id: 'cluster', title: 'Cluster', meaning: 'Name in kubeconfig; - for manifests and dumps' } as const

/** What is told of everybody who has rights. */
const RIGHTS: readonly Column[] = [
  {
    id: 'administrator',
    title: 'Administrator',
    meaning: 'Whether it is administrator of the cluster: yes, can become, no',
    for: 'programs',
  },
  { id: 'how', title: 'How', meaning: 'Why it is administrator, or how it can become one', for: 'programs' },
  {
    id: 'dangerous',
    title: 'Dangerous',
    meaning: 'What it may do that is dangerous, by the names of the rules k8s/…; through groups of all accounts, too',
    for: 'programs',
  },
  { id: 'rights', title: 'Rights', meaning: 'The same in words', for: 'people' },
  { id: 'bindings', title: 'Bindings', meaning: 'Bindings that name it', for: 'programs' },
  {
    id: 'groupBindings',
    title: 'Group bindings',
    meaning: 'Bindings of groups that every service account, or each of its namespace, is in',
    for: 'programs',
  },
  {
    id: 'granted',
    title: 'Granted',
    meaning: 'Number of permissions: a verb on a resource by a binding',
    for: 'programs',
  },
  { id: 'used', title: 'Used', meaning: 'Number of them that the audit log shows used', for: 'programs' },
  {
    id: 'unused',
    title: 'Unused',
    meaning: 'Number of them that the audit log would show, and does not',
    for: 'programs',
  },
  {
    id: 'undetermined',
    title: 'Undetermined',
    meaning: 'Number of them of which the log cannot tell',
    for: 'programs',
  },
  { id: 'use', title: 'Used', meaning: 'The same in words', for: 'people' },
  { id: 'lastSeen', title: 'Last call', meaning: 'Time of its last call in the audit log; empty if none', for: 'all' },
]
const DECLARED = {
  id: 'declaredAt',
  title: 'Declared at',
  meaning: 'File and line, else the resource',
  for: 'programs',
} as const

const ACCOUNT_COLUMNS: readonly Column[] = [
  { id: 'account', title: 'Account', meaning: 'NAMESPACE/NAME', for: 'all' },
  {
    id: 'state',
    title: 'State',
    meaning: 'exists; missing: named by a binding or workload only; undeclared: not in these files',
    for: 'programs',
  },
  { id: 'workloads', title: 'Runs', meaning: 'Workloads that run as it', for: 'all' },
  { id: 'mounts', title: 'Mounts', meaning: 'How a token of it gets into pods', for: 'programs' },
  {
    id: 'tokenSecrets',
    title: 'Token secrets',
    meaning: 'NAMESPACE/NAME of secrets that hold a token of it, which never expires',
    for: 'programs',
  },
  { id: 'token', title: 'Token', meaning: 'Both in words', for: 'people' },
  ...RIGHTS,
  { id: 'cloudIdentities', title: 'In the cloud', meaning: 'Identities of clouds that it may take', for: 'all' },
  DECLARED,
]

const SUBJECT_COLUMNS: readonly Column[] = [
  { id: 'subject', title: 'Name', meaning: 'Name of the user or group', for: 'all' },
  { id: 'kind', title: 'Kind', meaning: 'User or Group', for: 'all' },
  ...RIGHTS.filter(({ id }) => id !== 'groupBindings'),
  DECLARED,
]

/** Service accounts, and the users and groups that bindings name. */
export function kubernetesTables(facts: readonly Fact[], gaps: readonly Gap[]): Table[] {
  const clusters = clustersOf(facts, gaps)
  const several = clusters.length > 1
  const withCluster = (columns: readonly Column[]) => [
    { ...CLUSTER, for: several ? ('all' as const) : ('programs' as const) },
    ...columns,
  ]
  return [
    {
      id: 'kubernetes-service-accounts',
      title: 'Kubernetes service accounts',
      columns: withCluster(ACCOUNT_COLUMNS),
      rows: clusters.flatMap(accountRows),
      idleTitle: 'without rights, and nothing runs as them',
    },
    {
      id: 'kubernetes-users-and-groups',
      title: 'Users and groups in bindings',
      columns: withCluster(SUBJECT_COLUMNS),
      rows: clusters.flatMap(subjectRows),
    },
  ]
}

function accountRows(cluster: ClusterFacts): Row[] {
  const named = cluster.holders.filter(({ data }) => data.subjectKind === 'ServiceAccount')
  const ids = new Set([
    ...cluster.accounts.keys(),
    ...cluster.workloads.keys(),
    ...cluster.secrets.keys(),
    ...named.map(({ data }) => data.subject ?? ''),
  ])
  // A token secret whose account nobody told.
  ids.delete('')
  return [...ids].map((id) => accountRow(id, cluster))
}

function accountRow(id: string, cluster: ClusterFacts): Row {
  const account = cluster.accounts.get(id)
  const workloads = cluster.workloads.get(id) ?? []
  const secrets = cluster.secrets.get(id) ?? []
  const standing = cluster.standing('ServiceAccount', id)
  const state = stateOf(id, cluster)
  const runs = [...new Set(workloads.map(({ data }) => data.workload ?? ''))].sort()
  const [namespace = ''] = id.split('/')
  const cloud = cluster.cloudIdentities.get(id) ?? []
  const holder = cluster.holder('ServiceAccount', id)
  const cells: Record<string, Cell> = {
    cluster: cell(cluster.name),
    account: cell(id, `${id}${STATE_IN_WORDS[state ?? 'not seen'] ?? ''}`),
    state: cell(state ?? undefined),
    workloads: listCell(
      runs,
      cluster.sawAll(k8sWorkload),
      runs.map((name) => name.replace(`${namespace}/`, '')).join(', '),
    ),
    ...tokenCells(id, cluster),
    ...rightsCells(standing),
    groupBindings: cell(standing.rights?.groupBindings),
    cloudIdentities: cluster.sawAll(k8sCloudIdentity) || cloud.length > 0 ? listCell(cloud) : cell(undefined),
    declaredAt: placeCell(account?.at ?? holder?.at ?? workloads[0]?.at),
  }
  const idle =
    state === 'exists' &&
    isPowerless(standing) &&
    workloads.length + secrets.length + cloud.length === 0 &&
    cluster.sawAll(k8sWorkload, k8sCloudIdentity)
  return { cells, order: orderOf(id, standing, secrets.length), ...(idle && { idle }) }
}

function tokenCells(id: string, cluster: ClusterFacts): Record<string, Cell> {
  const secrets = (cluster.secrets.get(id) ?? []).map(({ data }) => data.secret ?? '').sort()
  const mounts = describeMounts(id, cluster.accounts.get(id), cluster.workloads.get(id) ?? [])
  const sawSecrets = cluster.sawAll(k8sTokenSecret)
  const sawMounts = cluster.sawAll(k8sWorkload, k8sServiceAccount)
  const words = [
    ...mounts,
    ...(sawMounts ? [] : ['pods not all seen']),
    ...secrets.map((secret) => `secret ${secret.slice(secret.indexOf('/') + 1)} without expiry`),
    ...(sawSecrets ? [] : ['secrets not seen']),
  ]
  return {
    mounts: sawMounts || mounts.length > 0 ? listCell(mounts, sawMounts) : cell(undefined),
    tokenSecrets: sawSecrets || secrets.length > 0 ? listCell(secrets, sawSecrets) : cell(undefined),
    token: { value: words.join('; ') },
  }
}

const STATE_IN_WORDS: Readonly<Record<string, string>> = {
  missing: ' (does not exist)',
  undeclared: ' (not in these files)',
  'not seen': ' (itself not seen)',
}

/** Nobody writes manifests of default accounts: each namespace has one. */
function stateOf(id: string, cluster: ClusterFacts): 'exists' | 'missing' | 'undeclared' | null {
  if (cluster.accounts.has(id)) return 'exists'
  const sources = [...(cluster.workloads.get(id) ?? []), cluster.holder('ServiceAccount', id)]
  const fromFiles = sources.some((each) => each?.data.source === 'file')
  if (fromFiles) return id.endsWith('/default') ? 'exists' : 'undeclared'
  return cluster.sawAll(k8sServiceAccount) ? 'missing' : null
}

function subjectRows(cluster: ClusterFacts): Row[] {
  return cluster.holders
    .filter(({ data }) => data.subjectKind !== 'ServiceAccount')
    .map(({ data, at }) => {
      const { subjectKind = '', subject = '' } = data
      const standing = cluster.standing(subjectKind, subject)
      const cells: Record<string, Cell> = {
        cluster: cell(cluster.name),
        subject: cell(subject),
        kind: cell(subjectKind),
        ...rightsCells(standing),
        declaredAt: placeCell(at),
      }
      return { cells, order: orderOf(subject, standing, 0) }
    })
}

function rightsCells(standing: Standing): Record<string, Cell> {
  const { administrator, how, dangerous, rights } = standing
  const complete = rights?.complete === true
  const { permissions, used, unused, undetermined, lastSeen } = rights ?? {}
  const granted = { ...cell(permissions), ...(!complete && { partial: true }) }
  return {
    administrator: cell(administrator ?? undefined),
    how: cell(how),
    dangerous: listCell(dangerous, complete),
    rights: { value: describeRights(standing) },
    bindings: rights ? listCell(rights.bindings ?? [], complete) : cell(undefined),
    granted,
    used: cell(used),
    unused: cell(unused),
    undetermined: cell(undetermined),
    use: { value: describeUse(rights) },
    lastSeen: cell(lastSeen, lastSeen === '' ? 'none in the log' : lastSeen && dayOf(lastSeen)),
  }
}

function describeRights({ administrator, how, dangerous, rights }: Standing): string | null {
  const { permissions, complete = false } = rights ?? {}
  const most = complete ? '' : '; maybe more'
  if (administrator === 'yes') return 'administrator'
  if (administrator === 'can become')
    return [`can become administrator${how && ` ${how}`}`, ...dangerous].join('; ') + most
  if (administrator === null && how !== '')
    return [`may become administrator ${how}, not all of which was seen`, ...dangerous].join('; ')
  if (dangerous.length > 0) return dangerous.join(', ') + most
  if (permissions === undefined || (permissions === 0 && !complete)) return null
  return permissions === 0 ? '' : `nothing dangerous${most}`
}

function describeUse(rights: Standing['rights']): string | null {
  const { permissions, complete = false, used, undetermined = 0 } = rights ?? {}
  if (permissions === undefined || (permissions === 0 && !complete)) return null
  if (permissions === 0) return ''
  const all = `${permissions}${complete ? '' : '+'}`
  if (used === undefined) return `not seen, of ${all}`
  return `${used} of ${all}${undetermined > 0 ? `, ${undetermined} not seen` : ''}`
}

function isPowerless({ administrator, dangerous, rights }: Standing): boolean {
  return administrator === 'no' && dangerous.length === 0 && rights?.permissions === 0 && rights.complete === true
}

/** Of whom it was not seen comes after those who are, and before those who are not. */
const UNSEEN_RISK = 50_000
const RISK = { yes: 1_000_000, 'can become': 100_000, no: 0 } as const

function orderOf(name: string, { administrator, dangerous, rights }: Standing, secrets: number): Row['order'] {
  const risk = administrator === null ? UNSEEN_RISK : RISK[administrator]
  return {
    name,
    risk: risk + 1000 * dangerous.length + 100 * Math.min(secrets, 5) + Math.min(rights?.permissions ?? 0, 99),
    unused: rights?.unused ?? 0,
    seen: rights?.lastSeen ?? '',
  }
}
