import { mkdirSync, realpathSync, statSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Chalk } from 'chalk'
import { createTwoFilesPatch } from 'diff'
import { BASELINE_FILE } from '../baseline.ts'
import { UsageError } from '../errors.ts'
import { CONFIG_FILE } from '../report.ts'
import { layout } from '../reporters/layout.ts'
import { printableText } from '../reporters/printable.ts'
import { wideText } from '../reporters/wide-text.ts'
import { baseline } from './baseline.ts'
import { openQuestions, type Questions, Stopped } from './init/ask.ts'
import { type Found, lookAt, PRE_COMMIT } from './init/look.ts'
import {
  atTop,
  type Change,
  type Choices,
  CI_SYSTEMS,
  type CiSystem,
  liveTargets,
  type Plan,
  planOf,
  suggested,
} from './init/plan.ts'
import { NOTHING_REPEATED, type ScanOptions } from './options.ts'
import { colorLevel, print, reasonOf, terminalWidth, writeWhole } from './output.ts'

/** The options as commander gives them; what was not given is asked for on a terminal. */
export interface InitOptions {
  readonly ci?: CiSystem
  readonly preCommit?: boolean
  readonly baseline?: boolean
  readonly yes?: boolean
  readonly dryRun?: boolean
}

/**
 * `zt-audit init [PATH]`: a commented config and, if wanted, a CI file, a pre-commit hook and a baseline. Shows what it will write before
 * it writes; what is there is never replaced. Without a terminal it does what the options say, and no more. Throws UsageError.
 */
export async function init(path: string, options: InitOptions): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`there is no folder '${path}'`)
  const found = await lookAt(realpathSync(path), [CONFIG_FILE, BASELINE_FILE])
  refuseElsewhere(found, options)
  const asks = process.stdin.isTTY && process.stderr.isTTY && !options.yes && !options.dryRun
  const questions = asks ? openQuestions() : undefined
  let written: string[] = []
  try {
    process.stderr.write(`${opening(found)}\n`)
    const choices = await choose(found, options, questions)
    const plan = planOf(found, choices)
    const wantsBaseline = choices.baseline && !found.files.has(BASELINE_FILE)
    await print(describe(plan, wantsBaseline, options.dryRun === true))
    if (options.dryRun) return
    if (plan.changes.length === 0 && !wantsBaseline) {
      process.stderr.write('nothing to write\n')
      return
    }
    if (questions && !(await questions.confirm(question(plan, wantsBaseline), true))) {
      process.stderr.write('nothing was written\n')
      return
    }
    questions?.close()
    written = await writeAll(found.folder, plan.changes)
    if (wantsBaseline) await baseline('create', path, BASELINE_OPTIONS)
    await print(next(found, path, choices.preCommit, [...written, ...(wantsBaseline ? [BASELINE_FILE] : [])]))
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    process.stderr.write('\nzt-audit: stopped; nothing was written\n')
    process.exitCode = 130
  } finally {
    questions?.close()
  }
}

/** What an audit without options is. */
const BASELINE_OPTIONS: ScanOptions = {
  ...NOTHING_REPEATED,
  format: 'json',
  maxFileSize: 32 << 20,
  timeout: 300,
  color: 'auto',
  progress: true,
}

function refuseElsewhere(found: Found, { ci = 'none', preCommit = false }: InitOptions): void {
  const asked = [ci !== 'none' && `--ci ${ci}`, preCommit && '--pre-commit'].filter(Boolean).join(' and ')
  if (asked === '' || atTop(found)) return
  if (found.top === undefined)
    throw new UsageError(`${asked}: ${found.folder} is no git repository; git init makes one`)
  throw new UsageError(`${asked}: these are read at the top of a repository; run zt-audit init in ${found.top}`)
}

/** The options, then what the terminal says, then (with --yes) what fits; without any of these, nothing but the config. */
async function choose(found: Found, options: InitOptions, questions: Questions | undefined): Promise<Choices> {
  const fitting = suggested(found)
  const fallback = questions || options.yes ? fitting : { ci: 'none' as const, preCommit: false, baseline: false }
  const canHook = atTop(found)
  const ci =
    options.ci ??
    (questions && canHook ? await questions.choose('A file for CI?', CI_SYSTEMS, fallback.ci) : fallback.ci)
  const preCommit =
    options.preCommit ??
    (questions && canHook
      ? await questions.confirm('A pre-commit hook, which audits what is staged?', fallback.preCommit)
      : fallback.preCommit)
  const accepts =
    options.baseline ??
    (questions && !found.files.has(BASELINE_FILE)
      ? await questions.confirm('A baseline, which accepts what is found today, so that only new findings fail?', false)
      : fallback.baseline)
  return { ci, preCommit, baseline: accepts }
}

function opening(found: Found): string {
  const { folder, top, remote } = found
  const where =
    top === undefined ? 'no git repository' : top === folder ? 'a git repository' : `in the repository ${top}`
  const head = printableText(`zt-audit init in ${folder}: ${where}${remote ? `, ${remote}` : ''}`)
  return atTop(found)
    ? head
    : `${head}\nCI files and hooks are for the top of a git repository: here is only the config.`
}

/** The config is nothing but comments: it is shown in full where nothing else is going to show it. */
function describe({ changes, proposals, notes }: Plan, wantsBaseline: boolean, inFull: boolean): string {
  const chalk = new Chalk({ level: colorLevel('auto', process.stdout) })
  const page = layout(terminalWidth(), wideText)
  const title = (what: string, path: string) => chalk.bold(`${what} ${path}`)
  const shown = (change: Change) =>
    patchOf(change)
      .trimEnd()
      .split('\n')
      .map((line) => paint(printableText(line), chalk))
  const lines = changes.flatMap((change) =>
    change.path === CONFIG_FILE && !inFull
      ? [`${title('new:', change.path)}  (every setting, commented out)`, '']
      : [title(change.before === undefined ? 'new:' : 'changed:', change.path), ...shown(change), ''],
  )
  if (wantsBaseline) lines.push(`${title('new:', BASELINE_FILE)}  (what the audit that follows finds)`, '')
  for (const proposal of proposals)
    lines.push(chalk.bold(`left alone: ${proposal.path}; zt-audit would have it like this:`), ...shown(proposal), '')
  const ends = notes.map((note) => page.item('·', printableText(note), 0))
  return `${[...lines, ...ends].join('\n')}\n`
}

function paint(line: string, chalk: InstanceType<typeof Chalk>): string {
  if (line.startsWith('+')) return chalk.green(line)
  return line.startsWith('-') ? chalk.red(line) : line
}

/** New files as they are, others as a diff. */
function patchOf({ path, before, after }: Change): string {
  if (before === undefined) return after.replace(/^/gm, '+ ').replace(/^\+ $(?![\s\S])/m, '')
  const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 2 })
  return patch.replace(/^=+\n/m, '')
}

function question({ changes }: Plan, wantsBaseline: boolean): string {
  const count = changes.length + (wantsBaseline ? 1 : 0)
  return count === 1 ? 'Write this file?' : `Write these ${count} files?`
}

/** Writes what was shown. Throws UsageError that names what was written before. */
async function writeAll(folder: string, changes: readonly Change[]): Promise<string[]> {
  const written: string[] = []
  for (const { path, before, after } of changes) {
    const file = join(folder, path)
    try {
      mkdirSync(dirname(file), { recursive: true })
      const error = before === undefined ? await createNew(file, after) : await writeWhole(file, after)
      if (error) throw error
    } catch (error) {
      const so = written.length > 0 ? `; written before: ${written.join(', ')}` : '; nothing was written'
      throw new UsageError(`cannot write ${file}: ${reasonOf(error)}${so}`)
    }
    written.push(path)
    process.stderr.write(`wrote ${printableText(path)}\n`)
  }
  return written
}

/** Fails if something has come to be there since it was looked for; a file that could not be written whole is taken away. */
async function createNew(file: string, text: string): Promise<Error | undefined> {
  const handle = await open(file, 'wx')
  try {
    await handle.writeFile(text)
    return undefined
  } catch (error) {
    await rm(file, { force: true })
    return error as Error
  } finally {
    await handle.close()
  }
}

/** Commands are not broken: they are there to be copied. */
function next(found: Found, path: string, preCommit: boolean, written: readonly string[]): string {
  const chalk = new Chalk({ level: colorLevel('auto', process.stdout) })
  const seeMore = liveTargets(found)
  const width = Math.max(0, ...seeMore.map(({ command }) => command.length))
  const lines = ['', chalk.bold('Next'), `  zt-audit${path === '.' ? '' : ` ${path}`}`]
  if (preCommit && written.includes(PRE_COMMIT)) lines.push('  pre-commit install')
  if (atTop(found)) lines.push(`  git add ${written.join(' ')}`)
  if (seeMore.length > 0) lines.push('', chalk.bold('Sees more, read-only'))
  for (const { command, because } of seeMore)
    lines.push(`  ${command.padEnd(width)}  ${chalk.dim(printableText(because))}`)
  return `${lines.join('\n')}\n`
}
