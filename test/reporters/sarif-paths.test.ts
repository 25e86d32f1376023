import { describe, expect, it } from 'vitest'
import type { Finding, TargetSummary } from '../../src/report.ts'
import { toUri } from '../../src/reporters/sarif/uris.ts'
import { REPOSITORY, testFinding, testReport } from '../support/reports.ts'
import { notesOf, OTHER, placeOf, runsOf } from '../support/sarif.ts'

describe('where it is from', () => {
  const main = (revision: TargetSummary['revision']) => {
    const { revision: _, ...bare } = REPOSITORY
    return runsOf(testReport([testFinding(1)], { targets: [{ ...bare, ...(revision && { revision }) }] }))[0]
  }
  it('names repository, commit and branch', () => {
    expect(main(REPOSITORY.revision)?.versionControlProvenance).toEqual([
      {
        repositoryUri: 'https://github.com/acme/app',
        revisionId: 'a'.repeat(40),
        branch: 'main',
        mappedTo: { uriBaseId: 'SRCROOT' },
      },
    ])
  })
  it('names the commit where the repository has no address, and nothing outside git', () => {
    expect(main({ commit: 'b'.repeat(40) })?.versionControlProvenance?.[0]?.repositoryUri).toBe(
      `swh:1:rev:${'b'.repeat(40)}`,
    )
    expect(main(undefined)?.versionControlProvenance).toBeUndefined()
  })
  it('tells that the audited folder is part of a repository', () => {
    const run = main({ commit: 'b'.repeat(40), folder: 'services/shop app/' })
    expect(run?.originalUriBaseIds).toMatchObject({
      REPOSITORY: { description: expect.anything() },
      SRCROOT: { uri: 'services/shop%20app/', uriBaseId: 'REPOSITORY' },
    })
    expect(run?.versionControlProvenance?.[0]?.mappedTo).toEqual({ uriBaseId: 'REPOSITORY' })
  })
  it('gives each further repository a root of its own', () => {
    const at = { file: 'a.ts', line: 1, repository: '../other' }
    const runs = runsOf(
      testReport([testFinding(1, { at, scope: 'repo:../other/a.ts' })], { targets: [REPOSITORY, OTHER] }),
    )
    expect(runs[1]?.automationDetails?.id).toBe('zt-audit/repository/other/')
    expect(placeOf(runs[1]?.results?.[0])?.artifactLocation).toEqual({ uri: 'a.ts', uriBaseId: 'SRCROOT_..%2Fother' })
    expect(Object.keys(runs[1]?.originalUriBaseIds ?? {})).toEqual(['SRCROOT_..%2Fother'])
  })
})

describe('a URI', () => {
  it.each([
    ['src/a.ts', 'src/a.ts'],
    ['C:\\work\\src\\a.ts', 'work/src/a.ts'],
    ['src\\a.ts', 'src/a.ts'],
    ['\\\\server\\share\\a.ts', 'server/share/a.ts'],
    ['/etc/passwd', 'etc/passwd'],
    ['../../a.ts', 'a.ts'],
    ['caf\\xe9/a.txt', 'caf%5Cxe9/a.txt'],
    ['a b/c#d?e%f.ts', 'a%20b/c%23d%3Fe%25f.ts'],
    ['c:odd.ts', 'c%3Aodd.ts'],
    ['ü/日本.ts', '%C3%BC/%E6%97%A5%E6%9C%AC.ts'],
    ['half\ud800.ts', 'half%EF%BF%BD.ts'],
    ['new\nline.json', 'new%0Aline.json'],
  ])('of %j is %s', (path, uri) => {
    expect(toUri(path)).toBe(uri)
  })
})

describe('many findings', () => {
  const many = (n: number, more: (i: number) => Partial<Finding> = () => ({})) =>
    Array.from({ length: n }, (_, i) => testFinding(i + 1, more(i)))
  it('are cut at 25,000, the worst kept and the rest counted', () => {
    const severity = (i: number) => (i >= 29_990 ? 'critical' : i % 2 === 0 ? 'low' : 'high')
    const [run] = runsOf(testReport(many(30_000, (i) => ({ severity: severity(i) }))))
    const levels = (run?.results ?? []).map((result) => result.properties?.severity)
    expect(levels).toHaveLength(25_000)
    expect([levels.indexOf('critical'), levels.lastIndexOf('critical'), levels.lastIndexOf('high')]).toEqual([
      0, 9, 15_004,
    ])
    expect(notesOf(run)).toEqual([
      ['results-left-out', 'warning', '5000 results are not in this file; the 25000 worst are.'],
      ['results-left-out', 'note', 'GitHub shows the 5000 worst of these 25000 results.'],
    ])
  })
  it('that would be too large lose what GitHub does not show first, then detail, then the least severe', () => {
    const random = () => Array.from({ length: 75 }, () => Math.random().toString(36).slice(2)).join('')
    const large = (n: number, rest: () => Partial<Finding>) => {
      const [run] = runsOf(testReport(many(n, rest)))
      const results = run?.results ?? []
      return { results, shown: results.filter((result) => placeOf(result)?.region?.snippet).length, run }
    }
    const inExcerpt = large(25_000, () => ({
      at: { file: 'a', line: 1 },
      excerpt: { startLine: 1, lines: [random(), ''] },
    }))
    expect([inExcerpt.results.length, inExcerpt.shown]).toEqual([25_000, 5_000])
    const inProperties = large(25_000, () => ({ properties: { long: random() } }))
    expect(inProperties.shown).toBe(0)
    expect(inProperties.results.length).toBe(10_000)
    expect(notesOf(inProperties.run)[0]?.[2]).toContain('15000 results are not in this file')
  }, 120_000)
})
