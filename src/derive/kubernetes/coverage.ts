import type { k8sAuditLog } from '../../facts/kubernetes-log.ts'
import { k8sPermission } from '../../facts/kubernetes-usage.ts'
import type { Fact, Gap } from '../../model.ts'
import { matchesPath } from './calls.ts'
import { shorten } from './held.ts'
import type { Wanted } from './permissions.ts'

const READS = new Set(['get', 'list', 'watch'])
/** The verbs of requests. What else a role may name is asked for within admission or by an extension, and is in no log. */
const LOGGED = new Set(['*', ...READS, 'create', 'update', 'patch', 'delete', 'deletecollection', 'impersonate'])
const RBAC = 'rbac.authorization.k8s.io'
const CSR = 'certificates.k8s.io'
/** Verbs that are asked for while a write of another resource is admitted. */
const ASKED_FOR_BY: Readonly<Record<string, readonly [group: string, resource: string][]>> = {
  bind: [
    [RBAC, 'rolebindings'],
    [RBAC, 'clusterrolebindings'],
  ],
  escalate: [
    [RBAC, 'roles'],
    [RBAC, 'clusterroles'],
  ],
  approve: [[CSR, 'certificatesigningrequests/approval']],
  sign: [[CSR, 'certificatesigningrequests/status']],
  attest: [[CSR, 'clustertrustbundles']],
}

/**
 * What an audit log would have shown. Audit policies leave things out: a resource is covered if the log holds any event on it,
 * reads are covered if it holds any get, list or watch. A log that holds even health checks and writes of events, which every
 * policy that leaves something out leaves out first, covers everything.
 */
export class LogCoverage {
  readonly #log: Fact<typeof k8sAuditLog>['data']
  readonly #complete: boolean
  readonly #resources: ReadonlySet<string>
  readonly #uncovered = new Set<string>()
  readonly #askedElsewhere = new Set<string>()

  /** `complete`: nothing of the log was unreadable. */
  constructor(log: Fact<typeof k8sAuditLog>['data'], complete: boolean) {
    this.#log = log
    this.#complete = complete
    this.#resources = new Set(log.resources)
  }

  /** Whether a use of the permission would be in the log. What is not is remembered for {@link gaps}. */
  covers(wanted: Wanted): boolean {
    if (!this.#complete) return false
    const { coversReads, coversAll } = this.#log
    const reads = wanted.verb === '*' || READS.has(wanted.verb)
    if (
      wanted.nonResource
        ? coversAll || this.#holdsPath(wanted.plainResource)
        : (coversReads || !reads) && (coversAll || this.#holds(wanted))
    ) {
      return true
    }
    this.#uncovered.add(reads && !coversReads && !wanted.nonResource ? 'get, list and watch' : nameOf(wanted))
    return false
  }

  #holdsPath(path: string): boolean {
    return (this.#log.urls ?? []).some((url) => matchesPath(path, url))
  }

  #holds({ apiGroup, plainResource, verb }: Wanted): boolean {
    // Impersonation is a part of every event of whoever is impersonated.
    if (verb === 'impersonate') return this.#resources.size > 0
    const base = plainResource.replace(/\/.*/, '')
    if (base !== '*' && apiGroup !== '*') return this.#resources.has(apiGroup === '' ? base : `${apiGroup}/${base}`)
    return [...this.#resources].some((resource) => {
      const [name = '', group = ''] = resource.split('/').reverse()
      return (base === '*' || base === name) && (apiGroup === '*' || apiGroup === group)
    })
  }

  /** For what is in no log: the writes by which it would be used; undefined for the verbs of requests. */
  impliedBy(wanted: Wanted): Wanted[] | 'never-logged' | undefined {
    const { verb, nonResource } = wanted
    if (isAskedElsewhere(wanted)) {
      this.#askedElsewhere.add(wanted.plainResource)
      return 'never-logged'
    }
    if (nonResource || LOGGED.has(verb)) return undefined
    const writes = ASKED_FOR_BY[verb]
    if (!writes) return 'never-logged'
    return writes.flatMap(([apiGroup, plainResource]) =>
      ['create', 'update', 'patch'].map((each) => ({
        verb: each,
        apiGroup,
        plainResource,
        resourceName: '',
        nonResource: false,
      })),
    )
  }

  /** Gaps that name what the log does not cover, and what none does. */
  gaps(scope: string): Gap[] {
    const gap = (reason: string, detail: string): Gap => {
      return { kind: k8sPermission.kind, scope, fields: ['used'], class: 'limit', reason, detail }
    }
    const what = (names: ReadonlySet<string>) => shorten([...names].sort())
    const found: Gap[] = []
    if (this.#uncovered.size > 0) {
      const detail = `the audit log holds no event on ${what(this.#uncovered)}: whether permissions on it are used cannot be told`
      found.push(gap('not covered by the audit log', detail))
    }
    if (this.#askedElsewhere.size > 0) {
      const detail = `kubelets and servers of metrics ask for ${what(this.#askedElsewhere)} when they are called: whether permissions on it are used cannot be told`
      found.push(gap('not in any audit log', detail))
    }
    return found
  }
}

/**
 * What other servers than the API server ask for: kubelets on their own API, and whoever serves metrics to those whose token the
 * API server reviews. The call itself is in no audit log.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
 */
function isAskedElsewhere({ apiGroup, plainResource, nonResource }: Wanted): boolean {
  if (nonResource) return /^\/metrics(?:\/|$)/.test(plainResource)
  return apiGroup === '' && KUBELET.has(plainResource)
}

const KUBELET = new Set(
  ['checkpoint', 'configz', 'healthz', 'log', 'metrics', 'pods', 'proxy', 'spec', 'stats'].map(
    (name) => `nodes/${name}`,
  ),
)

function nameOf({ apiGroup, plainResource }: Wanted): string {
  const base = plainResource.startsWith('/') ? plainResource : plainResource.replace(/\/.*/, '')
  return apiGroup === '' ? base : `${apiGroup}/${base}`
}
