import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/report.ts'
import { renderGitlabSecrets } from '../../src/reporters/gitlab-secrets.ts'
import { defectsOf } from '../support/gitlab-schema.ts'
import { chain, finding, hostileReport, REPOSITORY, report } from '../support/report.ts'

function render(given: Report) {
  const text = renderGitlabSecrets(given)
  expect(defectsOf('secret_detection', text)).toEqual([])
  return JSON.parse(text)
}
const HEAD = 'b'.repeat(40)

describe('the gitlab-secrets format', () => {
  it('holds the rules of secrets/ and no other', () => {
    const { scan, vulnerabilities } = render(report({ findings: [chain(), finding({ id: 'iam/x' }), finding()] }))
    expect(scan.type).toBe('secret_detection')
    expect(vulnerabilities.map((v: { name: string }) => v.name)).toEqual(['Title of secrets/test-key'])
  })
  it('names the commit: of history, else what is checked out, else none', () => {
    const old = finding({ at: { file: 'old.ts', line: 1, commit: 'a'.repeat(40) } })
    const commits = (targets: Report['targets']) =>
      render(report({ findings: [finding(), old], targets })).vulnerabilities.map(
        (v: { location: { commit: { sha: string } } }) => v.location.commit.sha,
      )
    expect(commits([{ ...REPOSITORY, revision: { commit: HEAD } }])).toEqual([HEAD, 'a'.repeat(40)])
    expect(commits([REPOSITORY])).toEqual(['0000000', 'a'.repeat(40)])
  })
  it('lists the further places of a secret', () => {
    const also = [{ file: 'b.ts', line: 4 }]
    const [v] = render(report({ findings: [finding({ also })] })).vulnerabilities
    expect(v.details.also.items).toEqual([{ type: 'text', value: 'b.ts:4' }])
  })
  it('has no extract of the source', () => {
    const excerpt = { startLine: 3, lines: ["const key = '****'"] }
    expect(renderGitlabSecrets(report({ findings: [finding({ excerpt })] }))).not.toContain('const key')
  })
  it('holds the schema with hostile text and without findings', () => {
    expect(render(hostileReport()).vulnerabilities).toHaveLength(1)
    expect(render(report()).vulnerabilities).toEqual([])
  })
})
