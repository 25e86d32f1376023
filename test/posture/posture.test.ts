import { describe, expect, it } from 'vitest'
import { PILLARS, SEVERITIES, type Severity } from '../../src/model.ts'
import { type Posture, postureOf } from '../../src/posture.ts'
import type { Coverage, Finding, Report, RuleInfo } from '../../src/report.ts'
import { fault, finding, REPOSITORY, report, ruleInfo } from '../support/report.ts'

/** Rules as an organisation has them: two of each severity that matters in four pillars, a chain, and some for credentials. */
const RULES: readonly RuleInfo[] = [
  ...PILLARS.filter((pillar) => pillar !== 'Devices').flatMap((pillar, i) =>
    (['critical', 'high', 'medium', 'low'] as const).flatMap((severity) =>
      [1, 2].map((n) => ruleInfo(`area${i}/${severity}-${n}`, { pillar, severity })),
    ),
  ),
  ruleInfo('chain/leaked', { pillar: 'Identity', severity: 'critical' }),
  ruleInfo('secrets/a', { pillar: 'Identity', severity: 'high' }),
  ruleInfo('secrets/b', { pillar: 'Identity', severity: 'medium', capabilities: ['Governance'] }),
]
type State = 'good' | 'bad' | 'denied' | 'limited' | 'not-requested'

/** A report in which each rule stands as told, `bad` with a finding of its severity. */
function organisation(stateOf: (rule: RuleInfo, i: number) => State, more: readonly Finding[] = []): Report {
  const findings = RULES.filter((rule, i) => stateOf(rule, i) === 'bad').map((rule) => found(rule))
  const coverage = RULES.map((rule, i): Coverage => {
    const state = stateOf(rule, i)
    if (state === 'not-requested') return { rule: rule.id, scope: '', status: state, rows: 0, undetermined: 0 }
    const open = state === 'denied' || state === 'limited'
    const rows = state === 'bad' ? 1 : 0
    return {
      rule: rule.id,
      scope: 'repo:.',
      status: open ? 'undetermined' : 'evaluated',
      rows,
      undetermined: open ? 1 : 0,
    }
  })
  const undetermined = RULES.filter((rule, i) => ['denied', 'limited'].includes(stateOf(rule, i))).map((rule) => ({
    rule,
    scope: 'repo:.',
    rows: 1,
    gaps: [fault('x', { class: stateOf(rule, RULES.indexOf(rule)) === 'denied' ? 'fault' : 'limit' })],
  }))
  return report({ targets: [REPOSITORY], rules: RULES, findings: [...findings, ...more], coverage, undetermined })
}
const found = (rule: RuleInfo, more: Partial<Finding> = {}) =>
  finding({ rule, severity: rule.severity, confidence: 'high', scope: 'repo:.', ...more })

const NOTHING_KNOWN = { least: 0, most: 100 }
function scoresOf(given: Report): { least: number; most: number }[] {
  const { overall, pillars }: Posture = postureOf(given)
  return [overall ?? NOTHING_KNOWN, ...pillars.map(({ score }) => score ?? NOTHING_KNOWN)]
}

describe('four organisations', () => {
  const good = organisation(() => 'good')
  const bad = organisation(() => 'bad')
  const half = organisation((_, i) => (i % 2 === 0 ? 'good' : 'not-requested'))
  const nothing = organisation(() => 'not-requested')
  const overall = (given: Report) => postureOf(given).overall

  it('all good: 100, and nothing is left open', () => {
    expect(overall(good)).toEqual({ least: 100, most: 100 })
  })
  it('all bad: the half of each rule, and the worst cuts that again', () => {
    expect(overall(bad)).toEqual({ least: 29, most: 29 })
  })
  it('half unseen: a wide range, and at the least no better than all bad', () => {
    expect(overall(half)).toEqual({ least: 28, most: 100 })
  })
  it('nothing seen: no score at all', () => {
    expect(overall(nothing)).toBeUndefined()
    expect(postureOf(nothing).pillars.every(({ score }) => score === undefined)).toBe(true)
  })
  it('what nobody looked at does not do better than what is seen to be bad', () => {
    const unseen = organisation((_, i) => (i % 2 === 0 ? 'good' : 'not-requested'))
    const seen = organisation((_, i) => (i % 2 === 0 ? 'good' : 'bad'))
    expect(overall(unseen)?.least).toBeLessThanOrEqual(overall(seen)?.least ?? -1)
  })
})

/** The same numbers in each run. */
function randomly(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}
const STATES: readonly State[] = ['good', 'bad', 'denied', 'limited', 'not-requested']
function* organisations(count: number) {
  for (let seed = 1; seed <= count; seed++) {
    const random = randomly(seed)
    const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
    const states = RULES.map(() => pick(STATES))
    const more = Array.from({ length: Math.floor(random() * 6) }, () =>
      found(pick(RULES), { severity: pick(SEVERITIES), confidence: pick(['low', 'medium', 'high'] as const) }),
    ).map((each) => ({ ...each, severity: atMost(each.severity, each.rule.severity) }))
    const seen = more.filter(({ rule }) => ['good', 'bad'].includes(states[RULES.indexOf(rule)] as State))
    yield { states, more: seen, pick, seed }
  }
}
const atMost = (severity: Severity, most: Severity): Severity =>
  SEVERITIES[Math.min(SEVERITIES.indexOf(severity), SEVERITIES.indexOf(most))] as Severity

/** That no score of the second is above that of the first. */
function expectNoBetter(before: Report, after: Report, sides: readonly ('least' | 'most')[], seed: number) {
  const was = scoresOf(before)
  for (const [i, score] of scoresOf(after).entries())
    for (const side of sides)
      expect(score[side], `seed ${seed}, score ${i}, ${side}`).toBeLessThanOrEqual(was[i]?.[side] ?? 0)
}

describe('whatever the organisation', () => {
  const CASES = 60
  it('a further finding raises neither end', () => {
    for (const { states, more, pick, seed } of organisations(CASES)) {
      const rule = pick(RULES)
      const severity = atMost(pick(SEVERITIES), rule.severity)
      const before = organisation((_, i) => states[i] as State, more)
      const after = organisation((_, i) => states[i] as State, [...more, found(rule, { severity })])
      expectNoBetter(before, after, ['least', 'most'], seed)
    }
  })
  it.each(['denied', 'limited', 'not-requested'] as const)(
    'what was good and is then %s does not raise the least',
    (state) => {
      for (const { states, more, pick, seed } of organisations(CASES)) {
        const rule = pick(RULES)
        const kept = more.filter((each) => each.rule !== rule)
        const as = (own: State) => organisation((each, i) => (each === rule ? own : (states[i] as State)), kept)
        expectNoBetter(as('good'), as(state), ['least'], seed)
      }
    },
  )
  it.each(['denied', 'not-requested'] as const)('what was bad and is then %s does not raise the least', (state) => {
    for (const { states, more, pick, seed } of organisations(CASES)) {
      const rule = pick(RULES)
      const elsewhere = more.filter((each) => each.rule !== rule)
      const as = (own: State, found: readonly Finding[]) =>
        organisation((each, i) => (each === rule ? own : (states[i] as State)), found)
      expectNoBetter(as('bad', more), as(state, elsewhere), ['least'], seed)
    }
  })
  it('an end never leaves 0 to 100, and least is never above most', () => {
    for (const { states, more } of organisations(CASES))
      for (const { least, most } of scoresOf(organisation((_, i) => states[i] as State, more))) {
        expect(least).toBeGreaterThanOrEqual(0)
        expect(most).toBeLessThanOrEqual(100)
        expect(least).toBeLessThanOrEqual(most)
      }
  })
})

describe('what counts', () => {
  const rule = RULES[2] as RuleInfo
  const one = (more: Partial<Finding>) => postureOf(organisation(() => 'good', [found(rule, more)])).overall
  it('a finding that is known from the baseline counts, a suppressed one does not', () => {
    expect(one({ baseline: 'unchanged' })).toEqual(one({}))
    expect(one({ suppressed: { by: 'config', reason: 'test data', at: 'zt-audit.yaml:3' } })?.least).toBe(100)
  })
  it('a finding that is less sure takes less', () => {
    expect(one({ confidence: 'low' })?.least).toBeGreaterThan(one({ confidence: 'high' })?.least ?? 100)
  })
  it('each further finding of a rule takes half of what is left', () => {
    const info = ruleInfo('net/one', { pillar: 'Networks', severity: 'low' })
    const of = (count: number) =>
      postureOf(report({ rules: [info], findings: Array.from({ length: count }, () => found(info)) })).overall?.least
    expect([of(0), of(1), of(2), of(3), of(40)]).toEqual([undefined, 50, 25, 12, 0])
  })
  it('a critical chain caps the whole', () => {
    const chain = RULES.find(({ id }) => id === 'chain/leaked') as RuleInfo
    expect(postureOf(organisation(() => 'good', [found(chain)])).overall).toEqual({ least: 50, most: 50 })
  })
  it('a chain that was not looked for caps what is certain', () => {
    const given = organisation(({ id }) => (id === 'chain/leaked' ? 'not-requested' : 'good'))
    expect(postureOf(given).overall).toEqual({ least: 50, most: 100 })
  })
  it('a limit takes half of its rule at the least, and caps nothing', () => {
    const given = organisation((each) => (each === rule ? 'limited' : 'good'))
    const { least, most } = postureOf(given).overall ?? NOTHING_KNOWN
    expect([least, most]).toEqual([99, 100])
  })
  it('one account of two that was denied is half of it', () => {
    const info = ruleInfo('net/one', { pillar: 'Networks', severity: 'low' })
    const rows = (scope: string, undetermined: number): Coverage => ({
      rule: info.id,
      scope,
      status: undetermined > 0 ? 'undetermined' : 'evaluated',
      rows: 0,
      undetermined,
    })
    const undetermined = [{ rule: info, scope: 'aws:2', rows: 1, gaps: [fault('denied', { scope: 'aws:2' })] }]
    const given = report({ rules: [info], coverage: [rows('aws:1', 0), rows('aws:2', 1)], undetermined })
    expect(postureOf(given).overall).toEqual({ least: 50, most: 100 })
  })
  it('a rule that had nothing to judge counts neither way', () => {
    const given = organisation(() => 'good')
    const idle = ruleInfo('net/idle', { pillar: 'Networks', severity: 'critical' })
    expect(postureOf({ ...given, rules: [...RULES, idle] }).overall).toEqual({ least: 100, most: 100 })
  })
  it('an audit that was interrupted is certain of nothing', () => {
    expect(postureOf({ ...organisation(() => 'good'), interrupted: true }).overall).toEqual({ least: 0, most: 100 })
  })
  it('a look at changes alone has no score', () => {
    const given = { ...organisation(() => 'bad'), partial: { by: 'staged', files: 1 } } as const
    expect(postureOf(given).overall).toBeUndefined()
  })
  it('the order of findings does not matter', () => {
    const given = organisation(() => 'bad')
    expect(postureOf({ ...given, findings: [...given.findings].reverse() })).toEqual(postureOf(given))
  })
})
