import { expect, it } from 'vitest'
import { audit } from '../../../src/index.ts'
import { Folder } from '../../support/repository.ts'

const POLICY = '{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }'
const RULE = 'title: x\nseverity: low\npillar: Identity\nremediation: x\ntests: []\n'

async function found(text: string): Promise<number> {
  const folder = new Folder()
  folder.write({ 'rules/a/b.yaml': text })
  const options = { only: ['iam/full-admin'], config: false, baseline: false, fingerprints: false } as const
  return (await audit({ paths: folder.path, ...options })).findings.length
}

it('takes a policy in the example of a rule for none that is deployed', async () => {
  expect(await found(`${RULE}example:\n  file: p.json\n  before: |\n    ${POLICY}\n  after: ''\n`)).toBe(0)
})
it('reads it in any other place, and in a file that only has an example', async () => {
  expect(await found(`${RULE}policy: |\n  ${POLICY}\n`)).toBe(1)
  expect(await found(`example:\n  before: |\n    ${POLICY}\n`)).toBe(1)
})
