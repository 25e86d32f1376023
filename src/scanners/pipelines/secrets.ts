import { ciSecretInheritance, ciSecretUse } from '../../facts/pipeline-secrets.ts'
import { type Fact, fact } from '../../model.ts'
import { type MapEntry, textOf, type ValueNode } from '../../sources/value-node.ts'
import { isLocal, referencesIn } from './token.ts'
import { itemsOf, type Job, type Step } from './workflow.ts'
import type { ActionsFile, ActionsReader } from './workflow-file.ts'

/** Which secrets get where. */
export const secretReader: ActionsReader = {
  emits: [ciSecretUse, ciSecretInheritance],
  *read(file) {
    if (file.form === 'action') return
    const { workflow } = file
    const all = workflow.jobs.flatMap(({ steps }) => steps)
    yield* variables(file, workflow.env, '', all)
    for (const job of workflow.jobs) {
      yield* variables(file, job.env, job.id, job.steps)
      yield* inheritance(file, job)
      if (job.secrets?.type === 'map')
        for (const { key, value } of job.secrets.entries)
          yield* uses(file, value, { job: job.id, place: 'secrets', name: key })
      for (const step of job.steps) yield* usesOfStep(file, job, step)
    }
  },
}

/** Names of the secrets in a value, in upper case; `*` for all of them, `?` where only a run knows which. The job's token is none. */
export function secretsIn(text: string): string[] {
  return referencesIn(text).flatMap((reference) => {
    if (reference === 'secrets') return ['*']
    const name = /^secrets\.(.+)$/.exec(reference)?.[1]
    return name === undefined || name === 'github_token' ? [] : [name.toUpperCase()]
  })
}

/** The text of a value, or of the scalars in a list. */
export function writtenIn(node: ValueNode | undefined): string {
  return itemsOf(node)
    .map((item) => textOf(item) ?? '')
    .join('\n')
}

interface Target {
  readonly job: string
  readonly step?: string
  readonly place: string
  readonly name: string
  readonly readers?: number
  readonly steps?: number
  readonly maybe?: number
}

function* uses({ source }: ActionsFile, node: ValueNode, target: Target): Iterable<Fact> {
  for (const secret of secretsIn(writtenIn(node))) {
    yield fact(ciSecretUse, source.scope, source.location(node.start, node.end), {
      workflow: source.path,
      job: target.job,
      step: target.step ?? '',
      secret,
      place: target.place,
      name: target.name,
      credential: isCredential(secret),
      readers: target.readers ?? 1,
      steps: target.steps ?? 1,
      maybe: target.maybe ?? 0,
    })
  }
}

function* usesOfStep(file: ActionsFile, job: Job, step: Step): Iterable<Fact> {
  const of = (place: string, name = '') => ({ job: job.id, step: step.label, place, name })
  for (const { key, value } of step.env) yield* uses(file, value, of('env', key))
  for (const { key, value } of step.with) yield* uses(file, value, of('with', key))
  if (step.run) yield* uses(file, step.run, of('run'))
}

function* variables(file: ActionsFile, env: readonly MapEntry[], job: string, steps: readonly Step[]): Iterable<Fact> {
  const maybe = steps.filter((step) => isLocal(textOf(step.uses) ?? '')).length
  for (const { key, value } of env) {
    if (secretsIn(writtenIn(value)).length === 0) continue
    yield* uses(file, value, {
      job,
      place: 'env',
      name: key,
      steps: steps.length,
      readers: readersOf(key, steps),
      maybe,
    })
  }
}

/** How many steps name a variable. Scripts of the tree and actions may read it unnamed: those are not counted. */
function readersOf(name: string, steps: readonly Step[]): number {
  const named = new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`, 'i')
  return steps.filter(({ run, with: inputs, env, condition }) =>
    [run, condition, ...inputs.map(({ value }) => value), ...env.map(({ value }) => value)].some((node) =>
      named.test(writtenIn(node)),
    ),
  ).length
}

function* inheritance({ source }: ActionsFile, { id, uses: called, secrets }: Job): Iterable<Fact> {
  if (!secrets || textOf(secrets) !== 'inherit') return
  const calls = textOf(called) ?? ''
  yield fact(ciSecretInheritance, source.scope, source.location(secrets.start, secrets.end), {
    workflow: source.path,
    job: id,
    calls,
    local: isLocal(calls),
  })
}

/** Whether a name says that what it holds opens something; addresses and user names are kept as secrets, too. */
export function isCredential(name: string): boolean {
  // Switches of the runner that GitHub reads from secrets: https://docs.github.com/en/actions/how-tos/monitor-workflows/enable-debug-logging
  if (/^ACTIONS_(?:STEP|RUNNER)_DEBUG$/i.test(name)) return false
  if (/TOKEN|KEY|PASS|SECRET|CRED|PAT$|PRIVATE|WEBHOOK|DSN|AUTH|CERT/i.test(name))
    return !/KEY_?ID$|(?:^|_)PUBLIC_KEY$/i.test(name)
  return !/USER|NAME|HOST|URL|URI|EMAIL|MAIL|REGION|ACCOUNT|PROJECT|BUCKET|ORG|TEAM|(?:^|_)ID$|ENDPOINT|DOMAIN|PORT|CHANNEL|ARN|ROLE|PREFIX|PATH|REGISTRY/i.test(
    name,
  )
}
