import { lstatSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { AuditOptions } from './audit.ts'
import { type Config, type LoadedConfig, NO_CONFIG, readConfig } from './config.ts'
import { nearest } from './document.ts'
import { namesRule } from './engine/triage.ts'
import { UsageError } from './errors.ts'
import type { Targets } from './model.ts'
import type { Installed } from './plugin.ts'
import type { AuditRequest } from './request.ts'
import { allRules, type RunnableRule } from './rule-packs.ts'

/** A request with config, rules and plugins loaded. */
export interface Prepared {
  readonly audit: AuditOptions
  readonly config: Config
  /** Undefined without plugins. */
  readonly installed: Installed | undefined
}

/** Loads and checks all that an audit needs. Throws UsageError or RuleError: nothing was scanned then. */
export async function prepare(request: AuditRequest): Promise<Prepared> {
  const given = typeof request.paths === 'string' ? [request.paths] : (request.paths ?? [])
  const repositories = given.length > 0 ? given : ['.']
  if (repositories.includes('')) throw new UsageError('the path is empty; is a variable not set?')
  const loaded = await findConfig(repositories[0] ?? '.', request)
  const { config } = loaded
  const installed = await loadInstalled([...(request.plugins ?? []), ...(config.plugins ?? [])])
  const folders = [...(installed?.ruleFolders ?? []), ...(request.rules ?? []), ...(config.rules ?? [])]
  const rules = await allRules(folders, installed?.catalogue)
  const only = request.only && request.only.length > 0 ? request.only : (config.only ?? [])
  const skip = [...(request.skip ?? []), ...(config.skip ?? [])]
  checkNames([...only, ...skip], rules)
  if (rules.every(({ id }) => !namesRule(only, id) || (skip.length > 0 && namesRule(skip, id)))) {
    throw new UsageError('no rule is left to run: --skip leaves out all that --only names')
  }
  const audit: AuditOptions = {
    repositories,
    targets: targetsOf(request.targets ?? {}, config),
    rules,
    ...(installed && { installed }),
    only,
    skip,
    minConfidence: request.minConfidence ?? config['min-confidence'] ?? 'medium',
    config: loaded,
    trustedAccounts: config['trusted-accounts'] ?? [],
    breakGlassRoles: config['break-glass-roles'] ?? [],
    maxFileSize: request.maxFileSize ?? 32 << 20,
    timeoutSeconds: request.timeoutSeconds ?? 300,
    ...clock(request.now),
    signal: request.signal ?? new AbortController().signal,
    ...(request.progress && { progress: request.progress }),
    ...(request.onBug && { onBug: request.onBug }),
  }
  return { audit, config, installed }
}

/** What plugins add; undefined without any, so that nobody waits for their loader. */
export async function loadInstalled(plugins: readonly string[]): Promise<Installed | undefined> {
  if (plugins.length === 0) return undefined
  return (await import('./plugins.ts')).loadPlugins(plugins, process.cwd())
}

/** The config named, else `zt-audit.yaml` in the audited repository, which is not trusted with everything. */
async function findConfig(root: string, request: AuditRequest): Promise<LoadedConfig> {
  if (request.config === false) return NO_CONFIG
  if (request.config !== undefined) return readConfig(request.config, true)
  const own = join(root, 'zt-audit.yaml')
  const status = lstatSync(own, { throwIfNoEntry: false })
  if (!status) return NO_CONFIG
  // A link could lead to a file of the machine, a pipe could hang: neither is a config of this repository.
  if (!status.isFile() || status.size > LARGEST_CONFIG) {
    throw new UsageError(`${own} is no regular file of a size that a config has; remove it, or name one with --config`)
  }
  return readConfig(own, request.trustTarget ?? false)
}

const LARGEST_CONFIG = 1 << 20

/** A misspelt rule must not look like a passed one. */
function checkNames(names: readonly string[], rules: readonly RunnableRule[]): void {
  const known = new Set(
    rules
      .flatMap(({ id }) => [id, ...id.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))])
      .filter((id) => id !== ''),
  )
  for (const name of names) {
    if (known.has(name) || name.includes('*')) continue
    const near = nearest(name, [...known])
    throw new UsageError(
      `there is no rule or area '${name}'${near ? `, did you mean '${near}'?` : ' (zt-audit rules list shows all)'}`,
    )
  }
}

/** What is asked for wins over the config; endpoints and the token come from the environment where they are not named. */
function targetsOf(asked: Partial<Targets>, { targets: named = {} }: Config): Targets {
  const endpoint = process.env.AWS_ENDPOINT_URL || undefined
  const token = process.env.GITHUB_TOKEN || process.env.GH_TOKEN || undefined
  const aws = (asked.aws ?? []).length > 0 ? asked.aws : (named.aws as Targets['aws'] | undefined)
  const kubernetes = (asked.kubernetes ?? []).length > 0 ? asked.kubernetes : named.kubernetes
  const [enterprise] = asked.github ?? []
  const fromConfig = (named.github ?? []).map(({ owner: name, url = enterprise?.url }) => {
    const [owner = '', repository] = name.split('/')
    return { owner, ...(repository && { repository }), ...(url !== undefined && { url }) }
  })
  return {
    history: asked.history ?? false,
    aws: (aws ?? []).map((target) => ({ ...(endpoint !== undefined && { endpoint }), ...target })),
    kubernetes: ((kubernetes ?? []) as Targets['kubernetes']).map(({ kubeconfig, ...rest }) => ({
      ...rest,
      ...(kubeconfig !== undefined && { kubeconfig: resolve(kubeconfig) }),
    })),
    kubernetesDumps: asked.kubernetesDumps ?? [],
    auditLogs: asked.auditLogs ?? [],
    github: [...(asked.github ?? []), ...fromConfig].map((target) => ({
      ...(token !== undefined && { token }),
      ...target,
    })),
  }
}

/** SOURCE_DATE_EPOCH fixes the clock and lets reports print it: the same input gives the same bytes. */
function clock(given: Date | undefined): { now: Date; showClock: boolean } {
  if (given) return { now: given, showClock: true }
  const epoch = process.env.SOURCE_DATE_EPOCH
  if (!epoch) return { now: new Date(), showClock: false }
  const now = new Date(Number(epoch) * 1000)
  if (Number.isNaN(now.getTime())) throw new UsageError(`SOURCE_DATE_EPOCH is no number of seconds: ${epoch}`)
  return { now, showClock: true }
}
