import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { devNull, homedir } from 'node:os'
import { delimiter, join, resolve, sep } from 'node:path'
import { BASELINE_FILE, parseBaseline } from '../baseline.ts'
import { readConfig } from '../config.ts'
import { RuleError, UsageError } from '../errors.ts'
import { CONFIG_FILE } from '../report.ts'
import { parseShallow } from '../shallow-yaml.ts'
import { git } from '../sources/git.ts'
import { githubApp } from '../targets.ts'
import {
  type AwsFound,
  type FileFound,
  type KubernetesFound,
  parseProfiles,
  proxyHost,
  type RepositoryFound,
  type Surroundings,
  type ToolFound,
  tokenKind,
} from './surroundings.ts'

/** Looks at files, variables and tools of this machine; sends nothing. */
export async function lookAround(path: string, env: NodeJS.ProcessEnv): Promise<Omit<Surroundings, 'terminal'>> {
  const [repository, config, tools] = await Promise.all([lookAtRepository(path), lookAtConfig(path), lookAtTools()])
  const baseline = lookAtBaseline(path)
  const github = ['GITHUB_TOKEN', 'GH_TOKEN'].find((name) => env[name])
  const certificates = env.NODE_EXTRA_CA_CERTS
  return {
    node: process.versions.node,
    repository,
    ...(config && { config }),
    ...(baseline && { baseline }),
    aws: lookAtAws(env),
    kubernetes: lookAtKubernetes(path, env),
    ...(github && { github: { variable: github, kind: tokenKind(env[github] ?? '') } }),
    ...(env.GITHUB_APP_ID && { githubApp: lookAtApp(env.GITHUB_APP_ID, env) }),
    tools,
    proxies: ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].flatMap((variable) =>
      env[variable] ? [{ variable, host: proxyHost(env[variable]) }] : [],
    ),
    ...(certificates && { extraCertificates: { file: certificates, exists: existsSync(certificates) } }),
  }
}

async function lookAtRepository(path: string): Promise<RepositoryFound> {
  const answer = async (...args: string[]) => {
    const result = await git(path, args)
    return result.ok ? result.stdout.toString('utf8').trim() : undefined
  }
  const inside = await git(path, ['rev-parse', '--is-inside-work-tree'])
  if (!inside.ok) return { path, problem: inside.reason, commits: 0, shallow: false, partial: false }
  const [commits, shallow, partial] = await Promise.all([
    answer('rev-list', '--count', 'HEAD'),
    answer('rev-parse', '--is-shallow-repository'),
    answer('config', '--get-regexp', '^(extensions\\.partialclone|remote\\..*\\.promisor)$'),
  ])
  return { path, commits: Number(commits ?? 0), shallow: shallow === 'true', partial: Boolean(partial) }
}

async function lookAtConfig(path: string): Promise<Surroundings['config']> {
  const file = join(path, CONFIG_FILE)
  if (!existsSync(file)) return undefined
  try {
    return { file, ignoredKeys: (await readConfig(file, false)).ignored }
  } catch (error) {
    if (error instanceof UsageError) return { file, problem: error.message, ignoredKeys: [] }
    if (!(error instanceof RuleError)) throw error
    const [first = '', ...more] = error.message.split('\n')
    return { file, problem: more.length > 0 ? `${first} (and ${more.length} more)` : first, ignoredKeys: [] }
  }
}

function lookAtBaseline(path: string): FileFound | undefined {
  const file = join(path, BASELINE_FILE)
  if (!existsSync(file)) return undefined
  try {
    parseBaseline(file, readFileSync(file, 'utf8'))
    return { file }
  } catch (error) {
    return { file, problem: (error as Error).message }
  }
}

const AWS_VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_ROLE_ARN',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_ENDPOINT_URL',
]

function lookAtAws(env: NodeJS.ProcessEnv): AwsFound {
  const folder = join(homedir(), '.aws')
  return {
    variables: AWS_VARIABLES.filter((name) => env[name]),
    ...(env.AWS_PROFILE && { profile: env.AWS_PROFILE }),
    profiles: parseProfiles(
      textOf(env.AWS_CONFIG_FILE || join(folder, 'config')),
      textOf(env.AWS_SHARED_CREDENTIALS_FILE || join(folder, 'credentials')),
    ),
    sessions: lookAtSessions(join(folder, 'sso', 'cache')),
  }
}

/** Of a cached sign-in only its end is read. */
function lookAtSessions(folder: string): AwsFound['sessions'] {
  if (!existsSync(folder)) return { all: 0, valid: 0 }
  const ends = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => textOf(join(folder, name)))
    .filter((text) => text.includes('"accessToken"'))
    .map((text) => Date.parse(/"expiresAt"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? ''))
  return { all: ends.length, valid: ends.filter((end) => end > Date.now()).length }
}

const IN_CLUSTER_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token'

function lookAtKubernetes(path: string, env: NodeJS.ProcessEnv): KubernetesFound {
  const named = env.KUBECONFIG ? env.KUBECONFIG.split(delimiter) : [join(homedir(), '.kube', 'config')]
  const existing = named.filter((file) => file !== '' && existsSync(file))
  const root = `${realpathSync(resolve(path))}${sep}`
  const inTree = existing.find((file) => realpathSync(file).startsWith(root))
  const files = existing.filter((file) => file !== inTree)
  const read = files.map((file) => readContexts(file))
  const problem = read.find((each) => each.problem !== undefined)?.problem
  const current = read.find((each) => each.current)?.current
  return {
    files,
    ...(problem && { problem }),
    contexts: [...new Set(read.flatMap((each) => each.contexts))],
    ...(current && { current }),
    ...(inTree && { inTree }),
    inCluster: Boolean(env.KUBERNETES_SERVICE_HOST) && existsSync(IN_CLUSTER_TOKEN),
  }
}

/** Errors name the file only: YAML's own would quote it, and it holds credentials. */
function readContexts(file: string): { contexts: string[]; current?: string; problem?: string } {
  const unreadable = { contexts: [], problem: `${file} is no kubeconfig that can be read` }
  try {
    const document = parseShallow(readFileSync(file, 'utf8'), { prettyErrors: false, logLevel: 'silent' })
    if (!document || document.errors.length > 0) return unreadable
    const { contexts, 'current-context': current } = (document.toJS() ?? {}) as Record<string, unknown>
    const names = Array.isArray(contexts) ? contexts.map((each) => (each as { name?: unknown } | null)?.name) : []
    return {
      contexts: names.filter((name) => typeof name === 'string'),
      ...(typeof current === 'string' && { current }),
    }
  } catch {
    return unreadable
  }
}

function lookAtApp(id: string, env: NodeJS.ProcessEnv): NonNullable<Surroundings['githubApp']> {
  const key = ['GITHUB_APP_PRIVATE_KEY', 'GITHUB_APP_PRIVATE_KEY_FILE'].find((name) => env[name])
  try {
    githubApp(env)
    return { id, ...(key && { key }) }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { id, ...(key && { key }), problem: error.message }
  }
}

const TOOLS: readonly (readonly [name: string, ...args: string[]])[] = [
  ['git', '--version'],
  ['kubectl', 'version', '--client'],
  ['helm', 'version', '--short'],
]

function lookAtTools(): Promise<ToolFound[]> {
  return Promise.all(TOOLS.map(([name, ...args]) => lookAtTool(name, args)))
}

/**
 * Asked in the home folder, so that nothing of the audited tree is near, and without a kubeconfig: the kubectl of Google Cloud asks
 * the cluster for its version, whatever --client says.
 */
function lookAtTool(name: string, args: readonly string[]): Promise<ToolFound> {
  return new Promise((done) => {
    execFile(
      name,
      args,
      { cwd: homedir(), timeout: 5000, env: { ...process.env, KUBECONFIG: devNull } },
      (error, stdout) => {
        const version = /v?(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1]
        done(error || version === undefined ? { name } : { name, version })
      },
    )
  })
}

/** Empty for a file that is not there or not ours to read. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
