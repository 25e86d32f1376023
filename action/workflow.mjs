// What a step says to GitHub's runner. No dependencies: the steps run from a plain checkout.
import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs'

/** Sets an output of the step. */
export function setOutput(name, value) {
  appendFileSync(process.env.GITHUB_OUTPUT, `${name}=${String(value).replace(/[\r\n]+/g, ' ')}\n`)
}

/** An annotation without a place: `error`, `warning` or `notice`. */
export function annotate(level, text) {
  console.log(`::${level} title=zt-audit::${escapeData(text)}`)
}

function escapeData(text) {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
}

/** Prints text that may hold anything: no line of it is taken for a command. */
export function printInert(text) {
  if (text.trim() === '') return
  const token = randomUUID()
  console.log(`::stop-commands::${token}\n${text.trimEnd()}\n::${token}::`)
}

/** A summary above this is refused as a whole. */
const LARGEST_SUMMARY = 1024 * 1024

/** Appends to the job summary, cut at a line where GitHub would refuse it. */
export function writeSummary(markdown, file = process.env.GITHUB_STEP_SUMMARY) {
  if (!file || markdown.trim() === '') return
  const note = '\n\n_Cut here: a job summary holds 1 MiB. The whole report is in the SARIF file and the log._\n'
  const room = LARGEST_SUMMARY - (existsSync(file) ? statSync(file).size : 0)
  let text = markdown
  if (Buffer.byteLength(text) > room) {
    const kept = Buffer.from(text).subarray(0, Math.max(0, room - Buffer.byteLength(note)))
    const end = kept.lastIndexOf('\n')
    if (end < 0) return
    text = kept.subarray(0, end).toString('utf8') + note
  }
  appendFileSync(file, text)
}

/** What set the workflow off, as far as the steps need it. */
export function readEvent(env = process.env) {
  const payload = env.GITHUB_EVENT_PATH ? JSON.parse(readFileSync(env.GITHUB_EVENT_PATH, 'utf8')) : {}
  const { pull_request: pull, repository } = payload
  const isPull = env.GITHUB_EVENT_NAME === 'pull_request'
  const fromFork = isPull && pull?.head?.repo?.full_name !== pull?.base?.repo?.full_name
  const branch = /^refs\/heads\/(.*)$/.exec(env.GITHUB_REF ?? '')?.[1]
  // A scheduled run has no payload; its branch is the default one.
  const onDefaultBranch = branch !== undefined && branch === (repository?.default_branch ?? branch)
  const readOnly = fromFork
    ? 'a pull request from a fork'
    : isPull && env.GITHUB_ACTOR === 'dependabot[bot]' && 'Dependabot'
  return { baseBranch: env.GITHUB_BASE_REF || undefined, onDefaultBranch, readOnly: readOnly || undefined }
}

/** `true` or `false`, as YAML gives them to an action. Throws for anything else: a misspelt switch must not pass for off. */
export function isOn(name) {
  const value = (process.env[name] ?? '').trim().toLowerCase()
  if (value === 'true') return true
  if (value === 'false' || value === '') return false
  throw new Error(`${name.slice(3).toLowerCase().replace(/_/g, '-')}: '${value}' is neither true nor false`)
}

/** Runs a step; an error is one line, told as an annotation. */
export function step(work) {
  try {
    work()
  } catch (error) {
    annotate('error', error instanceof Error ? error.message : String(error))
    process.exitCode = 2
  }
}
