import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

interface Step {
  readonly id: string
  readonly if?: string
  readonly run?: string
  readonly shell?: string
  readonly uses?: string
  readonly env?: Record<string, string>
  readonly with?: Record<string, string>
  readonly 'continue-on-error'?: boolean
}
export interface Action {
  readonly inputs: Record<string, { description: string; default?: string }>
  readonly outputs: Record<string, { description: string; value: string }>
  readonly runs: { using: string; steps: Step[] }
}

export const readAction = (): Action => parse(readFileSync('action.yml', 'utf8')) as Action

export interface ActionRun {
  /** Of the step that failed, else 0. */
  readonly code: number
  readonly log: string
  readonly outputs: Record<string, string>
  readonly summary: string
  /** What the steps that use other actions were given. */
  readonly used: { readonly uses: string; readonly with: Record<string, string> }[]
}

/**
 * Runs the steps of action.yml as GitHub's runner does: the same commands, variables and files; a step with `uses` is only
 * written down. Knows the few expressions that action.yml has, and throws for any other.
 */
export function runAction(options: {
  readonly workspace: string
  readonly temp: string
  readonly inputs?: Record<string, string>
  /** GITHUB_ variables of the event. */
  readonly env: Record<string, string>
  readonly event: object
  /** Takes the place of what the install step would give. */
  readonly program: string
  readonly uploadOutcome?: 'success' | 'failure'
}): ActionRun {
  const action = readAction()
  mkdirSync(options.temp, { recursive: true })
  const file = (name: string) => join(options.temp, name)
  rmSync(file('summary'), { force: true })
  writeFileSync(file('event.json'), JSON.stringify(options.event))
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: value = '' }]) => [name, options.inputs?.[name] ?? value]),
  )
  const context: Record<string, string> = { 'github.token': 'made-up' }
  for (const [name, value] of Object.entries(inputs)) context[`inputs.${name}`] = evaluate(value, context)
  const used: ActionRun['used'] = []
  let log = ''
  let code = 0
  for (const step of action.runs.steps) {
    if (code !== 0 || (step.if !== undefined && !isTrue(step.if, context))) {
      context[`steps.${step.id}.outcome`] = 'skipped'
      continue
    }
    const values = (map: Record<string, string> = {}) =>
      Object.fromEntries(Object.entries(map).map(([name, value]) => [name, evaluate(value, context)]))
    if (step.id === 'install') {
      context['steps.install.outputs.program'] = options.program
      continue
    }
    if (step.uses !== undefined) {
      used.push({ uses: step.uses, with: values(step.with) })
      context[`steps.${step.id}.outcome`] = options.uploadOutcome ?? 'success'
      continue
    }
    const output = file(`output-${step.id}`)
    writeFileSync(output, '')
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: options.temp,
      RUNNER_TEMP: options.temp,
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTION_PATH: process.cwd(),
      GITHUB_EVENT_PATH: file('event.json'),
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: file('summary'),
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...options.env,
      ...values(step.env),
    }
    // `shell: bash` is this.
    const args = ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', step.run ?? '']
    const done = spawnSync('bash', args, { cwd: options.workspace, env, encoding: 'utf8' })
    log += done.stdout + done.stderr
    code = done.status ?? 1
    context[`steps.${step.id}.outcome`] = code === 0 ? 'success' : 'failure'
    for (const line of readFileSync(output, 'utf8').split('\n')) {
      const equals = line.indexOf('=')
      if (equals > 0) context[`steps.${step.id}.outputs.${line.slice(0, equals)}`] = line.slice(equals + 1)
    }
  }
  const summary = existsSync(file('summary')) ? readFileSync(file('summary'), 'utf8') : ''
  const outputs = Object.fromEntries(
    Object.entries(action.outputs).map(([name, { value }]) => [name, evaluate(value, context)]),
  )
  return { code, log, outputs, summary, used }
}

function evaluate(text: string, context: Record<string, string>): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, name: string) => {
    if (!/^(?:inputs\.[\w-]+|steps\.\w+\.(?:outputs\.[\w-]+|outcome)|github\.token)$/.test(name)) throw new Error(name)
    return context[name] ?? ''
  })
}

function isTrue(condition: string, context: Record<string, string>): boolean {
  const match = /^([\w.-]+) == '([^']*)'$/.exec(condition)
  if (!match) throw new Error(`the condition '${condition}' is not known here`)
  return (context[match[1] ?? ''] ?? '') === match[2]
}
