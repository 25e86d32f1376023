import type * as Sarif from 'sarif'
import { expect } from 'vitest'
import type { Finding, Report, TargetSummary } from '../../src/report.ts'
import { renderSarif } from '../../src/reporters/sarif.ts'
import { githubProblems } from './github-rules.ts'
import { REPOSITORY, testReport } from './reports.ts'

/** The runs of a report's SARIF, after everything was checked that GitHub minds. */
export function runsOf(report: Report): Sarif.Run[] {
  const text = renderSarif(report)
  expect(githubProblems(text, { upload: false })).toEqual([])
  return (JSON.parse(text) as Sarif.Log).runs
}

/** The results of the first run. */
export const resultsOf = (findings: readonly Finding[]): Sarif.Result[] =>
  runsOf(testReport(findings))[0]?.results ?? []

export const placeOf = (result: Sarif.Result | undefined): Sarif.PhysicalLocation | undefined =>
  result?.locations?.[0]?.physicalLocation

/** Notifications as descriptor, level and text. */
export const notesOf = (run: Sarif.Run | undefined): (string | undefined)[][] =>
  (run?.invocations?.[0]?.toolExecutionNotifications ?? []).map(({ descriptor, level, message }) => [
    descriptor?.id,
    level,
    message.text,
  ])

/** A further repository. */
export const OTHER: TargetSummary = { ...REPOSITORY, name: '../other', scope: 'repo:../other' }
