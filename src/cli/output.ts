import { randomBytes } from 'node:crypto'
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { supportsColor, supportsColorStderr } from 'chalk'
import { catalogue } from '../facts/catalogue.ts'
import { isOpen, type Report } from '../report.ts'
import type { Format, ScanOptions } from './options.ts'

/** Prints the report and writes the files asked for. False if one of them could not be written; the others are. */
export async function writeReports(report: Report, options: ScanOptions): Promise<boolean> {
  let complete = true
  for (const { format, file } of options.output) {
    const error = await writeWhole(file, await render(report, format, { ...options, color: 'never' }))
    if (!error) continue
    complete = false
    process.stderr.write(`zt-audit: cannot write ${file}: ${error.message}\n`)
  }
  const silent =
    options.quiet && options.format === 'pretty' && !report.findings.some(isOpen) && report.gaps.length === 0
  if (!silent) await print(await render(report, options.format, options))
  return complete
}

/** Each reporter is loaded only if it is asked for: start-up costs time. */
async function render(report: Report, format: Format, options: ScanOptions): Promise<string> {
  switch (format) {
    case 'pretty': {
      const { renderPretty } = await import('../reporters/pretty.ts')
      return renderPretty(report, {
        color: colorLevel(options.color, process.stdout),
        width: terminalWidth(),
        verbose: options.verbose ?? false,
      })
    }
    case 'json': {
      const hidden = new Map([...catalogue].map(([kind, { hidden }]) => [kind, hidden ?? []]))
      return (await import('../reporters/json.ts')).renderJson(report, hidden)
    }
    case 'sarif':
      return (await import('../reporters/sarif.ts')).renderSarif(report)
    case 'github':
      return (await import('../reporters/github.ts')).renderGithub(report)
    case 'gitlab-sast':
      return (await import('../reporters/gitlab-sast.ts')).renderGitlabSast(report)
    case 'gitlab-secrets':
      return (await import('../reporters/gitlab-secrets.ts')).renderGitlabSecrets(report)
    case 'codequality':
      return (await import('../reporters/codequality.ts')).renderCodequality(report)
    case 'junit':
      return (await import('../reporters/junit.ts')).renderJunit(report)
    case 'markdown':
      return (await import('../reporters/markdown.ts')).renderMarkdown(report)
  }
}

/** A file is there whole or not at all: a half-written report would pass for a whole one. */
export async function writeWhole(file: string, text: string): Promise<Error | undefined> {
  if (file === '/dev/stdout' || file === '-') {
    await print(text)
    return undefined
  }
  let temporary = ''
  try {
    // A file that is not there yet is the usual case; any other trouble shows when it is written.
    const status = await stat(file).catch(() => undefined)
    if (status && !status.isFile()) {
      // A device or a pipe is written to, never replaced.
      await writeFile(file, text)
      return undefined
    }
    const target = status ? await realpath(file) : file
    temporary = `${target}.${randomBytes(4).toString('hex')}.part`
    await writeFile(temporary, text, { flag: 'wx' })
    await rename(temporary, target)
    return undefined
  } catch (error) {
    if (temporary !== '') await rm(temporary, { force: true })
    return error as Error
  }
}

/** Waits until the text has left, so that a pipe gets all of it before the program ends. */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()))
}

/** `--color` wins, then NO_COLOR (https://no-color.org), then FORCE_COLOR, then what the terminal can. */
export function colorLevel(when: ScanOptions['color'], stream: NodeJS.WriteStream): 0 | 1 | 2 | 3 {
  if (when === 'never') return 0
  const detected = (stream === process.stderr ? supportsColorStderr : supportsColor) || undefined
  if (when === 'always') return detected?.level || 1
  if (process.env.NO_COLOR) return 0
  const forced = process.env.FORCE_COLOR
  if (forced === '0' || forced === 'false') return 0
  return detected?.level ?? 0
}

export function terminalWidth(): number {
  return process.stdout.columns || Number(process.env.COLUMNS) || 80
}
