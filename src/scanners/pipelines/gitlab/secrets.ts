import { ciCloudCredential, ciSecretExposure, ciSecretUse } from '../../../facts/pipeline-secrets.ts'
import { type Fact, fact } from '../../../model.ts'
import { get, type ValueNode } from '../../../sources/value-node.ts'
import { type Command, commandsOf } from '../scripts.ts'
import { entriesOf } from '../workflow.ts'
import { type GitlabFile, type GitlabJob, type ScriptLine, scriptOf } from './configuration.ts'
import { isSecretName, variablesIn, variableText } from './variables.ts'

/** A part of a configuration that has a script or variables: a job, the defaults, or the file itself. */
interface Owner {
  readonly node: ValueNode | undefined
  readonly job: GitlabJob | undefined
}

/** Secrets that get into a log, that every job gets, and long-lived keys of clouds. */
export function* gitlabSecrets(files: readonly GitlabFile[]): Generator<Fact> {
  for (const file of files) {
    const owners: Owner[] = [
      { node: file.node, job: undefined },
      { node: file.defaults, job: undefined },
      ...file.jobs.map((job) => ({ node: job.node, job })),
    ]
    for (const owner of owners) {
      yield* tracedFacts(file, owner)
      yield* printedFacts(file, owner)
      yield* credentialFacts(file, owner)
    }
    yield* sharedFacts(file, files)
  }
}

/** Debug traces write every variable of a job to its log: https://docs.gitlab.com/ci/variables/variables_troubleshooting/ */
function* tracedFacts({ source }: GitlabFile, { node, job }: Owner): Generator<Fact> {
  for (const entry of entriesOf(get(node, 'variables'))) {
    const [[, text] = ['', '']] = variableText(entry)
    if (!/^CI_DEBUG_(?:TRACE|SERVICES)$/.test(entry.key) || text !== 'true') continue
    yield fact(ciSecretExposure, source.scope, source.location(entry.keyStart, entry.value.end), {
      workflow: source.path,
      job: job?.name ?? '',
      step: '',
      secret: '*',
      how: 'traced',
      inWords: `${entry.key} writes every variable of ${job ? `job ${job.name}` : 'every job'} to the log`,
    })
  }
}

interface Exposure {
  readonly secret: string
  readonly how: 'printed' | 'traced'
  readonly inWords: string
}

function* printedFacts({ source }: GitlabFile, { node, job }: Owner): Generator<Fact> {
  const told = new Set<string>()
  for (const line of scriptOf(node))
    for (const command of commandsOf(line.text)) {
      const exposure = exposureOf(command)
      const key = exposure && `${line.section} ${exposure.how} ${exposure.secret}`
      if (!exposure || !key || told.has(key)) continue
      told.add(key)
      yield fact(ciSecretExposure, source.scope, source.location(line.node.start, line.node.end), {
        workflow: source.path,
        job: job?.name ?? '',
        step: line.section,
        ...exposure,
      })
    }
}

/** What a command writes to the log. A pipe or a file takes it from there; a filter that only looks does not. */
function exposureOf({ words, output, captured, pipedTo }: Command): Exposure | undefined {
  const [name = '', ...rest] = words
  const toLog =
    output === undefined &&
    !captured &&
    (pipedTo === undefined || /^(?:sort|tee|cat|less|more|head|tail)\b/.test(pipedTo))
  if (!toLog) return undefined
  const everything = /^(?:printenv|env|set|export|declare)$/.test(name) && rest.every((word) => /^-[px0]+$/.test(word))
  if (everything && !(name === 'set' && rest.length > 0)) {
    return {
      secret: '*',
      // GitLab masks the variables that its settings say; what is not masked stands there.
      how: 'printed',
      inWords: `${words.join(' ')} writes every variable to the log, also those that are not masked`,
    }
  }
  const shown = /^(?:echo|printf)$/.test(name)
    ? rest.flatMap(variablesIn)
    : name === 'printenv' || name === 'declare'
      ? rest
      : []
  const secret = shown.find(isSecretName)
  return secret === undefined ? undefined : { secret, how: 'printed', inWords: `${name} writes ${secret} to the log` }
}

/** Variables of AWS's own tools, Azure's and Google's, and the commands that take the same. */
const KEYS: readonly { cloud: string; names: RegExp }[] = [
  { cloud: 'AWS', names: /^AWS_SECRET_ACCESS_KEY$/ },
  { cloud: 'Azure', names: /^(?:AZURE|ARM)_CLIENT_SECRET$/ },
  { cloud: 'Google Cloud', names: /^GOOGLE_(?:APPLICATION_)?CREDENTIALS$/ },
]

function* credentialFacts({ source }: GitlabFile, { node, job }: Owner): Generator<Fact> {
  const found = new Map<string, { at: ValueNode; secrets: string[]; through: string }>()
  const add = (cloud: string, at: ValueNode, secrets: readonly string[], through: string) => {
    if (secrets.length > 0 && !found.has(cloud)) found.set(cloud, { at, secrets: [...new Set(secrets)], through })
  }
  for (const entry of entriesOf(get(node, 'variables'))) {
    const [[, text] = ['', '']] = variableText(entry)
    const key = KEYS.find(({ names }) => names.test(entry.key))
    if (key) add(key.cloud, entry.value, variablesIn(text), entry.key)
  }
  const lines = scriptOf(node)
  // What a login handed out is held in variables of the same names.
  const shortLived = lines.some(({ text }) =>
    /assume-role|AWS_SESSION_TOKEN|federated-token|create-cred-config/.test(text),
  )
  for (const line of shortLived ? [] : lines) for (const command of commandsOf(line.text)) addFrom(command, line, add)
  for (const [cloud, { at, secrets, through }] of found)
    yield fact(ciCloudCredential, source.scope, source.location(at.start, at.end), {
      workflow: source.path,
      job: job?.name ?? '',
      step: '',
      cloud,
      secrets,
      through,
    })
}

function addFrom(
  { words, assignments }: Command,
  { node }: ScriptLine,
  add: (cloud: string, at: ValueNode, secrets: readonly string[], through: string) => void,
): void {
  const text = words.join(' ')
  for (const assignment of [...assignments, ...(words[0] === 'export' ? words.slice(1) : [])]) {
    const [name = '', ...value] = assignment.split('=')
    const key = KEYS.find(({ names }) => names.test(name))
    if (key) add(key.cloud, node, variablesIn(value.join('=')), name)
  }
  const aws = /^aws configure set aws_secret_access_key (.+)$/.exec(text)?.[1]
  if (aws) add('AWS', node, variablesIn(aws), 'aws configure set')
  const azure = /^az login\b.*--service-principal\b/.test(text) && / (?:-p|--password)[ =](\S+)/.exec(text)?.[1]
  if (azure) add('Azure', node, variablesIn(azure), 'az login')
  const google = /^gcloud auth activate-service-account\b.*--key-file[= ](\S+)/.exec(text)?.[1]
  // The key is written to a file first; which variable it came from is told where a name says it.
  if (google) add('Google Cloud', node, [...variablesIn(google), google], 'gcloud auth activate-service-account')
}

/** Secrets that every job of the pipeline gets although the configuration could give them to one. */
function* sharedFacts({ source, variables, defaults }: GitlabFile, files: readonly GitlabFile[]): Generator<Fact> {
  const jobs = files.flatMap((file) => file.jobs.filter(({ hidden }) => !hidden))
  const named = jobs.map(({ node }) => new Set(scriptOf(node).flatMap(({ text }) => variablesIn(text))))
  const given = [
    ...variables.flatMap((entry) => {
      const [[, text] = ['', '']] = variableText(entry)
      const secret = variablesIn(text).find(isSecretName)
      return secret === undefined ? [] : [{ entry, secret, place: 'env' }]
    }),
    ...entriesOf(get(defaults, 'secrets')).map((entry) => ({ entry, secret: entry.key, place: 'secrets' })),
  ]
  for (const { entry, secret, place } of given)
    yield fact(ciSecretUse, source.scope, source.location(entry.keyStart, entry.value.end), {
      workflow: source.path,
      job: '',
      step: '',
      secret: secret.toUpperCase(),
      place: place === 'secrets' ? 'env' : place,
      name: entry.key,
      credential: true,
      readers: named.filter((names) => names.has(entry.key)).length,
      steps: jobs.length,
      maybe: 0,
    })
}
