import { expect, it } from 'vitest'
import { iamAccessKey, iamUser } from '../../src/facts/iam.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../src/model.ts'
import { awsTables } from '../../src/views/aws.ts'

const ARN = 'arn:aws:iam::123456789012:user/ann'
const all = <K extends typeof iamUser>(kind: K, values: Partial<Record<string, unknown>>) =>
  ({ ...Object.fromEntries(Object.keys(kind.fields).map((name) => [name, UNKNOWN])), ...values }) as Parameters<
    typeof fact<K>
  >[3]
const user = (at: Fact['at']) => fact(iamUser, 'aws:123456789012', at, all(iamUser, { arn: ARN, name: 'ann' }))
const keysOf = (users: readonly Fact[], gaps: readonly Gap[]) =>
  awsTables(users, gaps).find(({ id }) => id === 'aws-users')?.rows[0]?.cells.keys
const gap = (scope: string): Gap => ({ kind: iamAccessKey.kind, scope, class: 'fault', reason: 'denied', detail: '' })

it('keys that were not seen are not told as none', () => {
  const live = [user({ resource: ARN })]
  expect(keysOf(live, [])).toEqual({ value: [] })
  expect(keysOf(live, [gap('aws:123456789012')])).toEqual({ value: [], partial: true })
  expect(keysOf(live, [gap('aws:')])).toEqual({ value: [], partial: true })
  expect(keysOf(live, [gap('aws:210987654321')])).toEqual({ value: [] })
  expect(keysOf([user({ file: 'main.tf', line: 1 })], [])).toEqual({ value: [], partial: true })
})
