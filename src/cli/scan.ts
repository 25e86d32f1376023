import { existsSync } from 'node:fs'
import { audit } from '../audit.ts'
import { nearest } from '../document.ts'
import { UsageError } from '../errors.ts'
import { FORMATS } from '../formats.ts'
import type { Targets } from '../model.ts'
import type { Installed } from '../plugin.ts'
import { type Prepared, prepare } from '../prepare.ts'
import type { Report } from '../report.ts'
import { exitCodeOf } from '../verdict.ts'
import type { ScanOptions } from './options.ts'
import { writeReports } from './output.ts'
import { type Progress, startProgress } from './progress.ts'

/** `zt-audit [scan] [PATH]`: audits, prints, and sets the exit code. */
export async function scan(path: string | undefined, options: ScanOptions): Promise<void> {
  const controller = new AbortController()
  const progress = startProgress(options)
  const { audit: prepared, config, installed } = await prepareScan(path, options, progress, controller.signal)
  const stopListening = stopOnInterrupt(controller)
  let report: Report
  try {
    report = await audit(prepared)
  } finally {
    progress.stop()
    stopListening()
  }
  const code = exitCodeOf(report, {
    failOn: options.failOn ?? config['fail-on'] ?? 'medium',
    exitZero: options.exitZero ?? false,
    allowGaps: options.allowGaps ?? false,
    strict: options.strict ?? false,
  })
  // Set before anything is printed: whoever closes the pipe early still gets it.
  process.exitCode = code
  const written = await writeReports(report, options, installed)
  if (code === 0 && !written) process.exitCode = 3
}

async function prepareScan(
  path: string | undefined,
  options: ScanOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Prepared> {
  try {
    const prepared = await prepare({
      paths: repositoriesOf(path, options),
      targets: targetsOf(options),
      only: options.only,
      skip: options.skip,
      rules: options.rules,
      plugins: options.plugin,
      ...(options.minConfidence && { minConfidence: options.minConfidence }),
      ...(options.config !== undefined && { config: options.config }),
      trustTarget: options.trustTarget ?? false,
      maxFileSize: options.maxFileSize,
      timeoutSeconds: options.timeout,
      signal,
      progress: progress.update,
      onBug: (error) =>
        process.stderr.write(`zt-audit: a scanner failed; this is a bug, please report it\n${error.stack}\n`),
    })
    for (const format of [options.format, ...options.output.map((each) => each.format)]) {
      checkFormat(format, prepared.installed)
    }
    return prepared
  } catch (error) {
    progress.stop()
    throw error
  }
}

/** Formats of plugins are known only now. */
function checkFormat(format: string, installed: Installed | undefined): void {
  const known = [...FORMATS, ...(installed?.reporters.keys() ?? [])]
  if (known.includes(format)) return
  const near = nearest(format, known)
  throw new UsageError(
    `there is no format '${format}'${near ? `, did you mean '${near}'?` : ''} (there are ${known.join(', ')})`,
  )
}

/** PATH, and what --repo adds; --repo alone takes the place of the working directory. */
function repositoriesOf(path: string | undefined, options: ScanOptions): string[] {
  if (path !== undefined && path !== '' && !existsSync(path) && !/[\\/]/.test(path)) {
    const near = nearest(path, COMMANDS)
    if (near) throw new UsageError(`there is no command or folder '${path}', did you mean 'zt-audit ${near}'?`)
  }
  return path === undefined && options.repo.length > 0 ? [...options.repo] : [path ?? '.', ...options.repo]
}

const COMMANDS = ['scan', 'demo', 'init', 'explain', 'rules', 'permissions', 'help']

/** The targets that options name. */
function targetsOf(options: ScanOptions): Partial<Targets> {
  const { awsEndpoint: endpoint, kubeconfig, githubUrl: url } = options
  return {
    history: options.history ?? false,
    aws: options.aws.map((profile) => ({ ...(profile !== '' && { profile }), ...(endpoint && { endpoint }) })),
    kubernetes: options.k8s.map((context) => ({
      ...(context !== '' && { context }),
      ...(kubeconfig && { kubeconfig }),
    })),
    kubernetesDumps: options.k8sDump,
    auditLogs: options.auditLog,
    github: options.github.map((name) => {
      const [owner = '', repository] = name.split('/')
      return { owner, ...(repository && { repository }), ...(url && { url }) }
    }),
  }
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
