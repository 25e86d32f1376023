import { ciJob } from '../facts/pipeline.ts'
import { ciCloudAccess, ciCloudLogin } from '../facts/pipeline-cloud.ts'
import { ciCloudCredential, ciSecretUse } from '../facts/pipeline-secrets.ts'
import { type DataOf, type Fact, type FactKind, isFact } from '../model.ts'
import type { Column, Row, Table } from '../table.ts'
import { cell, groupBy, listCell, placeCell } from './cells.ts'

/** The kinds that the tables of pipelines are made of. */
export const PIPELINE_KINDS: readonly FactKind[] = [ciJob, ciCloudLogin, ciCloudAccess, ciCloudCredential, ciSecretUse]

const COLUMNS: readonly Column[] = [
  { id: 'name', title: 'Job', meaning: 'Workflow and job, as FILE#JOB', for: 'all' },
  { id: 'events', title: 'Started by', meaning: 'Events that start its workflow', for: 'all' },
  { id: 'environment', title: 'Environment', meaning: 'Deployment environment; empty without one', for: 'all' },
  {
    id: 'permissions',
    title: 'Token',
    meaning: 'Permissions of its token, as written; `default` where none are',
    for: 'all',
  },
  {
    id: 'cloud',
    title: 'Cloud identities',
    meaning: 'Identities of clouds that it can take with its OpenID Connect token; those that are administrator say so',
    for: 'all',
  },
  { id: 'reach', title: 'Who else', meaning: 'Who can have a token made that these identities take', for: 'all' },
  { id: 'keys', title: 'Cloud keys', meaning: 'Long-lived keys of clouds that it takes from secrets', for: 'all' },
  { id: 'secrets', title: 'Secrets', meaning: 'Names of the secrets that it takes; * for all', for: 'all' },
  { id: 'declaredAt', title: 'Declared at', meaning: 'File and line', for: 'programs' },
]

/** Every machine identity of the pipelines: jobs, with what their tokens and secrets open. */
export function pipelineTables(facts: readonly Fact[]): Table[] {
  const byPlace = <K extends FactKind>(kind: K) =>
    groupBy(
      facts.filter((each): each is Fact<K> => isFact(kind, each)),
      ({ scope, data }) => `${scope}\0${(data as { readonly job?: string }).job ?? ''}`,
    )
  const access = byPlace(ciCloudAccess)
  const keys = byPlace(ciCloudCredential)
  const secrets = byPlace(ciSecretUse)
  const rows = facts
    .filter((each) => isFact(ciJob, each))
    .map((job): Row => {
      // What stands at the workflow holds for all its jobs.
      const places = [`${job.scope}\0${job.data.job}`, `${job.scope}\0`]
      const own = access.get(places[0] ?? '') ?? []
      const taken = own.filter(({ data }) => data.trusted !== false)
      const name = `${job.data.workflow}#${job.data.job}`
      const names = places
        .flatMap((place) => keys.get(place) ?? [])
        .map(({ data }) => `${data.cloud} (${data.secrets?.join(', ')})`)
      const used = places.flatMap((place) => secrets.get(place) ?? []).map(({ data }) => data.secret ?? '?')
      const administers = taken.some(({ data }) => data.privileged === true && data.trusted === true)
      return {
        cells: {
          name: cell(name),
          events: listCell(job.data.triggers ?? []),
          environment: cell(job.data.environment),
          permissions: listCell(permissionsOf(job.data)),
          cloud: listCell(unique(taken.map(({ data }) => identityOf(data)))),
          reach: listCell(unique(taken.flatMap(({ data }) => data.who ?? []))),
          keys: listCell(unique(names)),
          secrets: listCell(unique(used)),
          declaredAt: placeCell(job.at),
        },
        order: {
          name,
          risk: administers ? 3 : taken.length + names.length > 0 ? 2 : used.length > 0 ? 1 : 0,
          unused: 0,
          seen: '',
        },
      }
    })
  return [{ id: 'pipeline-jobs', title: 'Jobs of pipelines', columns: COLUMNS, rows }]
}

function permissionsOf({ permissions = [], permissionsAt }: DataOf<typeof ciJob>): readonly string[] {
  if (permissionsAt === 'none') return ['default']
  return permissions.length > 0 ? permissions : ['none']
}

function identityOf({ identityName, provider, privileged, trusted }: DataOf<typeof ciCloudAccess>): string {
  const name = identityName ?? `an identity of ${provider} that only a run knows`
  if (trusted === undefined) return `${name} (if its trust takes the job)`
  return privileged === true ? `${name} (administrator)` : name
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort()
}
