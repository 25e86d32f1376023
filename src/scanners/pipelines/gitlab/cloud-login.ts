import { ciCloudLogin } from '../../../facts/pipeline-cloud.ts'
import { type Fact, fact, UNKNOWN } from '../../../model.ts'
import { get, textOf, type ValueNode } from '../../../sources/value-node.ts'
import { commandsOf } from '../scripts.ts'
import { entriesOf } from '../workflow.ts'
import { effective, type GitlabFile, type GitlabJob, scriptOf } from './configuration.ts'
import { fill, variablesOf } from './variables.ts'

/**
 * Jobs that trade an ID token for an identity of a cloud. Sources: https://docs.gitlab.com/ci/cloud_services/aws/,
 * https://docs.gitlab.com/ci/secrets/id_token_authentication/
 */
export function* gitlabCloudLogins(files: readonly GitlabFile[]): Generator<Fact> {
  for (const job of files.flatMap((file) => file.jobs)) {
    const tokens = entriesOf(effective(job, 'id_tokens', files))
    if (job.hidden || tokens.length === 0) continue
    const login = loginOf(job, files)
    if (!login) continue
    const { source } = job
    const audience = textOf(get(tokens[0]?.value, 'aud'))
    yield fact(ciCloudLogin, source.scope, source.location(job.keyStart, job.keyStart + job.name.length), {
      workflow: source.path,
      job: job.name,
      step: 'script',
      audience: audience === undefined || audience.includes('$') || tokens.length > 1 ? UNKNOWN : audience,
      ...login,
    })
  }
}

function loginOf(job: GitlabJob, files: readonly GitlabFile[]) {
  const variables = variablesOf(job, files)
  const script = ['before_script', 'script', 'after_script']
    .map((section) => effective(job, section, files))
    .flatMap((node) => scriptOf(node && sectionOf(node)))
  for (const { text } of script)
    for (const { words } of commandsOf(text)) {
      const found = fromCommand(words)
      if (found) return described(found.cloud, found.identity, variables)
    }
  const role = variables.get('AWS_ROLE_ARN')
  if (role !== undefined && variables.has('AWS_WEB_IDENTITY_TOKEN_FILE')) return described('aws', role, variables)
  return undefined
}

function sectionOf(script: ValueNode): ValueNode {
  return {
    type: 'map',
    entries: [{ key: 'script', keyStart: script.start, value: script }],
    start: script.start,
    end: script.end,
  }
}

function fromCommand(words: readonly string[]): { cloud: 'aws' | 'vault'; identity: string } | undefined {
  const text = words.join(' ')
  const assumed = /\bsts assume-role-with-web-identity\b.*?--role-arn[= ]["']?([^\s"')]+)/.exec(text)?.[1]
  if (assumed) return { cloud: 'aws', identity: assumed }
  const vault = /\bvault write\b.*\bauth\/\S*jwt\S*\/login\b.*?\brole=["']?([^\s"')]+)/.exec(text)?.[1]
  return vault === undefined ? undefined : { cloud: 'vault', identity: vault }
}

function described(cloud: 'aws' | 'vault', written: string, variables: ReadonlyMap<string, string>) {
  const { text, open } = fill(written, variables)
  const isArn = /^arn:[^:]*:iam::/.test(text)
  const name = text.slice(text.lastIndexOf('/') + 1)
  return {
    cloud,
    identity: open.length === 0 && (cloud === 'vault' || isArn) ? text : UNKNOWN,
    roleName: cloud === 'aws' && /^[\w+=,.@-]+$/.test(name) ? name : cloud === 'aws' ? UNKNOWN : '',
    source: open.join(', '),
  } as const
}
