import { describe, expect, it } from 'vitest'
import { folderWith, run } from '../support/program.ts'

const lines = (text: string) => text.split('\n')

describe('explain', () => {
  it('is a page of a manual that reads without colour', async () => {
    const { code, stdout } = await run(['explain', 'iam/full-admin'])
    expect(code).toBe(0)
    const headings = lines(stdout).filter((line) => /^[A-Z]/.test(line))
    expect(headings).toEqual([
      'NAME',
      'WEIGHT',
      'WHY IT MATTERS',
      'BEFORE AND AFTER',
      'HOW TO FIX IT',
      'FIRES ON',
      'IS SILENT ON',
      'IS UNDETERMINED ON',
      'LOOKS AT',
      'TO ACCEPT IT, OR LEAVE IT OUT',
      'CONTROLS',
      'REFERENCES',
      'SEE ALSO',
    ])
    expect(stdout).toMatch(/^ {4}- +Action {3}= "\*"$/m)
    expect(stdout).toMatch(/^ {4}\+ +Action {3}= \["s3:PutObject"\]$/m)
    expect(stdout).not.toContain('\u001b')
  })
  it.each([60, 80, 140])('keeps prose within %i columns', async (columns) => {
    const { stdout } = await run(['explain', 'ci/template-injection'], { env: { COLUMNS: String(columns) } })
    const prose = lines(stdout).filter((line) => !/https:|# zt-audit|zt-audit --skip|^ {4}[-+ ] /.test(line))
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(columns)
  })
  it('shows a made-up secret masked, and says where it goes', async () => {
    const { stdout } = await run(['explain', 'secrets/github-token'])
    expect(stdout).toMatch(/^ {4}- .*gh\w_?\*{12}/m)
    expect(stdout).toMatch(/^ {4}\+ .*os\.environ\[/m)
    expect(stdout).not.toContain('{{sample')
  })
  it('says of what stands in no file that it is none', async () => {
    const { stdout } = await run(['explain', 'mfa/root-without-mfa'])
    expect(stdout).toContain('No file shows this.')
  })
  it('needs no area where the name is one rule’s alone', async () => {
    expect((await run(['explain', 'full-admin'])).stdout).toContain('iam/full-admin - Policy allows everything')
  })
  it('lists the rules of an area', async () => {
    const { stdout } = await run(['explain', 'suppression'])
    expect(stdout).toContain('suppression/without-expiry')
    expect(stdout).toContain('1 rule; ')
  })
  it.each([60, 80, 140])('lists all of them in one way in %i columns', async (columns) => {
    const { stdout } = await run(['explain', 'iam'], { env: { COLUMNS: String(columns) } })
    const rows = lines(stdout.slice(0, stdout.indexOf('\n\n')))
    expect(Math.max(...rows.map((line) => line.length))).toBeLessThanOrEqual(columns)
    const severities = rows.map((line) => line.search(/ (?:low|medium|high|critical)(?: |$)/))
    const heads = severities.filter((_, i) => rows[i]?.startsWith('iam/'))
    expect(new Set(heads).size).toBe(1)
    expect([rows.length, rows.length / 2]).toContain(heads.length)
  })
  it('suggests what an unknown name may mean', async () => {
    const { code, stderr } = await run(['explain', 'oidc'])
    expect(code).toBe(2)
    expect(stderr).toContain('iam/oidc-trust-without-subject')
  })
  it('gives the page to programs', async () => {
    const { stdout } = await run(['explain', 'iam/full-admin', '--format', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({
      id: 'iam/full-admin',
      severity: 'critical',
      example: { isDerived: false },
    })
    const { stdout: markdown } = await run(['explain', 'iam/full-admin', '--format', 'markdown'])
    expect(markdown).toContain('```diff\n')
    expect(markdown).not.toContain('](')
  })
  it('runs no pager where the output is no terminal', async () => {
    const { stdout } = await run(['explain', 'iam/full-admin'], { env: { PAGER: 'echo PAGED' } })
    expect(stdout).not.toContain('PAGED')
  })
})

const RULE = (after: string) => `title: Note
severity: medium
confidence: high
pillar: Identity
description: A test.
match: { access: { fact: iam.admin-access } }
message: "found"
remediation: Narrow it.
references: []
example:
  file: a.tf
  before: |
    data "aws_iam_policy_document" "a" {
      statement {
        actions   = ["*"]
        resources = ["*"]
      }
    }
  after: |
    ${after}
tests:
  - { name: one, facts: [{ kind: iam.admin-access }], finds: 1 }
  - { name: none, facts: [], finds: 0, because: there is none }
`

describe('the example of a rule of one’s own', () => {
  it('is run by rules test, and shown', async () => {
    const folder = folderWith({ 'own/note.yaml': RULE('# nothing') })
    const tested = await run(['rules', 'test', folder])
    expect(tested.stdout).toContain('1 rules: 3 tests passed, 0 failed')
    expect((await run(['explain', 'own/note', '--rules', folder])).stdout).toMatch(/^ {4}\+ # nothing$/m)
  })
  it('fails where the rule still fires', async () => {
    const after = 'data "aws_iam_policy_document" "a" { statement { actions = ["*"], resources = ["*"] } }'
    const folder = folderWith({
      'own/note.yaml': RULE(
        after
          .replace('{ statement { ', '{\n      statement {\n        ')
          .replace(', resources', '\n        resources')
          .replace(' } }', '\n      }\n    }'),
      ),
    })
    const { code, stdout } = await run(['rules', 'test', folder])
    expect(stdout).toContain('FAIL own/note')
    expect(code).toBe(1)
  })
})
