import { ciJob, ciStep, ciTrigger, ciWorkflow } from '../../facts/pipeline.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { get, textOf, type ValueNode } from '../../sources/value-node.ts'
import { itemsOf, type Job, type Permissions, type Step, type Trigger, type Workflow } from './workflow.ts'
import { type ActionsFile, type ActionsReader, stepsOf } from './workflow-file.ts'

/** What stands in a file: the workflow, its triggers, jobs and steps. */
export const structureReader: ActionsReader = {
  emits: [ciWorkflow, ciTrigger, ciJob, ciStep],
  *read(file) {
    yield workflowFact(file)
    if (file.form === 'workflow') {
      for (const trigger of file.workflow.triggers) yield triggerFact(file, trigger)
      for (const job of file.workflow.jobs) yield jobFact(file, file.workflow, job)
    }
    for (const { step, job } of stepsOf(file)) yield stepFact(file, step, job)
  },
}

function workflowFact(file: ActionsFile): Fact {
  const { source, form } = file
  const node = form === 'workflow' ? file.workflow.node : file.node
  return fact(ciWorkflow, source.scope, source.location(node.start, node.start), {
    workflow: source.path,
    name: form === 'workflow' ? file.workflow.name : file.name,
    platform: 'github',
    form,
    triggers: form === 'workflow' ? eventsOf(file.workflow) : [],
  })
}

/** Names of the events that start a workflow. */
export function eventsOf(workflow: Workflow): string[] {
  return workflow.triggers.map(({ event }) => event)
}

function triggerFact({ source }: ActionsFile, { event, config, start }: Trigger): Fact {
  const list = (key: string) => itemsOf(get(config, key)).flatMap((item) => textOf(item) ?? [])
  return fact(ciTrigger, source.scope, source.location(start, start + event.length), {
    workflow: source.path,
    event,
    types: list('types'),
    branches: list('branches'),
    ignoredBranches: list('branches-ignore'),
    tags: list('tags'),
    ignoredTags: list('tags-ignore'),
    workflows: list('workflows'),
  })
}

function jobFact({ source }: ActionsFile, workflow: Workflow, job: Job): Fact {
  const { permissions, at } = permissionsOfJob(workflow, job)
  const runners = runnersOf(job)
  const environment = job.environment === undefined ? '' : textOf(job.environment)
  return fact(ciJob, source.scope, source.location(job.keyStart, job.keyStart + job.id.length), {
    workflow: source.path,
    job: job.id,
    name: job.name,
    triggers: eventsOf(workflow),
    condition: writtenCondition(job.condition),
    needs: job.needs,
    environment: environment === undefined || environment.includes('${{') ? UNKNOWN : environment,
    runners,
    selfHosted: runners.some((label) => label.toLowerCase() === 'self-hosted')
      ? true
      : runners.every((label) => HOSTED.test(label))
        ? false
        : UNKNOWN,
    calls: textOf(job.uses) ?? '',
    permissionsAt: at,
    permissions: listed(permissions),
    idToken: mayAskForToken(permissions),
  })
}

/**
 * Labels of runners that are thrown away after a job: GitHub's (https://docs.github.com/en/actions/reference/runners/github-hosted-runners) and those
 * of services that rent some out. Any other label, and a group, may be of a larger runner of GitHub or of one's own.
 */
const HOSTED =
  /^(?:(?:ubuntu|windows|macos)-(?:latest|slim|\d)|(?:buildjet|depot|blacksmith|warp|namespace-profile|nscloud|ubicloud|runs-on)[-=/])/i

/** The labels of a job's runner; those of all its runs where a matrix that is written out names them. */
function runnersOf(job: Job): string[] {
  return job.runsOn.flatMap((node) => {
    const text = textOf(node) ?? ''
    const [, name, part] = /^\$\{\{\s*matrix\.([\w-]+)(?:\.([\w-]+))?\s*\}\}$/.exec(text) ?? []
    if (name === undefined) return [text]
    const matrix = get(get(job.node, 'strategy'), 'matrix')
    const values = [get(matrix, name), ...itemsOf(get(matrix, 'include')).map((item) => get(item, name))]
      .flatMap((value) => itemsOf(value))
      .map((value) => (part === undefined ? value : get(value, part)))
      .flatMap((value) => itemsOf(value))
    const labels = values.map((value) => textOf(value) ?? '')
    // A list that is made when it runs.
    return labels.length === 0 || labels.some((label) => label === '' || label.includes('${{')) ? [text] : labels
  })
}

/** The permissions that hold for a job: its own, else its workflow's; a job's replace the workflow's as a whole. */
export function permissionsOfJob(
  workflow: Workflow,
  job: Job,
): { permissions: Permissions; at: 'job' | 'workflow' | 'none' } {
  if (job.permissions.form !== 'absent') return { permissions: job.permissions, at: 'job' }
  if (workflow.permissions.form !== 'absent') return { permissions: workflow.permissions, at: 'workflow' }
  return { permissions: workflow.permissions, at: 'none' }
}

function listed(permissions: Permissions): string[] {
  if (permissions.form === 'map') return [...permissions.scopes].map(([scope, access]) => `${scope}: ${access}`)
  return permissions.form === 'read-all' || permissions.form === 'write-all' ? [permissions.form] : []
}

/** `id-token` is never given by default: neither the restricted nor the permissive default has it. */
function mayAskForToken(permissions: Permissions): boolean {
  if (permissions.form === 'map') return permissions.scopes.get('id-token') === 'write'
  return permissions.form === 'write-all'
}

function stepFact({ source }: ActionsFile, step: Step, job: Job | undefined): Fact {
  const { action, version } = splitUse(textOf(step.uses) ?? '')
  return fact(ciStep, source.scope, source.location(step.node.start, step.node.end), {
    workflow: source.path,
    job: job?.id ?? '',
    step: step.label,
    action,
    version,
    condition: writtenCondition(step.condition),
  })
}

/** `owner/name/path@version` in two. */
export function splitUse(uses: string): { action: string; version: string } {
  const at = uses.lastIndexOf('@')
  return at < 0 ? { action: uses, version: '' } : { action: uses.slice(0, at), version: uses.slice(at + 1) }
}

/** `if: true` is written without quotes. */
export function writtenCondition(node: ValueNode | undefined): string {
  if (node?.type === 'plain') return node.value === null ? '' : String(node.value)
  return textOf(node) ?? ''
}
