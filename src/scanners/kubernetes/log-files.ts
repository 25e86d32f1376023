import { stat } from 'node:fs/promises'
import { type LogProblem, logFiles, readLog } from '../../sources/audit-log.ts'
import type { CallCounter } from './calls.ts'
import { type EntrySink, type LogSource, looksLikeEvent, NATIVE, otherLog, parseJson, readEntry } from './log-forms.ts'

/** What happens beside the counting of events. */
export interface LogReport {
  problem(problem: LogProblem): void
  /** A file, or entries of one, that belong to another log. */
  skip(what: string): void
  progress(file: string): void
}

/** Counts the events of a file, or of all files of a folder. Stops, without an error, when `signal` is aborted. */
export async function countLog(
  path: string,
  counter: CallCounter,
  signal: AbortSignal,
  report: LogReport,
): Promise<void> {
  const before = counter.events
  let files = 0
  let problems = 0
  const counting: LogReport = {
    ...report,
    problem: (problem) => {
      problems++
      report.problem(problem)
    },
  }
  try {
    const inFolder = (await stat(path)).isDirectory()
    for await (const file of logFiles(path)) {
      if (signal.aborted) return
      files++
      report.progress(file)
      await countFile(file, inFolder, counter, signal, counting)
    }
    if (counter.events > before || signal.aborted) return
    const detail = `${path}: ${inFolder ? `no audit event in ${files} files` : 'holds no events'}`
    if (inFolder || problems === 0) report.problem({ reason: 'not an audit log', detail })
  } catch (error) {
    report.problem({ reason: 'unreadable', detail: `${path}: ${(error as Error).message}` })
  }
}

async function countFile(
  file: string,
  inFolder: boolean,
  counter: CallCounter,
  signal: AbortSignal,
  report: LogReport,
): Promise<void> {
  const before = counter.events
  const entries = new Entries(counter)
  const problems: LogProblem[] = []
  await readLog(
    file,
    signal,
    (text, line, last) => entries.take(text, line, last),
    (problem) => problems.push(problem),
  )
  const found = counter.events - before
  if (inFolder && found === 0 && problems.length === 0 && entries.isOfAnotherLog) {
    report.skip(file)
    return
  }
  for (const problem of [...problems, ...entries.problems(file)]) report.problem(problem)
  for (const [log, count] of entries.others) report.skip(`${file}, ${count} of ${log}`)
}

const REPORTED_LINES = 3

/** A file of another format may have millions of such lines: the first few are enough. */
interface Lines {
  readonly first: number[]
  count: number
}

/** The entries of one file: events go to the counter, of the others is kept how many there were. */
class Entries implements EntrySink {
  /** Entries of other logs, by which. */
  readonly others = new Map<string, number>()
  readonly #counter: CallCounter
  readonly #broken: Lines = { first: [], count: 0 }
  readonly #other: Lines = { first: [], count: 0 }
  /** Number of the last line, if it is cut off. */
  #cutOff = 0
  #line = 0
  #sawPartOfEvent = false

  constructor(counter: CallCounter) {
    this.#counter = counter
  }

  take(given: string, line: number, last: boolean): void {
    this.#line = line
    if (this.text(given, NATIVE)) return
    const value = parseJson(given)
    if (value !== undefined) readEntry(value, this)
    else this.#takeText(given, last)
  }

  /** A line that is no JSON: exports write a time, or names of streams, before the event. */
  #takeText(given: string, last: boolean): void {
    if (given.trim() === '') return
    const start = given.indexOf('{')
    const value = start > 0 ? parseJson(given.slice(start)) : undefined
    const log = value === undefined ? (otherLog(given) ?? otherLog(given.replace(/^\S+ /, ''))) : undefined
    if (looksLikeEvent(given)) this.#sawPartOfEvent = true
    if (value !== undefined) readEntry(value, this)
    else if (log) this.foreign(log)
    else if (last) this.#cutOff = this.#line
    else remember(this.#broken, this.#line)
  }

  event(event: Readonly<Record<string, unknown>>, source: LogSource): void {
    this.#counter.addEvent(event, source)
  }

  text(given: string, source: LogSource): boolean {
    return this.#counter.addText(given, source)
  }

  foreign(log: string): void {
    this.others.set(log, (this.others.get(log) ?? 0) + 1)
  }

  unknown(): void {
    remember(this.#other, this.#line)
  }

  broken(): void {
    this.#sawPartOfEvent = true
    remember(this.#broken, this.#line)
  }

  /** Whether nothing in it looks like a part of an audit log. */
  get isOfAnotherLog(): boolean {
    return !this.#sawPartOfEvent
  }

  *problems(file: string): Generator<LogProblem> {
    if (this.#cutOff > 0) yield { reason: 'truncated', detail: `${file}:${this.#cutOff}: the last line is cut off` }
    if (this.#broken.count > 0) yield { reason: 'broken line', detail: `${file}: no JSON on ${inWords(this.#broken)}` }
    if (this.#other.count > 0)
      yield { reason: 'not an audit log', detail: `${file}: no audit.k8s.io event on ${inWords(this.#other)}` }
  }
}

function remember(lines: Lines, line: number): void {
  lines.count++
  if (lines.first.length < REPORTED_LINES) lines.first.push(line)
}

function inWords({ first, count }: Lines): string {
  return count > first.length
    ? `lines ${first.join(', ')} and ${count - first.length} more`
    : `line ${first.join(', ')}`
}
