import { k8sPrivilege } from '../../facts/kubernetes-rights.ts'
import { type Fact, fact } from '../../model.ts'
import { groupBy } from '../grouping.ts'
import { GET_ALONE, isGetAlone } from './privileges.ts'
import type { Grant, SubjectFact } from './rbac.ts'

/** Something dangerous that one binding gives. */
export interface Held {
  readonly grant: Grant
  readonly privilege: string
  readonly subjects: readonly SubjectFact[]
  readonly permissions: readonly string[]
  readonly tokenSecrets: readonly string[]
  /** Limited to objects by name. */
  readonly named: boolean
  readonly at: Fact['at']
}

/** `KIND NAME`. */
export const nameSubject = ({ data }: SubjectFact) => `${data.subjectKind} ${data.subject}`

const namesOf = (subjects: readonly SubjectFact[]) => subjects.map(nameSubject).sort().join(',')

/** Whoever may do everything needs no list of what that includes, but that strangers are bound is another matter. */
const SAID_OF_ADMINISTRATORS = new Set(['cluster-admin', 'anonymous-bound', 'everyone-bound'])

/**
 * One fact for each privilege of the same subjects: whoever has it by five bindings must lose all five, and who has it everywhere
 * gains nothing in one namespace.
 */
export function foldHeld(found: readonly Held[]): Fact<typeof k8sPrivilege>[] {
  const administrators = new Set(
    found
      .filter(({ privilege, grant }) => privilege === 'cluster-admin' && grant.scope === '*')
      .map(({ subjects }) => namesOf(subjects)),
  )
  const told = found.filter(
    ({ privilege, subjects }) => SAID_OF_ADMINISTRATORS.has(privilege) || !administrators.has(namesOf(subjects)),
  )
  const groups = groupBy(told, ({ privilege, subjects }) => `${privilege} ${namesOf(subjects)}`)
  return [...groups.values()].map((all) => {
    const everywhere = all.filter(({ grant }) => grant.scope === '*')
    return privilegeFact(everywhere.length > 0 ? everywhere : all, all)
  })
}

/** `own` say where it holds; the others of `all` add nothing to that. */
function privilegeFact(own: readonly Held[], all: readonly Held[]): Fact<typeof k8sPrivilege> {
  const [first] = own as [Held, ...Held[]]
  const { binding } = first.grant
  const namespaces = [...new Set(own.map(({ grant }) => grant.scope))].sort()
  const clusterWide = namespaces.includes('*')
  const subjects = first.subjects.map(nameSubject).sort()
  const bindings = [...new Set([...own, ...all].map(({ grant }) => grant.binding.data.binding ?? ''))]
  const { cluster = '', binding: id = '', name = '', role = '', source = '' } = binding.data
  const words = shorten(byResource(own.flatMap(({ permissions }) => permissions)))
  const getAlone = own.every(({ privilege, permissions }) => isGetAlone(privilege, permissions))
  const scope = namespaces.length > 1 ? `k8s:${cluster.replaceAll('/', '%2F')}` : binding.scope
  return fact(k8sPrivilege, scope, first.at, {
    cluster,
    binding: id,
    bindingName: name,
    role,
    bindings,
    by: shorten(byKind(bindings)),
    privilege: first.privilege,
    subjects,
    who: shorten(subjects),
    where: clusterWide
      ? 'in the whole cluster'
      : `in namespace${namespaces.length > 1 ? 's' : ''} ${shorten(namespaces)}`,
    namespaces,
    permissions: getAlone ? `${words}, which is enough before Kubernetes 1.35` : words,
    everyVersion: all.some(({ privilege, permissions }) => !isGetAlone(privilege, permissions)),
    assumptions: getAlone ? [GET_ALONE] : [],
    tokenSecrets: [...new Set(all.flatMap(({ tokenSecrets }) => tokenSecrets))].sort(),
    clusterWide,
    named: own.every(({ named }) => named),
    workload: first.subjects.some(({ data }) => data.subjectKind === 'ServiceAccount'),
    source,
  })
}

/** `KIND a`, `KIND b` → `KIND a and b`. */
function byKind(bindings: readonly string[]): string[] {
  const groups = groupBy(bindings, (binding) => binding.slice(0, binding.indexOf(' ')))
  return [...groups].map(([kind, own]) => {
    const names = own.map((binding) => binding.slice(kind.length + 1))
    return `${kind}${names.length > 1 ? 's' : ''} ${shorten(names)}`
  })
}

/** `get secrets`, `list secrets` → `get, list secrets`. */
export function byResource(permissions: readonly string[]): string[] {
  const split = [...new Set(permissions)].map((text) => {
    const [, verb = '', resource] = /^([a-z]+|\*) (\S+)$/.exec(text) ?? []
    return { text, verb, resource }
  })
  const groups = groupBy(split, ({ resource, text }) => resource ?? text)
  return [...groups].map(([resource, own]) =>
    own[0]?.resource === undefined ? resource : `${own.map(({ verb }) => verb).join(', ')} ${resource}`,
  )
}

/** A few of them in words. */
export function shorten(words: readonly string[]): string {
  return words.length <= 4 ? words.join(', ') : `${words.slice(0, 3).join(', ')} and ${words.length - 3} more`
}
