import type { k8sAuditLog } from '../../facts/kubernetes-log.ts'
import { k8sPermission } from '../../facts/kubernetes-usage.ts'
import type { Fact, Gap } from '../../model.ts'
import type { Calls } from './calls.ts'
import { shorten } from './held.ts'
import type { Wanted } from './permissions.ts'

const REVIEWS = 'authorization.k8s.io/subjectaccessreviews'
const WRITES = new Set(['create', 'update', 'patch'])

/**
 * Permissions whose use is no call of who holds them. A kubelet that is asked for metrics or logs, and a proxy in front of some
 * `/metrics`, ask the API server with a SubjectAccessReview, and the log tells only who asked. `update` on `…/finalizers` is asked
 * for while an object with an owner is written, where the admission plugin OwnerReferencesPermissionEnforcement is on.
 */
export class AskedElsewhere {
  readonly #byKubelets: boolean
  readonly #byProxies: boolean
  readonly #told = new Set<string>()

  constructor(calls: readonly Calls[], { resources = [], coversAll }: Fact<typeof k8sAuditLog>['data']) {
    const reviewers = calls
      .filter(({ data }) => data.verb === 'create' && `${data.apiGroup}/${data.resource}` === REVIEWS)
      .map(({ data }) => data.user ?? '')
    // Where a log leaves something out, reviews may be what it leaves out.
    const unseen = !coversAll && !resources.includes(REVIEWS)
    this.#byKubelets = unseen || reviewers.some((user) => user.startsWith('system:node:'))
    this.#byProxies = reviewers.some((user) => /^system:(?:serviceaccount:|kube-)/.test(user))
  }

  /** What is taken for granted wherever a wildcard is narrowed to the calls seen. */
  get assumptions(): string[] {
    if (!this.#byKubelets && !this.#byProxies) return []
    return [
      `nothing was used only where ${this.#byKubelets ? 'kubelets' : 'proxies'} ask for the rights of their callers`,
    ]
  }

  /** Why nobody can tell whether a permission was used by somebody with these calls; empty if the calls tell. */
  reason({ verb, apiGroup, plainResource, nonResource }: Wanted, own: readonly Calls[]): string {
    if (nonResource) {
      return this.#byProxies
        ? this.#open(plainResource, 'something in the cluster asks for the rights of its own callers')
        : ''
    }
    if (apiGroup === '' && /^nodes\/(?!status$)/.test(plainResource) && this.#byKubelets) {
      return this.#open(plainResource, 'kubelets ask for it, and the log does not tell for whom')
    }
    const isUpdate = verb === 'update' || verb === 'patch' || verb === '*'
    if (!isUpdate || !plainResource.endsWith('/finalizers')) return ''
    return own.some(({ data }) => WRITES.has(data.verb ?? ''))
      ? this.#open('finalizers', 'asked for while an object with an owner is written, and in no log')
      : ''
  }

  #open(what: string, reason: string): string {
    this.#told.add(what)
    return reason
  }

  /** One gap that names what nobody can tell of. */
  gaps(scope: string): Gap[] {
    if (this.#told.size === 0) return []
    const detail = `kubelets, proxies and admission ask for ${shorten([...this.#told].sort())} on behalf of others: whether permissions on it are used cannot be told`
    return [
      { kind: k8sPermission.kind, scope, fields: ['used'], class: 'limit', reason: 'not in any audit log', detail },
    ]
  }
}
