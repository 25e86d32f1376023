import { describe, expect, it } from 'vitest'
import { PILLARS, SEVERITIES, type Severity } from '../../src/model.ts'
import { CAUSES, type Posture, postureOf, type Score } from '../../src/posture.ts'
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
type State = 'good' | 'bad' | 'suppressed' | 'denied' | 'limited' | 'not-requested' | 'left-out' | 'nothing'
const SUPPRESSED = { by: 'config', reason: 'test data', at: 'zt-audit.yaml:3' } as const

/** A report in which each rule stands as told, `bad` with a finding of its severity. */
function organisation(stateOf: (rule: RuleInfo, i: number) => State, more: readonly Finding[] = []): Report {
  const states = RULES.map((rule, i) => [rule, stateOf(rule, i)] as const)
  const having = (...wanted: State[]) => states.filter(([, state]) => wanted.includes(state)).map(([rule]) => rule)
  const findings = [
    ...having('bad').map((rule) => found(rule)),
    ...having('suppressed').map((rule) => found(rule, { suppressed: SUPPRESSED })),
    ...more,
  ]
  const hit = new Set(findings.map(({ rule }) => rule))
  const coverage = states.flatMap(([rule, state]): Coverage[] => {
    const row = { rule: rule.id, rows: 0, undetermined: 0 }
    if (state === 'not-requested') return [{ ...row, scope: '', status: state, ask: ['--aws'] }]
    if (state === 'left-out' || (state === 'nothing' && !hit.has(rule))) return []
    const open = state === 'denied' || state === 'limited'
    // As the engine has it: a rule with findings is evaluated, whatever was denied beside them.
    const status = open && !hit.has(rule) ? 'undetermined' : 'evaluated'
    return [{ ...row, scope: 'repo:.', status, rows: hit.has(rule) ? 1 : 0, undetermined: open ? 1 : 0 }]
  })
  const undetermined = [...having('denied'), ...having('limited')].map((rule) => ({
    rule,
    scope: 'repo:.',
    rows: 1,
    gaps: [fault('x', { class: having('denied').includes(rule) ? 'fault' : 'limit' })],
  }))
  const left = having('left-out')
  const rules = RULES.filter((rule) => !left.includes(rule))
  const leftOut = { rules: left, findings: [] }
  return report({ targets: [REPOSITORY], rules, findings, coverage, undetermined, leftOut })
}
const found = (rule: RuleInfo, more: Partial<Finding> = {}) =>
  finding({ rule, severity: rule.severity, confidence: 'high', scope: 'repo:.', ...more })

function scoresOf(given: Report): (Score | undefined)[] {
  const { overall, pillars }: Posture = postureOf(given)
  return [overall, ...pillars.map(({ score }) => score)]
}
/** Pillars of which there is something. */
function askedOf(given: Report): string {
  const asked = postureOf(given).pillars.filter(({ rules: { nothingToJudge, ...rest } }) =>
    Object.values(rest).some((n) => n > 0),
  )
  return asked.map(({ pillar }) => pillar).join()
}
const overall = (given: Report) => postureOf(given).overall

describe('four organisations', () => {
  it('all good: 100, and nothing is left open', () => {
    expect(overall(organisation(() => 'good'))).toEqual({ least: 100, most: 100 })
  })
  it('all bad: what each finding does adds up', () => {
    expect(overall(organisation(() => 'bad'))).toEqual({ least: 18, most: 18 })
  })
  it('half unseen: a wide range, and at the least no better than all bad', () => {
    const half = organisation((_, i) => (i % 2 === 0 ? 'good' : 'not-requested'))
    expect(overall(half)).toEqual({ least: 17, most: 100 })
  })
  it('nothing seen: no score at all', () => {
    const nothing = organisation(() => 'not-requested')
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
const STATES: readonly State[] = [
  'good',
  'bad',
  'suppressed',
  'denied',
  'limited',
  'not-requested',
  'left-out',
  'nothing',
]
/** Rules whose state admits findings: what nobody looked at has none. */
const WITH_FINDINGS: readonly State[] = ['good', 'bad', 'suppressed', 'denied', 'limited', 'nothing']
function* organisations(count: number) {
  for (let seed = 1; seed <= count; seed++) {
    const random = randomly(seed)
    const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
    const states = RULES.map(() => pick(STATES))
    const some = (rules: readonly RuleInfo[]) => {
      const rule = pick(rules)
      return found(rule, {
        severity: atMost(pick(SEVERITIES), rule.severity),
        confidence: pick(['low', 'medium', 'high'] as const),
      })
    }
    const open = RULES.filter((_, i) => WITH_FINDINGS.includes(states[i] as State))
    const more = Array.from({ length: Math.floor(random() * 6) }, () => some(open))
    const stateOf = (_: RuleInfo, i: number) => states[i] as State
    /** The organisation, with one rule as told and without the findings of that rule. */
    const withRule = (rule: RuleInfo, own: State) =>
      organisation(
        (each, i) => (each === rule ? own : (states[i] as State)),
        more.filter((each) => each.rule !== rule),
      )
    yield { stateOf, withRule, more, one: () => some(open), pick, seed }
  }
}
const atMost = (severity: Severity, most: Severity): Severity =>
  SEVERITIES[Math.min(SEVERITIES.indexOf(severity), SEVERITIES.indexOf(most))] as Severity

/** That no score of the second is above that of the first. */
function expectNoBetter(before: Report, after: Report, sides: readonly ('least' | 'most')[], seed: number) {
  const was = scoresOf(before)
  // The first thing of a pillar brings it into the whole.
  const comparable = askedOf(before) === askedOf(after)
  for (const [i, score] of scoresOf(after).entries()) {
    const known = was[i]
    // Of what nothing is known, there is no number to compare with.
    if (score && known && (i > 0 || comparable))
      for (const side of sides)
        expect(score[side], `seed ${seed}, score ${i}, ${side}`).toBeLessThanOrEqual(known[side])
  }
}

describe('whatever the organisation', () => {
  const CASES = 80
  it('a further finding raises neither end', () => {
    for (const { stateOf, more, one, seed } of organisations(CASES))
      expectNoBetter(organisation(stateOf, more), organisation(stateOf, [...more, one()]), ['least', 'most'], seed)
  })
  const UNSEEN = ['denied', 'limited', 'not-requested', 'left-out'] as const
  it.each(UNSEEN)('what was good and is then %s does not raise the least, nor lower the most', (state) => {
    for (const { withRule, pick, seed } of organisations(CASES)) {
      const rule = pick(RULES)
      expectNoBetter(withRule(rule, 'good'), withRule(rule, state), ['least'], seed)
      expectNoBetter(withRule(rule, state), withRule(rule, 'good'), ['most'], seed)
    }
  })
  it.each(['denied', 'not-requested', 'left-out', 'suppressed'] as const)(
    'what was bad and is then %s does not raise the least',
    (state) => {
      for (const { withRule, pick, seed } of organisations(CASES)) {
        const rule = pick(RULES)
        expectNoBetter(withRule(rule, 'bad'), withRule(rule, state), ['least'], seed)
      }
    },
  )
  it('clean things where there was nothing raise neither end: they hide nothing that is bad', () => {
    for (const { withRule, pick, seed } of organisations(CASES)) {
      const rule = pick(RULES)
      expectNoBetter(withRule(rule, 'nothing'), withRule(rule, 'good'), ['least', 'most'], seed)
    }
  })
  it('a suppression leaves the least as it is, and is seen in the most alone', () => {
    for (const { stateOf, more, seed } of organisations(CASES)) {
      const open = organisation(stateOf, more)
      const accepted = { ...open, findings: open.findings.map((each) => ({ ...each, suppressed: SUPPRESSED })) }
      // A pillar with nothing but suppressed findings beside what nobody looked at may lose its score.
      expectNoBetter(open, accepted, ['least'], seed)
      expectNoBetter(accepted, open, ['most'], seed)
    }
  })
  it('excluded files raise the least of nothing', () => {
    for (const { stateOf, more, seed } of organisations(CASES)) {
      const given = organisation(stateOf, more)
      expectNoBetter(given, { ...given, hidden: { ...given.hidden, byPath: 1 } }, ['least'], seed)
    }
  })
  it('one finding in files that are excluded then is no gain', () => {
    for (const { withRule, pick, seed } of organisations(CASES)) {
      const rule = pick(RULES)
      const bad = withRule(rule, 'bad')
      const gone = withRule(rule, pick(['good', 'nothing'] as const))
      expectNoBetter(bad, { ...gone, hidden: { ...gone.hidden, byPath: 1 } }, ['least'], seed)
    }
  })
  it('a higher confidence asked for raises the least of nothing', () => {
    for (const { stateOf, more, seed } of organisations(CASES)) {
      const all = organisation(stateOf, more)
      const hidden = more.filter(({ confidence }) => confidence === 'medium')
      const given = { ...all, findings: all.findings.filter((each) => !hidden.includes(each)) }
      const told = { ...given, leftOut: { rules: all.leftOut?.rules ?? [], findings: hidden } }
      expectNoBetter(all, told, ['least'], seed)
    }
  })
  it('the same findings in two places, or in one, are the same score', () => {
    for (const { stateOf, more } of organisations(CASES)) {
      const one = organisation(stateOf, more)
      const elsewhere = one.coverage.map((row) => ({ ...row, scope: row.scope && 'repo:other' }))
      const moved = one.findings.map((each, i) => (i % 2 === 0 ? each : { ...each, scope: 'repo:other' }))
      expect(scoresOf({ ...one, findings: moved, coverage: [...one.coverage, ...elsewhere] })).toEqual(scoresOf(one))
    }
  })
  it('a hundred rules of an own folder that find nothing raise neither end', () => {
    for (const { stateOf, more, pick, seed } of organisations(20)) {
      const given = organisation(stateOf, more)
      const own = Array.from({ length: 100 }, (_, i) =>
        ruleInfo(`own/rule-${i}`, { pillar: pick(PILLARS.slice(2)), severity: 'critical', added: true }),
      )
      const rows = own.map(
        ({ id }): Coverage => ({ rule: id, scope: 'repo:.', status: 'evaluated', rows: 0, undetermined: 0 }),
      )
      const padded = { ...given, rules: [...given.rules, ...own], coverage: [...given.coverage, ...rows] }
      expectNoBetter(given, padded, ['least', 'most'], seed)
    }
  })
  it('an end never leaves 0 to 100, and least is never above most', () => {
    for (const { stateOf, more } of organisations(CASES))
      for (const { least, most } of scoresOf(organisation(stateOf, more)).filter((score) => score !== undefined)) {
        expect(least).toBeGreaterThanOrEqual(0)
        expect(most).toBeLessThanOrEqual(100)
        expect(least).toBeLessThanOrEqual(most)
      }
  })
  it('the order of findings, rules and coverage does not matter', () => {
    for (const { stateOf, more } of organisations(CASES)) {
      const given = organisation(stateOf, more)
      const { findings, rules, coverage } = given
      const turned = {
        ...given,
        findings: [...findings].reverse(),
        rules: [...rules].reverse(),
        coverage: [...coverage].reverse(),
      }
      expect(scoresOf(turned)).toEqual(scoresOf(given))
    }
  })
})

describe('what counts', () => {
  const rule = RULES[2] as RuleInfo
  const one = (more: Partial<Finding>) => overall(organisation(() => 'good', [found(rule, more)]))
  it('a finding that is known from the baseline counts; a suppressed one at the least', () => {
    expect(one({ baseline: 'unchanged' })).toEqual(one({}))
    expect(one({ suppressed: SUPPRESSED })).toEqual({ least: one({})?.least, most: 100 })
  })
  it('a thousand clean things do not dilute one critical finding', () => {
    const critical = RULES[0] as RuleInfo
    const given = organisation(() => 'good', [found(critical)])
    const places = Array.from(
      { length: 1000 },
      (_, i): Coverage => ({
        rule: critical.id,
        scope: `aws:${i}`,
        status: 'evaluated',
        rows: 0,
        undetermined: 0,
      }),
    )
    expect(overall({ ...given, coverage: [...given.coverage, ...places] })).toEqual(overall(given))
    expect(postureOf(given).pillars[0]?.score?.most).toBeLessThanOrEqual(60)
  })
  it('a critical chain caps the whole at 50', () => {
    const chain = RULES.find(({ id }) => id === 'chain/leaked')
    const given = organisation((each) => (each === chain ? 'bad' : 'good'))
    expect(overall(given)).toEqual({ least: 50, most: 50 })
  })
  it('what was left out on purpose takes a tenth of a finding', () => {
    const low = RULES.find(({ severity }) => severity === 'low')
    expect(overall(organisation((each) => (each === low ? 'limited' : 'good')))).toEqual({ least: 99, most: 100 })
  })
  it('a pillar of which there is nothing has no score, and is no 100 in the whole', () => {
    const given = organisation(({ pillar }) => (pillar === 'Networks' ? 'nothing' : 'bad'))
    expect(postureOf(given).pillars.find(({ pillar }) => pillar === 'Networks')?.score).toBeUndefined()
    expect(overall(given)).toEqual({ least: 18, most: 18 })
  })
  it('text that was read and holds no credential was judged; that nobody read was not', () => {
    const rules = RULES.filter(({ id }) => id.startsWith('secrets/'))
    const read = report({ rules })
    expect(overall(read)).toEqual({ least: 100, most: 100 })
    expect(overall({ ...read, targets: [{ ...REPOSITORY, audited: false }] })).toBeUndefined()
  })
  it('what no option would bring is nothing to judge', () => {
    const given = organisation(() => 'good')
    const idle = ruleInfo('net/idle', { pillar: 'Networks', severity: 'critical' })
    const row: Coverage = { rule: idle.id, scope: '', status: 'not-requested', ask: [], rows: 0, undetermined: 0 }
    const { ask, ...unexplained } = row
    const with_ = (coverage: Coverage) =>
      overall({ ...given, rules: [...RULES, idle], coverage: [...given.coverage, coverage] })
    expect(with_(row)).toEqual({ least: 100, most: 100 })
    expect(with_(unexplained)?.least).toBeLessThan(100)
  })
  it('an audit that was interrupted is certain of nothing', () => {
    expect(overall({ ...organisation(() => 'good'), interrupted: true })).toEqual({ least: 0, most: 100 })
    const bad = { ...organisation(() => 'bad'), interrupted: true }
    expect(overall(bad)?.least).toBe(0)
  })
  it('a look at changes alone has no score', () => {
    const given = { ...organisation(() => 'bad'), partial: { by: 'staged', files: 1 } } as const
    expect(overall(given)).toBeUndefined()
  })
})

describe('why it is a range', () => {
  it('is nothing where both ends are equal', () => {
    expect(postureOf(organisation(() => 'bad')).unknowns).toEqual([])
  })
  it('names each cause, what it is worth, and the option that helps', () => {
    const given = organisation((_, i) => (i === 0 ? 'not-requested' : i === 1 ? 'denied' : 'good'))
    expect(postureOf(given).unknowns.map(({ cause, options, count }) => [cause, options, count])).toEqual([
      ['option', ['--aws'], 1],
      ['denied', [], 1],
    ])
    const alone = postureOf(organisation((_, i) => (i === 0 ? 'not-requested' : 'good')))
    expect(alone.unknowns[0]?.points).toBe(100 - (alone.overall?.least ?? 0))
  })
  it('is known wherever the ends differ', () => {
    for (const { stateOf, more } of organisations(80)) {
      const { overall, unknowns, pillars } = postureOf(organisation(stateOf, more))
      if (overall && overall.least < overall.most) expect(unknowns.length).toBeGreaterThan(0)
      for (const { score, unknowns } of pillars) if (score && score.least < score.most) expect(unknowns).not.toEqual([])
      expect(unknowns.every(({ cause, points }) => CAUSES.includes(cause) && points >= 0 && points <= 100)).toBe(true)
    }
  })
})
