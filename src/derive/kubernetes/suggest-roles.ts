import { groupBy } from '../grouping.ts'
import { isDefault } from './grants.ts'
import type { Need } from './narrow.ts'
import { type Holder, holderId, type LoggedCluster } from './narrow-cluster.ts'
import type { Entry } from './narrow-rows.ts'
import { rulesOf, type SuggestedRule } from './narrow-rules.ts'
import { permissionsOf } from './permissions.ts'
import type { Grant, Rbac, RuleFact } from './rbac.ts'
import { type HeldRules, heldBy } from './replay.ts'
import type { Witness } from './witness.ts'

/** A Kubernetes object by its name; namespace is empty for what is cluster-wide. */
export interface ObjectName {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** A rule of a role that exists, and what should stand in its place: nothing, or fewer and smaller ones. */
export interface RuleEdit {
  readonly before: RuleFact
  readonly after: readonly SuggestedRule[]
}

/** A role as it should be. */
export interface SuggestedRole extends ObjectName {
  readonly rules: readonly SuggestedRule[]
  /** For a new role its binding; a role that exists keeps the one it has. */
  readonly binding?: ObjectName
  /** For a role that exists: the rules that change. */
  readonly edits: readonly RuleEdit[]
}

/** What is to be done for one subject. */
export interface HolderPlan {
  readonly roles: readonly SuggestedRole[]
  /** The bindings that it is to be taken out of. */
  readonly leaves: readonly Grant[]
  /** What it may do then, by bindings of its own whose rules are known. */
  readonly held: readonly HeldRules[]
}

/** Turns what subjects need into changes: a role that is one subject's own is narrowed in its place, else a new one is made. */
export function planRoles({ rbac, holders, bindingsSeen, witness }: LoggedCluster, needs: ReadonlyMap<Holder, Need>) {
  const owners = ownersOf(holders)
  const editable = editableRoles(rbac)
  // Who else holds a role stands in bindings that may not have been seen.
  const isOwn = (role: string) =>
    bindingsSeen && owners.get(role)?.size === 1 && editable.has(role) && !witness.heldUnseen.has(role)
  const names = new NewNames(rbac)
  const plans = new Map<Holder, HolderPlan>()
  for (const [holder, need] of needs) {
    const isWhole = !witness.unseen.has(holder.id)
    plans.set(holder, isWhole ? planFor(holder, need, isOwn, names) : asItIs(holder))
  }
  return { plans, unneeded: bindingsSeen ? unneededBy(rbac, plans, witness) : { bindings: [], roles: [] } }
}

/** Of somebody with bindings that were not seen nobody knows what can go. */
function asItIs({ grants }: Holder): HolderPlan {
  return { roles: [], leaves: [], held: grants.map(heldBy) }
}

/** Role → those who hold it by any binding. */
function ownersOf(holders: readonly Holder[]): Map<string, Set<string>> {
  const owners = new Map<string, Set<string>>()
  for (const { id, grants, unseen } of holders) {
    for (const { binding } of [...grants, ...unseen]) {
      const role = binding.data.role ?? ''
      owners.set(role, (owners.get(role) ?? new Set()).add(id))
    }
  }
  return owners
}

function planFor(holder: Holder, need: Need, isOwn: (role: string) => boolean, names: NewNames): HolderPlan {
  const entries = groupBy(need.entries, ({ row }) => idOf(row.grant))
  const own = (grant: Grant) => entries.get(idOf(grant)) ?? []
  const leaves: Grant[] = []
  const homeless: Entry[] = []
  const roles: SuggestedRole[] = []
  const held: HeldRules[] = []
  for (const [role, grants] of groupBy(holder.grants, ({ binding }) => binding.data.role ?? '')) {
    const inPlace = isOwn(role) ? narrowInPlace(grants, own) : undefined
    const stays = inPlace ? inPlace.stays : grants.filter((grant) => isSame(permissionKeys(grant), own(grant)))
    if (inPlace?.role) roles.push(inPlace.role)
    for (const grant of grants) {
      if (!stays.includes(grant)) {
        leaves.push(grant)
        homeless.push(...own(grant))
        continue
      }
      held.push(inPlace?.role ? { scope: grant.scope, rules: inPlace.role.rules } : heldBy(grant))
      if (inPlace) homeless.push(...own(grant).filter(({ scope }) => scope !== grant.scope))
    }
  }
  for (const [scope, list] of groupBy(homeless, ({ scope }) => scope)) {
    const rules = rulesOf(list)
    roles.push({ ...names.next(holder, scope), rules, edits: [] })
    held.push({ scope, rules })
  }
  return { roles: roles.sort(compareObjects), leaves, held }
}

/** Aggregated roles are written by a controller, parts of them go elsewhere too, and the API server restores its own. */
function editableRoles({ roles, parts, grants }: Rbac): Set<string> {
  const isPart = new Set([...parts.values()].flatMap((each) => [...each]))
  const isBoundByDefault = new Set(grants.filter(isDefault).map(({ binding }) => binding.data.role))
  const own = [...roles].filter(
    ([role, facts]) =>
      !isPart.has(role) &&
      !isBoundByDefault.has(role) &&
      facts.every(({ data }) => !data.aggregated && !data.bootstrapping),
  )
  return new Set(own.map(([role]) => role))
}

interface InPlace {
  /** Absent if its rules can stay as they are. */
  readonly role: SuggestedRole | undefined
  readonly stays: readonly Grant[]
}

/** The role with less in it, if one set of rules is right for every binding of it that is still needed; else undefined. */
function narrowInPlace(grants: readonly Grant[], own: (grant: Grant) => readonly Entry[]): InPlace | undefined {
  const inScope = (grant: Grant) => own(grant).filter(({ scope }) => scope === grant.scope)
  const stays = grants.filter((grant) => inScope(grant).length > 0)
  const [first] = stays
  if (!first || new Set(stays.map((grant) => keysOf(inScope(grant)).join('\n'))).size > 1) return undefined
  if (isSame(permissionKeys(first), inScope(first))) return { role: undefined, stays }
  const entries = stays.flatMap(inScope)
  const edits = first.rules.flatMap((before): RuleEdit[] => {
    const kept = entries.filter(({ row }) => row.permission.rule.data.hash === before.data.hash)
    const granted = permissionKeys({ ...first, rules: [before] })
    return granted.size > 0 && isSame(granted, kept) ? [] : [{ before, after: rulesOf(kept) }]
  })
  const { roleKind: kind = '', roleName: name = '', namespace = '' } = first.binding.data
  const where = kind === 'Role' ? namespace : ''
  return { role: { kind, namespace: where, name, rules: rulesOf(entries), edits }, stays }
}

function permissionKeys(grant: Grant): Set<string> {
  return new Set(
    permissionsOf(grant).map(({ verb, apiGroup, plainResource, nonResource, resourceName }) =>
      [grant.scope, verb, apiGroup, plainResource, nonResource, resourceName].join(' '),
    ),
  )
}

function keysOf(entries: readonly Entry[], scope = ''): string[] {
  const keys = entries.flatMap(({ scope: own, verb, apiGroup, resource, nonResource, names }) =>
    (names.length > 0 ? names : ['']).map((name) =>
      [scope && own, verb, apiGroup, resource, nonResource, name].join(' '),
    ),
  )
  return [...new Set(keys)].sort()
}

function isSame(granted: ReadonlySet<string>, entries: readonly Entry[]): boolean {
  const needed = keysOf(entries, 'with scope')
  return needed.length === granted.size && needed.every((key) => granted.has(key))
}

/** Names of new roles and their bindings, none of which is taken. */
class NewNames {
  readonly #taken: Set<string>

  constructor({ roles, grants }: Rbac) {
    this.#taken = new Set([...roles.keys(), ...grants.map(({ binding }) => binding.data.binding ?? '')])
  }

  next({ subject }: Holder, scope: string): ObjectName & { readonly binding: ObjectName } {
    const { subjectKind, namespace: home = '', name = '' } = subject.data
    const plain = name.replace(/^system:/, '').replace(/[^\w.-]+/g, '-')
    const base = subjectKind === 'ServiceAccount' && scope !== home ? `${home}-${plain}` : plain
    const [prefix, namespace] = scope === '*' ? ['Cluster', ''] : ['', scope]
    for (let i = 1; ; i++) {
      const own = `${base}-used${i > 1 ? `-${i}` : ''}`
      const path = namespace === '' ? own : `${namespace}/${own}`
      const ids = [`${prefix}Role ${path}`, `${prefix}RoleBinding ${path}`]
      if (ids.some((id) => this.#taken.has(id))) continue
      for (const id of ids) this.#taken.add(id)
      const made = (kind: string): ObjectName => ({ kind: `${prefix}${kind}`, namespace, name: own })
      return { ...made('Role'), binding: made('RoleBinding') }
    }
  }
}

/** Bindings that all subjects leave, and the roles that nothing binds then. */
function unneededBy(rbac: Rbac, plans: ReadonlyMap<Holder, HolderPlan>, { heldUnseen }: Witness) {
  const left = new Map<string, Set<string>>()
  for (const [{ id }, { leaves }] of plans) {
    for (const grant of leaves) left.set(idOf(grant), (left.get(idOf(grant)) ?? new Set()).add(id))
  }
  const isLeft = (grant: Grant) => {
    const gone = left.get(idOf(grant))
    const isSeenWhole = !heldUnseen.has(grant.binding.data.binding ?? '')
    return isSeenWhole && gone !== undefined && grant.subjects.every((subject) => gone.has(holderId(subject)))
  }
  const bindings = rbac.grants.filter(isLeft)
  const stillBound = new Set(rbac.grants.filter((grant) => !isLeft(grant)).map(({ binding }) => binding.data.role))
  const parts = new Set([...rbac.parts.values()].flatMap((each) => [...each]))
  const roles = bindings
    .map(({ binding }) => binding.data.role ?? '')
    .filter((role) => !stillBound.has(role) && !parts.has(role) && !heldUnseen.has(role))
    .filter((role) => rbac.roles.get(role)?.every(({ data }) => !data.bootstrapping))
  return {
    bindings: [...new Set(bindings.map(({ binding }) => binding.data.binding ?? ''))].sort(),
    roles: [...new Set(roles)].sort(),
  }
}

/** Two bindings of one name, to different roles, stand in overlays of a repository. */
function idOf({ binding }: Grant): string {
  return `${binding.data.binding} ${binding.data.role}`
}

function compareObjects(a: ObjectName, b: ObjectName): number {
  const key = ({ kind, namespace, name }: ObjectName) => `${kind === 'ClusterRole' ? 0 : 1} ${namespace}/${name}`
  return key(a) < key(b) ? -1 : 1
}
