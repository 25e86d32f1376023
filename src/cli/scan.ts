import { isAbsolute, relative, resolve, sep } from 'node:path'
import { type AuditOptions, audit } from '../audit.ts'
import type { Config, LoadedConfig } from '../config.ts'
import { namesRule } from '../engine/triage.ts'
import { UsageError } from '../errors.ts'
import type { FileLocation, Targets } from '../model.ts'
import type { Report } from '../report.ts'
import { didYouMean, namesOf } from '../rule-names.ts'
import { builtInRules, type RunnableRule, toRunnable, userRules } from '../rule-packs.ts'
import type { ChangeRequest } from '../sources/changes.ts'
import { exitCodeOf, type VerdictOptions } from '../verdict.ts'
import type { ScanOptions } from './options.ts'
import { writeReports } from './output.ts'
import { startProgress } from './progress.ts'
import { readSettings } from './settings.ts'

/** `zt-audit [scan] [PATH]`: audits, prints, and sets the exit code. */
export async function scan(path: string | undefined, options: ScanOptions): Promise<void> {
  const prepared = await prepare(path, options)
  const report = await runAudit(prepared, options)
  const code = exitCodeOf(report, prepared.verdict)
  // Set before anything is printed: whoever closes the pipe early still gets it.
  process.exitCode = code
  const written = await writeReports(report, options)
  if (code === 0 && !written) process.exitCode = 3
}

/** An audit, ready to run. */
export interface Prepared {
  readonly audit: Omit<AuditOptions, 'signal'>
  readonly verdict: VerdictOptions
}

/** Options, config and baseline → what an audit needs. Throws UsageError or RuleError: nothing was scanned then. */
export async function prepare(path: string | undefined, options: ScanOptions): Promise<Prepared> {
  const repositories = repositoriesOf(path, options)
  const changes = changesOf(options, repositories)
  const { config, baseline, commit } = await readSettings(repositories[0] ?? '.', options)
  const rules = await loadSelectedRules([...options.rules, ...(config.config.rules ?? [])])
  const only = options.only.length > 0 ? options.only : (config.config.only ?? [])
  const skip = [...options.skip, ...(config.config.skip ?? [])]
  checkNames([...only, ...skip], rules)
  if (rules.every(({ id }) => (only.length > 0 && !namesRule(only, id)) || (skip.length > 0 && namesRule(skip, id)))) {
    throw new UsageError('no rule is left to run: --skip leaves out all that --only names')
  }
  const audit = {
    repositories,
    targets: targetsOf(options, config, repositories[0] ?? '.'),
    rules,
    only,
    skip,
    // The report for people names none.
    fingerprints: options.format !== 'pretty' || options.output.some(({ format }) => format !== 'pretty'),
    minConfidence: options.minConfidence ?? config.config['min-confidence'] ?? 'medium',
    config,
    ...(baseline && { baseline }),
    ...(changes && { changes }),
    ...(commit !== undefined && { commentsFrom: commit }),
    trustedAccounts: config.config['trusted-accounts'] ?? [],
    breakGlassRoles: config.config['break-glass-roles'] ?? [],
    maxFileSize: options.maxFileSize,
    timeoutSeconds: options.timeout,
    ...clock(),
  }
  const verdict: VerdictOptions = {
    failOn: options.failOn ?? config.config['fail-on'] ?? 'medium',
    exitZero: options.exitZero ?? false,
    allowGaps: options.allowGaps ?? false,
    strict: options.strict ?? false,
  }
  return { audit, verdict }
}

/** Runs it with progress on the terminal; Ctrl-C ends it with what was found until then. */
export async function runAudit(prepared: Prepared, options: ScanOptions): Promise<Report> {
  const controller = new AbortController()
  const stopListening = stopOnInterrupt(controller)
  const progress = startProgress(options)
  try {
    return await audit({
      ...prepared.audit,
      signal: controller.signal,
      progress: progress.update,
      onBug: (error) =>
        process.stderr.write(`zt-audit: a scanner failed; this is a bug, please report it\n${error.stack}\n`),
    })
  } finally {
    progress.stop()
    stopListening()
  }
}

/** Which part of the repository is judged; undefined: all of it. */
function changesOf(
  { staged, since, history }: ScanOptions,
  repositories: readonly string[],
): ChangeRequest | undefined {
  if (!staged && since === undefined) return undefined
  const option = staged ? '--staged' : '--since'
  if (staged && since !== undefined) throw new UsageError('--staged and --since exclude each other')
  if (staged && history) throw new UsageError('--staged looks at the index; it has no --history')
  if (repositories.length > 1) throw new UsageError(`${option} speaks of one repository; leave out --repo`)
  return since === undefined ? { staged: true } : { since }
}

/** PATH, and what --repo adds; --repo alone takes the place of the working directory. */
function repositoriesOf(path: string | undefined, options: ScanOptions): string[] {
  if (path === '' || options.repo.includes('')) throw new UsageError('the path is empty; is a variable not set?')
  return path === undefined && options.repo.length > 0 ? [...options.repo] : [path ?? '.', ...options.repo]
}

async function loadSelectedRules(folders: readonly string[]): Promise<RunnableRule[]> {
  const rules = await builtInRules()
  const ids = new Set(rules.map((rule) => rule.id))
  for (const folder of folders) {
    for (const rule of await userRules(folder, ids)) {
      rules.push(toRunnable(rule))
      ids.add(rule.id)
    }
  }
  return rules
}

/** A misspelt rule must not look like a passed one. */
function checkNames(names: readonly string[], rules: readonly RunnableRule[]): void {
  const known = namesOf(rules.map(({ id }) => id))
  for (const name of names) {
    if (known.includes(name) || name.includes('*')) continue
    throw new UsageError(`there is no rule or area '${name}'${didYouMean(name, known)}`)
  }
}

function targetsOf(options: ScanOptions, config: LoadedConfig, root: string): Targets {
  const endpoint = options.awsEndpoint ?? (process.env.AWS_ENDPOINT_URL || undefined)
  const token = process.env.GITHUB_TOKEN || process.env.GH_TOKEN || undefined
  const named = config.config.targets ?? {}
  const declared = (kind: keyof typeof named, index: number) => declarationOf(config, kind, index, root)
  const aws = options.aws.map((profile) => ({ ...(profile !== '' && { profile }), ...(endpoint && { endpoint }) }))
  const fromConfig = (named.aws ?? []).map((entry, i) => ({
    ...declared('aws', i),
    ...(entry.profile !== undefined && { profile: entry.profile }),
    ...((entry.endpoint ?? endpoint) && { endpoint: entry.endpoint ?? endpoint }),
  }))
  const clusters = options.k8s.map((context) => ({
    ...(context !== '' && { context }),
    ...(options.kubeconfig && { kubeconfig: resolve(options.kubeconfig) }),
  }))
  const clustersFromConfig = (named.kubernetes ?? []).map((entry, i) => ({ ...entry, ...declared('kubernetes', i) }))
  const owners: { name: string; url: string | undefined; declaredAt?: FileLocation }[] = [
    ...options.github.map((name) => ({ name, url: options.githubUrl })),
    ...(named.github ?? []).map(({ owner, url }, i) => ({
      name: owner,
      url: url ?? options.githubUrl,
      ...declared('github', i),
    })),
  ]
  return {
    history: options.history ?? false,
    aws: (aws.length > 0 ? aws : fromConfig) as Targets['aws'],
    kubernetes: (clusters.length > 0 ? clusters : clustersFromConfig) as Targets['kubernetes'],
    kubernetesDumps: options.k8sDump,
    auditLogs: options.auditLog,
    github: owners.map(({ name, url, declaredAt }) => {
      const [owner = '', repository] = name.split('/')
      return {
        owner,
        ...(repository && { repository }),
        ...(url && { url }),
        ...(token && { token }),
        ...(declaredAt && { declaredAt }),
      }
    }),
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
function clock(): { now: Date; showClock: boolean } {
  const epoch = process.env.SOURCE_DATE_EPOCH
  if (!epoch) return { now: new Date(), showClock: false }
  const now = new Date(Number(epoch) * 1000)
  if (Number.isNaN(now.getTime())) throw new UsageError(`SOURCE_DATE_EPOCH is no number of seconds: ${epoch}`)
  return { now, showClock: true }
}

/** The first Ctrl-C ends the scan and reports what was found; the second ends the program. */
function stopOnInterrupt(controller: AbortController): () => void {
  const stop = () => {
    if (controller.signal.aborted) process.exit(130)
    process.stderr.write('\nzt-audit: stopping; the report will be incomplete (Ctrl-C again to quit at once)\n')
    controller.abort()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  return () => void process.off('SIGINT', stop).off('SIGTERM', stop)
}
