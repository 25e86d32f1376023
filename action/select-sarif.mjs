// Decides what goes to code scanning, and writes it to upload.sarif. Sets upload (true, false), sarif-file and refused.
// A result that is missing in an upload closes its alert: what was not seen whole must not be uploaded as if it had been.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { annotate, isOn, readEvent, setOutput, step } from './workflow.mjs'

step(() => {
  const { ZT_SARIF: file, ZT_REPORT: report, ZT_EXIT_CODE: code } = process.env
  const { ZT_UPLOAD: wanted = 'auto', ZT_CATEGORY: category = '' } = process.env
  if (!['auto', 'always', 'never'].includes(wanted))
    throw new Error(`upload: '${wanted}' is not one of auto, always, never`)
  const upload = select({ file, report, code, wanted, category, allowGaps: isOn('ZT_ALLOW_GAPS') })
  setOutput('upload', upload !== undefined)
  if (upload === undefined) return
  const target = join(dirname(file), 'upload.sarif')
  writeFileSync(target, JSON.stringify(upload))
  setOutput('sarif-file', target)
})

function select({ file, report, code, wanted, category, allowGaps }) {
  // 2 and 4: nothing was audited, so nothing is fixed.
  if (wanted === 'never' || !file || !report || code === '2' || code === '4') return undefined
  const event = readEvent()
  const { partial } = JSON.parse(readFileSync(report, 'utf8'))
  if (partial && event.onDefaultBranch) {
    annotate(
      'error',
      `a partial audit (--${partial.by}) is not uploaded to the default branch: alerts of what was not looked at would be closed. Audit the whole tree there, or set upload: never`,
    )
    setOutput('refused', true)
    return undefined
  }
  if (wanted === 'auto' && event.readOnly) {
    annotate('notice', `not uploaded to code scanning: ${event.readOnly} has a token that may only read`)
    return undefined
  }
  const log = JSON.parse(readFileSync(file, 'utf8'))
  const runs = log.runs.filter((run) => allowGaps || isWhole(run))
  return runs.length === 0 ? undefined : { ...log, runs: runs.map((run) => withCategory(run, category)) }
}

/** The target of the run was seen; else its alerts would be closed. */
function isWhole(run) {
  if (run.invocations?.[0]?.executionSuccessful !== false) return true
  const id = run.automationDetails?.id ?? 'a target'
  annotate(
    'warning',
    `${id} was not seen whole and is not uploaded, so that its alerts stay open (allow-gaps: true uploads it)`,
  )
  return false
}

/** Code scanning takes the id up to its last slash for the category. */
function withCategory(run, category) {
  const prefix = category.replace(/^\/+|\/+$/g, '')
  if (prefix === '') return run
  const { automationDetails = {} } = run
  return { ...run, automationDetails: { ...automationDetails, id: `${prefix}/${automationDetails.id ?? ''}` } }
}
