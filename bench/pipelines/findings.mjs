// Findings of two tools on workflows, brought to places that can be compared: the step, the job or the file that a line lies in.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isSeq, LineCounter, parseDocument } from 'yaml'

/** Rules that mean the same, and how far apart the two may point within one finding. */
export const ROWS = [
  row('text of strangers in scripts', 'step', ['ci/template-injection'], ['template-injection']),
  row('code of strangers is run', 'file', ['ci/untrusted-checkout'], ['dangerous-triggers']),
  row('writes to GITHUB_ENV', 'step', ['ci/github-env-injection'], ['github-env', 'insecure-commands']),
  row('bot as a gate', 'job', ['ci/spoofable-bot-condition'], ['bot-conditions']),
  row('persisted credentials', 'step', ['ci/persisted-credentials'], ['artipacked']),
  row('own runners', 'job', ['ci/self-hosted-runner-exposed'], ['self-hosted-runner']),
  row('no permissions', 'file', ['ci/missing-permissions'], ['excessive-permissions/default']),
  row(
    'too many permissions',
    'file',
    ['ci/excessive-permission', 'ci/write-all-token'],
    ['excessive-permissions/broad'],
  ),
  row('unpinned actions and images', 'file', ['ci/unpinned-action'], ['unpinned-uses', 'unpinned-images']),
  row('all secrets handed on', 'file', ['ci/secrets-inherit'], ['secrets-inherit']),
  row(
    'secrets exposed',
    'step',
    ['ci/secret-exposed', 'ci/workflow-wide-secret'],
    ['overprovisioned-secrets', 'unredacted-secrets', 'hardcoded-container-credentials'],
  ),
  row('keys where OIDC exists', 'job', ['ci/static-cloud-credentials'], ['use-trusted-publishing']),
]

function row(name, by, ours, theirs) {
  return { name, by, ours, theirs }
}

/** Findings of a report of zt-audit that are not suppressed: `{rule, place}`, by the fineness of the rule's row. */
export function placesOf(report, folder) {
  return report.findings
    .filter(({ suppressed }) => !suppressed)
    .map(({ ruleId: rule, location }) => {
      const { file, line } = location.declaredAt ?? location
      return { rule, place: placeOf(folder, file ?? location.resource, line, finenessOf(rule)) }
    })
}

/**
 * Findings of zizmor's report (format json-v1). Its one rule on permissions says two things, that none are given and that too many are:
 * these are kept apart.
 */
export function placesOfZizmor(report, folder) {
  return report.map(({ ident, locations }) => {
    const { symbolic, concrete } = locations.find((one) => one.symbolic.kind === 'Primary') ?? locations[0]
    const file = symbolic.key.Local.verbatim_path.slice(folder.length + 1)
    const missing = symbolic.annotation.startsWith('default permissions')
    const rule = ident === 'excessive-permissions' ? `${ident}/${missing ? 'default' : 'broad'}` : ident
    return { rule, place: placeOf(folder, file, concrete.location.start_point.row + 1, finenessOf(rule)) }
  })
}

function finenessOf(rule) {
  return ROWS.find(({ ours, theirs }) => ours.includes(rule) || theirs.includes(rule))?.by ?? 'line'
}

/** `FILE`, `FILE job NAME`, `FILE job NAME step N` or `FILE:LINE`, as fine as asked for and as the line allows. */
function placeOf(folder, file, line, fineness) {
  if (fineness === 'file' || !line) return file
  if (fineness === 'line') return `${file}:${line}`
  const [job, step] = enclosing(join(folder, file), line)
  const words = [file, job && `job ${job}`, fineness === 'step' && step !== undefined && `step ${step + 1}`]
  return words.filter(Boolean).join(' ')
}

const trees = new Map()

/** The job and the number of the step that a line lies in; a composite action counts as a job without a name. */
function enclosing(path, line) {
  const { root, lines } = treeOf(path)
  const jobs = root.get?.('jobs', true)
  const steps = (node) => {
    const list = isMap(node) ? node.get('steps', true) : undefined
    return isSeq(list) ? list.items.findIndex((step) => covers(step, line, lines)) : -1
  }
  if (!isMap(jobs)) return ['', numbered(steps(root.get?.('runs', true)))]
  const job = jobs.items.find(({ key, value }) => covers({ range: [key.range[0], 0, value.range[2]] }, line, lines))
  return job ? [String(job.key.value), numbered(steps(job.value))] : []
}

function numbered(index) {
  return index < 0 ? undefined : index
}

function covers({ range: [start, , end] }, line, lines) {
  return lines.linePos(start).line <= line && line <= lines.linePos(Math.max(start, end - 1)).line
}

function treeOf(path) {
  const known = trees.get(path)
  if (known) return known
  const lines = new LineCounter()
  const tree = { root: parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines }).contents, lines }
  trees.set(path, tree)
  return tree
}
