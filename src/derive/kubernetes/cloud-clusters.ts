import { k8sServiceAccount, k8sSubject, k8sWorkload } from '../../facts/kubernetes.ts'
import { eksCluster, k8sCloudIdentity, k8sClusterAccess } from '../../facts/kubernetes-cloud.ts'
import { type Fact, type Gap, isFact } from '../../model.ts'

/** The audited cluster that a cluster of EKS is. */
export interface Counterpart {
  readonly cluster: string
  /** Empty if the names leave no doubt. */
  readonly assumption: string
}

/**
 * Which audited cluster a cluster of EKS is: the one whose name in kubeconfig is its name or ARN, or as eksctl writes it; else, if
 * there is but one cluster on either side, that one. With more on a side nobody can tell.
 */
export class CloudClusters {
  /** Names in kubeconfig; `-` for manifests and dumps. */
  readonly audited: ReadonlySet<string>
  readonly #named: ReadonlySet<string>
  readonly #live: ReadonlySet<string>
  readonly #askedAws: boolean
  readonly #clusters: readonly Fact<typeof eksCluster>[]
  readonly #issuers: ReadonlyMap<string, string>
  readonly #endpoints: ReadonlyMap<string, string>

  constructor(facts: readonly Fact[]) {
    const objects = facts.filter((each) => isFact(k8sServiceAccount, each) || isFact(k8sWorkload, each))
    const clusters = facts.filter((each) => isFact(eksCluster, each))
    const others = facts.filter((each) => isFact(k8sCloudIdentity, each) || isFact(k8sClusterAccess, each))
    const bound = facts.filter((each) => isFact(k8sSubject, each))
    const seen = namesOf([...objects, ...bound].map(({ data }) => data.cluster))
    // Terraform speaks of a cluster, too; beside one that was looked into it is that one's declaration.
    this.audited = seen.size > 0 ? seen : namesOf(others.map(({ data }) => data.cluster))
    const written = namesOf([...clusters.map(({ data }) => data.name), ...others.map(({ data }) => data.cloudCluster)])
    // What only a run knows may be any of those that are known.
    const known = new Set([...written].filter((name) => !name.includes('${')))
    this.#named = known.size > 0 ? known : written
    const live = clusters.filter(({ scope }) => scope.startsWith('aws:'))
    this.#askedAws = facts.some(({ scope }) => scope.startsWith('aws:'))
    this.#live = namesOf(live.map(({ data }) => data.name))
    this.#clusters = clusters
    this.#issuers = mapOf(clusters, 'issuer')
    this.#endpoints = mapOf(clusters, 'endpoint')
  }

  /** Audited clusters that are of EKS by their name, where AWS was asked and did not tell of them: another account or region. */
  unmatched(gaps: readonly Gap[]): Gap[] {
    if (!this.#askedAws && !gaps.some(({ kind, scope }) => kind === eksCluster.kind && scope.startsWith('aws:')))
      return []
    const missing = [...this.audited].filter(
      (name) => namesAnother(name) && ![...this.#live].some((each) => namesCluster(name, each)),
    )
    return missing.map((name) => ({
      kind: eksCluster.kind,
      scope: `k8s:${name.replaceAll('/', '%2F')}`,
      class: 'limit',
      reason: 'cluster not seen in AWS',
      detail: `${name}: its access entries and Pod Identity associations were not seen; audit its account and region (--aws-region)`,
    }))
  }

  /** Undefined if it cannot be told. */
  counterpart(cloudCluster: string): Counterpart | undefined {
    const same = [...this.audited].find((name) => namesCluster(name, cloudCluster))
    if (same !== undefined) return { cluster: same, assumption: '' }
    const [only] = this.audited
    if (only === undefined || this.audited.size > 1 || this.#named.size > 1 || namesAnother(only)) return undefined
    const name =
      cloudCluster === '' || cloudCluster.includes('${') ? 'the only cluster of EKS' : `EKS cluster ${cloudCluster}`
    return { cluster: only, assumption: `${name} is taken for the audited cluster` }
  }

  /** The audited cluster of an issuer (host and path): `counterpart` if EKS tells its cluster, undefined if it does not. */
  ofIssuer(issuer: string): { counterpart: Counterpart | undefined } | undefined {
    const name = this.#issuers.get(issuer)
    return name === undefined ? undefined : { counterpart: this.counterpart(name) }
  }

  /**
   * Whether an audited cluster is that of an issuer, as far as its own is known: false if EKS tells that it has another one,
   * undefined if EKS does not tell.
   */
  hasIssuer(cluster: string, issuer: string): boolean | undefined {
    if (issuer === '') return undefined
    const known = this.ofIssuer(issuer)
    if (known?.counterpart) return known.counterpart.cluster === cluster
    if (known) return false
    const isOther = [...this.#issuers.values()].some((name) => {
      const counterpart = this.counterpart(name)
      return counterpart?.cluster === cluster && counterpart.assumption === ''
    })
    return isOther ? false : undefined
  }

  /**
   * Whether a cluster looks at the ConfigMap aws-auth: not with the authentication mode API. 'unknown' where the mode was not seen,
   * or is that of a cluster that is but taken for this one. What AWS tells comes before what files say.
   */
  heedsAwsAuth(cluster: string, cloudCluster: string): boolean | 'unknown' {
    const same = this.#clusters.flatMap((each) => {
      const name = each.data.name ?? ''
      if (cloudCluster !== '' && name === cloudCluster) return { each, certain: true }
      const counterpart = this.counterpart(name)
      return counterpart?.cluster === cluster ? { each, certain: counterpart.assumption === '' } : []
    })
    const live = same.filter(({ each }) => each.scope.startsWith('aws:'))
    const found = live.length > 0 ? live : same
    if (found.length === 0 || found.some(({ each }) => isConfigMapMode(each.data.authenticationMode))) return true
    return found.every(({ each, certain }) => certain && each.data.authenticationMode === 'API') ? false : 'unknown'
  }

  /** The audited cluster of an API server, in the same way. */
  ofServer(server: string): { counterpart: Counterpart | undefined } | undefined {
    const name = this.#endpoints.get(server.replace(/\/$/, ''))
    return name === undefined ? undefined : { counterpart: this.counterpart(name) }
  }
}

function isConfigMapMode(mode: string | undefined): boolean {
  return mode === 'CONFIG_MAP' || mode === 'API_AND_CONFIG_MAP'
}

function namesOf(names: readonly (string | undefined)[]): Set<string> {
  return new Set(names.filter((name): name is string => name !== undefined && name !== ''))
}

function mapOf(clusters: readonly Fact<typeof eksCluster>[], field: 'issuer' | 'endpoint'): Map<string, string> {
  const known = clusters.filter(({ data }) => data[field])
  return new Map(known.map(({ data }) => [(data[field] ?? '').toLowerCase(), data.name ?? '']))
}

const ARN = /^arn:[\w-]+:eks:[\w-]+:\d+:cluster\/(.+)$/
/** How eksctl calls clusters in kubeconfig. */
const EKSCTL = /^(.+)\.[a-z]+-[a-z-]+-\d\.eksctl\.io$/

/** Whether a name in kubeconfig is that of a cluster of EKS. */
export function namesCluster(name: string, cloudCluster: string): boolean {
  return [name, ARN.exec(name)?.[1], EKSCTL.exec(name)?.[1]].includes(cloudCluster)
}

function namesAnother(name: string): boolean {
  return ARN.test(name) || EKSCTL.test(name)
}
