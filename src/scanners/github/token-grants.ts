import { githubTokenGrant } from '../../facts/github-credentials.ts'
import { type Fact, fact } from '../../model.ts'
import { githubNeeds } from '../../reference/github-permissions.ts'
import { daysSince, field, permissionsOf, textOf } from './body.ts'
import { type GithubReader, listOrGap } from './reader.ts'

const GRANTED = 'GET /orgs/{org}/personal-access-tokens'
const PENDING = 'GET /orgs/{org}/personal-access-token-requests'

/** Fine-grained tokens that an organisation lets in, and those that wait. Without an App nothing is asked: GitHub answers no others. */
export async function tokenGrants(reader: GithubReader): Promise<Fact[]> {
  const { owner, client, context } = reader
  if (!context.wants(githubTokenGrant)) return []
  const scope = `github:${owner}`
  if (client.credential !== 'app') {
    context.gap({
      kind: githubTokenGrant.kind,
      scope,
      class: 'limit',
      reason: 'shown to Apps only',
      detail: `${GRANTED}: ${githubNeeds(GRANTED)} (docs/github.md)`,
    })
    return []
  }
  const read = async (route: string, status: 'granted' | 'pending') => {
    const { items } = await listOrGap(reader, scope, [githubTokenGrant], [route, { org: owner }])
    return items.map((item) => grantFact(item, status, reader))
  }
  return (await Promise.all([read(GRANTED, 'granted'), read(PENDING, 'pending')])).flat()
}

function grantFact(item: unknown, status: 'granted' | 'pending', { owner, context }: GithubReader): Fact {
  const permissions = field(item, 'permissions')
  const ends = field(item, 'token_expires_at')
  const id = textOf(item, 'token_id')
  const since = field(item, status === 'granted' ? 'access_granted_at' : 'created_at')
  return fact(
    githubTokenGrant,
    `github:${owner}`,
    { resource: `github://${owner}/tokens/${String(id)}` },
    {
      id,
      organization: owner,
      name: textOf(item, 'token_name'),
      person: textOf(field(item, 'owner'), 'login'),
      status,
      repositorySelection: textOf(item, 'repository_selection'),
      permissions: ['organization', 'repository', 'other'].flatMap((part) => permissionsOf(field(permissions, part))),
      expires: typeof ends === 'string',
      expired: field(item, 'token_expired') === true,
      ageDays: daysSince(since, context.now),
      usedDays: daysSince(field(item, 'token_last_used_at'), context.now, -1),
    },
  )
}
