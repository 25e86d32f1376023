import { githubCollaborator, githubDeployKey, githubSecret } from '../../facts/github-credentials.ts'
import { githubRunner, githubWebhook } from '../../facts/github-settings.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { daysSince, field, flagOf, listOf, namesOf, textOf } from './body.ts'
import { type GithubReader, listOrGap } from './reader.ts'
import type { GithubRepo } from './repository.ts'

/** What opens a repository, and what it holds for its workflows: deploy keys, secrets, webhooks, runners, people from outside. */
export async function readCredentials(reader: GithubReader, repo: GithubRepo): Promise<Fact[]> {
  const { context } = reader
  const parts: Promise<Fact[]>[] = []
  if (context.wants(githubDeployKey)) parts.push(deployKeys(reader, repo))
  if (context.wants(githubSecret)) parts.push(secrets(reader, repo))
  if (context.wants(githubWebhook)) parts.push(webhooks(reader, repo))
  if (context.wants(githubRunner)) parts.push(runners(reader, repo))
  if (context.wants(githubCollaborator)) parts.push(collaborators(reader, repo))
  return (await Promise.all(parts)).flat()
}

/** A webhook of an organisation or a repository. Its address may hold a token: only scheme and host are kept. */
export function webhookFact(hook: unknown, source: string, scope: string): Fact {
  const config = field(hook, 'config')
  const address = field(config, 'url')
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined
  const insecure = field(config, 'insecure_ssl')
  const id = textOf(hook, 'id')
  return fact(
    githubWebhook,
    scope,
    { resource: `github://${source}/hooks/${String(id)}` },
    {
      id,
      source,
      host: url?.hostname ?? UNKNOWN,
      scheme: url?.protocol.replace(':', '') ?? UNKNOWN,
      active: flagOf(hook, 'active'),
      events: namesOf(hook, 'events'),
      // Absent is GitHub's default, which checks.
      verifiesTls: String(insecure ?? 0) === '0',
      // GitHub shows stars in its place, or nothing.
      hasSecret: typeof field(config, 'secret') === 'string',
    },
  )
}

async function webhooks(reader: GithubReader, { owner, name, fullName, scope }: GithubRepo): Promise<Fact[]> {
  const route = 'GET /repos/{owner}/{repo}/hooks'
  const { items } = await listOrGap(reader, scope, [githubWebhook], [route, { owner, repo: name }])
  return items.map((hook) => webhookFact(hook, fullName, scope))
}

async function deployKeys(reader: GithubReader, { owner, name, fullName, scope }: GithubRepo): Promise<Fact[]> {
  const route = 'GET /repos/{owner}/{repo}/keys'
  const { items } = await listOrGap(reader, scope, [githubDeployKey], [route, { owner, repo: name }])
  const { now } = reader.context
  return items.map((key) => {
    const id = textOf(key, 'id')
    const readOnly = flagOf(key, 'read_only')
    const lastUsed = field(key, 'last_used')
    return fact(
      githubDeployKey,
      scope,
      { resource: `github://${fullName}/keys/${String(id)}` },
      {
        id,
        repository: fullName,
        title: textOf(key, 'title'),
        canWrite: readOnly === UNKNOWN ? UNKNOWN : !readOnly,
        enabled: field(key, 'enabled') !== false,
        addedBy: typeof field(key, 'added_by') === 'string' ? textOf(key, 'added_by') : '',
        ageDays: daysSince(field(key, 'created_at'), now),
        usedDays: daysSince(lastUsed, now, -1),
      },
    )
  })
}

async function secrets(reader: GithubReader, repo: GithubRepo): Promise<Fact[]> {
  const route = 'GET /repos/{owner}/{repo}/actions/secrets'
  const parameters = { owner: repo.owner, repo: repo.name }
  const { items } = await listOrGap(reader, repo.scope, [githubSecret], [route, parameters, 'secrets'])
  return items.map((secret) => secretFact(secret, repo, '', reader.context.now))
}

/** A secret of a repository or, if named, of one of its environments. */
export function secretFact(secret: unknown, { fullName, scope }: GithubRepo, environment: string, now: Date): Fact {
  const name = textOf(secret, 'name')
  const folder = environment ? `environments/${environment}/` : ''
  return fact(
    githubSecret,
    scope,
    { resource: `github://${fullName}/${folder}secrets/${String(name)}` },
    {
      name,
      level: environment ? 'environment' : 'repository',
      source: fullName,
      environment,
      visibility: '',
      ageDays: daysSince(field(secret, 'updated_at'), now),
    },
  )
}

async function runners(reader: GithubReader, { owner, name, fullName, scope }: GithubRepo): Promise<Fact[]> {
  const route = 'GET /repos/{owner}/{repo}/actions/runners'
  const { items } = await listOrGap(reader, scope, [githubRunner], [route, { owner, repo: name }, 'runners'])
  return items.map((runner) => {
    const called = textOf(runner, 'name')
    return fact(
      githubRunner,
      scope,
      { resource: `github://${fullName}/runners/${String(called)}` },
      {
        repository: fullName,
        name: called,
        os: textOf(runner, 'os'),
        labels: listOf(runner, 'labels').map((label) => String(field(label, 'name'))),
        ephemeral: flagOf(runner, 'ephemeral'),
      },
    )
  })
}

const MAY_WRITE = ['push', 'maintain', 'admin']

async function collaborators(reader: GithubReader, { owner, name, fullName, scope }: GithubRepo): Promise<Fact[]> {
  const route = 'GET /repos/{owner}/{repo}/collaborators'
  const parameters = { owner, repo: name, affiliation: 'outside' }
  const { items } = await listOrGap(reader, scope, [githubCollaborator], [route, parameters])
  return items
    .filter((person) => MAY_WRITE.some((right) => field(field(person, 'permissions'), right) === true))
    .map((person) => {
      const login = textOf(person, 'login')
      return fact(
        githubCollaborator,
        scope,
        { resource: `github://${fullName}/collaborators/${String(login)}` },
        {
          repository: fullName,
          login,
          role: textOf(person, 'role_name'),
        },
      )
    })
}
