import { lstatSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type AuditOptions, audit } from '../audit.ts'
import { type Config, type LoadedConfig, NO_CONFIG, readConfig } from '../config.ts'
import { namesRule } from '../engine/triage.ts'
import { UsageError } from '../errors.ts'
import type { Targets } from '../model.ts'
import type { Report } from '../report.ts'
import { didYouMean, namesOf } from '../rule-names.ts'
import { builtInRules, type RunnableRule, toRunnable, userRules } from '../rule-packs.ts'
import { exitCodeOf, type VerdictOptions } from '../verdict.ts'
import type { ScanOptions } from './options.ts'
import { writeReports } from './output.ts'
import { startProgress } from './progress.ts'

/** `zt-audit [scan] [PATH]`: audits, prints, and sets the exit code. */
export async function scan(path: string | undefined, options: ScanOptions): Promise<void> {
  const repositories = repositoriesOf(path, options)
  const config = await findConfig(repositories[0] ?? '.', options)
  const rules = await loadSelectedRules([...options.rules, ...(config.config.rules ?? [])])
  const only = options.only.length > 0 ? options.only : (config.config.only ?? [])
  const skip = [...options.skip, ...(config.config.skip ?? [])]
  checkNames([...only, ...skip], rules)
  if (rules.every(({ id }) => (only.length > 0 && !namesRule(only, id)) || (skip.length > 0 && namesRule(skip, id)))) {
    throw new UsageError('no rule is left to run: --skip leaves out all that --only names')
  }
  const controller = new AbortController()
  const stopListening = stopOnInterrupt(controller)
  const progress = startProgress(options)
  const { now, showClock } = clock()
  const auditOptions: AuditOptions = {
    repositories,
    targets: targetsOf(options, config.config),
    rules,
    only,
    skip,
    minConfidence: options.minConfidence ?? config.config['min-confidence'] ?? 'medium',
    config,
    trustedAccounts: config.config['trusted-accounts'] ?? [],
    breakGlassRoles: config.config['break-glass-roles'] ?? [],
    maxFileSize: options.maxFileSize,
    timeoutSeconds: options.timeout,
    now,
    showClock,
    signal: controller.signal,
    progress: progress.update,
    onBug: (error) =>
      process.stderr.write(`zt-audit: a scanner failed; this is a bug, please report it\n${error.stack}\n`),
  }
  let report: Report
  try {
    report = await audit(auditOptions)
  } finally {
    progress.stop()
    stopListening()
  }
  const verdict: VerdictOptions = {
    failOn: options.failOn ?? config.config['fail-on'] ?? 'medium',
    exitZero: options.exitZero ?? false,
    allowGaps: options.allowGaps ?? false,
    strict: options.strict ?? false,
  }
  const code = exitCodeOf(report, verdict)
  // Set before anything is printed: whoever closes the pipe early still gets it.
  process.exitCode = code
  const written = await writeReports(report, options)
  if (code === 0 && !written) process.exitCode = 3
}

/** PATH, and what --repo adds; --repo alone takes the place of the working directory. */
function repositoriesOf(path: string | undefined, options: ScanOptions): string[] {
  if (path === '' || options.repo.includes('')) throw new UsageError('the path is empty; is a variable not set?')
  return path === undefined && options.repo.length > 0 ? [...options.repo] : [path ?? '.', ...options.repo]
}

/** The config named, else `zt-audit.yaml` in the audited repository, which is not trusted with everything. */
async function findConfig(root: string, options: ScanOptions): Promise<LoadedConfig> {
  if (options.config) return readConfig(options.config, true)
  const own = join(root, 'zt-audit.yaml')
  const status = lstatSync(own, { throwIfNoEntry: false })
  if (!status) return NO_CONFIG
  // A link could lead to a file of the machine, a pipe could hang: neither is a config of this repository.
  if (!status.isFile() || status.size > LARGEST_CONFIG) {
    throw new UsageError(`${own} is no regular file of a size that a config has; remove it, or name one with --config`)
  }
  return readConfig(own, options.trustTarget ?? false)
}

const LARGEST_CONFIG = 1 << 20

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

function targetsOf(options: ScanOptions, config: Config): Targets {
  const endpoint = options.awsEndpoint ?? (process.env.AWS_ENDPOINT_URL || undefined)
  const token = process.env.GITHUB_TOKEN || process.env.GH_TOKEN || undefined
  const named = config.targets ?? {}
  const aws = options.aws.map((profile) => ({ ...(profile !== '' && { profile }), ...(endpoint && { endpoint }) }))
  const fromConfig = (named.aws ?? []).map((entry) => ({
    ...(entry.profile !== undefined && { profile: entry.profile }),
    ...((entry.endpoint ?? endpoint) && { endpoint: entry.endpoint ?? endpoint }),
  }))
  const clusters = options.k8s.map((context) => ({
    ...(context !== '' && { context }),
    ...(options.kubeconfig && { kubeconfig: resolve(options.kubeconfig) }),
  }))
  const github = options.github.map((name) => ({ name, url: options.githubUrl }))
  const owners = [
    ...github,
    ...(named.github ?? []).map(({ owner, url }) => ({ name: owner, url: url ?? options.githubUrl })),
  ]
  return {
    history: options.history ?? false,
    aws: (aws.length > 0 ? aws : fromConfig) as Targets['aws'],
    kubernetes: clusters.length > 0 ? clusters : ((named.kubernetes ?? []) as Targets['kubernetes']),
    kubernetesDumps: options.k8sDump,
    auditLogs: options.auditLog,
    github: owners.map(({ name, url }) => {
      const [owner = '', repository] = name.split('/')
      return { owner, ...(repository && { repository }), ...(url && { url }), ...(token && { token }) }
    }),
  }
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
