import { randomBytes } from 'node:crypto'
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { supportsColor, supportsColorStderr } from 'chalk'
import { PluginError } from '../errors.ts'
import { type RenderOptions, render } from '../render.ts'
import { isOpen, type Report } from '../report.ts'
import { printableText } from '../reporters/printable.ts'
import { listSkips } from '../reporters/summary.ts'
import type { ScanOptions } from './options.ts'

/** Prints the report and writes the files asked for. False if one of them could not be written; the others are. */
export async function writeReports(
  report: Report,
  options: ScanOptions,
  given: Pick<RenderOptions, 'installed' | 'verdict' | 'earlier' | 'linkFrom'> = {},
): Promise<boolean> {
  const { linkFrom, ...others } = given
  const setting = { ...others, width: terminalWidth(), verbose: options.verbose ?? false }
  let complete = true
  const write = async (
    format: string,
    look: Pick<RenderOptions, 'color' | 'linkFrom'>,
    target: string,
    send: (text: string) => Promise<Error | undefined>,
  ) => {
    const error = await tryRender(report, format, { ...setting, ...look }, send)
    if (!error) return
    complete = false
    process.stderr.write(`zt-audit: cannot write ${target}: ${reasonOf(error)}\n`)
  }
  for (const { format, file } of options.output) await write(format, {}, file, (text) => writeWhole(file, text))
  const silent =
    options.quiet && options.format === 'pretty' && !report.findings.some(isOpen) && report.gaps.length === 0
  if (!silent) {
    const color = colorLevel(options.color, process.stdout)
    const linked = linkFrom !== undefined && (await hasLinks(options.color))
    await write(options.format, { color, ...(linked && { linkFrom }) }, 'the report', print)
  }
  if (options.verbose && options.format !== 'pretty') process.stderr.write(skipList(report))
  return complete
}

/** For people who let a program read the report. */
function skipList(report: Report): string {
  return listSkips(report)
    .map(
      ({ title, paths }) =>
        `zt-audit: skipped: ${title}\n${paths.map((path) => `  ${printableText(path)}\n`).join('')}`,
    )
    .join('')
}

/** What a plugin cannot render is missing; all else is written. */
async function tryRender(
  report: Report,
  format: string,
  options: RenderOptions,
  send: (text: string) => Promise<Error | undefined>,
): Promise<Error | undefined> {
  try {
    return await send(await render(report, format, options))
  } catch (error) {
    if (error instanceof PluginError) return error
    throw error
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
export function print(text: string): Promise<undefined> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve(undefined)))
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

/** Whether the terminal is known to have links (OSC 8); FORCE_HYPERLINK=1 and 0 decide for those that are not. */
async function hasLinks(color: ScanOptions['color']): Promise<boolean> {
  if (color === 'never' || process.env.TERM === 'dumb') return false
  const { createSupportsHyperlinks } = await import('supports-hyperlinks')
  return createSupportsHyperlinks(process.stdout)
}

export function terminalWidth(): number {
  return process.stdout.columns || Number(process.env.COLUMNS) || 80
}

/** Node's messages end in the call and the path that it was given: for people, that of a file which is not yet whole. */
export function reasonOf(error: unknown): string {
  return (error as Error).message.replace(/, \w+ '[^']*'(?: -> '[^']*')?$/, '')
}
