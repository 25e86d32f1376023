import { expect, it } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { rolesAsYaml } from '../../../src/cli/suggest/kubernetes-render.ts'
import { COVERS_ALL, type LoggedCall, suggestFor } from '../../support/kubernetes-log.ts'

// Random clusters and calls, judged by an authoriser of this file's own: what is suggested is put in place of what was granted, as
// `kubectl` would do it, and asked again.

interface Rule {
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
  verbs: string[]
}
interface RbacObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
  rules?: Rule[]
  roleRef?: { apiGroup: string; kind: string; name: string }
  subjects?: Subject[]
}
interface Subject {
  kind: string
  name: string
  namespace?: string
  apiGroup?: string
}
/** A rule that holds for somebody: in a namespace, or everywhere. */
interface Held {
  subject: string
  namespace: string | undefined
  rule: Rule
}
interface Request {
  user: string
  verb: string
  group: string
  resource: string
  namespace: string
  name: string
}

const NAMESPACES = ['a', 'b', 'c']
const USERS = ['a/web', 'a/job', 'b/web', 'c/bot']
const KINDS = [
  ['', 'pods', true],
  ['', 'pods/log', true],
  ['', 'secrets', true],
  ['', 'nodes', false],
  ['apps', 'deployments', true],
  ['apps', 'deployments/scale', true],
] as const
const VERBS = ['get', 'list', 'create', 'patch', 'delete']
const NAMES = ['one', 'two']

/** Mulberry32: the same numbers for the same seed everywhere. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

class Chance {
  readonly #next: () => number
  constructor(seed: number) {
    this.#next = numbers(seed)
  }
  is(probability: number): boolean {
    return this.#next() < probability
  }
  one<T>(list: readonly T[]): T {
    return list[Math.floor(this.#next() * list.length)] as T
  }
  some<T>(list: readonly T[], probability: number): T[] {
    const chosen = list.filter(() => this.is(probability))
    return chosen.length > 0 ? chosen : [this.one(list)]
  }
}

const API = 'rbac.authorization.k8s.io'

function randomObjects(chance: Chance): RbacObject[] {
  const objects: RbacObject[] = []
  const make = (kind: string, name: string, namespace: string | undefined, rest: Partial<RbacObject>) =>
    objects.push({ apiVersion: `${API}/v1`, kind, metadata: { name, ...(namespace && { namespace }) }, ...rest })
  for (let i = 0; i < 4; i++) make('ClusterRole', `wide-${i}`, undefined, { rules: randomRules(chance) })
  for (const namespace of NAMESPACES) make('Role', 'own', namespace, { rules: randomRules(chance) })
  for (let i = 0; i < 7; i++) {
    const namespace = chance.is(0.7) ? chance.one(NAMESPACES) : undefined
    const own = namespace !== undefined && chance.is(0.4)
    const roleRef = {
      apiGroup: API,
      kind: own ? 'Role' : 'ClusterRole',
      name: own ? 'own' : `wide-${chance.one([0, 1, 2, 3])}`,
    }
    const subjects: Subject[] = chance.some(USERS, 0.2).map((user) => {
      const [home = '', name = ''] = user.split('/')
      return { kind: 'ServiceAccount', name, namespace: home }
    })
    if (chance.is(0.2))
      subjects.push({ kind: 'Group', apiGroup: API, name: `system:serviceaccounts:${chance.one(NAMESPACES)}` })
    make(namespace ? 'RoleBinding' : 'ClusterRoleBinding', `bind-${i}`, namespace, { roleRef, subjects })
  }
  return objects
}

function randomRules(chance: Chance): Rule[] {
  return Array.from({ length: chance.one([1, 2, 3]) }, () => {
    const group = chance.one(['', 'apps'])
    const own = KINDS.filter(([of]) => of === group).map(([, resource]) => resource)
    const resources = chance.is(0.15) ? ['*'] : chance.some(own, 0.4)
    return {
      apiGroups: chance.is(0.1) ? ['*'] : [group],
      resources,
      ...(chance.is(0.2) && { resourceNames: chance.some(NAMES, 0.5) }),
      verbs: chance.is(0.15) ? ['*'] : chance.some(VERBS, 0.4),
    }
  })
}

/** Everything that the users can ask. */
function everyRequest(): Request[] {
  return USERS.flatMap((user) =>
    KINDS.flatMap(([group, resource, namespaced]) =>
      VERBS.flatMap((verb) =>
        [...(namespaced ? NAMESPACES : []), ...(verb === 'list' || !namespaced ? [''] : [])].flatMap((namespace) => {
          const unnamed = verb === 'list' || (verb === 'create' && !resource.includes('/'))
          return (unnamed ? [''] : NAMES).map((name) => ({ user, verb, group, resource, namespace, name }))
        }),
      ),
    ),
  )
}

function heldBy(objects: readonly RbacObject[]): Held[] {
  return objects.flatMap(({ kind, metadata, roleRef, subjects = [] }) => {
    const { namespace } = metadata
    const role = objects.find(
      (each) =>
        each.kind === roleRef?.kind &&
        each.metadata.name === roleRef.name &&
        (each.kind === 'ClusterRole' || each.metadata.namespace === namespace),
    )
    if (!kind.endsWith('Binding')) return []
    return subjects.flatMap((subject) => {
      const id = subject.kind === 'Group' ? subject.name : `${subject.namespace}/${subject.name}`
      return (role?.rules ?? []).map((rule) => ({ subject: id, namespace, rule }))
    })
  })
}

function isAllowed(held: readonly Held[], { user, verb, group, resource, namespace, name }: Request): boolean {
  const ids = [user, `system:serviceaccounts:${user.split('/')[0]}`]
  const has = (list: readonly string[] = [], value: string) => list.includes(value) || list.includes('*')
  return held.some(
    ({ subject, namespace: within, rule }) =>
      ids.includes(subject) &&
      (within === undefined || within === namespace) &&
      has(rule.verbs, verb) &&
      has(rule.apiGroups, group) &&
      has(rule.resources, resource) &&
      (rule.resourceNames === undefined || rule.resourceNames.includes(name)),
  )
}

/** One permission less, each in turn. */
function* withOneLess({ rule, ...same }: Held): Generator<Held[]> {
  const parts = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) =>
      rule.verbs.flatMap((verb) =>
        (rule.resourceNames ?? [undefined]).map((name) => ({
          apiGroups: [group],
          resources: [resource],
          verbs: [verb],
          ...(name !== undefined && { resourceNames: [name] }),
        })),
      ),
    ),
  )
  for (const part of parts) yield parts.filter((each) => each !== part).map((each) => ({ ...same, rule: each }))
}

const idOf = ({ kind, metadata }: RbacObject) =>
  metadata.namespace ? `${kind} ${metadata.namespace}/${metadata.name}` : `${kind} ${metadata.name}`

async function suggestAndApply(objects: readonly RbacObject[], calls: readonly LoggedCall[]): Promise<RbacObject[]> {
  const accounts = USERS.map((user) => {
    const [namespace, name] = user.split('/')
    return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }
  })
  const manifests = [...accounts, ...objects].map((each) => stringify(each)).join('---\n')
  const suggestions = await suggestFor(manifests, [...COVERS_ALL, ...calls])
  expect(suggestions.accounts.flatMap(({ replay }) => replay.lost)).toEqual([])
  const text = rolesAsYaml({ clusters: [suggestions], patches: [], gaps: [], marks: new Map() })
  const applied = parseAllDocuments(text).flatMap((document) => (document.toJS() as RbacObject | null) ?? [])
  const after = new Map([...objects, ...applied].map((each) => [idOf(each), each]))
  for (const { subject, leaves } of suggestions.accounts) {
    for (const id of leaves) {
      const binding = after.get(id) as RbacObject
      const left = binding.subjects?.filter(
        (each) => subject !== (each.kind === 'Group' ? each.name : `${each.namespace}/${each.name}`),
      )
      after.set(id, { ...binding, subjects: left ?? [] })
    }
  }
  for (const id of [...suggestions.unneeded.bindings, ...suggestions.unneeded.roles]) after.delete(id)
  return [...after.values()]
}

it.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'covers all calls, and nothing else can go (seed %i)',
  async (seed) => {
    const chance = new Chance(seed)
    const objects = randomObjects(chance)
    const before = heldBy(objects)
    const all = everyRequest()
    const made = all.filter(() => chance.is(0.06))
    const allowed = made.filter((request) => isAllowed(before, request))
    const calls = made.map(({ user, verb, group, resource, namespace, name }) => {
      const denied = !isAllowed(before, { user, verb, group, resource, namespace, name })
      const where = { namespace: namespace || undefined, name: name || undefined }
      return { user, verb, resource, group: group || undefined, ...where, denied }
    })
    const after = heldBy(await suggestAndApply(objects, calls))

    expect(allowed.filter((request) => !isAllowed(after, request))).toEqual([])
    expect(all.filter((request) => isAllowed(after, request) && !isAllowed(before, request))).toEqual([])
    const superfluous = after.flatMap((held) =>
      [...withOneLess(held)]
        .map((rest) => [...after.filter((each) => each !== held), ...rest])
        .filter((less) => allowed.every((request) => isAllowed(less, request)))
        .map(() => held),
    )
    expect(superfluous).toEqual([])
  },
)
