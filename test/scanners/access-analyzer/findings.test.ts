import { expect, it } from 'vitest'
import { ageOf, findingFacts, windowFact } from '../../../src/scanners/access-analyzer/findings.ts'

const analyzer = {
  arn: 'arn:aws:access-analyzer:us-east-1:123456789012:analyzer/unused',
  name: 'unused',
  type: 'ACCOUNT_UNUSED_ACCESS',
  createdAt: new Date('2026-01-01'),
  lastResourceAnalyzedAt: new Date('2026-06-01T00:00:00Z'),
  status: 'ACTIVE',
  configuration: { unusedAccess: { unusedAccessAge: 60 } },
} as const
const APP = 'arn:aws:iam::210987654321:role/app'
const summary = { id: '1', resource: APP } as Parameters<typeof findingFacts>[0]
const facts = (...details: Parameters<typeof findingFacts>[1]) =>
  [...findingFacts(summary, details, analyzer)].map(({ scope, data }) => ({ scope, ...data }))

it('reads each kind of finding, in the account of the principal', () => {
  expect(
    facts(
      { unusedIamRoleDetails: {} },
      { unusedIamUserAccessKeyDetails: { accessKeyId: 'K' } },
      { unusedIamUserPasswordDetails: {} },
      { unusedPermissionDetails: { serviceNamespace: 's3' } },
      {
        unusedPermissionDetails: {
          serviceNamespace: 'sqs',
          actions: [{ action: 'SendMessage' }, { action: 'sqs:Purge' }],
        },
      },
    ),
  ).toMatchObject([
    { scope: 'aws:210987654321', type: 'role', detail: '', lastUsedDays: -1, windowDays: 60 },
    { type: 'access-key', detail: 'K' },
    { type: 'password', detail: '' },
    { type: 'service', detail: 's3', actions: [] },
    { type: 'actions', detail: 'sqs', actions: ['sqs:Purge', 'sqs:SendMessage'] },
  ])
})

it('passes over findings of another kind', () => {
  expect(facts({ externalAccessDetails: { condition: {} } })).toEqual([])
})

it('knows the window', () => {
  expect(windowFact(analyzer, 'aws:123456789012').data).toMatchObject({
    from: '2026-04-03',
    to: '2026-06-01',
    days: 60,
  })
  const { configuration: _, ...bare } = analyzer
  expect(ageOf(bare)).toBe(90)
})
