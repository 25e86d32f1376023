import { resolve } from 'node:path'
import { audit } from '../audit.ts'
import { UsageError } from '../errors.ts'
import { FORMATS, isFormat } from '../formats.ts'
import type { Targets } from '../model.ts'
import type { Installed } from '../plugin.ts'
import { postureOf } from '../posture.ts'
import { prepare } from '../prepare.ts'
import type { Report } from '../report.ts'
import type { AuditRequest } from '../request.ts'
import type { EarlierReport } from '../trend.ts'
import { exitCodeOf, isBelow, type VerdictOptions } from '../verdict.ts'
import { readReport } from './earlier.ts'
import { githubTargets, kubernetesTargets } from './look.ts'
import type { ScanOptions } from './options.ts'
import { writeReports } from './output.ts'
import { type Progress, startProgress } from './progress.ts'
import { notOneOf } from './suggestions.ts'
import { refuseWholeMachine } from './whole-machine.ts'

/** `zt-audit [scan] [PATH]`: audits, prints, and sets the exit code. */
export async function scan(path: string | undefined, options: ScanOptions): Promise<void> {
  const earlier = await readEarlier(options)
  const { report, verdict, installed } = await runAudit(path, options)
  const code = exitCodeOf(report, verdict)
  // Set before anything is printed: whoever closes the pipe early still gets it.
  process.exitCode = code
  if (isBelow(report, verdict.failOnScore))
    process.stderr.write(
      `zt-audit: the posture, ${postureOf(report).overall?.least ?? 'of which nothing is known'}, is below ${verdict.failOnScore}\n`,
    )
  const setting = {
    verdict: { code, failOn: verdict.failOn },
    earlier,
    linkFrom: resolve(repositoriesOf(path, options)[0] ?? '.'),
    ...(installed && { installed }),
  }
  const written = await writeReports(report, options, setting)
  if (code === 0 && !written) process.exitCode = 3
}

/** The reports to compare with, before anything is scanned. Throws UsageError. */
async function readEarlier(options: ScanOptions): Promise<EarlierReport[]> {
  if (options.compare.length === 0) return []
  if (!formatsOf(options).includes('html'))
    throw new UsageError(
      '--compare is for the format html: add --output html=FILE; zt-audit diff compares JSON reports',
    )
  const { parseReport } = await import('../diff.ts')
  return Promise.all(options.compare.map(async (name) => ({ name, report: parseReport(name, await readReport(name)) })))
}

function formatsOf(options: ScanOptions): string[] {
  return [options.format, ...options.output.map(({ format }) => format)]
}

/** What an audit gave, and what decides between pass and fail. */
export interface Outcome {
  readonly report: Report
  readonly verdict: VerdictOptions
  readonly installed: Installed | undefined
}

/**
 * Prepares and runs an audit, with progress on the terminal; Ctrl-C ends it with what was found until then. Throws UsageError or
 * RuleError: nothing was scanned then.
 */
export async function runAudit(path: string | undefined, options: ScanOptions): Promise<Outcome> {
  const controller = new AbortController()
  refuseWholeMachine(path, options)
  const progress = startProgress(options, repositoriesOf(path, options))
  let stopListening = () => {}
  try {
    const request = requestOf(path, options, progress, controller.signal)
    const { audit: prepared, config, installed } = await prepare(request)
    for (const format of formatsOf(options)) checkFormat(format, installed)
    stopListening = stopOnInterrupt(controller)
    const isPartial = options.since !== undefined || options.staged === true
    if (options.failOnScore !== undefined && isPartial)
      throw new UsageError(
        '--fail-on-score needs a whole audit: what changed has no score, leave out --since and --staged',
      )
    // A config is for whole audits and for those of a change.
    const failOnScore = options.failOnScore ?? (isPartial ? undefined : config['fail-on-score'])
    const verdict = {
      failOn: options.failOn ?? config['fail-on'] ?? 'medium',
      ...(failOnScore !== undefined && { failOnScore }),
      exitZero: options.exitZero ?? false,
      allowGaps: options.allowGaps ?? false,
      strict: options.strict ?? false,
    }
    return { report: await audit(prepared), verdict, installed }
  } finally {
    progress.stop()
    stopListening()
  }
}

function requestOf(
  path: string | undefined,
  options: ScanOptions,
  progress: Progress,
  signal: AbortSignal,
): AuditRequest {
  return {
    paths: repositoriesOf(path, options),
    targets: targetsOf(options),
    endpoints: {
      ...(options.awsEndpoint && { aws: options.awsEndpoint }),
      ...(options.githubUrl && { github: options.githubUrl }),
    },
    only: options.only,
    skip: options.skip,
    rules: options.rules,
    plugins: options.plugin,
    ...(options.minConfidence && { minConfidence: options.minConfidence }),
    // The report for people names none.
    fingerprints: formatsOf(options).some((format) => format !== 'pretty'),
    // Plugins may show them, too.
    views: formatsOf(options).some((format) => format === 'html' || !isFormat(format)),
    ...(options.config !== undefined && { config: options.config }),
    ...(options.configFrom !== undefined && { configFrom: options.configFrom }),
    ...(options.baseline !== undefined && { baseline: options.baseline }),
    ...(options.since !== undefined && { since: options.since }),
    staged: options.staged ?? false,
    trustTarget: options.trustTarget ?? false,
    maxFileSize: options.maxFileSize,
    archives: options.archives ?? false,
    render: options.render ?? false,
    timeoutSeconds: options.timeout,
    signal,
    progress: progress.update,
    onBug: (error) =>
      process.stderr.write(`zt-audit: a scanner failed; this is a bug, please report it\n${error.stack}\n`),
  }
}

/** Formats of plugins are known only now. */
function checkFormat(format: string, installed: Installed | undefined): void {
  const known = [...FORMATS, ...(installed?.reporters.keys() ?? [])]
  if (known.includes(format)) return
  throw new UsageError(`there is no format '${format}'. ${notOneOf(format, known)}`)
}

/** PATH, and what --repo adds; --repo alone takes the place of the working directory. */
function repositoriesOf(path: string | undefined, options: ScanOptions): string[] {
  return path === undefined && options.repo.length > 0 ? [...options.repo] : [path ?? '.', ...options.repo]
}

/** The targets that options name. */
function targetsOf(options: ScanOptions): Partial<Targets> {
  if (options.verifyEndpoint.length > 0 && !options.verify) throw new UsageError('--verify-endpoint needs --verify')
  return {
    history: options.history ?? false,
    aws: awsTargetsOf(options),
    kubernetes: kubernetesTargets(options.k8s, options.kubeconfig),
    kubernetesDumps: options.k8sDump,
    auditLogs: options.auditLog,
    cloudtrail: options.cloudtrail,
    github: githubTargets(options.github),
    ...(options.verify && {
      verify: { endpoints: Object.fromEntries(options.verifyEndpoint.map(({ provider, url }) => [provider, url])) },
    }),
  }
}

/** Each profile with the regions and accounts that are asked for; accounts alone mean the default credentials. */
function awsTargetsOf({ aws, awsRegion, awsAccounts, awsRole, awsExternalId }: ScanOptions): Targets['aws'] {
  if (awsAccounts.length > 0 && !awsRole) throw new UsageError('--aws-accounts needs --aws-role')
  if (awsRole && awsAccounts.length === 0) throw new UsageError('--aws-role needs --aws-accounts, ids or all')
  if (awsExternalId && !awsRole) throw new UsageError('--aws-external-id needs --aws-role')
  if (awsRegion.length > 0 && aws.length + awsAccounts.length === 0) throw new UsageError('--aws-region needs --aws')
  const profiles = aws.length === 0 && awsAccounts.length > 0 ? [''] : aws
  return profiles.map((profile) => ({
    ...(profile !== '' && { profile }),
    ...(awsRegion.length > 0 && { regions: awsRegion }),
    ...(awsAccounts.length > 0 && { accounts: awsAccounts }),
    ...(awsRole && { role: awsRole }),
    ...(awsExternalId && { externalId: awsExternalId }),
  }))
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
