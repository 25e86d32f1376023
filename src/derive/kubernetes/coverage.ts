import type { k8sAuditLog } from '../../facts/kubernetes-log.ts'
import { k8sPermission } from '../../facts/kubernetes-usage.ts'
import type { Fact, Gap } from '../../model.ts'
import { isUsuallyLeftOut, provenBy } from '../../reference/kubernetes-audit-policies.ts'
import { type CallIndex, isImplied, matchesPath, userName } from './calls.ts'
import { shorten } from './held.ts'
import type { Wanted } from './permissions.ts'
import type { SubjectFact } from './rbac.ts'

type Log = Fact<typeof k8sAuditLog>['data']
type Subject = SubjectFact['data']

const READS = new Set(['get', 'list', 'watch'])
/** The verbs of requests. What else a role may name is asked for within admission or by an extension, and is in no log. */
const LOGGED = new Set(['*', ...READS, 'create', 'update', 'patch', 'delete', 'deletecollection', 'impersonate'])
const RBAC = 'rbac.authorization.k8s.io'
const CSR = 'certificates.k8s.io'
/** Subresources whose calls are data in the eyes of GKE: logs of pods are read, the status is written by controllers. */
const DATA_PARTS = new Set(['log', 'status', 'proxy', 'exec', 'attach', 'portforward'])
const IMPERSONATED = /^(?:\*|users|groups|serviceaccounts|uids|userextras\/.*)$/
/** Verbs that are asked for while a write of another resource is admitted. */
export const ASKED_FOR_BY: Readonly<Record<string, readonly [group: string, resource: string][]>> = {
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
 * reads are covered if it holds any get, list or watch, users of the control plane if it holds any event of theirs. A log that holds even
 * health checks and writes of events, which every policy that leaves something out leaves out first, covers all resources.
 */
export class LogCoverage {
  readonly #log: Log
  readonly #complete: boolean
  readonly #calls: CallIndex
  readonly #resources: ReadonlySet<string>
  readonly #uncovered = new Set<string>()
  #lacksReads = false
  readonly #hidden = new Map<string, Set<string>>()

  /** `complete`: nothing of the log was unreadable. */
  constructor(log: Log, complete: boolean, calls: CallIndex) {
    this.#log = log
    this.#complete = complete
    this.#calls = calls
    this.#resources = new Set(log.resources)
  }

  /** Whether a use of the permission by the subject would be in the log. What is not is remembered for {@link gaps}. */
  covers(wanted: Wanted, subject: Subject): boolean {
    if (!this.#complete) return false
    return this.#coversCall(wanted) && this.#coversSubject(wanted, subject) && this.#tellsApart(wanted, subject)
  }

  /** Whether the log would tell of calls of a subject at all: that it holds none of a group says nothing where it names no groups. */
  showsCaller(subject: Subject): boolean {
    if (!this.#complete) return false
    const user = userName(subject)
    if (subject.subjectKind === 'Group') return this.#log.showsGroups === true || isImplied(user)
    const others = provenBy(user)
    return others === undefined || this.#calls.holdsCaller(others)
  }

  #coversCall(wanted: Wanted): boolean {
    const { coversAll } = this.#log
    const missing = wanted.nonResource ? undefined : this.#missingReads(wanted.verb)
    const holds = wanted.nonResource
      ? coversAll || this.#holdsPath(wanted.plainResource)
      : (coversAll || this.#holds(wanted)) && this.#holdsPart(wanted)
    if (missing === undefined && holds) return true
    this.#uncovered.add(missing ?? nameOf(wanted))
    if (missing !== undefined) this.#lacksReads = true
    return false
  }

  /** The reads that the verb needs and the log does not hold, in words. */
  #missingReads(verb: string): string | undefined {
    const { coversReads, coversWatches } = this.#log
    if (coversReads || !(verb === '*' || READS.has(verb))) return undefined
    if (!coversWatches) return 'get, list and watch'
    return verb === 'watch' ? undefined : 'get and list'
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

  /** GKE has three kinds of Data Access logs, each to be switched on: what they hold shows in subresources. */
  #holdsPart({ plainResource }: Wanted): boolean {
    const [, part] = plainResource.split('/')
    if (part === undefined || !DATA_PARTS.has(part)) return true
    return !this.#log.forms?.some((form) => form.startsWith('GKE')) || this.#calls.holdsSubresource(part)
  }

  /** Whether the log holds calls of such users, and not only of others. */
  #coversSubject({ verb, apiGroup, plainResource, nonResource }: Wanted, subject: Subject): boolean {
    const user = userName(subject)
    if (subject.subjectKind === 'Group') {
      if (this.#log.showsGroups || isImplied(user)) return true
      return this.#hide(NO_GROUPS, user)
    }
    const others = provenBy(user)
    const left = !nonResource && isUsuallyLeftOut(user, verb, apiGroup, plainResource.replace(/\/.*/, ''))
    if (!left && (others === undefined || this.#calls.holdsCaller(others))) return true
    return this.#hide(NO_USERS, user)
  }

  /** Calls in another's name look like the subject's own where the log does not tell them. */
  #tellsApart({ verb, plainResource, nonResource }: Wanted, subject: Subject): boolean {
    const mayImpersonate = verb === 'impersonate' || (verb === '*' && !nonResource && IMPERSONATED.test(plainResource))
    if (!mayImpersonate || this.#log.showsImpersonation || !this.#calls.knows(subject)) return true
    return this.#hide(NO_IMPERSONATION, userName(subject))
  }

  #hide(why: string, whom: string): false {
    const known = this.#hidden.get(why) ?? new Set()
    this.#hidden.set(why, known.add(whom))
    return false
  }

  /** For a verb that is in no log: the writes by which it would be used; undefined for the verbs of requests. */
  impliedBy({ verb, nonResource }: Wanted): Wanted[] | 'never-logged' | undefined {
    if (nonResource || LOGGED.has(verb)) return undefined
    const writes = ASKED_FOR_BY[verb]
    if (!writes) return 'never-logged'
    return writes.flatMap(([apiGroup, plainResource]) => writesOf(apiGroup, plainResource))
  }

  /** One gap that names what the log does not cover, and one for each kind of users of whom it does not tell. */
  gaps(scope: string): Gap[] {
    const gaps: Gap[] = []
    const add = (detail: string) =>
      gaps.push({
        kind: k8sPermission.kind,
        scope,
        fields: ['used'],
        class: 'limit',
        reason: 'not covered by the audit log',
        detail,
      })
    if (this.#uncovered.size > 0) {
      const what = shorten([...this.#uncovered].sort())
      const help = this.#lacksReads ? helpWithReads(this.#log.forms) : ''
      add(`the audit log holds no event on ${what}: whether permissions on it are used cannot be told${help}`)
    }
    for (const [why, whom] of this.#hidden) {
      add(`${why}: whether grants to ${shorten([...whom].sort())} are used cannot be told`)
    }
    return gaps
  }
}

const NO_GROUPS = 'logs of GKE name no groups'
const NO_USERS = 'audit policies leave out calls of the control plane, and the log holds none of these users'
const NO_IMPERSONATION = 'logs of GKE and tables of AKS do not tell calls in another’s name'

/** What to switch on, by the forms that the log came in. */
function helpWithReads(forms: readonly string[] = []): string {
  if (forms.includes('GKE activity')) return '; in GKE, reads are in the Data Access logs'
  return forms.some((form) => /^AKS .*admin$/i.test(form)) ? '; in AKS, reads are in the category kube-audit' : ''
}

/** Everything that writes objects of a resource. */
export function writesOf(apiGroup: string, plainResource: string): Wanted[] {
  const same = { apiGroup, plainResource, resourceName: '', nonResource: false }
  return ['create', 'update', 'patch'].map((verb) => ({ verb, ...same }))
}

function nameOf({ apiGroup, plainResource }: Wanted): string {
  const base = plainResource.startsWith('/') ? plainResource : plainResource.replace(/\/.*/, '')
  const part = DATA_PARTS.has(plainResource.slice(base.length + 1)) ? plainResource.slice(base.length) : ''
  return `${apiGroup === '' ? '' : `${apiGroup}/`}${base}${part}`
}
