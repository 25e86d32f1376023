import { shortName } from '../../facts/iam-name.ts'
import { k8sWorkload } from '../../facts/kubernetes.ts'
import { gcpGrant, k8sCloudAccess, k8sCloudIdentity } from '../../facts/kubernetes-cloud.ts'
import { type DataOf, type Fact, fact, type Gap, isFact, type Location, UNKNOWN } from '../../model.ts'
import { GOOGLE_PRINCIPAL_SET } from '../../reference/google-principals.ts'
import { groupBy } from '../grouping.ts'
import { CloudClusters, type Counterpart } from './cloud-clusters.ts'
import { CloudPrincipals } from './cloud-principals.ts'
import { type AccountTrust, reachOf } from './cloud-trust.ts'
import { shorten } from './held.ts'

type Tri = boolean | 'unknown'

/** Which identities of clouds the accounts of clusters get, both sides heeded, and what these amount to. */
export function deriveCloudAccess(facts: readonly Fact[], gaps: readonly Gap[]): { facts: Fact[]; gaps: Gap[] } {
  return new Accesses(facts, gaps).all()
}

interface Place {
  readonly scope: string
  readonly at: Location
  readonly source: string
}
interface Access {
  readonly cluster: string
  readonly account: string | undefined
  readonly reach: string
  readonly via: string
  readonly trusted: Tri
  readonly how: string
  readonly assumptions: readonly string[]
}

class Accesses {
  readonly #facts: readonly Fact[]
  readonly #seen: readonly Gap[]
  readonly #clusters: CloudClusters
  readonly #principals: CloudPrincipals
  readonly #derived: Fact[] = []
  /** Identities whose rights were not seen, by provider. */
  readonly #unseen = new Map<string, Set<string>>()
  readonly #unplaced = new Set<string>()
  readonly #grants: ReadonlyMap<string, Fact<typeof gcpGrant>>
  readonly #annotated: ReadonlySet<string>
  readonly #bound: ReadonlySet<string>

  constructor(facts: readonly Fact[], gaps: readonly Gap[]) {
    this.#facts = facts
    this.#seen = gaps
    this.#clusters = new CloudClusters(facts)
    this.#principals = new CloudPrincipals(facts, gaps)
    const grants = facts.filter((each) => isFact(gcpGrant, each))
    this.#grants = new Map(grants.map((grant) => [grant.data.identity ?? '', grant]))
    const sides = groupBy(
      facts.filter((each) => isFact(k8sCloudIdentity, each)),
      ({ data }) => data.via ?? '',
    )
    const pairs = (via: string) => new Set(sides.get(via)?.map(({ data }) => `${data.account} ${data.identity}`))
    this.#annotated = pairs('annotation')
    this.#bound = pairs('workload-identity')
  }

  all(): { facts: Fact[]; gaps: Gap[] } {
    const identities = this.#facts.filter((each) => isFact(k8sCloudIdentity, each))
    for (const each of identities) this.#meant(each)
    this.#openTrusts()
    this.#openGrants()
    const unmatched = this.#clusters.unmatched(this.#seen).map((gap) => ({ ...gap, kind: k8sCloudAccess.kind }))
    return { facts: this.#derived, gaps: [...this.#gaps(), ...unmatched] }
  }

  /** What an account is meant to take. */
  #meant({ data, at, scope }: Fact<typeof k8sCloudIdentity>): void {
    const place = { at, scope, source: data.source ?? '' }
    const found = this.#clusterOf(data)
    if (data.provider !== 'aws' || data.identity === undefined) {
      if (found) this.#other(data, found, place)
      return
    }
    const role = this.#principals.resolve(data.identity)
    if (!found) {
      const matters = this.#clusters.audited.size > 0 && this.#principals.standing(role.id).privileged !== false
      if (matters) this.#unplaced.add(data.cloudCluster ?? '')
      return
    }
    const isChained = data.through !== ''
    const { trusted, assumptions } = isChained
      ? this.#chainedTrust(role.id, data, found.cluster)
      : this.#trustOf(role.id, data, found.cluster)
    this.#add(role.id, place, {
      cluster: found.cluster,
      account: data.account,
      reach: data.account ?? 'unknown',
      via: data.via ?? '',
      trusted,
      how: `ServiceAccount ${data.account}`,
      assumptions: [found.assumption, role.assumption, ...assumptions].filter((each) => each !== ''),
    })
  }

  #clusterOf({ cluster = '', cloudCluster = '' }: DataOf<typeof k8sCloudIdentity>): Counterpart | undefined {
    if (cloudCluster === '' && this.#clusters.audited.has(cluster)) return { cluster, assumption: '' }
    return this.#clusters.counterpart(cloudCluster)
  }

  /** Whether a role lets an account in that is meant to take it. */
  #trustOf(
    id: string,
    data: DataOf<typeof k8sCloudIdentity>,
    cluster: string,
  ): { trusted: Tri; assumptions: string[] } {
    const trust = this.#principals.trustOf(id)
    if (!trust || data.account === undefined) return { trusted: 'unknown', assumptions: [] }
    const isToken = data.via !== 'pod-identity'
    const ways = (isToken ? trust.byToken : trust.byPodIdentity).filter((way) => this.#mayTrust(way, cluster))
    const answers = ways.map((way) => way.lets(data.account ?? ''))
    const trusted = answers.includes(true) || (answers.includes('unknown') ? 'unknown' : false)
    const certain = ways.some((way) => way.issuer !== '' && this.#clusters.ofIssuer(way.issuer) !== undefined)
    return { trusted, assumptions: isToken && !certain ? [ISSUER] : [] }
  }

  /** Of Pod Identity with a target: the first role lets the account in, and the target the first role. */
  #chainedTrust(
    target: string,
    data: DataOf<typeof k8sCloudIdentity>,
    cluster: string,
  ): { trusted: Tri; assumptions: string[] } {
    if (data.through === undefined) return { trusted: 'unknown', assumptions: [] }
    const first = this.#principals.resolve(data.through)
    const { trusted, assumptions } = this.#trustOf(first.id, data, cluster)
    const lets = this.#principals.letsRoleIn(target, first.id)
    const both = trusted === false || lets === false ? false : trusted === true && lets === true ? true : 'unknown'
    return { trusted: both, assumptions: [first.assumption, ...assumptions] }
  }

  /** A role that trusts another cluster does not trust this one. */
  #mayTrust({ issuer }: AccountTrust, cluster: string): boolean {
    return this.#clusters.hasIssuer(cluster, issuer) !== false
  }

  /** Identities of other clouds, and those that only a run knows. Of Google's it is known who was given everything in files. */
  #other(data: DataOf<typeof k8sCloudIdentity>, { cluster, assumption }: Counterpart, place: Place): void {
    const { provider = '', identity, account } = data
    const grant = provider === 'gcp' && identity !== undefined ? this.#grants.get(identity) : undefined
    if (!grant) this.#note(provider, identity ?? 'known at run time only')
    const { role = '', on = '', path = '' } = grant?.data ?? {}
    this.#derived.push(
      fact(k8sCloudAccess, scopeOf(cluster, account), place.at, {
        cluster,
        account: account ?? UNKNOWN,
        reach: account ?? UNKNOWN,
        provider,
        identity: identity ?? UNKNOWN,
        identityName: identity === undefined ? UNKNOWN : `${WHAT[provider] ?? provider} ${shortName(identity)}`,
        via: data.via ?? '',
        how: `ServiceAccount ${account}`,
        trusted: grant && this.#letsIn(data) ? true : UNKNOWN,
        privileged: grant ? true : UNKNOWN,
        because: grant ? `has ${role} on the ${on} by ${path}` : UNKNOWN,
        policy: grant ? role : UNKNOWN,
        assumptions: assumption === '' ? [] : [assumption],
        source: place.source,
      }),
    )
  }

  /** Google takes an annotation for no more than a wish: the binding of the service account must say the same. */
  #letsIn({ account, identity, via }: DataOf<typeof k8sCloudIdentity>): boolean {
    if (identity?.startsWith('principal://')) return true
    const sides = via === 'annotation' ? this.#bound : this.#annotated
    return sides.has(`${account} ${identity}`)
  }

  #note(provider: string, name: string): void {
    this.#unseen.set(provider, (this.#unseen.get(provider) ?? new Set()).add(name))
  }

  /** Trusts that name no account, or all of a namespace: every workload there can take the role. */
  #openTrusts(): void {
    const workloads = this.#facts.filter((each) => isFact(k8sWorkload, each))
    const accounts = groupBy(workloads, ({ data }) => `${data.cluster}\0${data.account}`)
    for (const id of this.#principals.trusting()) {
      const { byToken = [] } = this.#principals.trustOf(id) ?? {}
      if (byToken.length === 0 || this.#principals.standing(id).privileged !== true) continue
      for (const [key, own] of accounts) {
        const [cluster = '', account = ''] = key.split('\0')
        const [first] = own
        const way = byToken.find((each) => this.#isOf(each, cluster) && reachOf(each, account) !== undefined)
        const reach = way && reachOf(way, account)
        if (!first || reach === undefined) continue
        this.#add(
          id,
          { at: first.at, scope: first.scope, source: first.data.source ?? '' },
          {
            cluster,
            account,
            reach,
            via: 'trust',
            trusted: true,
            how:
              reach === '*/*' ? 'any service account of the cluster' : `any service account of ${reach.slice(0, -2)}`,
            assumptions: this.#clusters.ofIssuer(way?.issuer ?? '') ? [] : [ISSUER],
          },
        )
      }
    }
  }

  /** What Google gives every account of a namespace, or of the cluster: each workload there has it. */
  #openGrants(): void {
    const granted = [...this.#grants.values()].flatMap((grant) => {
      const set = GOOGLE_PRINCIPAL_SET.exec(grant.data.identity ?? '')
      return set ? { grant, namespace: set[1] } : []
    })
    if (granted.length === 0) return
    const workloads = this.#facts.filter((each) => isFact(k8sWorkload, each))
    const accounts = groupBy(workloads, ({ data }) => `${data.cluster}\0${data.account}`)
    for (const { grant, namespace } of granted) {
      const { identity = '', role = '', on = '', path = '' } = grant.data
      const found = this.#clusterOf({ cluster: '-', cloudCluster: '' })
      if (!found) this.#note('gcp', identity)
      for (const [key, [first]] of accounts) {
        const [cluster = '', account = ''] = key.split('\0')
        const isOf = namespace === undefined || account.startsWith(`${namespace}/`)
        if (!first || cluster !== found?.cluster || !isOf) continue
        this.#derived.push(
          fact(k8sCloudAccess, scopeOf(cluster, account), first.at, {
            cluster,
            account,
            reach: `${namespace ?? '*'}/*`,
            provider: 'gcp',
            identity,
            identityName: 'set of accounts of Google Cloud',
            via: 'trust',
            how: `any service account of ${namespace ?? 'the cluster'}`,
            trusted: true,
            privileged: true,
            because: `has ${role} on the ${on} by ${path}`,
            policy: role,
            assumptions: found.assumption === '' ? [] : [found.assumption],
            source: first.data.source ?? '',
          }),
        )
      }
    }
  }

  #isOf(way: AccountTrust, cluster: string): boolean {
    return this.#clusters.hasIssuer(cluster, way.issuer) ?? this.#clusters.audited.size === 1
  }

  #add(id: string, place: Place, access: Access): void {
    const standing = this.#principals.standing(id)
    if (standing.privileged === 'unknown') this.#note('aws', id)
    const { cluster, account, reach, via, trusted, how, assumptions } = access
    this.#derived.push(
      fact(k8sCloudAccess, scopeOf(cluster, account), place.at, {
        cluster,
        account: account ?? UNKNOWN,
        reach,
        provider: 'aws',
        identity: id,
        identityName: `AWS role ${this.#principals.nameOf(id)}`,
        via,
        how,
        trusted: trusted === 'unknown' ? UNKNOWN : trusted,
        privileged: standing.privileged === 'unknown' ? UNKNOWN : standing.privileged,
        because: standing.because,
        policy: standing.policy,
        assumptions: [...new Set([...assumptions, ...standing.assumptions])],
        source: place.source,
      }),
    )
  }

  #gaps(): Gap[] {
    const fields = ['privileged', 'because', 'policy', 'trusted']
    const common = { kind: k8sCloudAccess.kind, scope: 'k8s:', class: 'limit' } as const
    const unseen = [...this.#unseen].map(([provider, names]): Gap => {
      const [reason, help] = REASONS[provider] ?? ['rights not evaluated', '']
      return { ...common, fields, reason, detail: `${shorten([...names].sort())}: ${help}` }
    })
    if (this.#unplaced.size === 0) return unseen
    const names = shorten([...this.#unplaced].sort())
    const detail = `which audited cluster is ${names} of EKS cannot be told: name the cluster in kubeconfig by its ARN`
    return [...unseen, { ...common, reason: 'cluster not told', detail }]
  }
}

const WHAT: Readonly<Record<string, string>> = {
  gcp: 'Google service account',
  azure: 'Azure identity',
  aws: 'AWS role',
}
const ISSUER = 'the role trusts the issuer of the audited cluster'

const REASONS: Readonly<Record<string, readonly [reason: string, help: string]>> = {
  aws: ['role not seen', 'what it may do is seen with --aws, or where the files declare it'],
  gcp: ['rights in Google Cloud not evaluated', 'see what IAM of the project gives the service account'],
  azure: ['rights in Azure not evaluated', 'see the role assignments of the identity'],
}

function scopeOf(cluster: string, account: string | undefined): string {
  const [namespace] = account?.split('/') ?? []
  return `k8s:${cluster.replaceAll('/', '%2F')}${namespace === undefined ? '' : `/${namespace}`}`
}
