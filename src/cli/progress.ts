import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { printableText } from '../reporters/printable.ts'
import type { ScanOptions } from './options.ts'

/** What is being done, on stderr, while it takes time and somebody looks. */
export interface Progress {
  update(text: string): void
  stop(): void
}

/** The first line stands there at once; what moves comes later: a quick run need not load the spinner. */
const DELAY_MS = 400
const CLEAR_LINE = '\r\u001b[K'

/** `paths`: what is looked at, as the operator wrote it. */
export function startProgress(
  options: Pick<ScanOptions, 'progress' | 'quiet'>,
  paths: readonly string[] = [],
): Progress {
  const terminal = process.stderr
  if (!options.progress || options.quiet || !terminal.isTTY || process.env.CI)
    return { update: () => undefined, stop: () => undefined }
  let text = fitted(`Auditing ${paths.map(describePath).join(', ')}`, terminal.columns)
  terminal.write(`${text} …`)
  let spinner: { text: string; stop(): unknown } | undefined
  let stopped = false
  const timer = setTimeout(async () => {
    const { default: ora } = await import('ora')
    if (stopped) return
    terminal.write(CLEAR_LINE)
    spinner = ora({ text, stream: terminal, discardStdin: false }).start()
  }, DELAY_MS)
  return {
    update(next) {
      text = next
      if (spinner) spinner.text = next
    },
    stop() {
      stopped = true
      clearTimeout(timer)
      if (spinner) spinner.stop()
      else terminal.write(CLEAR_LINE)
    },
  }
}

/** The folder, and what of a repository it is, as far as names of files tell. */
function describePath(path: string): string {
  const folder = resolve(path)
  const home = homedir()
  const short = folder.startsWith(join(home, '/')) ? `~${folder.slice(home.length)}` : folder
  if (existsSync(join(folder, '.git'))) return printableText(short)
  for (let above = dirname(folder); above !== dirname(above); above = dirname(above))
    if (existsSync(join(above, '.git'))) return printableText(`${short}, a folder of a larger repository`)
  return printableText(`${short}, not a git repository`)
}

/** Of one line: what is wrapped cannot be cleared. */
function fitted(text: string, columns = 80): string {
  return text.length > columns - 3 ? text.slice(0, Math.max(columns - 3, 10)) : text
}
