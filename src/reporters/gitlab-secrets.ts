import type { Report } from '../report.ts'
import { renderGitlab } from './gitlab.ts'

/** What GitLab's own scanner writes for a file that is in no commit. */
const NO_COMMIT = '0000000'

/** GitLab's secret detection report: the rules of `secrets/`. The format requires a commit of each place. */
export function renderGitlabSecrets(report: Report): string {
  const checkedOut = report.targets.find((target) => target.kind === 'repository')?.revision?.commit
  return renderGitlab(report, {
    type: 'secret_detection',
    holds: (id) => id.startsWith('secrets/'),
    location: ({ commit }) => ({ commit: { sha: commit ?? checkedOut ?? NO_COMMIT } }),
  })
}
