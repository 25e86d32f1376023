import { describe, expect, it } from 'vitest'
import { type Baseline, parseBaseline, placeHash, renderBaseline, targetName, toEntry } from '../src/baseline.ts'
import { holdAgainst, matchBaseline, type Seen, updateBaseline } from '../src/baseline-match.ts'
import type { FileLocation, Location } from '../src/model.ts'
import type { Finding, Report, RuleInfo, TargetSummary } from '../src/report.ts'

const rule: RuleInfo = {
  id: 'secrets/test-key',
  title: 'Test key',
  severity: 'high',
  confidence: 'high',
  pillar: 'Data',
  description: '',
  remediation: '',
  references: [],
  mappings: {},
}
const name = (digit: string) => `v1:${digit.repeat(64)}`
const at = (file: string, line = 1): FileLocation => ({ file, line })
function finding(digit: string, places: readonly Location[], more: Partial<Finding> = {}): Finding {
  const [first = at('a'), ...also] = places
  return {
    rule,
    severity: 'high',
    confidence: 'high',
    message: digit,
    at: first,
    also: also as FileLocation[],
    scope: 'repo:.',
    evidence: {},
    links: [],
    properties: {},
    assumptions: [],
    fingerprint: name(digit),
    kin: name(digit),
    ...more,
  }
}
const repository: TargetSummary = {
  kind: 'repository',
  name: '.',
  audited: true,
  detail: '',
  scope: 'repo:.',
  complete: true,
}
const history: TargetSummary = { kind: 'history', name: '', audited: false, detail: '', scope: '', complete: false }
const account: TargetSummary = { ...repository, kind: 'aws', name: '1', scope: 'aws:1' }
const seen: Seen = {
  rules: [rule],
  undetermined: [],
  targets: [repository, history],
  gaps: [],
  interrupted: false,
  minConfidence: 'medium',
}
const report = (findings: readonly Finding[], more: Partial<Report> = {}): Report => ({
  tool: { name: 'zt-audit', version: '0' },
  findings,
  coverage: [],
  skipped: [],
  hidden: { byConfidence: 0, bySuppression: 0, byPath: 0, byBaseline: 0 },
  notices: [],
  ...seen,
  ...more,
})
const baselineOf = (...findings: readonly Finding[]): Baseline => ({
  file: 'b.json',
  minConfidence: 'medium',
  entries: findings.map((each) => toEntry(each, { targets: [repository, account] })),
})
const state = (now: Finding, before: Finding, more: Partial<Seen> = {}) =>
  holdAgainst([now], baselineOf(before), { ...seen, ...more }).findings[0]?.baseline

describe('the file', () => {
  it('is sorted, the same whatever the order, and holds neither paths nor ids of accounts', () => {
    const [a, b] = [finding('a', [at('src/secret-name.ts')]), finding('b', [{ resource: 'arn:aws:iam::1:user/ann' }])]
    const text = renderBaseline(baselineOf(b, a))
    expect(text).toBe(renderBaseline(baselineOf(a, b)))
    expect(text).not.toMatch(/secret-name|ann|aws/)
    expect(parseBaseline('b.json', text).entries).toHaveLength(2)
    expect(text.split('\n').filter((line) => line.includes('fingerprint'))).toHaveLength(2)
  })
  it('may be empty', () => {
    expect(parseBaseline('b.json', renderBaseline(baselineOf())).entries).toEqual([])
  })
  it.each([
    ['', 'b.json is no baseline of zt-audit'],
    ['[]', 'schemaVersion'],
    ['{"schemaVersion":"9.0","minConfidence":"low","entries":[]}', 'schemaVersion'],
    ['{"schemaVersion":"1.0","minConfidence":"low","entries":[{}]}', 'entries.0'],
    ['{\n<<<<<<< HEAD\n', 'merge conflict'],
  ])('that is broken is named: %j', (text, message) => {
    expect(() => parseBaseline('b.json', text)).toThrow(message)
  })
})

describe('a known finding', () => {
  it('stays known when its line moves and when its file is renamed', () => {
    expect(state(finding('a', [at('x', 51)]), finding('a', [at('x', 1)]))).toBe('unchanged')
    expect(state(finding('a', [at('y')]), finding('a', [at('x')]))).toBe('unchanged')
  })
  it('is news in a second place, which then comes first', () => {
    const held = holdAgainst([finding('a', [at('x'), at('y', 7)])], baselineOf(finding('a', [at('x')])), seen)
    expect(held.findings[0]).toMatchObject({ baseline: 'updated', at: { file: 'y', line: 7 }, also: [{ file: 'x' }] })
  })
  it('is news a second time in the same file', () => {
    expect(state(finding('a', [at('x', 1), at('x', 9)]), finding('a', [at('x', 1)]))).toBe('updated')
  })
  it('is no news in a place that makes up for one that is gone, but is beyond that', () => {
    const before = finding('a', [at('x'), at('y')])
    expect(state(finding('a', [at('x'), at('z')]), before)).toBe('unchanged')
    expect(state(finding('a', [at('z1'), at('z2'), at('z3')]), before)).toBe('updated')
  })
  it('is news elsewhere while the old place could not be read', () => {
    const gap = { kind: 'secret.match', scope: 'repo:./x', class: 'limit', reason: 'too large', detail: 'x' } as const
    expect(state(finding('a', [at('y')]), finding('a', [at('x')]), { gaps: [gap] })).toBe('updated')
  })
  it('is another one with another secret', () => {
    expect(state(finding('b', [at('x')]), finding('a', [at('x')]))).toBe('new')
  })
  it('in history counts a file once, whatever commits touch it', () => {
    const commit = (id: string) => ({ ...at('x'), commit: id })
    expect(state(finding('a', [commit('1'), commit('2')]), finding('a', [commit('9')]))).toBe('unchanged')
  })
  it('of a resource stays known wherever it is declared', () => {
    const resource = (file: string) => finding('a', [{ resource: 'k8s://-/Role/r', declaredAt: at(file) }])
    expect(state(resource('y'), resource('x'))).toBe('unchanged')
  })
})

describe('what is named by its file', () => {
  const policy = (digit: string, file: string) => finding(digit, [at(file)], { kin: name('f') })
  it('is known again under another name', () => {
    expect(state(policy('b', 'new.json'), policy('a', 'old.json'))).toBe('unchanged')
  })
  it('is news as a copy', () => {
    const [original, copy] = [policy('a', 'old.json'), policy('b', 'copy.json')]
    const held = holdAgainst([original, copy], baselineOf(original), seen)
    expect(held.findings.map((each) => each.baseline)).toEqual(['unchanged', 'new'])
  })
  it('is news as a copy while the original was not judged', () => {
    const changes = { by: 'since', files: new Map([['copy.json', undefined]]), removed: [] } as const
    expect(state(policy('b', 'copy.json'), policy('a', 'old.json'), { changes })).toBe('new')
    const renamed = { ...changes, removed: ['old.json'] }
    expect(state(policy('b', 'copy.json'), policy('a', 'old.json'), { changes: renamed })).toBe('unchanged')
  })
})

describe('of what changed only', () => {
  const changes = (...paths: string[]) =>
    ({ by: 'staged', files: new Map(paths.map((path) => [path, undefined])), removed: [] }) as const
  it('a second place is news, though the first was not looked at', () => {
    expect(state(finding('a', [at('y')]), finding('a', [at('x')]), { changes: changes('y') })).toBe('updated')
  })
  it('nothing is called gone', () => {
    const { gone, unseen } = matchBaseline([], baselineOf(finding('a', [at('x')])), { ...seen, changes: changes('x') })
    expect([gone.length, unseen.length]).toEqual([0, 1])
  })
})

describe('an entry that was not found again', () => {
  const entry = baselineOf(finding('a', [at('x')]))
  const sums = (more: Partial<Seen>, baseline = entry) => {
    const { gone, unseen } = matchBaseline([], baseline, { ...seen, ...more })
    return [gone.length, unseen.length]
  }
  const fault = { kind: 'secret.match', scope: 'repo:.', class: 'fault', reason: 'r', detail: 'd' } as const
  it('is gone if everything was looked at', () => {
    expect(sums({})).toEqual([1, 0])
  })
  it.each<[string, Partial<Seen>]>([
    ['its rule was off', { rules: [] }],
    ['its rule could not be decided', { undetermined: [{ rule, scope: 'repo:.', rows: 1, gaps: [fault] }] }],
    ['its target was not seen whole', { targets: [{ ...repository, complete: false }, history] }],
    ['its target was not audited', { targets: [account] }],
    ['its file could not be read', { gaps: [{ ...fault, scope: 'repo:./x', class: 'limit' }] }],
    ['the run was interrupted', { interrupted: true }],
    ['less confident findings were left out', { minConfidence: 'high' }],
  ])('is not called gone if %s', (_, more) => {
    expect(sums(more)).toEqual([0, 1])
  })
  it('of history is gone only if history was read', () => {
    const old = baselineOf(finding('a', [{ ...at('x'), commit: '1' }]))
    expect(sums({}, old)).toEqual([0, 1])
    expect(sums({ targets: [repository] }, old)).toEqual([1, 0])
  })
  it('of an account is gone only if the account was seen', () => {
    const live = baselineOf(finding('a', [{ resource: 'arn' }], { scope: 'aws:1' }))
    expect(live.entries[0]?.targets).toEqual([targetName('aws:1')])
    expect(sums({}, live)).toEqual([0, 1])
    expect(sums({ targets: [repository, history, account] }, live)).toEqual([1, 0])
  })
})

describe('update', () => {
  const known = finding('a', [at('x')])
  const before = baselineOf(known, finding('b', [at('gone')]))
  it('accepts what is new and drops what is gone', () => {
    const update = updateBaseline(report([known, finding('c', [at('n')])]), before, false)
    expect(update).toMatchObject({ added: 1, removed: 1, moved: 0, unseen: 0 })
    expect(update.entries.map((entry) => entry.fingerprint)).toEqual([name('a'), name('c')])
  })
  it('does not take in what is suppressed', () => {
    const suppressed = { by: 'inline', reason: 'r', at: 'x:1' } as const
    expect(updateBaseline(report([finding('c', [at('n')], { suppressed })]), before, false).added).toBe(0)
  })
  it('as prune accepts neither a finding nor a further place', () => {
    const spread = finding('a', [at('x'), at('y')])
    const update = updateBaseline(report([spread, finding('c', [at('n')])]), before, true)
    expect(update).toMatchObject({ added: 0, removed: 1 })
    expect(update.entries).toEqual([before.entries[0]])
  })
  it('keeps a place that could not be read', () => {
    const both = baselineOf(finding('a', [at('x'), at('y')]))
    const gap = { kind: 'secret.match', scope: 'repo:./y', class: 'limit', reason: 'too large', detail: 'y' } as const
    const [entry] = updateBaseline(report([known], { gaps: [gap] }), both, false).entries
    expect(Object.keys(entry?.places ?? {}).sort()).toEqual(
      ['file::x', 'file::y'].map((place) => placeHash(name('a'), place)).sort(),
    )
  })
  it('is steady: a second one changes nothing', () => {
    const now = report([known, finding('c', [at('n')])])
    const first = updateBaseline(now, before, false)
    const second = updateBaseline(now, { ...before, entries: first.entries }, false)
    expect(second).toMatchObject({ added: 0, removed: 0, moved: 0 })
    expect(renderBaseline({ ...before, entries: second.entries })).toBe(
      renderBaseline({ ...before, entries: first.entries }),
    )
  })
})
