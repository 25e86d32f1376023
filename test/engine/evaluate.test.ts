import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/engine/evaluate.ts'
import { FactStore } from '../../src/engine/fact-store.ts'
import { toFindings } from '../../src/engine/findings.ts'
import { loadRules } from '../../src/engine/load.ts'
import { RuleError } from '../../src/errors.ts'
import { type Fact, factKind, type Gap } from '../../src/model.ts'

const leak = factKind({
  kind: 'test.leak',
  meaning: 'A leak.',
  identity: ['id'],
  fields: { id: ['string', 'id', 'k'], path: ['string', 'path', 'a.ts'] },
})
const key = factKind({
  kind: 'test.key',
  meaning: 'A key.',
  identity: ['id'],
  fields: { id: ['string', 'id', 'k'], user: ['string', 'user', 'ann'], age: ['int', 'days', 400] },
})
const user = factKind({
  kind: 'test.user',
  meaning: 'A user.',
  identity: ['name'],
  fields: { name: ['string', 'name', 'ann'], mfa: ['string', 'state', 'disabled'], tags: ['list<string>', 'tags', []] },
})
const use = factKind({
  kind: 'test.use',
  meaning: 'A use.',
  identity: ['user'],
  derivedFrom: ['test.log'],
  fields: { user: ['string', 'user', 'ann'] },
})
const log = factKind({
  kind: 'test.log',
  meaning: 'A log.',
  identity: ['name'],
  fields: { name: ['string', 'name', 'l'] },
})
const kinds = new Map([leak, key, user, use, log].map((kind) => [kind.kind, kind]))

const REST = `
confidence: high
pillar: Identity
description: d
remediation: r
references: []
tests:
  - { name: yes, facts: [], finds: 1 }
  - { name: no, facts: [], finds: 0, because: nothing }
`
async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rules-'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}
async function rule(body: string) {
  const folder = await folderWith({ 'area/rule.yaml': body.trim() + REST })
  const [loaded] = await loadRules(folder, kinds, async () => [])
  if (!loaded) throw new Error('no rule')
  return loaded.compiled
}
async function defects(body: string): Promise<string[]> {
  const folder = await folderWith({ 'area/rule.yaml': body.trim() + REST })
  try {
    await loadRules(folder, kinds, async () => [])
    return []
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    return error.defects.map((d) => `${d.line}:${d.column} ${d.message}`)
  }
}

function make(kind: { kind: string }, data: Record<string, unknown>, scope = 'aws:1', unknown: string[] = []): Fact {
  return { kind: kind.kind, scope, data: data as Fact['data'], unknown, at: { resource: JSON.stringify(data) } }
}
function gap(kind: string, scope: string, fields?: string[]): Gap {
  return { kind, scope, class: 'fault', reason: 'denied', detail: 'd', ...(fields && { fields }) }
}
async function run(body: string, facts: Fact[], gaps: Gap[] = [], requested: Iterable<string> = kinds.keys()) {
  const evaluation = evaluate(await rule(body), new FactStore(kinds, facts, gaps, new Set(requested), []))
  const findings = await toFindings(evaluation, {
    catalogue: kinds,
    identify: new Map(),
    minConfidence: 'low',
    fingerprints: true,
  })
  const open = evaluation.undetermined.map(
    (u) => `${u.scope} ${u.rows} ${u.gaps.map((g) => `${g.kind}@${g.scope}`).join()}`,
  )
  return { found: findings.map((f) => f.message), open, findings, coverage: evaluation.coverage }
}

const CHAIN = `
title: chain
severity: critical
match:
  leak: { fact: test.leak }
  key: { fact: test.key, on: { id: leak.id }, where: 'key.age > 10' }
  user: { fact: test.user, on: { name: key.user }, where: 'user.mfa == "disabled"' }
message: "{{leak.path}} leaks {{key.id}} of {{user.name}}"
`
const FOUND = [
  make(leak, { id: 'k1', path: 'a.ts' }, 'repo:.'),
  make(key, { id: 'k1', user: 'ann', age: 400 }),
  make(user, { name: 'ann', mfa: 'disabled', tags: [] }),
]

describe('joins', () => {
  it('finds what every step holds for', async () => {
    expect(await run(CHAIN, FOUND)).toMatchObject({ found: ['a.ts leaks k1 of ann'], open: [] })
  })
  it('is silent where one step does not hold', async () => {
    const facts = [...FOUND.slice(0, 2), make(user, { name: 'ann', mfa: 'enabled', tags: [] })]
    expect(await run(CHAIN, facts)).toMatchObject({ found: [], open: [] })
  })
  it('is undetermined where a field was not seen, and names the gap', async () => {
    const facts = [...FOUND.slice(0, 2), make(user, { name: 'ann', tags: [] }, 'aws:1', ['mfa'])]
    expect(await run(CHAIN, facts, [gap('test.user', 'aws:1', ['mfa'])])).toMatchObject({
      found: [],
      open: ['repo:. 1 test.user@aws:1'],
    })
  })
  it('refutes an open row when a later step certainly fails', async () => {
    const facts = [
      FOUND[0] as Fact,
      make(key, { id: 'k1', user: 'ann' }, 'aws:1', ['age']),
      make(user, { name: 'ann', mfa: 'enabled', tags: [] }),
    ]
    expect(await run(CHAIN, facts)).toMatchObject({ found: [], open: [] })
  })
  it('is undetermined where the sought fact may be hidden by a gap', async () => {
    expect(await run(CHAIN, FOUND.slice(0, 1), [gap('test.key', 'aws:2')])).toMatchObject({
      found: [],
      open: ['repo:. 1 test.key@aws:2'],
    })
  })
  it('does not care for a gap of single fields when no fact is there', async () => {
    expect(await run(CHAIN, FOUND.slice(0, 1), [gap('test.key', 'aws:2', ['age'])])).toMatchObject({ open: [] })
  })
  it('keeps accounts apart', async () => {
    const facts = [...FOUND.slice(0, 2), make(user, { name: 'ann', mfa: 'disabled', tags: [] }, 'aws:2')]
    expect((await run(CHAIN, facts)).found).toEqual([])
  })
  it('says that the first kind was not seen, once for each account', async () => {
    const { open } = await run(
      CHAIN,
      [],
      [gap('test.leak', 'aws:1'), gap('test.leak', 'aws:2/eu-west-1'), gap('test.leak', 'aws:2')],
    )
    expect(open).toHaveLength(2)
  })
  it('is not requested when no scanner was asked for a kind', async () => {
    const { coverage } = await run(CHAIN, FOUND, [], ['test.leak'])
    expect(coverage).toMatchObject([{ status: 'not-requested' }])
  })
  it('matches lists item by item', async () => {
    const body = CHAIN.replace('on: { name: key.user }', 'on: { tags: key.user }')
    const facts = [...FOUND.slice(0, 2), make(user, { name: 'x', mfa: 'disabled', tags: ['bob', 'ann'] })]
    expect((await run(body, facts)).found).toEqual(['a.ts leaks k1 of x'])
  })
})

const UNUSED = `
title: unused
severity: medium
match: { user: { fact: test.user } }
unless: { use: { fact: test.use, on: { user: user.name } } }
message: "{{user.name}} is not used"
`
describe('unless', () => {
  const ann = make(user, { name: 'ann', mfa: 'enabled', tags: [] }, 'k8s:c/a')
  it('finds what has no counterpart', async () => {
    expect((await run(UNUSED, [ann])).found).toEqual(['ann is not used'])
  })
  it('drops what has one, whatever the gaps', async () => {
    expect(await run(UNUSED, [ann, make(use, { user: 'ann' }, 'k8s:c/a')], [gap('test.use', 'k8s:c')])).toMatchObject({
      found: [],
      open: [],
    })
  })
  it('is undetermined under a gap of the scope', async () => {
    expect(await run(UNUSED, [ann], [gap('test.use', 'k8s:c')])).toMatchObject({
      found: [],
      open: ['k8s:c/a 1 test.use@k8s:c'],
    })
  })
  it('inherits the gaps of what the kind is derived from', async () => {
    expect((await run(UNUSED, [ann], [gap('test.log', 'k8s:c')])).open).toHaveLength(1)
  })
  it('is not silenced by a gap of another namespace, unless the rule looks at the whole cluster', async () => {
    expect((await run(UNUSED, [ann], [gap('test.use', 'k8s:c/b')])).found).toHaveLength(1)
    const wide = UNUSED.replace('on: { user: user.name }', 'on: { user: user.name }, reach: target')
    expect((await run(wide, [ann], [gap('test.use', 'k8s:c/b')])).open).toHaveLength(1)
  })
  it('leaves a row open when the counterpart may or may not be its own', async () => {
    expect(await run(UNUSED, [ann, make(use, {}, 'k8s:c/a', ['user'])])).toMatchObject({
      found: [],
      open: ['k8s:c/a 1 test.use@k8s:c/a'],
    })
  })
})

describe('findings', () => {
  it('merges rows of one identity and keeps all evidence', async () => {
    const facts = [...FOUND, make(leak, { id: 'k1', path: 'b.ts' }, 'repo:.')]
    const { findings } = await run(CHAIN.replace('message:', 'identity: [user]\nmessage:'), facts)
    expect(findings).toHaveLength(1)
    expect(findings[0]?.evidence.leak).toHaveLength(2)
  })
  it('has a fingerprint that hangs on identity only', async () => {
    const moved = FOUND.map((fact) => ({ ...fact, at: { file: 'z', line: 99 } }))
    const [a, b] = [await run(CHAIN, FOUND), await run(CHAIN, moved)]
    expect(a.findings[0]?.fingerprint).toBe(b.findings[0]?.fingerprint)
    const other = [
      make(leak, { id: 'k2', path: 'a.ts' }, 'repo:.'),
      make(key, { id: 'k2', user: 'ann', age: 400 }),
      FOUND[2] as Fact,
    ]
    expect((await run(CHAIN, other)).findings[0]?.fingerprint).not.toBe(a.findings[0]?.fingerprint)
  })
  it('takes severity by case, and says when a case could not be judged', async () => {
    const body = UNUSED.replace(
      'severity: medium',
      `severity: { default: low, when: [{ is: critical, if: 'user.mfa == "disabled"' }] }`,
    )
    expect((await run(body, [make(user, { name: 'a', mfa: 'disabled', tags: [] })])).findings[0]?.severity).toBe(
      'critical',
    )
    const unseen = (await run(body, [make(user, { name: 'a', tags: [] }, 'aws:1', ['mfa'])])).findings[0]
    expect(unseen).toMatchObject({ severity: 'low', assumptions: ['not seen: user.mfa'] })
  })
})

describe('a rule with defects does not load', () => {
  it.each([
    [
      'an unknown kind',
      CHAIN.replace('test.user', 'test.usr'),
      "unknown fact kind 'test.usr', did you mean 'test.user'?",
    ],
    [
      'an unknown field in a join',
      CHAIN.replace('leak.id', 'leak.idd'),
      "test.leak has no field 'idd', did you mean 'id'?",
    ],
    ['an unknown field in CEL', CHAIN.replace('user.mfa', 'user.mfaa'), 'mfaa'],
    ['a type error', CHAIN.replace('key.age > 10', 'key.age > "10"'), 'no such overload'],
    ['a condition that is no bool', CHAIN.replace('key.age > 10', 'key.age'), 'must give bool'],
    [
      'a value in what is said of every finding',
      CHAIN.replace(/title: .*/, 'title: "Key {{key.id}}"'),
      'values stand in the message only',
    ],
    ['a dead placeholder', CHAIN.replace('{{key.id}}', '{{key.idd}}'), "test.key has no field 'idd'"],
    ['a backtracking function', CHAIN.replace('key.age > 10', 'key.id.matches("(a+)+$")'), 'matches() can backtrack'],
    [
      'a binding of a reserved name',
      CHAIN.replaceAll('user', 'package').replaceAll('test.package', 'test.user'),
      "'package' is a reserved name",
    ],
    ['has()', CHAIN.replace('key.age > 10', 'has(key.age)'), 'has() would take'],
    ['an unknown key', CHAIN.replace('title:', 'titel: x\ntitle:'), "unknown key 'titel', did you mean 'title'?"],
    ['an unknown binding', CHAIN.replace('leak.id }', 'lek.id }'), "no earlier binding is called 'lek'"],
  ])('%s', async (_what, body, message) => {
    const found = await defects(body)
    expect(found.join('\n')).toContain(message)
  })
  it('names all defects at once, each with its line', async () => {
    const found = await defects(
      CHAIN.replace('leak.id', 'leak.idd').replace('user.mfa', 'user.mfaa').replace('{{key.id}}', '{{key.x}}'),
    )
    expect(found).toHaveLength(3)
    expect(found.map((line) => line.split(':')[0])).toEqual(['5', '6', '7'])
  })
})
