import type { GithubFailure } from '../../sources/github-client.ts'
import { field } from './body.ts'
import type { GithubOwner } from './owner.ts'
import type { GithubReader } from './reader.ts'
import { type GithubRepo, repoOf } from './repository.ts'

export interface Repositories {
  readonly repositories: readonly GithubRepo[]
  /** Why there may be more. */
  readonly failure?: GithubFailure
}

/** The repository that a target names, or all of its owner by name, archived ones left out: nothing runs in them any more. */
export async function listRepositories(
  reader: GithubReader,
  owner: GithubOwner & { type: string },
): Promise<Repositories> {
  const { target } = reader
  if (target.repository) return one(reader, target.repository)
  const { items, failure } = await listed(reader, owner)
  const bodies = items.filter((body) => field(body, 'archived') !== true)
  const all = await Promise.all(
    bodies.map(async (body): Promise<Repositories> => {
      if (!isWhole(body)) return one(reader, String(field(body, 'name')))
      const repo = repoOf(body, reader.owner, reader.client)
      return { repositories: repo ? [repo] : [] }
    }),
  )
  const repositories = all.flatMap((each) => each.repositories)
  const missing = failure ?? all.find((each) => each.failure)?.failure
  repositories.sort((a, b) => (a.name < b.name ? -1 : 1))
  return { repositories, ...(missing && { failure: missing }) }
}

async function one(reader: GithubReader, name: string): Promise<Repositories> {
  const outcome = await reader.get('GET /repos/{owner}/{repo}', { owner: reader.owner, repo: name })
  if ('failure' in outcome) return { repositories: [], failure: outcome.failure }
  const repo = repoOf(outcome.value, reader.owner, reader.client)
  return { repositories: repo ? [repo] : [] }
}

/** What lists leave out beside this is asked for where it is needed. */
function isWhole(body: unknown): boolean {
  return typeof field(body, 'default_branch') === 'string'
}

function listed(reader: GithubReader, owner: GithubOwner & { type: string }) {
  if (owner.type === 'organization') return reader.list('GET /orgs/{org}/repos', { org: reader.owner, type: 'all' })
  if ('isOneself' in owner && owner.isOneself) return reader.list('GET /user/repos', { affiliation: 'owner' })
  return reader.list('GET /users/{username}/repos', { username: reader.owner, type: 'owner' })
}
