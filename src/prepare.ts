import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { AuditOptions } from './audit.ts'
import type { Config, LoadedConfig } from './config.ts'
import { namesRule } from './engine/triage.ts'
import { UsageError } from './errors.ts'
import type { FileLocation, Targets } from './model.ts'
import type { Installed } from './plugin.ts'
import type { AuditRequest } from './request.ts'
import { didYouMean, namesOf } from './rule-names.ts'
import { allRules, type RunnableRule } from './rule-packs.ts'
import { readSettings } from './settings.ts'
import type { ChangeRequest } from './sources/changes.ts'

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
  const [main = '.'] = repositories
  const changes = changesOf(request, repositories)
  const { config: loaded, baseline, commit } = await readSettings(main, request)
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
    targets: targetsOf(request.targets ?? {}, loaded, main),
    rules,
    ...(installed && { installed }),
    only,
    skip,
    minConfidence: request.minConfidence ?? config['min-confidence'] ?? 'medium',
    fingerprints: request.fingerprints ?? true,
    config: loaded,
    ...(baseline && { baseline }),
    ...(changes && { changes }),
    ...(commit !== undefined && { commentsFrom: commit }),
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

/** A misspelt rule must not look like a passed one. */
function checkNames(names: readonly string[], rules: readonly RunnableRule[]): void {
  const known = namesOf(rules.map(({ id }) => id))
  for (const name of names) {
    if (known.includes(name) || name.includes('*')) continue
    throw new UsageError(`there is no rule or area '${name}'${didYouMean(name, known)}`)
  }
}

/** Which part of the repository is judged; undefined: all of it. */
function changesOf(
  { staged, since, targets }: AuditRequest,
  repositories: readonly string[],
): ChangeRequest | undefined {
  if (!staged && since === undefined) return undefined
  if (staged && since !== undefined) throw new UsageError('--staged and --since exclude each other')
  if (staged && targets?.history) throw new UsageError('--staged looks at the index; it has no --history')
  if (repositories.length > 1)
    throw new UsageError(`${staged ? '--staged' : '--since'} speaks of one repository; leave out --repo`)
  return since === undefined ? { staged: true } : { since }
}

/** What is asked for wins over the config; endpoints and the token come from the environment where they are not named. */
function targetsOf(asked: Partial<Targets>, loaded: LoadedConfig, root: string): Targets {
  const named = loaded.config.targets ?? {}
  const endpoint = process.env.AWS_ENDPOINT_URL || undefined
  const token = process.env.GITHUB_TOKEN || process.env.GH_TOKEN || undefined
  /** Entries of the config, each with the line that names it. */
  const declared = <T extends object>(kind: keyof NonNullable<Config['targets']>, entries: readonly T[] | undefined) =>
    (entries ?? []).map((entry, i) => ({ ...entry, ...declarationOf(loaded, kind, i, root) }))
  const aws = (asked.aws ?? []).length > 0 ? asked.aws : (declared('aws', named.aws) as Targets['aws'])
  const kubernetes =
    (asked.kubernetes ?? []).length > 0
      ? asked.kubernetes
      : (declared('kubernetes', named.kubernetes) as Targets['kubernetes'])
  const [enterprise] = asked.github ?? []
  const fromConfig = declared('github', named.github).map(({ owner: name, url = enterprise?.url, declaredAt }) => {
    const [owner = '', repository] = name.split('/')
    return {
      owner,
      ...(repository && { repository }),
      ...(url !== undefined && { url }),
      ...(declaredAt && { declaredAt }),
    }
  })
  return {
    history: asked.history ?? false,
    aws: (aws ?? []).map((target) => ({ ...(endpoint !== undefined && { endpoint }), ...target })),
    kubernetes: (kubernetes ?? []).map(({ kubeconfig, ...rest }) => ({
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

/** The line of a config inside the audited tree that names a target; findings without a file are shown there. */
function declarationOf(
  config: LoadedConfig,
  kind: keyof NonNullable<Config['targets']>,
  index: number,
  root: string,
): { declaredAt?: FileLocation } {
  const path = relative(resolve(root), resolve(config.file))
  if (path.startsWith('..') || isAbsolute(path)) return {}
  return { declaredAt: { file: path.split(sep).join('/'), ...config.targetPosition(kind, index) } }
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
