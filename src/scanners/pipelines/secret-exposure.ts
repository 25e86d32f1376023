import { FunctionCall } from '@actions/expressions/ast'
import { ciSecretExposure } from '../../facts/pipeline-secrets.ts'
import { type Fact, fact, isFact } from '../../model.ts'
import { childrenOf, expressionsOf, referencesOf } from '../../sources/github-expressions.ts'
import { get, type ValueNode } from '../../sources/value-node.ts'
import { type Command, commandsOf } from './scripts.ts'
import { isCredential, secretsIn, writtenIn } from './secrets.ts'
import { variablesOf } from './token.ts'
import { entriesOf, type Step } from './workflow.ts'
import type { ActionsFile, ActionsReader } from './workflow-file.ts'

/** Ways by which secrets get where others read them. */
export const secretExposureReader: ActionsReader = {
  emits: [ciSecretExposure],
  *read(file) {
    if (file.form === 'action') {
      yield* onceOfAll(file.steps.map((step) => inStep(file, '', step, [])))
      return
    }
    const { workflow } = file
    for (const { value } of workflow.env) yield* inValue(file, value, { job: '', step: '' })
    for (const job of workflow.jobs) {
      const at = { job: job.id, step: '' }
      for (const { value } of [...job.env, ...job.with, ...entriesOf(job.secrets)]) yield* inValue(file, value, at)
      for (const { key, value } of entriesOf(get(job.node, 'outputs'))) {
        for (const secret of secretsIn(writtenIn(value)).filter(isCredential))
          yield exposure(file, value, at, {
            how: 'output',
            secret,
            inWords: `output ${key} of job ${job.id} is the secret ${secret}`,
          })
      }
      yield* onceOfAll(job.steps.map((step) => inStep(file, job.id, step, [...workflow.env, ...job.env])))
    }
  },
}

/** The runner gets all secrets once, however many steps name one at run time. */
function* onceOfAll(steps: readonly Iterable<Fact>[]): Iterable<Fact> {
  let told = false
  for (const found of steps)
    for (const each of found) {
      const isDynamic = isFact(ciSecretExposure, each) && each.data.how === 'dynamic'
      if (!isDynamic || !told) yield each
      told ||= isDynamic
    }
}

interface At {
  readonly job: string
  readonly step: string
}
interface Found {
  readonly how: string
  readonly secret: string
  readonly inWords: string
}

function exposure({ source }: ActionsFile, node: ValueNode, { job, step }: At, found: Found): Fact {
  return fact(ciSecretExposure, source.scope, source.location(node.start, node.end), {
    workflow: source.path,
    job,
    step,
    ...found,
  })
}

function* inStep(file: ActionsFile, job: string, step: Step, outer: Step['env']): Iterable<Fact> {
  const at = { job, step: step.label }
  for (const { value } of [...step.env, ...step.with]) yield* inValue(file, value, at)
  if (!step.run) return
  yield* inValue(file, step.run, at)
  const seen = new Set<string>()
  for (const found of printedBy(writtenIn(step.run), variablesOf(outer, step.env))) {
    if (seen.has(`${found.how} ${found.secret}`)) continue
    seen.add(`${found.how} ${found.secret}`)
    yield exposure(file, step.run, at, found)
  }
}

/** The whole context, or a part of a structured secret, wherever it stands. */
function* inValue(file: ActionsFile, node: ValueNode, at: At): Iterable<Fact> {
  const seen = new Set<string>()
  for (const { text, tree } of expressionsOf(writtenIn(node))) {
    if (!tree) continue
    for (const reference of referencesOf(tree)) {
      const whole = reference === 'secrets' || reference === 'secrets.*'
      if ((!whole && reference !== 'secrets.?') || seen.has(reference)) continue
      seen.add(reference)
      yield whole
        ? exposure(file, node, at, {
            how: 'all',
            secret: '*',
            inWords: `${shown(text)} hands over all secrets of the repository`,
          })
        : exposure(file, node, at, {
            how: 'dynamic',
            secret: '?',
            inWords: `${shown(text)} names the secret at run time only, so the runner gets all of them`,
          })
    }
    for (const secret of parsedSecrets(tree)) {
      if (seen.has(secret)) continue
      seen.add(secret)
      yield exposure(file, node, at, {
        how: 'part',
        secret,
        inWords: `${shown(text)} takes a part of the secret ${secret}, which the log does not mask`,
      })
    }
  }
}

const shown = (text: string) => `\${{ ${text.replace(/\s+/g, ' ').slice(0, 60)} }}`

/** Secrets that `fromJSON` takes apart. */
function parsedSecrets(tree: Parameters<typeof childrenOf>[0]): string[] {
  if (tree instanceof FunctionCall && tree.functionName.lexeme.toLowerCase() === 'fromjson')
    return referencesOf(tree).flatMap((each) => /^secrets\.(\w[\w-]*)$/.exec(each)?.[1]?.toUpperCase() ?? [])
  return childrenOf(tree).flatMap(parsedSecrets)
}

/** What a script writes to its log, or to an output, of secrets that it names itself or has in variables. */
function* printedBy(script: string, env: ReadonlyMap<string, ValueNode>): Iterable<Found> {
  const inEnv = [...env].flatMap(([name, value]) => valueSecrets(writtenIn(value)).map((secret) => ({ name, secret })))
  const secretsOf = (text: string) => [
    ...valueSecrets(text),
    ...inEnv.filter(({ name }) => expands(text, name)).map(({ secret }) => secret),
  ]
  let traced = false
  const commands = commandsOf(script)
  for (const command of commands) {
    const [name = ''] = command.words
    const line = command.words.join(' ')
    if (name === 'set' && /(?:^| )(?:-\w*x|-o xtrace)/.test(line)) traced = true
    else if (name === 'set' && /(?:^| )(?:\+\w*x|\+o xtrace)/.test(line)) traced = false
    else if (traced)
      yield* secretsOf(line).map(
        (secret): Found => ({
          how: 'traced',
          secret,
          inWords: `\`set -x\` writes a command with the secret ${secret} to the log`,
        }),
      )
    yield* printing(command, commands, secretsOf)
  }
}

const ENCODERS = /^(?:base64|base32|xxd|od|hexdump|rev|fold|tr|sed|cut|gzip|openssl (?:base64|enc))\b/
const DECODES = /\s(?:-d|-D|--decode|-r)\b/

function* printing(command: Command, all: readonly Command[], secretsOf: (text: string) => string[]): Iterable<Found> {
  const [name = ''] = command.words
  if (!/^(?:echo|printf|cat|tee)$/.test(name) || command.captured) return
  const text = [...command.words.slice(1), ...(name === 'cat' || name === 'tee' ? [command.input ?? ''] : [])].join(' ')
  const secrets = secretsOf(text)
  if (secrets.length === 0 || /::add-mask::/.test(text)) return
  if (command.output !== undefined || /::set-output /.test(text)) {
    if (!/GITHUB_OUTPUT/.test(command.output ?? '') && !/::set-output /.test(text)) return
    yield* secrets.map(
      (secret): Found => ({ how: 'output', secret, inWords: `the secret ${secret} becomes an output of the step` }),
    )
    return
  }
  if (command.pipedTo === undefined || command.pipedTo === '|') {
    yield* secrets.map(
      (secret): Found => ({ how: 'printed', secret, inWords: `\`${name}\` writes the secret ${secret} to the log` }),
    )
    return
  }
  const next = all[all.indexOf(command) + 1]
  const encodes = ENCODERS.test(command.pipedTo) && !DECODES.test(command.pipedTo)
  if (
    encodes &&
    next &&
    next.output === undefined &&
    next.pipedTo === undefined &&
    !next.captured &&
    !/ -out\b| -i\b/.test(command.pipedTo)
  )
    yield* secrets.map(
      (secret): Found => ({
        how: 'encoded',
        secret,
        inWords: `\`${name} … | ${command.pipedTo?.slice(0, 30)}\` writes the secret ${secret} to the log in a form that is not masked`,
      }),
    )
}

/** Secrets whose values a text has, not what is asked of them: `secrets.X != ''` is a yes or no. */
function valueSecrets(text: string): string[] {
  return expressionsOf(text)
    .filter(({ text: each }) => !/[=!<>]=|&&|^\s*!|\b(?:contains|startsWith|endsWith|hashFiles)\s*\(/.test(each))
    .flatMap(({ text: each }) => secretsIn(`\${{ ${each} }}`))
    .filter((secret) => /^\w/.test(secret) && isCredential(secret))
}

/** Whether a shell expands a variable to its value in a text: `${X:+set}` and `${#X}` do not. */
function expands(text: string, name: string): boolean {
  return new RegExp(`\\$(?:env:)?(?:${name}\\b|\\{${name}(?!\\w)(?!:?\\+))`, 'i').test(text)
}
