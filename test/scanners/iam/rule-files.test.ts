import { expect, it } from 'vitest'
import { audit, type Report } from '../../../src/index.ts'
import { Folder } from '../../support/repository.ts'

const POLICY = '{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }'
const RULE = 'title: x\nseverity: low\npillar: Identity\nremediation: x\ntests: []\n'

async function report(text: string): Promise<Report> {
  const folder = new Folder()
  folder.write({ 'rules/a/b.yaml': text })
  const options = { only: ['iam/full-admin'], config: false, baseline: false, fingerprints: false } as const
  return audit({ paths: folder.path, ...options })
}
const found = async (text: string) => (await report(text)).findings.length

it('takes a policy in the example of a rule for none that is deployed', async () => {
  const { findings, skipped } = await report(
    `${RULE}example:\n  file: p.json\n  before: |\n    ${POLICY}\n  after: ''\n`,
  )
  expect(findings).toEqual([])
  expect(skipped).toEqual([{ reason: 'policies in rule examples', count: 1, paths: ['rules/a/b.yaml'] }])
})
it('says nothing of a rule without a policy', async () => {
  const { skipped } = await report(`${RULE}example:\n  Statement: [Effect, Action]\n`)
  expect(skipped).toEqual([])
})
it('reads it in any other place, and in a file that only has an example', async () => {
  expect(await found(`${RULE}policy: |\n  ${POLICY}\n`)).toBe(1)
  expect(await found(`example:\n  before: |\n    ${POLICY}\n`)).toBe(1)
})
