import { ciCloudCredential } from '../../facts/pipeline-secrets.ts'
import { type Fact, fact } from '../../model.ts'
import { type MapEntry, textOf, type ValueNode } from '../../sources/value-node.ts'
import { secretsIn, writtenIn } from './secrets.ts'
import { splitUse } from './structure.ts'
import { entriesOf, type Step } from './workflow.ts'
import type { ActionsFile, ActionsReader, WorkflowFile } from './workflow-file.ts'

/** Long-lived keys of clouds that a pipeline takes from its secrets. */
export const cloudCredentialReader: ActionsReader = {
  emits: [ciCloudCredential],
  *read(file: ActionsFile) {
    if (file.form === 'workflow') yield* merged(file, [...found(file)])
  },
}

interface Found {
  readonly job: string
  readonly step: string
  readonly cloud: string
  readonly secrets: readonly string[]
  readonly through: string
  readonly node: ValueNode
}

/** Variables and inputs that hold the secret half of a key. The other half, and what is public, belongs to it by prefix. */
const CLOUDS: readonly { readonly cloud: string; readonly secret: RegExp; readonly beside: RegExp }[] = [
  {
    cloud: 'AWS',
    secret: /^(?:(?:tf_var_|input_)?aws[-_]?secret[-_]?access[-_]?key|aws[-_]secret[-_]key)$/i,
    beside: /^aws[-_]?access[-_]?key([-_]?id)?$/i,
  },
  {
    cloud: 'Azure',
    secret: /^(?:azure[-_]credentials|(?:arm|azure)[-_]client[-_]secret|azure[-_]webapp[-_]publish[-_]profile)$/i,
    beside: /^$/,
  },
  {
    cloud: 'Google Cloud',
    secret:
      /^(?:google[-_]credentials|(?:gcp|gcloud|google)[-_](?:sa|service[-_]account)?[-_]?key|credentials_json|service_account_key|gcp[-_]credentials|gcp[-_]service[-_]account|google_application_credentials_json)$/i,
    beside: /^$/,
  },
]
/** Storage that speaks the protocol of AWS and has no OpenID Connect. */
const NOT_AWS =
  /endpoint|r2\b|r2_|cloudflare|minio|spaces|wasabi|backblaze|\bb2_|hetzner|scaleway|ovh|linode|sccache|digitalocean/i

function* found(file: WorkflowFile): Iterable<Found> {
  const { workflow } = file
  yield* inEntries(workflow.env, { job: '', step: '' })
  for (const job of workflow.jobs) {
    yield* inEntries(job.env, { job: job.id, step: '' }, workflow.env)
    yield* inEntries([...entriesOf(job.secrets), ...job.with], { job: job.id, step: '' })
    for (const step of job.steps) {
      const at = { job: job.id, step: step.label }
      yield* inEntries(step.env, at, [...workflow.env, ...job.env])
      yield* inAction(step, at)
      yield* inScript(step, at)
    }
  }
}

function* inEntries(
  entries: readonly MapEntry[],
  at: { job: string; step: string },
  around: readonly MapEntry[] = [],
  through?: string,
): Iterable<Found> {
  for (const { cloud, secret, beside } of CLOUDS) {
    const keys = entries.filter(({ key, value }) => secret.test(key) && secretsIn(writtenIn(value)).length > 0)
    const [first] = keys
    if (!first) continue
    const others = entries.filter(({ key }) => beside.test(key))
    const secrets = [...others, ...keys].flatMap(({ value }) => secretsIn(writtenIn(value)))
    const names = [...secrets, ...[...entries, ...around].map(({ key }) => key)].join(' ')
    if (cloud === 'AWS' && NOT_AWS.test(names)) continue
    yield { ...at, cloud, secrets: [...new Set(secrets)], through: through ?? first.key, node: first.value }
  }
}

function* inAction(step: Step, at: { job: string; step: string }): Iterable<Found> {
  const { action } = splitUse(textOf(step.uses) ?? '')
  if (action === '') return
  yield* inEntries(step.with, at, step.env, action)
  const input = (name: string) => step.with.find(({ key }) => key.toLowerCase() === name)?.value
  const of = (name: string, cloud: string): Found[] => {
    const node = input(name)
    const secrets = secretsIn(writtenIn(node))
    return node && secrets.length > 0 ? [{ ...at, cloud, secrets, through: action, node }] : []
  }
  if (action.toLowerCase() === 'azure/login') yield* of('creds', 'Azure')
  if (/^azure\/(?:webapps-deploy|functions-action)$/i.test(action)) yield* of('publish-profile', 'Azure')
  if (/^docker\/login-action$/i.test(action)) {
    const registry = writtenIn(input('registry'))
    if (/\.amazonaws\.com/.test(registry) || registry === 'public.ecr.aws') yield* of('password', 'AWS')
    if (/\.azurecr\.io/.test(registry)) yield* of('password', 'Azure')
    if (/gcr\.io|pkg\.dev/.test(registry) && /^_json_key/.test(writtenIn(input('username'))))
      yield* of('password', 'Google Cloud')
  }
}

function* inScript(step: Step, at: { job: string; step: string }): Iterable<Found> {
  const script = textOf(step.run)
  if (!step.run || !script) return
  const cloud = /\bgcloud auth activate-service-account\b/.test(script)
    ? 'Google Cloud'
    : /\baz login\b[^\n]*--service-principal\b/.test(script)
      ? 'Azure'
      : /\baws configure set aws_secret_access_key\b/.test(script)
        ? 'AWS'
        : undefined
  if (!cloud) return
  const secrets = [script, ...step.env.map(({ value }) => writtenIn(value))].flatMap(secretsIn)
  if (secrets.length > 0) yield { ...at, cloud, secrets: [...new Set(secrets)], through: 'a script', node: step.run }
}

/** One for each job and cloud, at the first place. */
function* merged({ source }: WorkflowFile, all: readonly Found[]): Iterable<Fact> {
  const groups = new Map<string, Found[]>()
  for (const each of all)
    groups.set(`${each.job}\n${each.cloud}`, [...(groups.get(`${each.job}\n${each.cloud}`) ?? []), each])
  for (const [first, ...others] of groups.values() as Iterable<[Found, ...Found[]]>) {
    yield fact(ciCloudCredential, source.scope, source.location(first.node.start, first.node.end), {
      workflow: source.path,
      job: first.job,
      step: first.step,
      cloud: first.cloud,
      secrets: [...new Set([first, ...others].flatMap(({ secrets }) => secrets))],
      through: first.through,
    })
  }
}
