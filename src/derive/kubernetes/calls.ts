import type { k8sCalls } from '../../facts/kubernetes-log.ts'
import type { Fact } from '../../model.ts'
import type { Wanted } from './permissions.ts'
import type { SubjectFact } from './rbac.ts'

export type Calls = Fact<typeof k8sCalls>
type Subject = SubjectFact['data']

/** The calls of one subject; a log may hold 100,000 kinds of calls, and each permission asks. */
interface Own {
  readonly all: Calls[]
  readonly byRequest: Map<string, Calls[]>
}

/** Calls that were allowed, by who made them. Calls in another's name prove nothing of what that one needs. */
export class CallIndex {
  readonly #users = new Map<string, Own>()
  readonly #groups = new Map<string, Own>()
  readonly #callers = new Set<string>()
  readonly #subresources = new Set<string>()

  constructor(calls: readonly Calls[]) {
    for (const call of calls) {
      const { user = '', groups = [], impersonator, decision, resource = '' } = call.data
      this.#callers.add(impersonator || user)
      if (!resource.startsWith('/') && resource.includes('/'))
        this.#subresources.add(resource.slice(resource.indexOf('/') + 1))
      if (decision !== 'allow' || impersonator !== '') continue
      add(this.#users, user, call)
      for (const group of new Set([...groups, ...impliedGroups(user)])) add(this.#groups, group, call)
    }
  }

  /** Whether the subject made any call that was allowed. */
  knows(subject: Subject): boolean {
    return this.#own(subject) !== undefined
  }

  /** Whether the log holds any call of a user of that name, or of one that begins with it, allowed or not. */
  holdsCaller(name: string): boolean {
    return this.#callers.has(name) || (name.endsWith(':') && [...this.#callers].some((user) => user.startsWith(name)))
  }

  /** Whether the log holds any call on such a subresource (`log`) of any resource. */
  holdsSubresource(name: string): boolean {
    return this.#subresources.has(name)
  }

  /** Every call of the subject that was allowed, by whatever grant. */
  of(subject: Subject): readonly Calls[] {
    return this.#own(subject)?.all ?? []
  }

  /** The calls that used a permission in its scope; `uncertain` if one may have, but its object's name was not kept. */
  using(
    wanted: Wanted,
    subject: Subject,
    scope: string,
  ): { readonly calls: readonly Calls[]; readonly uncertain: boolean } {
    const own = this.#own(subject)
    if (!own) return NONE
    const isExact = ![wanted.verb, wanted.apiGroup, wanted.plainResource].some((part) => part.includes('*'))
    const candidates = isExact ? (own.byRequest.get(requestKey(wanted)) ?? []) : own.all
    const matching = candidates.filter(
      (call) => (isExact || matchesRequest(wanted, call.data)) && isInScope(scope, call),
    )
    if (wanted.resourceName === '') return { calls: matching, uncertain: false }
    return {
      calls: matching.filter(({ data }) => data.names?.includes(wanted.resourceName)),
      uncertain: matching.some(({ data }) => !data.namesComplete),
    }
  }

  #own(subject: Subject): Own | undefined {
    if (subject.subjectKind === 'Group') return this.#groups.get(subject.subject ?? '')
    return this.#users.get(userName(subject))
  }
}

/** What audit logs call the subject. */
export function userName({ subjectKind, subject = '', namespace, name }: Subject): string {
  return subjectKind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : subject
}

const NONE = { calls: [], uncertain: false }

function add(index: Map<string, Own>, key: string, call: Calls): void {
  const own: Own = index.get(key) ?? { all: [], byRequest: new Map() }
  index.set(key, own)
  own.all.push(call)
  const { verb = '', apiGroup = '', resource: plainResource = '' } = call.data
  const request = requestKey({ verb, apiGroup, plainResource })
  const same = own.byRequest.get(request)
  if (same) same.push(call)
  else own.byRequest.set(request, [call])
}

function requestKey({ verb, apiGroup, plainResource }: Pick<Wanted, 'verb' | 'apiGroup' | 'plainResource'>): string {
  return `${verb} ${apiGroup}/${plainResource}`
}

/** Groups that follow from the name of a user, whether or not the log names them. */
export function impliedGroups(user: string): string[] {
  if (user === 'system:anonymous') return ['system:unauthenticated']
  const everyone = 'system:authenticated'
  if (user.startsWith('system:node:')) return [everyone, 'system:nodes']
  const [, namespace] = /^system:serviceaccount:([^:]+):/.exec(user) ?? []
  return namespace ? [everyone, 'system:serviceaccounts', `system:serviceaccounts:${namespace}`] : [everyone]
}

/** Whether the names of users tell who is in the group. */
export function isImplied(group: string): boolean {
  return /^system:(?:serviceaccounts(?::.*)?|authenticated|unauthenticated|nodes)$/.test(group)
}

/** A call without a namespace, or on another one, is not allowed by a RoleBinding. */
function isInScope(scope: string, { data }: Calls): boolean {
  return scope === '*' || data.namespace === scope
}

/** Whether a permission is on a request's verb and resource, as the RBAC authoriser compares them; names are another matter. */
export function matchesRequest(
  wanted: Omit<Wanted, 'resourceName'>,
  { verb = '', apiGroup = '', resource = '' }: Pick<Calls['data'], 'verb' | 'apiGroup' | 'resource'>,
): boolean {
  if (wanted.verb !== '*' && wanted.verb !== verb) return false
  if (wanted.nonResource !== resource.startsWith('/')) return false
  if (wanted.nonResource) return matchesPath(wanted.plainResource, resource)
  if (wanted.apiGroup !== '*' && wanted.apiGroup !== apiGroup) return false
  const { plainResource } = wanted
  if (plainResource === '*' || plainResource === resource) return true
  return plainResource.startsWith('*/') && resource.endsWith(plainResource.slice(1)) && resource.includes('/')
}

/** Only a `*` at the end is a wildcard. */
export function matchesPath(own: string, path: string): boolean {
  return own.endsWith('*') ? path.startsWith(own.slice(0, -1)) : own === path
}
