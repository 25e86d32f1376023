import type * as Sarif from 'sarif'
import { describe, expect, it } from 'vitest'
import { renderSarif } from '../../src/reporters/sarif.ts'
import { type GithubRulesOptions, githubProblems } from './github-rules.ts'
import { randomText } from './program.ts'
import { ACCOUNT, accountFinding, chainFinding, REPOSITORY, testFinding, testReport } from './reports.ts'

const good = renderSarif(
  testReport(
    [testFinding(3), testFinding(8, { also: [{ file: 'b.ts', line: 1 }] }), accountFinding(1), chainFinding(1)],
    {
      targets: [REPOSITORY, ACCOUNT],
    },
  ),
)
const secret = randomText(24)
type Change = (run: Sarif.Run, result: Sarif.Result, rule: Sarif.ReportingDescriptor, log: Sarif.Log) => void

/** The problems of a good file after one change to its first run. */
function changed(change: Change, options?: GithubRulesOptions): string[] {
  const log = JSON.parse(good) as Sarif.Log
  const [run] = log.runs
  const [result] = run?.results ?? []
  const [rule] = run?.tool.driver.rules ?? []
  if (!run || !result || !rule) throw new Error('the good file has no result')
  change(run, result, rule, log)
  return githubProblems(JSON.stringify(log), options)
}
const regionOf = (result: Sarif.Result) => result.locations?.[0]?.physicalLocation?.region ?? {}
const artifactOf = (result: Sarif.Result) => result.locations?.[0]?.physicalLocation?.artifactLocation ?? {}
/** Twelve million random characters do not get smaller than 7.5 MB, twenty million not smaller than 10. */
const noise = () => Array.from({ length: 400_000 }, () => Math.random().toString(36).slice(2)).join('')

describe('the checks for GitHub', () => {
  it('find nothing in a good file', () => {
    expect(githubProblems(good, { secrets: [secret] })).toEqual([])
  })
  it.each<[string, Change, RegExp]>([
    [
      'a secret in a snippet',
      (_, result) => {
        regionOf(result).snippet = { text: `key = ${secret}` }
      },
      /secret/,
    ],
    ['a category that stands twice', (run, _, __, log) => void log.runs.push(run), /stands twice/],
    ['no category', (run) => void delete run.automationDetails, /no category/],
    ['no tracking hash', (_, result) => void delete result.partialFingerprints, /primaryLocationLineHash/],
    ['two results that would be one alert', (run, result) => void run.results?.push(result), /one alert/],
    [
      'a severity out of range',
      (_, __, rule) => {
        rule.properties = { ...rule.properties, 'security-severity': '11' }
      },
      /range/,
    ],
    [
      'a severity that is a number',
      (_, __, rule) => {
        rule.properties = { ...rule.properties, 'security-severity': 9.5 }
      },
      /no string/,
    ],
    [
      'no precision',
      (_, __, rule) => {
        rule.properties = { ...rule.properties, precision: 'sure' }
      },
      /precision/,
    ],
    [
      'too many tags',
      (_, __, rule) => {
        rule.properties = { ...rule.properties, tags: Array(21).fill('x') }
      },
      /tags/,
    ],
    [
      'a long description',
      (_, __, rule) => {
        rule.fullDescription = { text: 'x'.repeat(1025) }
      },
      /1,024/,
    ],
    [
      'a long name',
      (_, __, rule) => {
        rule.name = 'X'.repeat(256)
      },
      /255/,
    ],
    ['no help', (_, __, rule) => void delete rule.help, /help/],
    ['a rule that stands twice', (run, _, rule) => void run.tool.driver.rules?.push(rule), /stands twice/],
    [
      'the index of another rule',
      (_, result) => {
        result.ruleIndex = 7
      },
      /ruleIndex/,
    ],
    [
      'a logical location only',
      (_, result) => {
        result.locations = [{ logicalLocations: [{ name: 'x' }] }]
      },
      /without a file/,
    ],
    [
      'no location',
      (_, result) => {
        result.locations = []
      },
      /no location/,
    ],
    [
      'a step without a file',
      (_, result) => {
        result.codeFlows = [{ threadFlows: [{ locations: [{ location: {} }] }] }]
      },
      /without a file/,
    ],
    [
      'a column of 0',
      (_, result) => {
        regionOf(result).startColumn = 0
      },
      /below 1/,
    ],
    ['no line', (_, result) => void delete regionOf(result).startLine, /startLine/],
    [
      'an end before the start',
      (_, result) => {
        regionOf(result).endLine = 1
      },
      /before the start/,
    ],
    [
      'an empty region',
      (_, result) => {
        regionOf(result).endColumn = regionOf(result).startColumn ?? 1
      },
      /empty/,
    ],
    [
      'an absolute URI',
      (_, result) => {
        artifactOf(result).uri = 'file:///C:/a.ts'
      },
      /relative URI/,
    ],
    [
      'a drive letter',
      (_, result) => {
        artifactOf(result).uri = 'C:/a.ts'
      },
      /relative URI/,
    ],
    [
      'a path out of the checkout',
      (_, result) => {
        artifactOf(result).uri = '../a.ts'
      },
      /relative URI/,
    ],
    [
      'an unescaped blank',
      (_, result) => {
        artifactOf(result).uri = 'a b.ts'
      },
      /relative URI/,
    ],
    [
      'a failed run',
      (run) => {
        run.invocations = [{ executionSuccessful: false }]
      },
      /close alerts/,
    ],
    ['no word on success', (run) => void delete run.invocations, /successful/],
    [
      'a suppressed result',
      (_, result) => {
        result.suppressions = [{ kind: 'inSource' }]
      },
      /suppressed/,
    ],
    [
      'too many runs',
      (run, _, __, log) => {
        log.runs = Array.from({ length: 21 }, (_, i) => ({ ...run, automationDetails: { id: `${i}/` } }))
      },
      /20 runs/,
    ],
    [
      'too many results',
      (run, result) => {
        run.results = Array(25_001).fill(result)
      },
      /25,000 results/,
    ],
    [
      'too large a file',
      (_, result) => {
        result.message.text = noise() + noise() + noise() + noise()
      },
      /10 MB/,
    ],
  ])('find %s', (_, change, problem) => {
    expect(changed(change, { secrets: [secret] }).join('\n')).toMatch(problem)
  })
  it('let failed runs pass where they are taken out before the upload', () => {
    expect(
      changed(
        (run) => {
          run.invocations = [{ executionSuccessful: false }]
        },
        { upload: false },
      ),
    ).toEqual([])
  })
})
