import type { GithubFailure } from '../../sources/github-client.ts'
import { field } from './body.ts'
import { type GithubReader, isHopeless } from './reader.ts'

export type GithubOwner =
  | { readonly type: 'organization'; readonly login: string; readonly body: unknown }
  | { readonly type: 'person'; readonly login: string; readonly isOneself: boolean }
  | { readonly failure: GithubFailure }

/** Whose repositories a target names. An organisation that may not be seen is a failure, as is a server that does not answer. */
export async function ownerOf(reader: GithubReader): Promise<GithubOwner> {
  const { owner, client } = reader
  const organization = await reader.get('GET /orgs/{org}', { org: owner })
  if ('value' in organization) {
    return { type: 'organization', login: loginOf(organization.value, owner), body: organization.value }
  }
  const { failure } = organization
  if (isHopeless(failure)) return { failure }
  const person = await reader.get('GET /users/{username}', { username: owner })
  if ('failure' in person || field(person.value, 'type') !== 'User') return { failure }
  // Without a token nobody is oneself; an App is no person.
  const self = client.credential === 'token' ? await reader.get('GET /user', {}) : undefined
  const name = self && 'value' in self ? field(self.value, 'login') : undefined
  const isOneself = String(name).toLowerCase() === owner.toLowerCase()
  return { type: 'person', login: loginOf(person.value, owner), isOneself }
}

/** The name as GitHub writes it, which takes it in small letters and capitals alike. */
export function loginOf(body: unknown, owner: string): string {
  const login = field(body, 'login')
  return typeof login === 'string' && login.toLowerCase() === owner.toLowerCase() ? login : owner
}
