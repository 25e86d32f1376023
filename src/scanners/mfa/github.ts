import { githubMember, githubOrganization } from '../../facts/github.ts'
import { type Fact, fact, type GithubTarget, type ScanContext, type Scanner, UNKNOWN } from '../../model.ts'
import { type GithubClient, openGithub } from '../../sources/github-client.ts'
import { gapFor } from '../gap-for.ts'
import { loginOf } from '../github/owner.ts'

const NEEDS_ORG =
  'the token needs read access to the organisation (admin:org as an owner; fine-grained: Administration read)'
const NEEDS_OWNER =
  'only owners may ask who has no second factor; use an owner’s token with admin:org (fine-grained: Members read)'

/** Reads who of a GitHub organisation signs in without a second factor, and whether it is required. */
export const mfaGithubScanner: Scanner = {
  id: 'github-mfa',
  emits: [githubOrganization, githubMember],
  needs: [
    'GET /orgs/{org}',
    'GET /orgs/{org}/members',
    'GET /orgs/{org}/outside_collaborators',
    'GET /users/{username}',
  ],
  requested: (context) => context.targets.github.length > 0,
  async *scan(context) {
    const deadline = Date.now() + context.limits.timeoutSeconds * 1000
    for (const target of context.targets.github) {
      const client = await openGithub(target, context.signal, deadline, context.targets)
      yield* readOwner(client, target, context)
    }
  },
}

async function* readOwner(client: GithubClient, target: GithubTarget, context: ScanContext): AsyncGenerator<Fact> {
  context.progress(`GitHub: ${target.owner}`)
  const outcome = await client.get('GET /orgs/{org}', { org: target.owner }, NEEDS_ORG)
  const owner = 'value' in outcome ? loginOf(outcome.value, target.owner) : target.owner
  const scope = `github:${owner}`
  if ('failure' in outcome) {
    if (outcome.failure.status === 404 && (await isPerson(client, owner))) {
      const detail = `${owner} is a person's account: nobody but its owner decides on a second factor`
      for (const kind of [githubOrganization, githubMember]) {
        if (context.wants(kind))
          context.gap({ kind: kind.kind, scope, class: 'limit', reason: 'no organisation', detail })
      }
      return
    }
    gapFor([githubOrganization, githubMember], scope, outcome.failure, context)
    // Credentials that the server refuses will not do for the next request either.
    if (outcome.failure.status === 401 || outcome.failure.status === undefined) return
  }
  const people = context.wants(githubMember) ? await readPeople(client, owner, scope, context) : undefined
  if ('value' in outcome && context.wants(githubOrganization)) {
    yield organizationFact(
      outcome.value,
      owner,
      scope,
      people?.filter((each) => each.role !== 'collaborator').length,
      context,
    )
  }
  for (const person of people ?? []) yield personFact(person, owner, scope)
}

async function isPerson(client: GithubClient, owner: string): Promise<boolean> {
  const outcome = await client.get('GET /users/{username}', { username: owner }, '')
  return 'value' in outcome && field(outcome.value, 'type') === 'User'
}

function organizationFact(
  body: unknown,
  owner: string,
  scope: string,
  members: number | undefined,
  context: ScanContext,
): Fact {
  const required = field(body, 'two_factor_requirement_enabled')
  if (typeof required !== 'boolean') {
    const detail =
      'GET /orgs/{org} does not tell two_factor_requirement_enabled: only owners see it (token scope admin:org); with managed users the identity provider enforces it'
    const fields = ['requiresTwoFactor']
    context.gap({
      kind: githubOrganization.kind,
      scope,
      fields,
      class: 'fault',
      reason: 'shown to owners only',
      detail,
    })
  }
  return fact(
    githubOrganization,
    scope,
    { resource: `github://${owner}` },
    {
      login: owner,
      requiresTwoFactor: typeof required === 'boolean' ? required : UNKNOWN,
      members: members ?? UNKNOWN,
    },
  )
}

interface Person {
  readonly login: string
  readonly role: 'owner' | 'member' | 'collaborator'
  readonly hasTwoFactor: boolean | undefined
  readonly twoFactor: 'enabled' | 'disabled' | 'insecure' | undefined
}

async function readPeople(client: GithubClient, owner: string, scope: string, context: ScanContext): Promise<Person[]> {
  const members = 'GET /orgs/{org}/members'
  const outside = 'GET /orgs/{org}/outside_collaborators'
  const logins = async (route: string, parameters: Record<string, string>, fields?: readonly string[]) => {
    const { items, failure } = await client.list(route, { org: owner, ...parameters }, fields ? NEEDS_OWNER : NEEDS_ORG)
    if (failure) {
      const query = new URLSearchParams(parameters).toString()
      const detail = failure.detail.replace(route, query ? `${route}?${query}` : route)
      gapFor([githubMember], scope, { ...failure, detail }, context, fields)
    }
    const names = items.flatMap((item) => {
      const login = field(item, 'login')
      return typeof login === 'string' ? [login] : []
    })
    return { names, seen: failure === undefined, set: new Set(names) }
  }
  const withFactors = async (route: string) => {
    const disabled = await logins(route, { filter: '2fa_disabled' }, ['hasTwoFactor', 'twoFactor'])
    const insecure = await logins(route, { filter: '2fa_insecure' }, ['twoFactor'])
    return (login: string): Pick<Person, 'hasTwoFactor' | 'twoFactor'> => {
      if (disabled.set.has(login)) return { hasTwoFactor: false, twoFactor: 'disabled' }
      if (insecure.set.has(login)) return { hasTwoFactor: true, twoFactor: 'insecure' }
      if (!disabled.seen) return { hasTwoFactor: undefined, twoFactor: undefined }
      return { hasTwoFactor: true, twoFactor: insecure.seen ? 'enabled' : undefined }
    }
  }
  const owners = await logins(members, { role: 'admin' })
  const others = await logins(members, { role: 'member' })
  const collaborators = await logins(outside, {})
  const managed = managedSuffix([...owners.names, ...others.names])
  if (managed !== undefined) {
    const detail = `accounts end in ${managed}: the enterprise manages them, and its identity provider, which is not asked here, decides on a second factor`
    const fields = ['hasTwoFactor', 'twoFactor']
    context.gap({ kind: githubMember.kind, scope, fields, class: 'limit', reason: 'managed users', detail })
  }
  const unseen = () => ({ hasTwoFactor: undefined, twoFactor: undefined })
  const ofMember = managed === undefined ? await withFactors(members) : unseen
  const ofCollaborator = managed === undefined ? await withFactors(outside) : unseen
  return [
    ...owners.names.map((login): Person => ({ login, role: 'owner', ...ofMember(login) })),
    ...others.names.map((login): Person => ({ login, role: 'member', ...ofMember(login) })),
    ...collaborators.names.map((login): Person => ({ login, role: 'collaborator', ...ofCollaborator(login) })),
  ]
}

/** What all names of managed users of an enterprise end in; no other name may have an underscore. */
function managedSuffix(logins: readonly string[]): string | undefined {
  const suffixes = new Set(logins.map((login) => login.slice(login.lastIndexOf('_'))))
  const [only] = suffixes
  return suffixes.size === 1 && logins[0]?.includes('_') ? only : undefined
}

function personFact({ login, role, hasTwoFactor, twoFactor }: Person, owner: string, scope: string): Fact {
  return fact(
    githubMember,
    scope,
    { resource: `github://${owner}/people/${login}` },
    {
      organization: owner,
      login,
      role,
      hasTwoFactor: hasTwoFactor ?? UNKNOWN,
      twoFactor: twoFactor ?? UNKNOWN,
    },
  )
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
