import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { ScanError } from '../../../src/errors.ts'
import { iamActivity, iamUsageWindow, iamUsedAction } from '../../../src/facts/iam-usage.ts'
import { cloudtrailScanner } from '../../../src/scanners/cloudtrail/index.ts'
import { ACCOUNT, assumedRole, DATA, deliveredTo, event } from '../../support/cloudtrail.ts'
import { collect, NO_TARGETS } from '../../support/context.ts'
import { folderWith } from '../../support/program.ts'

const ANN = `arn:aws:iam::${ACCOUNT}:user/ann`
const packed = (...records: unknown[]) => gzipSync(JSON.stringify({ Records: records }))
const scan = (files: Readonly<Record<string, string | Buffer>>) =>
  collect(cloudtrailScanner, { targets: { ...NO_TARGETS, cloudtrail: [folderWith(files)] } })

it('adds calls up by principal and action', async () => {
  const { of, gaps } = await scan({
    [deliveredTo('a')]: packed(
      event('iam', 'ListUsers'),
      event('iam', 'ListUsers', { eventTime: '2026-05-03T00:00:00Z', awsRegion: 'us-east-1' }),
      event('iam', 'ListUsers', { errorCode: 'AccessDenied' }),
      event('iam', 'CreateUser', { errorCode: 'AccessDenied' }),
    ),
  })
  expect(gaps).toEqual([])
  expect(of(iamUsedAction).map(({ data }) => data)).toMatchObject([
    { principalArn: ANN, action: 'iam:CreateUser', count: 0, denied: 1, lastSeenDays: -1 },
    { principalArn: ANN, action: 'iam:ListUsers', count: 2, denied: 1, regions: ['eu-central-1', 'us-east-1'] },
  ])
  expect(of(iamUsedAction)[1]?.scope).toBe(`aws:${ACCOUNT}`)
})

it('tells the window with its holes, regions and classes', async () => {
  const { of } = await scan({
    [deliveredTo('a')]: packed(event('iam', 'ListUsers')),
    [deliveredTo('b')]: packed(event('s3', 'PutObject', { ...DATA, eventTime: '2026-05-10T00:00:00Z' })),
  })
  expect(of(iamUsageWindow).map(({ data }) => data)).toEqual([
    {
      accountId: ACCOUNT,
      source: 'cloudtrail',
      from: '2026-05-01',
      to: '2026-05-10',
      days: 10,
      missingDays: 8,
      regions: ['eu-central-1'],
      classes: ['data-write:s3', 'management-read'],
      unresolvedServices: [],
      events: 2,
      files: 2,
    },
  ])
})

it('knows resources as long as every call names them', async () => {
  const get = (key: string | undefined) =>
    event('dynamodb', 'GetItem', { ...DATA, requestParameters: key ? { tableName: key } : null })
  const named = await scan({ 'a.json.gz': packed(get('t'), get('u')) })
  expect(named.of(iamUsedAction)[0]?.data).toMatchObject({
    resources: ['t', 'u'].map((name) => `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/${name}`),
    resourcesComplete: true,
  })
  const partly = await scan({ 'a.json.gz': packed(get('t'), get(undefined)) })
  expect(partly.of(iamUsedAction)[0]?.data.resourcesComplete).toBe(false)
})

it('keeps accounts apart', async () => {
  const other = '210987654321'
  const { of } = await scan({
    [deliveredTo('a')]: packed(event('iam', 'ListUsers')),
    [deliveredTo('b', other)]: packed(
      event('iam', 'ListRoles', { recipientAccountId: other, userIdentity: assumedRole('app', other) }),
    ),
  })
  expect(of(iamUsageWindow).map(({ scope }) => scope)).toEqual([`aws:${ACCOUNT}`, `aws:${other}`])
  expect(of(iamUsedAction).map(({ scope }) => scope)).toEqual([`aws:${ACCOUNT}`, `aws:${other}`])
})

it('sees who was active, and which roles were assumed', async () => {
  const role = `arn:aws:iam::${ACCOUNT}:role/app`
  const { of } = await scan({
    'a.json.gz': packed(
      event('sts', 'AssumeRole', { userIdentity: { type: 'AWSService' }, requestParameters: { roleArn: role } }),
      event('iam', 'ListUsers'),
    ),
  })
  expect(of(iamActivity).map(({ data }) => data.principalArn)).toEqual([role, ANN])
})

it('goes on after a corrupt file, and names it and its account', async () => {
  const { of, gaps } = await scan({
    [deliveredTo('a')]: packed(event('iam', 'ListUsers')).subarray(0, 40),
    [deliveredTo('b')]: packed(event('iam', 'ListRoles')),
  })
  expect(of(iamUsedAction).map(({ data }) => data.action)).toEqual(['iam:ListRoles'])
  expect(gaps.find(({ kind }) => kind === 'iam.used-action')).toMatchObject({
    class: 'fault',
    scope: `aws:${ACCOUNT}`,
    reason: 'CloudTrail file: corrupt',
    detail: expect.stringContaining(deliveredTo('a')),
  })
})

it('names events that are no known action, once for a service', async () => {
  const { of, gaps } = await scan({
    'a.json.gz': packed(event('s3', 'FrobA'), event('s3', 'FrobB'), event('s3', 'FrobA'), event('iam', 'ListUsers')),
  })
  expect(gaps).toEqual([
    expect.objectContaining({
      class: 'limit',
      scope: `aws:${ACCOUNT}`,
      detail: expect.stringContaining('FrobA, FrobB'),
    }),
  ])
  expect(of(iamUsageWindow)[0]?.data.unresolvedServices).toEqual(['s3'])
})

it('tells of JSON that is something else', async () => {
  const { gaps } = await scan({ 'a.json': '{"hello": 1}', 'b.json.gz': packed(event('iam', 'ListUsers')) })
  expect(gaps.map(({ reason }) => reason)).toContain('CloudTrail file: no events')
})

it('passes digests, insights and empty files over', async () => {
  const { gaps } = await scan({
    'a.json': '{"digestStartTime": "2026-05-01T00:00:00Z", "logFiles": []}',
    'b.json': '{"Records":[]}',
    'c.json.gz': packed(event('iam', 'ListUsers')),
  })
  expect(gaps).toEqual([])
})

it.each([
  ['no files', {}],
  ['no events', { 'a.json': '{"Records":[]}' }],
])('fails on a folder with %s', async (_, files) => {
  await expect(scan(files)).rejects.toThrow(ScanError)
})

it('fails on a folder that is not there', async () => {
  const targets = { ...NO_TARGETS, cloudtrail: ['/nowhere/at/all'] }
  await expect(collect(cloudtrailScanner, { targets })).rejects.toThrow(/nowhere/)
})
