import type { Report } from '../report.ts'
import { renderGitlab } from './gitlab.ts'

/**
 * GitLab's SAST report: every rule outside of `secrets/`. Chains are here, too: they judge identities and what those may do, and the
 * leaked key that they begin with stands in the other report by itself. So each finding is in one of the two, once.
 */
export function renderGitlabSast(report: Report): string {
  return renderGitlab(report, { type: 'sast', holds: (id) => !id.startsWith('secrets/'), location: () => ({}) })
}
