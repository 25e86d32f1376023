import { describe, expect, it } from 'vitest'
import { secretMatch } from '../../../src/facts/secret.ts'
import { type Fact, fact } from '../../../src/model.ts'
import { isCanary } from '../../../src/scanners/verify/canaries.ts'
import { type Secret, sortSecrets } from '../../../src/scanners/verify/candidates.ts'

type Data = Partial<Secret['data']>

function secret(rule: string, digest: string, more: Data = {}, scope = 'repo:.'): Secret {
  const samples = Object.fromEntries(Object.entries(secretMatch.fields).map(([name, [, , sample]]) => [name, sample]))
  const data = { ...samples, rule: `secrets/${rule}`, digest, ...more } as Parameters<
    typeof fact<typeof secretMatch>
  >[3]
  return fact(secretMatch, scope, { file: 'a', line: 1 }, data) as Fact<typeof secretMatch>
}
const key = (digest: string, more: Data = {}, scope?: string) =>
  secret('aws-access-key', digest, { publicId: 'AKIA', ...more }, scope)

function sorted(...secrets: Secret[]) {
  const { askable, skipped, others } = sortSecrets(secrets)
  return {
    askable: askable.map(({ provider, parts }) => [provider, ...parts].join(' ')),
    skipped: skipped.map(({ candidate, reason }) => `${candidate.parts.join(' ')}: ${reason}`),
    others: others.map(({ data }) => data.rule),
  }
}
const NONE = { askable: [], skipped: [], others: [] }

describe('secrets that providers are asked for', () => {
  it('come once, however many repositories hold them', () => {
    const twice = [secret('github-token', 't'), secret('github-token', 't', {}, 'repo:../other')]
    expect(sorted(...twice)).toEqual({ ...NONE, askable: ['github t'] })
  })
  it('are of types that somebody can be asked for', () => {
    expect(sorted(secret('jwt', 'j'), secret('npm-token', 'n'))).toEqual({
      ...NONE,
      askable: ['npm n'],
      others: ['secrets/jwt'],
    })
  })
})

describe('keys of AWS', () => {
  it('are pairs', () => {
    const pair = [key('i', { pairDigest: 's' }), secret('aws-secret-key', 's', { pairDigest: 'i' })]
    expect(sorted(...pair)).toEqual({ ...NONE, askable: ['aws i s'] })
    expect(sorted(...pair, key('i', {}, 'repo:../other'))).toEqual({ ...NONE, askable: ['aws i s'] })
    expect(sorted(key('i', {}, 'repo:../other'), ...pair)).toEqual({ ...NONE, askable: ['aws i s'] })
  })
  it('whose only id and only secret stand apart are tried; more are not guessed', () => {
    expect(sorted(key('i'), secret('aws-secret-key', 's'))).toEqual({ ...NONE, askable: ['aws i s'] })
    expect(sorted(key('i'), key('j'), secret('aws-secret-key', 's'))).toEqual({
      ...NONE,
      skipped: ['i: an id without its secret', 'j: an id without its secret', 's: a secret without its id'],
    })
    expect(sorted(secret('aws-secret-key', 's')).skipped).toEqual(['s: a secret without its id'])
  })
  it('of a session need the token of their file', () => {
    const pair = [
      key('i', { publicId: 'ASIA', pairDigest: 's', files: ['a'] }),
      secret('aws-secret-key', 's', { pairDigest: 'i' }),
    ]
    expect(sorted(...pair, secret('aws-session-token', 't', { files: ['a', 'b'] }))).toEqual({
      ...NONE,
      askable: ['aws i s t'],
    })
    expect(sorted(...pair, secret('aws-session-token', 't', { files: ['b'] }))).toEqual({
      ...NONE,
      skipped: ['i s: a key of a session without its token', 't: a token of a session without its key'],
    })
  })
})

describe('tripwires', () => {
  it.each([
    ['AKIAQYLPMN5H', true],
    ['AKIAAYLPMN5H', false],
    ['AKIARAAAAAAA', false],
    ['nothing', false],
  ])('%s…: %s', (start, canary) => {
    expect(isCanary(start.length > 8 ? `${start}${'B'.repeat(8)}` : start)).toBe(canary)
  })
})
