import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { createRandom, createSample } from '../../src/detect/sample.ts'
import { withAzureChecksum } from '../../src/detect/validators/azure.ts'
import { withAgeChecksum, withGitlabChecksum, withGrafanaChecksum } from '../../src/detect/validators/checksums.ts'
import { marvin32 } from '../../src/detect/validators/marvin.ts'
import { validators } from '../../src/detect/validators.ts'
import { detectSources } from '../support/detection.ts'

const check = (name: string, value: string) => validators[name]?.check(value)
const random = createRandom(5)
const letters = (count: number) => random.text(count, 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789')

/** Another character in the place of one. */
function altered(value: string, at: number): string {
  return value.slice(0, at) + (value[at] === 'a' ? 'b' : 'a') + value.slice(at + 1)
}

describe('marvin32', () => {
  // Test vectors of SymCrypt: 64 bits, whose halves are joined by exclusive or.
  const seed = String.fromCharCode(0x00, 0x4f, 0xb6, 0x1a, 0x00, 0x1b, 0xdb, 0xcc)
  it.each([
    ['', 0x30ed35c1 ^ 0x00cd3c7d],
    ['af', 0x48e73fc7 ^ 0x7d75ddc1],
    ['e70f', 0xb5f6e1fc ^ 0x485dbff8],
  ])('of %j', (bytes, expected) => {
    expect(marvin32(Buffer.from(bytes, 'hex'), seed)).toBe(expected >>> 0)
  })
})

describe('keys with a checksum', () => {
  it.each([
    ['grafana-token', withGrafanaChecksum(`glsa_${letters(32)}_00000000`)],
    ['gitlab-token', withGitlabChecksum(`glpat-${letters(27)}.01.0r0000000`)],
    ['gitlab-token', withGitlabChecksum(`glpat-${letters(27)}.0r0000000`)],
    ['azure-key', withAzureChecksum(`${letters(76)}+AStAAAAAA==`)],
    ['azure-key', withAzureChecksum(`${letters(33)}+ASbAAAAAA=`)],
    ['azure-key', withAzureChecksum(`${letters(52)}JQQJ99AKAC${'A'.repeat(15)}AZDOAAAA`.slice(0, 84))],
  ])('%s: the right one proves it, another does not', (name, value) => {
    expect(check(name, value)).toBe('valid')
    expect(check(name, altered(value, 12))).not.toBe('valid')
  })

  it('age: Bech32 of BIP 173', () => {
    const value = withAgeChecksum(`AGE-SECRET-KEY-1${random.text(58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L')}`)
    expect(check('age-key', value)).toBe('valid')
    expect(
      check(
        'age-key',
        value.replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q')),
      ),
    ).toBe('invalid')
  })

  it('a token without a checksum is neither proven nor refused', () => {
    expect(check('gitlab-token', `glpat-${letters(20)}`)).toBe('unproven')
    expect(check('grafana-token', `glc_${letters(40)}`)).toBe('unproven')
    expect(check('azure-key', `${letters(33)}AzCaAAAAAA=`)).toBe('unproven')
  })
})

describe('tokens with a structure', () => {
  it('Discord: the first part is a number', () => {
    const rest = `${letters(6)}.${letters(30)}`
    const encode = (id: string) => Buffer.from(id).toString('base64').replace(/=+$/, '')
    expect(check('discord-token', `${encode('123456789012345678')}.${rest}`)).toBe('valid')
    expect(check('discord-token', `${encode('no number at all')}.${rest}`)).toBe('invalid')
  })

  it('PyPI: location and identifier of a macaroon', () => {
    const id = 'c0ffee00-0000-4000-8000-00000000abcd'
    const bytes = Buffer.concat([
      Buffer.from('\u0002\u0001\u0008pypi.org\u0002\u0024'),
      Buffer.from(id),
      Buffer.alloc(20),
    ])
    expect(check('pypi-macaroon', `pypi-${bytes.toString('base64url')}`)).toBe('valid')
    expect(check('pypi-macaroon', `pypi-${Buffer.alloc(60, 7).toString('base64url')}`)).toBe('unproven')
  })

  it('Sentry: JSON that names the organisation', () => {
    const encode = (claims: object) => `sntrys_${Buffer.from(JSON.stringify(claims)).toString('base64')}_${letters(43)}`
    expect(check('sentry-token', encode({ iat: 1, org: 'acme' }))).toBe('valid')
    expect(check('sentry-token', encode({ iat: 1 }))).toBe('invalid')
    expect(check('sentry-token', `sntrys_${letters(40)}_${letters(43)}`)).toBe('invalid')
  })

  it('a token in base64 once more', () => {
    const detect = detectSources.get('secrets/jwt-base64')
    if (!detect) throw new Error('there is no such rule')
    expect(check('jwt-base64', createSample(detect, 3).value)).toBe('valid')
    const example = Buffer.from(`${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`).toString('base64')
    expect(check('jwt-base64', example)).toBe('example')
    expect(check('jwt-base64', Buffer.from('no token at all').toString('base64'))).toBe('invalid')
  })
})
