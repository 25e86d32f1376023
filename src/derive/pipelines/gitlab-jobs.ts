import { ciJob } from '../../facts/pipeline.ts'
import { ciCloudLogin } from '../../facts/pipeline-cloud.ts'
import { ciRefFilter } from '../../facts/pipeline-refs.ts'
import { type DataOf, type Fact, isFact } from '../../model.ts'
import { groupBy } from '../kubernetes/rbac.ts'
import type { Repository, Start } from './subjects.ts'
import type { Holder } from './token-jobs.ts'

/** Names of default branches, as people call them. */
const DEFAULTS = ['main', 'master']

/** Jobs of GitLab CI that can ask for an ID token. `include` joins all files into one pipeline, so that names of jobs are unique. */
export function gitlabHolders(facts: readonly Fact[], repository: Repository): Holder[] {
  const filters = groupBy(
    facts.filter((each) => isFact(ciRefFilter, each)),
    placeOf,
  )
  const logins = groupBy(
    facts.filter((each) => isFact(ciCloudLogin, each)),
    placeOf,
  )
  return facts
    .filter((each) => isFact(ciJob, each))
    .flatMap((job): Holder[] => {
      const own = filters.get(placeOf(job)) ?? []
      if (own.length === 0) return []
      const { workflow = '', environment } = job.data
      const runs = own.map(({ data }) => ({
        platform: 'gitlab' as const,
        repository,
        workflowName: '',
        workflow,
        start: startOf(data),
        environment,
      }))
      return [{ job, runs, logins: logins.get(placeOf(job)) ?? [] }]
    })
}

function placeOf({ data }: { readonly data: { readonly workflow?: string; readonly job?: string } }): string {
  return `${data.workflow ?? ''}\0${data.job ?? ''}`
}

/** As a push with filters in GitHub's pattern language: a filter on branches leaves out tags, and the other way round. */
function startOf({ refType, names = [], all, defaultBranch, certain }: DataOf<typeof ciRefFilter>): Start {
  const patterns = all ? ['**'] : [...names.map(escaped), ...(defaultBranch ? DEFAULTS : [])]
  const isTag = refType === 'tag'
  return {
    event: 'push',
    branches: isTag ? [] : patterns,
    ignoredBranches: [],
    tags: isTag ? patterns : [],
    ignoredTags: [],
    certain,
    ...(defaultBranch && { assumption: 'the branch that the trust names is the default branch' }),
  }
}

function escaped(name: string): string {
  return name.replace(/[*?+[\]!\\]/g, '\\$&')
}
