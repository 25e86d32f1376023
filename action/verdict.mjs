// The last step: the exit code of zt-audit is that of the job.
import { annotate, step } from './workflow.mjs'

const MEANING = {
  1: 'findings at or above fail-on, or a posture below fail-on-score',
  2: 'a usage, config or rule error; nothing was audited',
  3: 'something could not be seen (allow-gaps: true accepts that)',
  4: 'nothing could be audited',
}

step(() => {
  const { ZT_EXIT_CODE: code = '', ZT_UPLOAD: wanted, ZT_UPLOAD_OUTCOME: outcome, ZT_REFUSED: refused } = process.env
  if (!/^\d+$/.test(code)) throw new Error('zt-audit did not run to its end')
  process.exitCode = Number(code)
  if (outcome === 'failure') {
    const text =
      'the upload to code scanning failed (its step says why); it needs the permission security-events: write'
    annotate(wanted === 'always' ? 'error' : 'warning', text)
    if (wanted === 'always') process.exitCode ||= 2
  }
  if (refused === 'true') process.exitCode ||= 2
  if (Number(code) !== 0) annotate('error', `exit code ${code}: ${MEANING[code] ?? 'unknown'}`)
})
