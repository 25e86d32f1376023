import { statSync } from 'node:fs'
import type { AuditOptions } from './audit.ts'
import type { Config } from './config.ts'
import { namesRule } from './engine/triage.ts'
import { UsageError } from './errors.ts'
import { catalogue } from './facts/catalogue.ts'
import type { Migrated } from './migration.ts'
import { withSlashes } from './paths.ts'
import type { Installed } from './plugin.ts'
import type { AuditRequest } from './request.ts'
import { didYouMean, namesOf } from './rule-names.ts'
import { allRules, type RunnableRule } from './rule-packs.ts'
import { readSettings } from './settings.ts'
import type { ChangeRequest } from './sources/changes.ts'
import { targetsOf } from './targets.ts'

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
  const repositories = given.length > 0 ? given.map((path) => withSlashes(path)) : ['.']
  if (repositories.includes('')) throw new UsageError('the path is empty; is a variable not set?')
  for (const path of repositories) refuseFile(path)
  const [main = '.'] = repositories
  const changes = changesOf(request, repositories)
  const { config: loaded, baseline, commit, foreign } = await readSettings(main, request)
  const { config } = loaded
  const installed = await loadInstalled([...(request.plugins ?? []), ...(config.plugins ?? [])])
  const folders = [...(installed?.ruleFolders ?? []), ...(request.rules ?? []), ...(config.rules ?? [])]
  const migrated = foreign.size > 0 ? await loadMigrated(foreign, installed) : undefined
  const rules = [...(await allRules(folders, installed?.catalogue)), ...(migrated?.rules ?? [])]
  const only = request.only && request.only.length > 0 ? request.only : (config.only ?? [])
  const skip = [...(request.skip ?? []), ...(config.skip ?? [])]
  checkNames([...only, ...skip], rules)
  if (rules.every(({ id }) => !namesRule(only, id) || (skip.length > 0 && namesRule(skip, id)))) {
    throw new UsageError('no rule is left to run: --skip leaves out all that --only names')
  }
  const audit: AuditOptions = {
    repositories,
    targets: targetsOf(request, loaded, main),
    rules,
    ...(installed && { installed }),
    only,
    skip,
    minConfidence: request.minConfidence ?? config['min-confidence'] ?? 'medium',
    fingerprints: request.fingerprints ?? true,
    views: request.views ?? true,
    config: loaded,
    ...(baseline && { baseline }),
    ...(migrated && { migrated }),
    ...(changes && { changes }),
    ...(commit !== undefined && { commentsFrom: commit }),
    trustedAccounts: config['trusted-accounts'] ?? [],
    breakGlassRoles: config['break-glass-roles'] ?? [],
    maxFileSize: request.maxFileSize ?? 32 << 20,
    archives: request.archives ?? false,
    render: request.render ?? false,
    timeoutSeconds: request.timeoutSeconds ?? 300,
    ...clock(request.now),
    signal: request.signal ?? new AbortController().signal,
    ...(request.progress && { progress: request.progress }),
    ...(request.onBug && { onBug: request.onBug }),
  }
  return { audit, config, installed }
}

/** Settings of other scanners; few repositories hold them. */
async function loadMigrated(files: ReadonlyMap<string, string>, installed: Installed | undefined): Promise<Migrated> {
  const { migrate } = await import('./migration.ts')
  return migrate(files, installed?.catalogue ?? catalogue)
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

/** SOURCE_DATE_EPOCH fixes the clock and lets reports print it: the same input gives the same bytes. */
function clock(given: Date | undefined): { now: Date; showClock: boolean } {
  if (given) return { now: given, showClock: true }
  const epoch = process.env.SOURCE_DATE_EPOCH
  if (!epoch) return { now: new Date(), showClock: false }
  const now = new Date(Number(epoch) * 1000)
  if (Number.isNaN(now.getTime())) throw new UsageError(`SOURCE_DATE_EPOCH is no number of seconds: ${epoch}`)
  return { now, showClock: true }
}

/** Throws UsageError for a file: what it means hangs on what stands beside it. */
function refuseFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`${path} is a file; audit the folder that it is in`)
  }
}
