import { groupBy } from '../../grouping.ts'
import { GET_ALONE } from '../privileges.ts'
import type { Ground } from './ground.ts'
import { type Hit, type Holder, pairsOf } from './holder.ts'
import * as ask from './questions.ts'
import { ADMIN, ADMISSION, accountNode, anyAccount, type Step, type StepEdge } from './steps.ts'

const CONTROLLER = 'system:kube-controller-manager'
const MASTERS = 'system:masters'

/** One way from a holder. */
type Way = Omit<StepEdge, 'from'>

/**
 * How a subject takes over others, or makes itself administrator, by the rights that bindings give it. Source:
 * https://kubernetes.io/docs/concepts/security/rbac-good-practices/ and the API server's authorisation checks.
 */
export function waysOf(holder: Holder, ground: Ground): StepEdge[] {
  const ways = [
    ...byPods(holder, ground),
    ...byTokens(holder, ground),
    ...byImpersonation(holder, ground),
    ...byRoles(holder, ground),
    ...byInfrastructure(holder),
  ]
  return ways.map((way) => ({ from: holder.id, ...way }))
}

interface Told {
  readonly way: string
  readonly hits: readonly Hit[]
  readonly gives: string
  readonly assumptions?: readonly string[]
}

function step({ assumptions = [], ...rest }: Told): Step {
  return { ...rest, assumptions }
}

const takeOver = (to: string, told: Told, certain = true): Way => ({ to, cost: 1, certain, step: step(told) })
const become = (told: Told, certain = true): Way => ({ to: ADMIN, cost: 0, certain, step: step(told) })
/** To a node that stands for several accounts; the takeover is counted where one is picked. */
const choose = (to: string, told: Told, certain = true): Way => ({ to, cost: 0, certain, step: step(told) })

function* byPods(holder: Holder, ground: Ground): Generator<Way> {
  const told = new Set<string>()
  const creates = [...ask.CREATE_PODS, ...ask.CREATE_EXTENSIONS].flatMap((question) => holder.ask(question))
  for (const hit of creates) {
    if (hit.names.length > 0 || told.has(hit.scope)) continue
    told.add(hit.scope)
    yield choose(anyAccount.existing(hit.scope), { way: 'create-workload', hits: [hit], gives: 'a pod that runs as' })
    if (hit.scope === '*' ? ground.open.size > 0 : ground.open.has(hit.scope)) {
      const gives = 'a pod on any node with that node’s disk, where lies the token of'
      yield choose(anyAccount.mounted('*'), { way: 'node-takeover', hits: [hit], gives })
    }
  }
  for (const { kind, question } of ask.CHANGE_PODS) {
    for (const hit of holder.ask(question)) {
      if (told.has(hit.scope) || told.has('*')) continue
      for (const namespace of changeable(hit, kind, ground)) {
        const gives = `a pod of that ${kind} that runs as`
        yield choose(anyAccount.existing(namespace), { way: 'create-workload', hits: [hit], gives })
      }
    }
  }
  for (const hit of holder.ask(ask.CHANGE_RUNNING)) {
    if (hit.names.length > 0) continue
    yield choose(anyAccount.mounted(hit.scope), {
      way: 'create-workload',
      hits: [hit],
      gives: 'another image in a pod that runs as',
    })
  }
  const shells = unnamed(ask.EXEC.flatMap((question) => holder.ask(question)))
  for (const hit of shells) {
    const assumptions = hit.verb === 'get' ? [GET_ALONE] : []
    const sure = shells.some(({ verb, scope }) => verb !== 'get' && (scope === '*' || scope === hit.scope))
    if (hit.verb === 'get' && sure) continue
    yield choose(anyAccount.mounted(hit.scope), {
      way: 'pod-exec',
      hits: [hit],
      gives: 'a shell in a pod that runs as',
      assumptions,
    })
  }
}

/** Namespaces with something of the kind to change. */
function changeable({ scope, names }: Hit, kind: string, { kinds, workloads }: Ground): string[] {
  const holding = [...(kinds.get(kind) ?? [])]
  return holding.filter(
    (namespace) =>
      (scope === '*' || scope === namespace) &&
      (names.length === 0 || names.some((name) => workloads.has(`${kind} ${namespace}/${name}`))),
  )
}

function* byTokens(holder: Holder, ground: Ground): Generator<Way> {
  for (const hit of holder.ask(ask.CREATE_TOKEN)) {
    yield* ofAccounts(hit, ground, { way: 'create-token', hits: [hit], gives: 'a token of' })
  }
  const reads = holder.ask(ask.READ_SECRETS)
  for (const hit of reads) {
    const told = { way: 'token-secret-read', hits: [hit], gives: 'the Secret that holds the token of' }
    if (hit.names.length === 0) yield choose(anyAccount.held(hit.scope), told)
    if (hit.names.length === 0) continue
    for (const [secret, account] of ground.tokenSecrets) {
      const [namespace = '', name = ''] = secret.split('/')
      if (hit.names.includes(name) && (hit.scope === '*' || hit.scope === namespace)) {
        yield takeOver(accountNode(account), told)
      }
    }
  }
  for (const { scope, hits } of pairsOf(unnamed(holder.ask(ask.CREATE_SECRETS)), unnamed(reads))) {
    const gives = 'a new Secret that the API server fills with a token of'
    yield choose(anyAccount.existing(scope), { way: 'read-secrets', hits, gives })
  }
}

const unnamed = (hits: readonly Hit[]) => hits.filter(({ names }) => names.length === 0)

/** One account each where the right is limited by name, else any of its scope. */
function* ofAccounts(hit: Hit, ground: Ground, told: Told): Generator<Way> {
  if (hit.names.length === 0) {
    yield choose(anyAccount.existing(hit.scope), told)
    return
  }
  const namespaces = hit.scope === '*' ? [...ground.accounts.keys()] : [hit.scope]
  for (const namespace of namespaces) {
    for (const name of hit.names) {
      const account = `${namespace}/${name}`
      if (ground.accounts.get(namespace)?.has(account)) yield takeOver(accountNode(account), told)
    }
  }
}

function* byImpersonation(holder: Holder, ground: Ground): Generator<Way> {
  const accounts = holder.ask(ask.IMPERSONATE_ACCOUNTS)
  for (const hit of accounts) {
    yield* ofAccounts(hit, ground, { way: 'impersonate', hits: [hit], gives: 'calls in the name of' })
  }
  const users = holder.ask(ask.IMPERSONATE_USERS)
  for (const hit of users) {
    const told = { way: 'impersonate', hits: [hit], gives: 'calls in the name of user' }
    const others = hit.names.length > 0 ? hit.names : [...ground.users]
    for (const user of others) if (ground.users.has(user)) yield takeOver(`User ${user}`, told)
    if (hit.names.length === 0 || hit.names.includes(CONTROLLER)) {
      // Every cluster has it; its rights include tokens of all accounts of the controllers.
      yield become({ ...told, gives: `calls in the name of ${CONTROLLER}, which may make tokens of every account` })
    }
  }
  const [as] = [...users, ...accounts]
  // The API server takes a group only together with a user.
  if (!as) return
  for (const hit of holder.ask(ask.IMPERSONATE_GROUPS)) {
    const told = { way: 'impersonate', hits: [hit, as], gives: 'calls as a member of group' }
    if (hit.names.length === 0 || hit.names.includes(MASTERS)) {
      yield become({ ...told, gives: `calls as a member of ${MASTERS}, to whom everything is allowed` })
    }
    for (const group of hit.names) if (ground.groups.has(group)) yield takeOver(`Group ${group}`, told)
  }
}

/** Rights on RBAC itself. `bind` and `escalate` lift what the API server else demands: to have what one grants. */
function* byRoles(holder: Holder, ground: Ground): Generator<Way> {
  const binds = holder.ask(ask.BIND_CLUSTER_ROLES)
  const bind = binds.find(({ scope, names }) => scope === '*' && mayName(names, (name) => ground.adminRoles.has(name)))
  const bindings = holder
    .ask(ask.WRITE_CLUSTER_BINDINGS)
    .find(({ names }) => mayName(names, (name) => ground.adminBindings.has(name)))
  if (bind && bindings) {
    const gives = 'a ClusterRoleBinding to cluster-admin'
    yield become({ way: 'escalate-or-bind', hits: [bind, bindings], gives })
  }
  const strong = binds.filter(({ names }) => mayName(names, isStrong(ground)))
  for (const { scope, hits } of pairsOf(strong, unnamed(holder.ask(ask.WRITE_BINDINGS)))) {
    const gives = 'a RoleBinding, and by its rights'
    yield choose(anyAccount.existing(scope), { way: 'escalate-or-bind', hits, gives })
  }
  yield* byChangingRoles(holder)
}

/** Whether a right holds for all objects, or for one that `accepts` knows. */
const mayName = (names: readonly string[], accepts: (name: string) => boolean) =>
  names.length === 0 || names.some(accepts)

/** Roles that let their holder take over accounts of the namespace. */
const isStrong = (ground: Ground) => (name: string) =>
  ground.adminRoles.has(name) || name === 'admin' || name === 'edit'

function* byChangingRoles(holder: Holder): Generator<Way> {
  const own = (kind: string, wide: boolean) => (name: string) =>
    holder.grants.some(({ binding, scope }) => {
      const { roleKind, roleName } = binding.data
      return roleKind === kind && roleName === name && (scope === '*') === wide
    })
  const escalate = holder.first(ask.ESCALATE_CLUSTER_ROLES, own('ClusterRole', true))
  const change = holder.first(ask.CHANGE_CLUSTER_ROLES, own('ClusterRole', true))
  // Rights without a namespace come by a ClusterRoleBinding: its role is one that can be changed.
  if (escalate && change) {
    const gives = 'a ClusterRole of its own that allows everything'
    yield become({ way: 'escalate-or-bind', hits: [escalate, change], gives })
  }
  const escalates = groupBy(holder.ask(ask.ESCALATE_ROLES), ({ scope: where }) => where)
  const changes = groupBy(holder.ask(ask.CHANGE_ROLES), ({ scope: where }) => where)
  for (const { binding, scope } of escalates.size > 0 && changes.size > 0 ? holder.grants : []) {
    const { roleKind, roleName = '' } = binding.data
    if (roleKind !== 'Role') continue
    const find = (hits: ReadonlyMap<string, readonly Hit[]>) =>
      [...(hits.get(scope) ?? []), ...(hits.get('*') ?? [])].find(({ names }) =>
        mayName(names, (name) => name === roleName),
      )
    const hits = [find(escalates), find(changes)].flatMap((hit) => hit ?? [])
    if (hits.length < 2) continue
    const gives = `a Role of its own (${roleName}) that allows everything in ${scope}, and by it`
    yield choose(anyAccount.existing(scope), { way: 'escalate-or-bind', hits, gives })
  }
}

function* byInfrastructure(holder: Holder): Generator<Way> {
  const proxy = holder.first(ask.NODES_PROXY)
  if (proxy) {
    const gives = 'the kubelet’s own API, past admission and audit, and a shell in a pod that runs as'
    yield choose(anyAccount.mounted('*'), { way: 'nodes-proxy', hits: [proxy], gives })
  }
  const volume = holder.first(ask.CREATE_VOLUMES)
  const pods = ask.CREATE_PODS.flatMap((question) => unnamed(holder.ask(question)))
  const [place] = volume ? pairsOf(unnamed(holder.ask(ask.CREATE_CLAIMS)), pods) : []
  if (volume && place) {
    const gives = 'a volume of a node’s own disk in a pod there, and on it the token of'
    const hits = [volume, ...place.hits]
    yield choose(anyAccount.mounted('*'), { way: 'write-cluster-infrastructure', hits, gives })
  }
  for (const hit of ask.CHANGE_ADMISSION.flatMap((question) => holder.ask(question))) {
    if (hit.names.length > 0) continue
    const gives = 'a webhook or policy that changes what administrators write'
    const assumptions = ['an administrator writes something after that']
    yield {
      to: ADMISSION,
      cost: 1,
      certain: true,
      step: step({ way: 'write-admission', hits: [hit], gives, assumptions }),
    }
    break
  }
  yield* byCertificate(holder)
}

/** The signer of client certificates; `system:masters` itself is refused by admission. */
const CLIENT_SIGNERS = new Set(['kubernetes.io/kube-apiserver-client', 'kubernetes.io/*'])

function* byCertificate(holder: Holder): Generator<Way> {
  const approve = holder.first(ask.APPROVE_CSR)
  const create = holder.first(ask.CREATE_CSR)
  const sign = holder.first(ask.APPROVE_SIGNERS, (name) => CLIENT_SIGNERS.has(name))
  if (!approve || !create || !sign) return
  const gives = `a client certificate in the name of ${CONTROLLER}, which may make tokens of every account`
  const assumptions = ['the cluster signs client certificates (managed clusters may not)']
  yield become({ way: 'approve-csr', hits: [approve, create, sign], gives, assumptions })
}
