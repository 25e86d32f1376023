import { ciJob, ciStep, ciWorkflow } from '../../../facts/pipeline.ts'
import { type Fact, fact, UNKNOWN } from '../../../model.ts'
import { get, textOf, type ValueNode } from '../../../sources/value-node.ts'
import { itemsOf } from '../workflow.ts'
import { effective, type GitlabFile, type GitlabJob, scriptOf, textsOf } from './configuration.ts'

/** Pipelines, jobs and their scripts. Templates are no jobs; their scripts are told where they stand. */
export function* gitlabStructure(files: readonly GitlabFile[]): Generator<Fact> {
  const [root] = files
  if (!root) return
  const triggers = triggersOf(files)
  yield fact(ciWorkflow, root.source.scope, root.source.location(0, 0), {
    workflow: root.source.path,
    name: 'GitLab CI',
    platform: 'gitlab',
    form: 'workflow',
    triggers,
  })
  for (const file of files)
    for (const job of file.jobs) {
      if (!job.hidden) yield jobFact(job, files, triggers)
      yield* stepFacts(job)
    }
}

/**
 * What starts the pipeline, by GitLab's words ($CI_PIPELINE_SOURCE). Without a rule on it: pushes. Merge requests start one only where a
 * rule asks for them. Source: https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable
 */
function triggersOf(files: readonly GitlabFile[]): string[] {
  const sources = new Set(['push'])
  for (const { node, jobs } of files)
    for (const owner of [get(node, 'workflow'), ...jobs.map((job) => job.node)]) {
      for (const condition of conditionsOf(owner))
        for (const [, source = ''] of condition.matchAll(/\$CI_PIPELINE_SOURCE\s*==\s*["'](\w+)["']/g))
          sources.add(source)
      if (textsOf(get(owner, 'only')).includes('merge_requests')) sources.add('merge_request_event')
    }
  return [...sources].sort()
}

/** The `if` of the rules of a job or of `workflow`. */
export function conditionsOf(owner: ValueNode | undefined): string[] {
  return itemsOf(get(owner, 'rules')).flatMap((rule) => textOf(get(rule, 'if')) ?? [])
}

function jobFact(job: GitlabJob, files: readonly GitlabFile[], triggers: readonly string[]): Fact {
  const environment = effective(job, 'environment', files)
  const named = environment?.type === 'map' ? textOf(get(environment, 'name')) : textOf(environment)
  const tags = textsOf(effective(job, 'tags', files))
  const { source } = job
  return fact(ciJob, source.scope, source.location(job.keyStart, job.keyStart + job.name.length), {
    workflow: source.path,
    job: job.name,
    name: job.name,
    triggers,
    condition: conditionsOf(job.node).join(' or '),
    needs: itemsOf(get(job.node, 'needs')).flatMap((item) => textOf(item) ?? textOf(get(item, 'job')) ?? []),
    environment: environment === undefined ? '' : named === undefined || named.includes('$') ? UNKNOWN : named,
    runners: tags,
    // Whose a runner is, is the project's setting: the tags do not tell.
    selfHosted: UNKNOWN,
    calls: '',
    permissionsAt: 'none',
    permissions: [],
    idToken: effective(job, 'id_tokens', files) !== undefined,
  })
}

function* stepFacts(job: GitlabJob): Generator<Fact> {
  const { source } = job
  for (const section of ['before_script', 'script', 'after_script'] as const) {
    const lines = scriptOf(job.node).filter((line) => line.section === section)
    const [first] = lines
    if (!first) continue
    yield fact(ciStep, source.scope, source.location(first.node.start, lines.at(-1)?.node.end ?? first.node.end), {
      workflow: source.path,
      job: job.name,
      step: section,
      action: '',
      version: '',
      condition: '',
    })
  }
}
