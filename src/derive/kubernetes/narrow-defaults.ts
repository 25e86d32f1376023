import { groupBy } from '../grouping.ts'
import { impliedGroups } from './calls.ts'
import { isDefault } from './grants.ts'
import type { Rbac, SubjectFact } from './rbac.ts'
import { type HeldRules, heldBy, type PolicyRule } from './replay.ts'

/** Name by which the API server knows a subject; undefined for a group. */
export function userOf({ subjectKind, subject, namespace, name }: SubjectFact['data']): string | undefined {
  if (subjectKind === 'Group') return undefined
  return subjectKind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : subject
}

/** Every group that a user is in: those that the log names, and those that go without saying. */
export function groupsOf(user: string, named: readonly string[]): string[] {
  const authenticated = user === 'system:anonymous' ? [] : ['system:authenticated']
  return [...new Set([...named, ...impliedGroups(user), ...authenticated])]
}

/** What the API server's own bindings allow to everybody, so that no suggestion need repeat it. */
export class DefaultGrants {
  /** Whether they were seen; else those that every API server makes at each start count. */
  readonly seen: boolean
  readonly #bySubject: ReadonlyMap<string, readonly HeldRules[]>
  readonly #cache = new Map<string, readonly HeldRules[]>()

  constructor(rbac: Rbac) {
    const own = rbac.grants.filter(isDefault)
    this.seen = own.some(({ binding, roleKnown }) => binding.data.roleName === 'system:discovery' && roleKnown)
    const held = own.flatMap((grant) =>
      grant.subjects.map((subject): [string, HeldRules] => [keyOf(subject.data), heldBy(grant)]),
    )
    if (!this.seen) held.push(...ALWAYS)
    const grouped = groupBy(held, ([key]) => key)
    this.#bySubject = new Map([...grouped].map(([key, list]) => [key, list.map(([, rules]) => rules)]))
  }

  /** What a user of these groups may do by them. */
  of(user: string, groups: readonly string[]): readonly HeldRules[] {
    const key = [user, ...groups].join('\0')
    const known = this.#cache.get(key)
    if (known) return known
    const all = groupsOf(user, groups).map((group) => `Group ${group}`)
    const held = [`User ${user}`, ...all].flatMap((subject) => this.#bySubject.get(subject) ?? [])
    this.#cache.set(key, held)
    return held
  }
}

function keyOf(subject: SubjectFact['data']): string {
  const user = userOf(subject)
  return user === undefined ? `Group ${subject.subject}` : `User ${user}`
}

const paths = (...nonResourceUrls: string[]): PolicyRule => ({ nonResourceUrls, verbs: ['get'] })
const PUBLIC = ['/healthz', '/livez', '/readyz', '/version', '/version/']
/**
 * The bootstrap bindings of system:basic-user, system:discovery, system:public-info-viewer and
 * system:service-account-issuer-discovery. Source: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go of Kubernetes.
 */
const ALWAYS: readonly [string, HeldRules][] = [
  [
    'Group system:authenticated',
    {
      scope: '*',
      rules: [
        paths(...PUBLIC, '/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'),
        {
          apiGroups: ['authorization.k8s.io'],
          resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
          verbs: ['create'],
        },
        { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
      ],
    },
  ],
  [
    'Group system:serviceaccounts',
    {
      scope: '*',
      rules: [
        paths(
          '/.well-known/openid-configuration',
          '/.well-known/openid-configuration/',
          '/openid/v1/jwks',
          '/openid/v1/jwks/',
        ),
      ],
    },
  ],
]
