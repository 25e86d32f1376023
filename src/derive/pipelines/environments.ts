import { githubDeploymentTarget, githubEnvironment, githubEnvironmentList } from '../../facts/github-deployment.ts'
import { ciJob } from '../../facts/pipeline.ts'
import { sourceRepository } from '../../facts/pipeline-cloud.ts'
import { type Derivation, type Fact, fact, isFact, UNKNOWN } from '../../model.ts'

type Job = Fact<typeof ciJob>
type Environment = Fact<typeof githubEnvironment>

const WORKFLOWS = '.github/workflows/'
const TRIAL = /preview|dev|test|stag|sandbox|demo|review|qa|uat/i

/** Environments as deployments meet them: what protects them, and the jobs of the audited files that deploy to them. */
export const findDeploymentTargets: Derivation = {
  id: 'deployment-targets',
  from: [githubEnvironment, githubEnvironmentList],
  optional: [ciJob, sourceRepository],
  emits: [githubDeploymentTarget],
  derive(facts) {
    const jobs = deployingJobs(facts)
    const known = facts.filter((each) => isFact(githubEnvironment, each))
    const existing = known.map((each) =>
      existingTarget(each, jobs.get(keyOf(each.data.repository, each.data.name)) ?? []),
    )
    const seen = new Map<string, Fact<typeof githubEnvironmentList>>()
    for (const each of facts) if (isFact(githubEnvironmentList, each)) seen.set(keyOf(each.data.repository, ''), each)
    const missing = [...jobs.values()].flatMap((own) => missingTarget(own as [Deployment, ...Deployment[]], seen))
    return { facts: [...existing, ...missing], gaps: [] }
  },
}

interface Deployment {
  readonly job: Job
  readonly repository: string
}

/** GitHub takes names of repositories and environments in small letters and capitals alike. */
function keyOf(repository = '', environment = ''): string {
  return `${repository}\n${environment}`.toLowerCase()
}

/** Jobs by repository and environment. Names that a run makes up are left out, as are jobs that only others call. */
function deployingJobs(facts: readonly Fact[]): Map<string, Deployment[]> {
  const trees = new Map<string, string>()
  for (const each of facts) {
    if (!isFact(sourceRepository, each) || each.data.owner === undefined || each.data.name === undefined) continue
    trees.set(each.scope, `${each.data.owner}/${each.data.name}`)
  }
  const all = facts.filter((each) => isFact(ciJob, each))
  const called = new Set(all.map((job) => `${treeOf(job)}/${(job.data.calls ?? '').replace(/^\.\//, '')}`))
  const found = new Map<string, Deployment[]>()
  for (const job of all) {
    const { workflow = '', environment = '', triggers = [] } = job.data
    const repository = trees.get(treeOf(job))
    if (repository === undefined || environment === '' || !workflow.startsWith(WORKFLOWS)) continue
    // In a workflow that others call, it is the environment of theirs.
    if (triggers.every((name) => name === 'workflow_call') && !called.has(`${treeOf(job)}/${workflow}`)) continue
    const key = keyOf(repository, environment)
    found.set(key, [...(found.get(key) ?? []), { job, repository }])
  }
  return found
}

function treeOf({ scope, data }: Job): string {
  return scope.slice(0, scope.length - (data.workflow ?? '').length - 1)
}

function existingTarget(environment: Environment, deployments: readonly Deployment[]): Fact {
  const { repository = '', name = '', secrets = UNKNOWN } = environment.data
  const at = 'resource' in environment.at ? environment.at : { resource: `github://${repository}/environments/${name}` }
  const first = deployments[0]?.job.at
  const place = first && 'file' in first ? { ...at, declaredAt: first } : at
  const wrong = 'any branch may deploy to it and nobody must approve'
  return fact(githubDeploymentTarget, environment.scope, place, {
    ...{
      repository,
      name,
      secrets,
      exists: true,
      open: isOpen(environment),
      inWords: wordsFor(wrong, deployments, environment.data.secrets),
    },
    ...of(deployments, name),
  })
}

function isOpen({ data }: Environment): boolean | typeof UNKNOWN {
  const { reviewers, customRules, anyBranch } = data
  if ((reviewers ?? 0) > 0 || (customRules ?? 0) > 0 || anyBranch === false) return false
  return reviewers === undefined || customRules === undefined || anyBranch === undefined ? UNKNOWN : true
}

/** Nothing where the environments of the repository were not asked for, or not seen whole. */
function missingTarget(
  deployments: readonly [Deployment, ...Deployment[]],
  seen: ReadonlyMap<string, Fact<typeof githubEnvironmentList>>,
): Fact[] {
  const [{ job, repository: name }] = deployments
  const list = seen.get(keyOf(name))
  const environment = job.data.environment ?? ''
  const names = list?.data.names?.map((each) => each.toLowerCase())
  if (list === undefined || names === undefined || names.includes(environment.toLowerCase())) return []
  const repository = list.data.repository ?? name
  const resource = `github://${repository}/environments/${environment}`
  const at = 'file' in job.at ? { resource, declaredAt: job.at } : { resource }
  const wrong =
    'GitHub does not have it yet, and the first run makes it with no protection: any branch may then deploy to it'
  return [
    fact(githubDeploymentTarget, list.scope, at, {
      ...{
        repository,
        name: environment,
        exists: false,
        open: true,
        secrets: [],
        inWords: wordsFor(wrong, deployments),
      },
      ...of(deployments, environment),
    }),
  ]
}

function wordsFor(wrong: string, deployments: readonly Deployment[], secrets: readonly string[] = []): string {
  const held = secrets.length > 0 ? [`it holds ${secrets.join(', ')}`] : []
  const used = deployments.length > 0 ? [`deployed to by ${of(deployments, '').jobs.join(', ')}`] : []
  return [wrong, ...held, ...used].join('; ')
}

function of(deployments: readonly Deployment[], name: string) {
  return {
    jobs: deployments.map(({ job }) => `${job.data.workflow}: ${job.data.job}`).sort(),
    idToken: deployments.some(({ job }) => job.data.idToken === true),
    trial: TRIAL.test(name),
  }
}
