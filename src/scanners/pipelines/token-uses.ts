import { ciTokenUse } from '../../facts/pipeline-rights.ts'
import { type Fact, fact } from '../../model.ts'
import { type ActionPermissions, needText, permissionsOfAction } from '../../reference/action-permissions.ts'
import { type MapEntry, textOf, type ValueNode } from '../../sources/value-node.ts'
import { joined, type Needs, NO_NEEDS, needsOfOctokit, needsOfOpaque, needsOfScript } from './script-needs.ts'
import { splitUse } from './structure.ts'
import { isLocal, tokenIn, tokenInText, variablesOf } from './token.ts'
import type { Job, Step } from './workflow.ts'
import type { ActionsFile, ActionsReader } from './workflow-file.ts'

/** What each step does with the token of its job. */
export const tokenUseReader: ActionsReader = {
  emits: [ciTokenUse],
  *read(file: ActionsFile) {
    if (file.form === 'action') {
      yield* usesOf(file, undefined, file.steps)
      return
    }
    for (const job of file.workflow.jobs) {
      if (job.uses) yield calledWorkflow(file, job, textOf(job.uses) ?? '')
      yield* usesOf(file, job, job.steps)
    }
  },
}

function calledWorkflow(file: ActionsFile, job: Job, written: string): Fact {
  const { action } = splitUse(written)
  const known = permissionsOfAction(action)
  const needs: Needs = known
    ? { ...NO_NEEDS, needs: known.needs.map(({ need }) => needText(need)) }
    : isLocal(written)
      ? NO_NEEDS
      : { ...NO_NEEDS, open: ['*'], because: `what ${action} needs` }
  return useFact(file, job, '', job.node, needs, isLocal(written) ? written : '')
}

function* usesOf(file: ActionsFile, job: Job | undefined, steps: readonly Step[]): Generator<Fact> {
  // A composite action does not see what its caller checked out.
  let git = job === undefined
  const other = steps.some((step) => bringsCredentials(step))
  const levels = file.form === 'workflow' ? [file.workflow.env, job?.env ?? []] : []
  for (const step of steps) {
    const env = variablesOf(...levels, step.env)
    const uses = textOf(step.uses) ?? ''
    const { action } = splitUse(uses)
    if (action.toLowerCase() === 'actions/checkout') git = leavesToken(step, env)
    const needs = uses === '' ? needsOfRun(step, env, { git, other }) : needsOfUse(step, action, env, git)
    yield useFact(file, job, step.label, step.node, needs, isLocal(uses) ? uses : '')
  }
}

function useFact(
  file: ActionsFile,
  job: Job | undefined,
  step: string,
  node: ValueNode,
  found: Needs,
  calls: string,
): Fact {
  const { source } = file
  return fact(ciTokenUse, source.scope, source.location(node.start, node.end), {
    workflow: source.path,
    job: job?.id ?? '',
    step,
    needs: found.needs,
    open: found.open,
    because: found.because,
    calls,
    assumes: found.assumes,
  })
}

/** Whether `actions/checkout` leaves the job's token in git's configuration. */
function leavesToken({ with: inputs }: Step, env: ReadonlyMap<string, ValueNode>): boolean {
  const persist = inputOf(inputs, 'persist-credentials')
  if (persist !== undefined && String(plainOf(persist)).toLowerCase() === 'false') return false
  if (textOf(inputOf(inputs, 'ssh-key'))) return false
  return tokenIn(inputOf(inputs, 'token'), env) !== 'other'
}

/** Whether a step gives git other credentials than the job's token: a key, or another token in an address. */
function bringsCredentials({ uses, run, with: inputs }: Step): boolean {
  const { action } = splitUse(textOf(uses) ?? '')
  if (/^webfactory\/ssh-agent$/i.test(action)) return true
  if (/^actions\/checkout$/i.test(action))
    return inputOf(inputs, 'ssh-key') !== undefined || tokenIn(inputOf(inputs, 'token'), new Map()) === 'other'
  return /@github\.com|ssh-add|gh auth setup-git/.test(textOf(run) ?? '')
}

function needsOfRun(
  step: Step,
  env: ReadonlyMap<string, ValueNode>,
  credentials: { git: boolean; other: boolean },
): Needs {
  const script = textOf(step.run) ?? ''
  const inScript = tokenInText(script, env)
  const token = inScript === 'job' || (inScript === 'unclear' && /token/i.test(script)) || tokens(env)
  const oidc = [...env.keys()].some((name) => /oidc|id_token/i.test(name)) ? ['id-token: kept'] : []
  const shell = step.shell.split(' ')[0] ?? ''
  const found = /^(?:python|node|deno|bun|perl|ruby|cmd)\b/.test(shell)
    ? needsOfOpaque(`the script of ${step.label}`, { token, ...credentials })
    : needsOfScript(script, { token, ...credentials })
  return { ...found, needs: [...found.needs, ...oidc] }
}

/** Whether a variable is, or may be, the job's token. */
function tokens(env: ReadonlyMap<string, ValueNode>): boolean {
  return [...env].some(([name, value]) => {
    const token = tokenIn(value, env)
    return token === 'job' || (token === 'unclear' && /token/.test(name))
  })
}

function needsOfUse(step: Step, action: string, env: ReadonlyMap<string, ValueNode>, git: boolean): Needs {
  if (isLocal(action)) return NO_NEEDS
  if (action.startsWith('docker://')) return needsOfImage(step, action, env)
  if (action.toLowerCase() === 'actions/github-script') {
    const script = needsOfOctokit(textOf(inputOf(step.with, 'script')) ?? '')
    return tokenIn(inputOf(step.with, 'github-token'), env) === 'other' ? NO_NEEDS : script
  }
  const known = permissionsOfAction(action)
  if (!known) return { ...NO_NEEDS, open: ['*'], because: `what ${action} needs` }
  return needsOfKnown(known, step, env, git)
}

/** An image gets what is handed to it, and may ask for an OpenID Connect token. */
function needsOfImage(step: Step, image: string, env: ReadonlyMap<string, ValueNode>): Needs {
  const handed = tokens(env) || step.with.some(({ value }) => tokenIn(value, env) === 'job')
  return { ...NO_NEEDS, open: handed ? ['*'] : ['id-token'], because: `what ${image} needs` }
}

function needsOfKnown(known: ActionPermissions, step: Step, env: ReadonlyMap<string, ValueNode>, git: boolean): Needs {
  const byJobToken = usesJobToken(known.tokens, step, env, git)
  return joined(
    known.needs.map(({ need, input }) => {
      // An OpenID Connect token is asked for by other means than the job's token.
      if (!byJobToken && !need.scopes.includes('id-token')) return NO_NEEDS
      const holds = input ? conditionHolds(step.with, input) : true
      if (holds === false) return NO_NEEDS
      return { ...NO_NEEDS, needs: [needText(holds === true ? need : { ...need, access: 'kept' })] }
    }),
  )
}

/** Whether an action works with the job's token: it is its default, unless another one is handed over. */
function usesJobToken(from: readonly string[], step: Step, env: ReadonlyMap<string, ValueNode>, git: boolean): boolean {
  const given = from.map((name) => {
    if (name === '@checkout') return git ? 'job' : 'none'
    return tokenIn(name.startsWith('$') ? env.get(name.slice(1).toLowerCase()) : inputOf(step.with, name), env)
  })
  if (given.some((token) => token === 'job' || token === 'unclear')) return true
  // A registry's password has no default, and neither have credentials that checkout did not leave.
  return !given.includes('other') && !from.includes('password') && from.join() !== '@checkout'
}

/** Whether a condition on an input holds; undefined if that hangs on an expression. */
function conditionHolds(
  inputs: readonly MapEntry[],
  { name, value, absent }: { name: string; value?: string; absent: boolean },
): boolean | undefined {
  const given = inputOf(inputs, name)
  const text = given === undefined ? '' : String(plainOf(given) ?? '').trim()
  if (absent) return text === ''
  if (text === '') return false
  if (text.includes('${{')) return value === undefined ? true : undefined
  return value === undefined ? true : text.toLowerCase() === value
}

function inputOf(inputs: readonly MapEntry[], name: string): ValueNode | undefined {
  return inputs.findLast(({ key }) => key.toLowerCase() === name.toLowerCase())?.value
}

function plainOf(node: ValueNode): string | number | boolean | null {
  return node.type === 'plain' ? node.value : (textOf(node) ?? null)
}
