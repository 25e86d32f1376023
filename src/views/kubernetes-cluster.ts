import {
  k8sBinding,
  k8sRole,
  k8sRoleRule,
  k8sServiceAccount,
  k8sSubject,
  k8sTokenSecret,
  k8sWorkload,
} from '../facts/kubernetes.ts'
import { k8sCloudAccess, k8sCloudIdentity } from '../facts/kubernetes-cloud.ts'
import { k8sEscalation, k8sPrivileged } from '../facts/kubernetes-escalation.ts'
import { k8sPrivilege } from '../facts/kubernetes-rights.ts'
import { k8sSubjectRights } from '../facts/kubernetes-subject.ts'
import { type DataOf, type Fact, type FactKind, type Gap, isFact } from '../model.ts'
import { groupBy } from './cells.ts'

/** Whether somebody is administrator, can become one, or neither; null where that was not seen. */
export type Administrator = 'yes' | 'can become' | 'no' | null

/** What a subject of bindings may do, put together. */
export interface Standing {
  readonly administrator: Administrator
  /** Why, or by which way, as the end of a sentence; empty if there is none. */
  readonly how: string
  /** Names of the dangerous things that it may do, by itself or through a group. */
  readonly dangerous: readonly string[]
  readonly rights: DataOf<typeof k8sSubjectRights> | undefined
}

/** What was seen of one cluster, by what one asks it for. */
export class ClusterFacts {
  readonly name: string
  readonly accounts: ReadonlyMap<string, Fact<typeof k8sServiceAccount>>
  readonly workloads: ReadonlyMap<string, readonly Fact<typeof k8sWorkload>[]>
  readonly secrets: ReadonlyMap<string, readonly Fact<typeof k8sTokenSecret>[]>
  /** Identities of clouds by account, those that are administrator there marked. */
  readonly cloudIdentities: ReadonlyMap<string, readonly string[]>
  /** Everybody of whom rights are told. */
  readonly holders: readonly Fact<typeof k8sSubjectRights>[]
  readonly #privileges = new Map<string, Set<string>>()
  readonly #privileged: ReadonlyMap<string, DataOf<typeof k8sPrivileged>>
  readonly #escalations: ReadonlyMap<string, DataOf<typeof k8sEscalation>>
  readonly #holders: ReadonlyMap<string, Fact<typeof k8sSubjectRights>>
  readonly #gaps: readonly Gap[]

  constructor(name: string, facts: readonly Fact[], gaps: readonly Gap[]) {
    const of = <K extends FactKind>(kind: K) => facts.filter((each): each is Fact<K> => isFact(kind, each))
    this.name = name
    this.#gaps = gaps
    this.accounts = new Map(of(k8sServiceAccount).map((each) => [each.data.account ?? '', each]))
    this.workloads = groupBy(of(k8sWorkload), ({ data }) => data.account ?? '')
    this.secrets = groupBy(of(k8sTokenSecret), ({ data }) => data.account ?? '')
    this.cloudIdentities = cloudIdentities(of(k8sCloudIdentity), of(k8sCloudAccess))
    this.holders = of(k8sSubjectRights)
    this.#holders = new Map(this.holders.map((each) => [subjectKey(each.data), each]))
    this.#privileged = new Map(of(k8sPrivileged).map(({ data }) => [subjectKey(data), data]))
    this.#escalations = new Map(of(k8sEscalation).map(({ data }) => [subjectKey(data), data]))
    for (const { data } of of(k8sPrivilege)) {
      for (const subject of data.subjects ?? []) {
        const known = this.#privileges.get(subject) ?? new Set()
        this.#privileges.set(subject, known.add(data.privilege ?? ''))
      }
    }
  }

  /** Whether every object of a kind was seen. Gaps of files concern the cluster of the manifests, `-`. */
  sawAll(...kinds: readonly FactKind[]): boolean {
    const target = `k8s:${this.name.replaceAll('/', '%2F')}`
    return !this.#gaps.some(({ kind, scope, fields }) => {
      if (fields || !kinds.some((each) => each.kind === kind)) return false
      if (!scope.startsWith('k8s:')) return this.name === '-'
      return scope === 'k8s:' || scope === target || scope.startsWith(`${target}/`)
    })
  }

  get sawAllRights(): boolean {
    return this.sawAll(k8sRole, k8sRoleRule, k8sBinding, k8sSubject)
  }

  holder(subjectKind: string, subject: string): Fact<typeof k8sSubjectRights> | undefined {
    return this.#holders.get(`${subjectKind} ${subject}`)
  }

  /** By the subject itself and the groups that it is certainly in. */
  standing(subjectKind: string, subject: string): Standing {
    const own = `${subjectKind} ${subject}`
    const rights = this.#holders.get(own)?.data
    const keys = [own, ...(rights?.groups ?? []).map((group) => `Group ${group}`)]
    const dangerous = new Set(keys.flatMap((key) => [...(this.#privileges.get(key) ?? [])]))
    const judged = keys.flatMap((key) => this.#privileged.get(key) ?? [])
    const escalations = keys.flatMap((key) => this.#escalations.get(key) ?? [])
    const administrator = this.#administrator(judged, dangerous, rights, escalations)
    const how = administrator === 'no' ? '' : howOf(administrator, judged, escalations)
    return { administrator, how, dangerous: [...dangerous].sort(), rights }
  }

  #administrator(
    judged: readonly DataOf<typeof k8sPrivileged>[],
    dangerous: ReadonlySet<string>,
    rights: DataOf<typeof k8sSubjectRights> | undefined,
    escalations: readonly DataOf<typeof k8sEscalation>[],
  ): Administrator {
    if (dangerous.has('cluster-admin') || judged.some(({ admin }) => admin)) return 'yes'
    if (escalations.some(({ certain }) => certain) || judged.some(({ privileged }) => privileged)) return 'can become'
    const certain = judged.length > 0 && judged.every(({ privileged }) => privileged === false)
    const nothing = rights?.permissions === 0
    return (certain || nothing) && escalations.length === 0 && rights?.complete === true ? 'no' : null
  }
}

/** Of who is administrator the reason; else the way, also where not all of it was seen. */
function howOf(
  administrator: Administrator,
  judged: readonly DataOf<typeof k8sPrivileged>[],
  escalations: readonly DataOf<typeof k8sEscalation>[],
): string {
  if (administrator === 'yes') return judged.find(({ admin }) => admin)?.because ?? ''
  const [way] = [...escalations].sort((a, b) => Number(b.certain) - Number(a.certain))
  const because = judged.find(({ privileged }) => privileged)?.because ?? ''
  return way?.how ?? because.replace(/^can become administrator of the cluster /, '')
}

function cloudIdentities(
  identities: readonly Fact<typeof k8sCloudIdentity>[],
  access: readonly Fact<typeof k8sCloudAccess>[],
): ReadonlyMap<string, readonly string[]> {
  const strong = new Set(
    access.filter(({ data }) => data.privileged).map(({ data }) => `${data.account} ${data.identity}`),
  )
  const byAccount = groupBy(identities, ({ data }) => data.account ?? '')
  return new Map(
    [...byAccount].map(([account, own]) => {
      const names = own.map(({ data: { identity = '' } }) =>
        strong.has(`${account} ${identity}`) ? `${identity} (administrator there)` : identity,
      )
      return [account, [...new Set(names)].sort()]
    }),
  )
}

function subjectKey({ subjectKind, subject }: { readonly subjectKind?: string; readonly subject?: string }): string {
  return `${subjectKind} ${subject}`
}

/** The clusters of a run, each with its facts; those of manifests and dumps are the cluster `-`. */
export function clustersOf(facts: readonly Fact[], gaps: readonly Gap[]): ClusterFacts[] {
  const own = facts.filter(({ kind }) => kind.startsWith('k8s.'))
  const groups = groupBy(own, ({ data }) => String((data as { cluster?: unknown }).cluster))
  return [...groups].map(([name, each]) => new ClusterFacts(name, each, gaps))
}
