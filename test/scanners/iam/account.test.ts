import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { iamAccountScanner } from '../../../src/scanners/iam/account.ts'
import { mfaAwsScanner } from '../../../src/scanners/mfa/aws.ts'
import { explainFailure } from '../../../src/sources/aws-failure.ts'
import { inParallel } from '../../../src/sources/parallel.ts'
import { collect, NO_TARGETS } from '../../support/context.ts'

afterEach(() => vi.unstubAllEnvs())

it('without credentials every kind is a gap of all of AWS, and nothing is called', async () => {
  const nowhere = join(mkdtempSync(join(tmpdir(), 'zt-audit-')), 'none')
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', nowhere)
  vi.stubEnv('AWS_CONFIG_FILE', nowhere)
  const targets = { ...NO_TARGETS, aws: [{ endpoint: 'http://127.0.0.1:9' }] }
  for (const scanner of [iamAccountScanner, mfaAwsScanner]) {
    const { facts, gaps } = await collect(scanner, { targets })
    expect(facts).toEqual([])
    expect(gaps.map((gap) => [gap.kind, gap.scope, gap.class, gap.reason])).toEqual(
      scanner.emits.map((kind) => [kind.kind, 'aws:', 'fault', 'no AWS credentials']),
    )
  }
})

describe('explainFailure', () => {
  const error = (name: string, message = '', status?: number) =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } })

  it.each([
    [
      error('AccessDenied', 'User x is not authorized', 403),
      'denied',
      'access denied',
      'iam:ListUsers was denied; allow iam:ListUsers to the auditor',
    ],
    [
      error('Weird', '', 403),
      'denied',
      'access denied',
      'iam:ListUsers was denied; allow iam:ListUsers to the auditor',
    ],
    [
      error('ExpiredToken', 'The security token is expired', 403),
      'credentials',
      'AWS credentials refused',
      'iam:ListUsers: ExpiredToken; the credentials are expired or not valid here',
    ],
    [
      error('CredentialsProviderError', 'Could not load credentials'),
      'credentials',
      'no AWS credentials',
      'Could not load credentials; sign in, or set AWS_PROFILE or the AWS_ variables',
    ],
    [error('NoSuchEntityException', 'no such user', 404), 'absent', 'not there', 'iam:ListUsers: no such user'],
    [
      error('Throttling', 'Rate exceeded', 400),
      'failed',
      'throttled',
      'iam:ListUsers: AWS asked to slow down, and did so again after retries',
    ],
    [
      error('SyntaxError', "char '<' is not expected. <html>secret page", 500),
      'failed',
      'call failed',
      'iam:ListUsers: the answer is no AWS answer (HTTP 500)',
    ],
    [
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' }),
      'failed',
      'not reached',
      'iam:ListUsers: connect ECONNREFUSED 127.0.0.1:9',
    ],
  ])('%s', (given, kind, reason, detail) => {
    expect(explainFailure(given, 'iam:ListUsers', false)).toEqual({ kind, reason, detail })
  })

  it('knows a call that never came back', () => {
    expect(explainFailure(new Error('aborted'), 'iam:ListUsers', true)).toMatchObject({
      kind: 'failed',
      reason: 'no answer in time',
    })
  })
})

describe('inParallel', () => {
  it('keeps the order and a limit', async () => {
    let running = 0
    let most = 0
    const work = async (n: number) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, (n * 7) % 5))
      running--
      return n
    }
    const results: number[] = []
    for await (const n of inParallel(
      Array.from({ length: 40 }, (_, i) => i),
      work,
    ))
      results.push(n)
    expect(results).toEqual(Array.from({ length: 40 }, (_, i) => i))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(8)
  })

  it('passes a failure on, without leaving others unheard', async () => {
    const work = async (n: number) => {
      if (n >= 2) throw new Error(`no ${n}`)
      return n
    }
    const results: number[] = []
    await expect(async () => {
      for await (const n of inParallel([0, 1, 2, 3, 4], work)) results.push(n)
    }).rejects.toThrow('no 2')
    expect(results).toEqual([0, 1])
  })
})
