import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { compareReports, type JsonReport, parseReport } from '../src/diff.ts'
import { addFiles, folderWith, randomText, run } from './support/program.ts'

let root: string
const shots: JsonReport[] = []
const POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })
const urlLine = (password: string) => `DB = "mysql://app:${password}@db.internal/x"\n`
const file = (name: string) => join(root, '..', `${root.split('/').at(-1)}-${name}.json`)

async function shoot(name: string, ...args: string[]): Promise<JsonReport> {
  const { stdout } = await run([root, '--format', 'json', ...args])
  writeFileSync(file(name), stdout)
  return parseReport(name, stdout)
}

beforeAll(async () => {
  root = folderWith({ 'a.py': urlLine(randomText(14)), 'policy.json': POLICY })
  shots.push(await shoot('0'))
  const fixed = readFileSync(join(root, 'a.py'))
  rmSync(join(root, 'a.py'))
  addFiles(root, { 'b.py': urlLine(randomText(14)) })
  shots.push(await shoot('1'))
  addFiles(root, { 'a.py': fixed })
  shots.push(await shoot('2'))
})
const rules = (findings: readonly { ruleId: string }[]) => findings.map(({ ruleId }) => ruleId.split('/')[0])
const places = (findings: readonly JsonReport['findings'][number][]) =>
  findings.map(({ location }) => ('file' in location ? location.file : location.resource))

describe('compared with the report before', () => {
  it('a finding is new, fixed or unchanged', () => {
    const diff = compareReports(shots.slice(0, 2))
    expect([places(diff.new), places(diff.fixed), diff.unchanged]).toEqual([['b.py'], ['a.py'], 1])
  })
  it('one that was there before that is reopened', () => {
    const diff = compareReports(shots)
    expect([places(diff.reopened), places(diff.new)]).toEqual([['a.py'], []])
    expect(places(compareReports(shots.slice(1)).new)).toEqual(['a.py'])
  })
  it('one that a run did not look for is not called fixed', async () => {
    const diff = compareReports([shots[0] as JsonReport, await shoot('iam', '--only', 'iam')])
    expect([rules(diff.fixed), rules(diff.unseen)]).toEqual([[], ['secrets']])
  })
  it('one is not called fixed while its file cannot be read', async () => {
    const before = readFileSync(join(root, 'policy.json'))
    addFiles(root, { 'policy.json': '{"Statement": [{"Effect": "Allow", "Action": "*"' })
    const diff = compareReports([shots[2] as JsonReport, await shoot('broken')])
    addFiles(root, { 'policy.json': before })
    expect([rules(diff.fixed), rules(diff.unseen)]).toEqual([[], ['iam']])
  })
  it('one is not called fixed in a file that has grown too large to be read', async () => {
    const diff = compareReports([shots[0] as JsonReport, await shoot('large', '--max-file-size', '20')])
    expect([places(diff.fixed), diff.unseen.length]).toEqual([[], 2])
  })
  it('one that is suppressed is accepted, and reopened when that ends', async () => {
    const config = 'suppressions:\n  - { rule: iam, path: policy.json, reason: sandbox, expires: 2099-01-01 }\n'
    addFiles(root, { 'zt-audit.yaml': config })
    const suppressed = await shoot('suppressed')
    rmSync(join(root, 'zt-audit.yaml'))
    const before = shots[2] as JsonReport
    expect(rules(compareReports([before, suppressed]).accepted)).toEqual(['iam'])
    expect(rules(compareReports([suppressed, before]).reopened)).toEqual(['iam'])
  })
  it('a renamed file is no news, a second place of a secret is', async () => {
    addFiles(root, { 'admin.json': POLICY, 'copy.py': readFileSync(join(root, 'a.py')) })
    rmSync(join(root, 'policy.json'))
    const diff = compareReports([shots[2] as JsonReport, await shoot('renamed')])
    rmSync(join(root, 'copy.py'))
    rmSync(join(root, 'admin.json'))
    addFiles(root, { 'policy.json': POLICY })
    expect([diff.new.length, diff.fixed.length, rules(diff.spread)]).toEqual([0, 0, ['secrets']])
  })
})

describe('zt-audit diff', () => {
  it('exits 1 on what came up, 0 on what went, 3 on what was not seen', async () => {
    expect((await run(['diff', file('0'), file('1')])).code).toBe(1)
    expect((await run(['diff', file('0'), file('1'), '--fail-on', 'never'])).code).toBe(0)
    expect((await run(['diff', file('2'), file('1')])).code).toBe(0)
    expect((await run(['diff', file('0'), file('iam')])).code).toBe(3)
  })
  it('prints sums and sections, also as JSON and Markdown', async () => {
    const { stdout } = await run(['diff', file('0'), file('1'), file('2')])
    expect(stdout).toMatch(/Reopened \(1\)\n {2}! critical /)
    expect(stdout).toContain('0 new, 1 reopened, 0 fixed, 2 unchanged')
    expect((await run(['diff', file('0'), file('1'), '--format', 'markdown'])).stdout).toContain('### New (1)')
    expect(JSON.parse((await run(['diff', file('0'), file('1'), '--format', 'json'])).stdout).fixed).toHaveLength(1)
  })
  it('refuses what is no report', async () => {
    addFiles(root, { '../other.json': '{}' })
    expect(await run(['diff', file('0'), join(root, 'a.py')])).toMatchObject({ code: 2, stderr: /is no JSON report/ })
    expect(await run(['diff', file('0'), join(root, '../other.json')])).toMatchObject({ code: 2 })
    expect(await run(['diff', file('0'), join(root, 'none.json')])).toMatchObject({ code: 2, stderr: /cannot read/ })
    expect((await run(['diff', file('0')])).code).toBe(2)
  })
})
