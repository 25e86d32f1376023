import { k8sServiceAccount, k8sSubject, k8sTokenSecret } from '../../facts/kubernetes.ts'
import { k8sCloudAccess } from '../../facts/kubernetes-cloud.ts'
import { k8sCredentialRights, secretKubernetesCredential } from '../../facts/kubernetes-credentials.ts'
import { k8sPrivileged } from '../../facts/kubernetes-escalation.ts'
import { type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { groupBy } from '../grouping.ts'
import { CloudClusters } from './cloud-clusters.ts'
import { isIncomplete } from './rbac.ts'

type Credential = Fact<typeof secretKubernetesCredential>
type Privileged = Fact<typeof k8sPrivileged>

const RBAC = ['k8s.role', 'k8s.role-rule', 'k8s.binding', 'k8s.subject', 'k8s.service-account']

/** What leaked credentials open: one fact for each credential and audited cluster that knows whom it signs in as. */
export function deriveCredentialRights(facts: readonly Fact[], gaps: readonly Gap[]): { facts: Fact[]; gaps: Gap[] } {
  const clusters = new CloudClusters(facts)
  const world = new World(facts, gaps)
  const unseen: Gap[] = []
  const derived = facts
    .filter((each) => isFact(secretKubernetesCredential, each))
    .flatMap((credential) => {
      // Of system:masters no RBAC is asked; another rule speaks of it.
      if (credential.data.groups?.includes('system:masters')) return []
      const own = candidates(credential, clusters).filter(({ cluster }) => world.knows(credential, cluster))
      if (own.length > 0) return own.map((candidate) => world.rights(credential, candidate))
      unseen.push(unseenGap(credential))
      return [unknownRights(credential)]
    })
  return { facts: derived, gaps: unseen }
}

interface Candidate {
  readonly cluster: string
  /** Whether the credential names the cluster. */
  readonly certain: boolean
}

/** The audited clusters that a credential may be of: the one that its issuer or server names, else all. */
function candidates({ data }: Credential, clusters: CloudClusters): Candidate[] {
  const issuer = (data.issuer ?? '').replace('https://', '').toLowerCase()
  const named = clusters.ofIssuer(issuer) ?? clusters.ofServer((data.server ?? '').toLowerCase())
  if (named) return named.counterpart ? [{ cluster: named.counterpart.cluster, certain: true }] : []
  const byName = [...clusters.audited].filter((name) => name !== '-' && name === data.clusterName)
  return (byName.length > 0 ? byName : [...clusters.audited]).map((cluster) => ({ cluster, certain: false }))
}

function unseenGap({ data, scope }: Credential): Gap {
  return {
    kind: k8sCredentialRights.kind,
    scope,
    fields: ['level', 'because'],
    class: 'limit',
    reason: 'rights of a leaked credential not seen',
    detail: `${data.path}: what the ${data.what} may do is not seen; audit its cluster (--k8s or --k8s-dump)`,
  }
}

function unknownRights({ data, at, scope }: Credential): Fact {
  return fact(k8sCredentialRights, scope, at, {
    digest: data.digest ?? UNKNOWN,
    credential: data.user ?? UNKNOWN,
    cluster: '',
    subject: UNKNOWN,
    level: UNKNOWN,
    because: UNKNOWN,
    cloud: '',
    ended: '',
    works: UNKNOWN,
    assumptions: [],
  })
}

/** The audited clusters. */
class World {
  readonly #privileged: ReadonlyMap<string, readonly Privileged[]>
  readonly #known: ReadonlySet<string>
  readonly #secrets: ReadonlySet<string>
  readonly #live: ReadonlySet<string>
  readonly #access: ReadonlyMap<string, readonly Fact<typeof k8sCloudAccess>[]>
  readonly #gaps: readonly Gap[]

  constructor(facts: readonly Fact[], gaps: readonly Gap[]) {
    const privileged = facts.filter((each) => isFact(k8sPrivileged, each))
    const accounts = facts.filter((each) => isFact(k8sServiceAccount, each))
    const subjects = facts.filter((each) => isFact(k8sSubject, each))
    this.#privileged = groupBy(privileged, ({ data }) => keyOf(data.cluster, data.subjectKind, data.subject))
    this.#known = new Set([
      ...accounts.map(({ data }) => keyOf(data.cluster, 'ServiceAccount', data.account)),
      ...subjects.map(({ data }) => keyOf(data.cluster, data.subjectKind, data.subject)),
      ...this.#privileged.keys(),
    ])
    const secrets = facts.filter((each) => isFact(k8sTokenSecret, each))
    this.#secrets = new Set(secrets.map(({ data }) => `${data.cluster}\0${data.secret}`))
    this.#live = new Set(accounts.filter(({ data }) => data.source === 'cluster').map(({ data }) => data.cluster ?? ''))
    const accesses = facts.filter((each) => isFact(k8sCloudAccess, each))
    this.#access = groupBy(accesses, ({ data }) => `${data.cluster}\0${data.account}`)
    this.#gaps = gaps
  }

  /** Whether a cluster has the account, or binds the user or one of its own groups. */
  knows({ data }: Credential, cluster: string): boolean {
    return subjectsOf(data).some(
      ({ kind, name }) => !EVERYBODY.test(name) && this.#known.has(keyOf(cluster, kind, name)),
    )
  }

  rights(credential: Credential, { cluster, certain }: Candidate): Fact {
    const { data, at, scope } = credential
    const own = subjectsOf(data).flatMap(({ kind, name }) => this.#privileged.get(keyOf(cluster, kind, name)) ?? [])
    const { level, by } = this.#levelOf(own, cluster)
    const ended = this.#endedBecause(credential, cluster)
    const assumptions = certain
      ? []
      : [`the credential is of ${cluster === '-' ? 'the cluster of the manifests' : cluster}`]
    return fact(k8sCredentialRights, scope, at, {
      digest: data.digest ?? UNKNOWN,
      credential: data.user ?? UNKNOWN,
      cluster,
      subject: by?.data.subject ?? (data.account || data.user) ?? UNKNOWN,
      level: level ?? UNKNOWN,
      because: level === undefined ? UNKNOWN : becauseOf(level, by, data),
      cloud: this.#cloudOf(data, cluster),
      ended,
      works: ended === '' ? (data.expired === undefined ? UNKNOWN : true) : false,
      assumptions: [...assumptions, ...(by?.data.assumptions ?? [])],
    })
  }

  /** The most that any of its subjects may do, and which one that is. */
  #levelOf(own: readonly Privileged[], cluster: string): { level: string | undefined; by: Privileged | undefined } {
    const admin = own.find(({ data }) => data.privileged)
    if (admin) return { level: 'admin', by: admin }
    const open = own.some(({ unknown }) => unknown.includes('privileged')) || isIncomplete(this.#gaps, RBAC, cluster)
    if (open) return { level: undefined, by: undefined }
    const dangerous = own.find(({ data }) => (data.dangerous ?? []).length > 0)
    if (dangerous) return { level: 'dangerous', by: dangerous }
    const some = own.find(({ data }) => data.rights)
    return { level: some ? 'few' : 'none', by: some }
  }

  /** A legacy token ends with its Secret, which a live cluster tells. */
  #endedBecause({ data }: Credential, cluster: string): string {
    if (data.expired) return ` (ended ${data.expires?.slice(0, 10)})`
    const secret = data.tokenSecret ?? ''
    const looked = secret !== '' && this.#live.has(cluster) && !isIncomplete(this.#gaps, [k8sTokenSecret.kind], cluster)
    return looked && !this.#secrets.has(`${cluster}\0${secret}`) ? ` (its Secret ${secret} is gone)` : ''
  }

  #cloudOf({ account = '' }: Credential['data'], cluster: string): string {
    const accesses = account === '' ? [] : (this.#access.get(`${cluster}\0${account}`) ?? [])
    const found = accesses.find(({ data }) => data.trusted && data.privileged)
    return found ? `; it can take ${found.data.identityName}, which ${found.data.because}` : ''
  }
}

/** Groups that everybody is in. */
const EVERYBODY = /^system:(?:authenticated|serviceaccounts(?::.*)?)$/

function subjectsOf({ account, user, groups = [] }: Credential['data']): { kind: string; name: string }[] {
  const own = account ? { kind: 'ServiceAccount', name: account } : user ? { kind: 'User', name: user } : undefined
  return [...(own ? [own] : []), ...groups.map((name) => ({ kind: 'Group', name }))]
}

function becauseOf(level: string, by: Privileged | undefined, { account }: Credential['data']): string {
  if (level === 'none') return 'has no rights by any binding'
  const via = by?.data.subjectKind === 'Group' && !account ? `as member of ${by.data.subject} ` : ''
  if (level === 'few') return `${via}may ${by?.data.rights}`
  return `${via}${by?.data.because || `may ${by?.data.rights}`}`
}

function keyOf(cluster: string | undefined, kind: string | undefined, subject: string | undefined): string {
  return `${cluster}\0${kind}\0${subject}`
}
