import type * as Sarif from 'sarif'
import { describe, expect, it } from 'vitest'
import type { Gap } from '../../src/model.ts'
import type { Finding, TargetSummary } from '../../src/report.ts'
import {
  ACCOUNT,
  accountFinding,
  chainFinding,
  NOT_ASKED,
  REPOSITORY,
  TEST_RULE,
  testFinding,
  testReport,
} from '../support/reports.ts'
import { notesOf, OTHER, placeOf, resultsOf, runsOf } from '../support/sarif.ts'

const summary = (runs: readonly Sarif.Run[]) =>
  runs.map((run) => [run.automationDetails?.id, run.invocations?.[0]?.executionSuccessful, run.results?.length])
const hashesOf = (results: readonly Sarif.Result[]) =>
  results.map((result) => result.partialFingerprints?.primaryLocationLineHash)
const gap = (scope: string, more: Partial<Gap> = {}): Gap => ({
  kind: 'iam.user',
  scope,
  class: 'fault',
  reason: 'access denied',
  detail: `${scope} was not seen`,
  ...more,
})

describe('runs', () => {
  it('are one for each target, and one for what joins several', () => {
    const findings = [testFinding(1), accountFinding(1), chainFinding(2)]
    expect(summary(runsOf(testReport(findings, { targets: [REPOSITORY, ACCOUNT, NOT_ASKED] })))).toEqual([
      ['zt-audit/repository/', true, 1],
      ['zt-audit/aws/123456789012/', true, 1],
      ['zt-audit/chain/aws-123456789012+repository/', true, 1],
    ])
  })
  it('are there for a target without findings, so that its alerts close', () => {
    expect(summary(runsOf(testReport([], { targets: [REPOSITORY, ACCOUNT] })))).toEqual([
      ['zt-audit/repository/', true, 0],
      ['zt-audit/aws/123456789012/', true, 0],
      ['zt-audit/chain/aws-123456789012+repository/', true, 0],
    ])
  })
  it('have no chains where one target was audited: those of other runs would be closed', () => {
    expect(summary(runsOf(testReport([testFinding(1)])))).toEqual([['zt-audit/repository/', true, 1]])
  })
  it('failed where the target was not reached, and hold its gaps', () => {
    const unreached: TargetSummary = { ...ACCOUNT, audited: false, complete: false, scope: '' }
    const runs = runsOf(testReport([testFinding(1)], { targets: [REPOSITORY, unreached], gaps: [gap('aws:')] }))
    expect(summary(runs)).toEqual([
      ['zt-audit/repository/', true, 1],
      ['zt-audit/aws/default-credentials/', false, 0],
    ])
    expect(notesOf(runs[0])).toEqual([])
    expect(notesOf(runs[1])).toEqual([['gap', 'error', 'access denied: aws: was not seen.']])
  })
  it('failed where the target was not seen whole, and chains with it', () => {
    const runs = runsOf(testReport([], { targets: [REPOSITORY, { ...ACCOUNT, complete: false }] }))
    expect(summary(runs).map(([, successful]) => successful)).toEqual([true, false, false])
    expect(notesOf(runs[2]).join()).toContain('aws default credentials was not seen whole')
  })
  it('failed if the audit was interrupted', () => {
    const [run] = runsOf(testReport([testFinding(1)], { interrupted: true }))
    expect(run?.invocations?.[0]?.executionSuccessful).toBe(false)
    expect(notesOf(run)).toEqual([['interrupted', 'error', expect.any(String)]])
  })
  it('tell repositories of one name apart', () => {
    const targets = [REPOSITORY, OTHER, { ...OTHER, name: '../../other', scope: 'repo:../../other' }]
    const ids = runsOf(testReport([], { targets })).map((run) => run.automationDetails?.id)
    expect(ids.slice(0, 2)).toEqual(['zt-audit/repository/', 'zt-audit/repository/other/'])
    expect(ids[2]).toMatch(/^zt-audit\/repository\/other-[0-9a-f]{12}\/$/)
  })
  it('have names that are safe, whatever a cluster is called', () => {
    const cluster: TargetSummary = { ...ACCOUNT, kind: 'kubernetes', scope: 'k8s:a b/../ü' }
    expect(summary(runsOf(testReport([], { targets: [REPOSITORY, cluster] })))[1]?.[0]).toBe(
      'zt-audit/kubernetes/a-b-..-/',
    )
  })
  it('are at most 20, and what is left out is named', () => {
    const targets = [REPOSITORY, ...Array.from({ length: 24 }, (_, i) => ({ ...ACCOUNT, scope: `aws:${i}` }))]
    const runs = runsOf(testReport([], { targets }))
    expect(runs).toHaveLength(20)
    expect(notesOf(runs[0])).toEqual([['results-left-out', 'warning', expect.stringContaining('zt-audit/aws/23/')]])
  })
  it('hold the gaps of their own target; manifests without a cluster belong to the repository', () => {
    const gaps = [gap('k8s:-'), gap('aws:123456789012'), gap('repo:./a', { class: 'limit', kind: 'secret.match' })]
    const runs = runsOf(testReport([], { targets: [REPOSITORY, ACCOUNT], gaps }))
    expect(notesOf(runs[0]).map(([, level, text]) => [level, text])).toEqual([
      ['error', 'access denied: k8s:- was not seen.'],
      ['warning', 'access denied: repo:./a was not seen.'],
    ])
    expect(notesOf(runs[1])).toHaveLength(1)
  })
  it('count gaps beyond a thousand, and merge those of one file', () => {
    const many = Array.from({ length: 1200 }, (_, i) => gap(`repo:./${i}`))
    const [run] = runsOf(testReport([], { gaps: [...many, ...many.map((each) => ({ ...each, kind: 'iam.role' }))] }))
    expect(notesOf(run)).toHaveLength(1001)
    expect(notesOf(run).at(-1)?.[2]).toBe('200 more things could not be seen.')
    expect(run?.invocations?.[0]?.toolExecutionNotifications?.[0]?.properties?.kinds).toEqual(['iam.user', 'iam.role'])
  })
})

describe('rules', () => {
  it('are those with results, each once per run, in step with ruleIndex', () => {
    const findings = [
      testFinding(1),
      testFinding(2),
      accountFinding(1),
      testFinding(3, { rule: { ...TEST_RULE, id: 'a/b' } }),
    ]
    const runs = runsOf(testReport(findings, { targets: [REPOSITORY, ACCOUNT] }))
    expect(runs.slice(0, 2).map((run) => run.tool.driver.rules?.map((rule) => rule.id))).toEqual([
      ['a/b', 'secrets/test-key'],
      ['mfa/test-user'],
    ])
  })
  it('have the severity of their worst result, since GitHub looks at no other', () => {
    const of = (severities: readonly Finding['severity'][]) =>
      runsOf(testReport(severities.map((severity, i) => testFinding(i + 1, { severity }))))[0]?.tool.driver.rules?.[0]
        ?.properties?.['security-severity']
    expect(of(['high'])).toBe('8.0')
    expect(of(['low', 'critical', 'medium'])).toBe('9.5')
    expect(of(['low', 'medium'])).toBe('5.5')
    expect(of(['info'])).toBe('1.0')
  })
  it('explain why, how to fix and how to accept, and name the weakness', () => {
    const rule = runsOf(testReport([testFinding(1)]))[0]?.tool.driver.rules?.[0]
    expect(rule?.help?.markdown).toContain('**Fix.** Revoke it')
    expect(rule?.help?.markdown).toContain('ignore secrets/test-key until YYYY-MM-DD -- why it is no risk here')
    expect(rule?.properties?.tags).toEqual(['security', 'zero-trust', 'data', 'external/cwe/cwe-798'])
  })
  it('fit GitHub’s limits, whatever their file says', () => {
    const cwe = Array.from({ length: 40 }, (_, i) => `CWE-${i}`)
    const rule = {
      ...TEST_RULE,
      id: `own/${'long-'.repeat(80)}x`,
      title: 'y'.repeat(2000),
      description: 'z '.repeat(2000),
      mappings: { cwe },
    }
    expect(resultsOf([testFinding(1, { rule })])).toHaveLength(1)
  })
})

describe('results', () => {
  it('put what is audited in quotes, and end with a full stop', () => {
    const message = (more: Partial<Finding>) => resultsOf([testFinding(1, more)])[0]?.message
    expect(message({})).toEqual({
      id: 'default',
      text: "Test key in 'src/a.ts': 'tk_****'.",
      arguments: ['src/a.ts', 'tk_****'],
    })
    const phrase = { literals: ['', ' allows {all}', ''], values: ['p', ' to user ann'] }
    expect(message({ phrase })?.text).toBe("'p' allows {all} 'to user ann'.")
    expect(message({ phrase: { ...phrase, values: ['p', ''] } })).toMatchObject({
      id: 'default-without-2',
      text: "'p' allows {all}.",
    })
  })
  it('let audited text make no link and steer no terminal', () => {
    const phrase = { literals: ['File ', ''], values: ['[x](https://evil.example)\u202e\u001b[2J'] }
    const text = resultsOf([testFinding(1, { phrase })])[0]?.message.text
    expect(text).not.toMatch(/\]\(|[\u0000-\u001f\u202a-\u202e]/)
  })
  it('link to the other places of the same thing', () => {
    const also = Array.from({ length: 120 }, (_, i) => ({ file: `b[${i}].ts`, line: i + 1 }))
    const [result] = resultsOf([testFinding(1, { also })])
    expect(result?.relatedLocations).toHaveLength(100)
    expect(result?.message.text).toContain("The same is found in '[b\\[0\\].ts:1](1), ")
    expect(result?.message.text).toContain('and 115 more places')
  })
  it('leave suppressed findings out, and tell those of the baseline', () => {
    const suppressed = { by: 'inline', reason: 'test', at: 'src/a.ts:1' } as const
    const results = resultsOf([
      testFinding(1, { suppressed }),
      testFinding(2, { baseline: 'unchanged' }),
      testFinding(3, { baseline: 'new' }),
    ])
    expect(results.map((result) => result.baselineState)).toEqual(['unchanged', 'new'])
  })
  it('are tracked by their line, or by rule and thing where they have none', () => {
    const inHistory = testFinding(2, { at: { file: 'src/a.ts', line: 2, commit: 'c'.repeat(40) } })
    const declared = testFinding(3, { at: { resource: 'k8s://-/Role/x', declaredAt: { file: 'r.yaml', line: 3 } } })
    expect(hashesOf(resultsOf([testFinding(1), inHistory, declared]))).toEqual([
      'abc001:1',
      `${inHistory.fingerprint.slice(3, 19)}:1`,
      `${declared.fingerprint.slice(3, 19)}:1`,
    ])
  })
  it('stay two alerts in one line, whatever their order', () => {
    const [a, b] = [testFinding(1, { lineHash: 'ff:1' }), testFinding(2, { lineHash: 'ff:1' })]
    expect(hashesOf(resultsOf([a, b]))).toEqual(['ff:1', `${b.fingerprint.slice(3, 19)}:1`])
    expect(hashesOf(resultsOf([b, a]))).toEqual([`${b.fingerprint.slice(3, 19)}:1`, 'ff:1'])
    expect(new Set(hashesOf(resultsOf([a, { ...a }, { ...a }]))).size).toBe(3)
  })
  it('point into their file with numbers that GitHub takes', () => {
    const region = (at: Finding['at']) => {
      const { snippet, ...rest } = placeOf(resultsOf([testFinding(1, { at })])[0])?.region ?? {}
      return rest
    }
    expect(region({ file: 'a', line: 0, column: 0, endLine: 0, endColumn: 0 })).toMatchObject({
      startLine: 1,
      startColumn: 1,
    })
    expect(region({ file: 'a', line: 5, endLine: 3 })).toMatchObject({ startLine: 5, endLine: 5 })
    expect(region({ file: 'a', line: 1, column: 4, endLine: 1, endColumn: 4 })).toMatchObject({
      startColumn: 4,
      endColumn: 5,
    })
    expect(region({ file: 'a' })).toMatchObject({ startLine: 1 })
  })
  it('show a context that is more than the region, even of one line or of a long statement', () => {
    const shown = (at: Finding['at'], excerpt: NonNullable<Finding['excerpt']>) =>
      placeOf(resultsOf([testFinding(1, { at, excerpt })])[0])
    expect(shown({ file: 'a', line: 1 }, { startLine: 1, lines: ['  all  '] })).toMatchObject({
      region: { startLine: 1, startColumn: 3, endColumn: 6 },
      contextRegion: { startLine: 1, endLine: 1 },
    })
    const long = { startLine: 4, lines: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }
    expect(shown({ file: 'a', line: 5, endLine: 40, column: 1, endColumn: 3 }, long)).toMatchObject({
      region: { startLine: 5, endLine: 10, snippet: { text: 'b\nc\nd\ne\nf\ng' } },
      contextRegion: { startLine: 4, endLine: 10 },
    })
    expect(shown({ file: 'a', line: 1, endLine: 9 }, { startLine: 1, lines: ['a', 'b', 'c'] })).toMatchObject({
      region: { startLine: 1, endLine: 2 },
      contextRegion: { startLine: 1, endLine: 3 },
    })
  })
})

describe('an anchor', () => {
  const resultOf = (finding: Finding, targets: readonly TargetSummary[] = [REPOSITORY, ACCOUNT]) =>
    runsOf(testReport([finding], { targets })).flatMap((run) => run.results ?? [])[0]
  const line = { file: 'zt-audit.yaml', line: 7, column: 5 }
  it('is the declaring line', () => {
    const at = { resource: 'k8s://-/Role/x', declaredAt: { file: 'r.yaml', line: 3 } }
    expect(placeOf(resultOf(accountFinding(1, { at })))).toMatchObject({
      artifactLocation: { uri: 'r.yaml' },
      region: { startLine: 3 },
    })
  })
  it('is else the line of the config that names the target', () => {
    const excerpt = { startLine: 6, lines: ['  aws:', '    - profile: prod', ''] }
    const evidence = {
      user: [{ kind: 'x', scope: 'aws:123456789012', data: {}, unknown: [], at: { file: 'x.tf', line: 2 } }],
    }
    const result = resultOf(accountFinding(1, { anchor: { place: line, excerpt }, evidence }))
    expect(placeOf(result)).toMatchObject({
      artifactLocation: { uri: 'zt-audit.yaml', uriBaseId: 'SRCROOT' },
      region: { startLine: 7, snippet: { text: '    - profile: prod' } },
    })
    expect(result?.locations?.[0]?.logicalLocations).toEqual([
      { name: 'user1', fullyQualifiedName: 'arn:aws:iam::123456789012:user/user1', kind: 'resource' },
    ])
    const named = resultOf(accountFinding(1, { evidence }), [REPOSITORY, { ...ACCOUNT, declaredAt: line }])
    expect(placeOf(named)?.region?.startLine).toBe(7)
  })
  it('is else the file that made us look, else the first line of the config', () => {
    const at = { file: 'x.tf', line: 2 }
    const evidence = { user: [{ kind: 'x', scope: 'aws:123456789012', data: {}, unknown: [], at }] }
    expect(placeOf(resultOf(accountFinding(1, { evidence })))?.artifactLocation?.uri).toBe('x.tf')
    expect(placeOf(resultOf(accountFinding(1)))).toMatchObject({
      artifactLocation: { uri: 'zt-audit.yaml' },
      region: { startLine: 1, snippet: { text: '' } },
    })
  })
})

describe('a chain', () => {
  it('shows its steps, each in a file', () => {
    const declaredAt = { file: 'zt-audit.yaml', line: 7 }
    const [, , run] = runsOf(testReport([chainFinding(4)], { targets: [REPOSITORY, { ...ACCOUNT, declaredAt }] }))
    const steps = run?.results?.[0]?.codeFlows?.[0]?.threadFlows[0]?.locations ?? []
    expect(
      steps.map(({ location }) => [
        location?.physicalLocation?.artifactLocation?.uri,
        location?.physicalLocation?.region?.startLine,
        location?.message?.text,
      ]),
    ).toEqual([
      ['deploy/.env', 4, 'Step 1, leak: paired true.'],
      ['zt-audit.yaml', 7, 'Step 2, user: arn:aws:iam::123456789012:user/user4: mfa disabled.'],
    ])
  })
  it('shows a step without a file where the chain begins', () => {
    const [, , run] = runsOf(testReport([chainFinding(4)], { targets: [REPOSITORY, ACCOUNT] }))
    const [, step] = run?.results?.[0]?.codeFlows?.[0]?.threadFlows[0]?.locations ?? []
    expect(step?.location?.physicalLocation?.artifactLocation?.uri).toBe('deploy/.env')
    expect(step?.location?.logicalLocations?.[0]?.name).toBe('user4')
  })
})
