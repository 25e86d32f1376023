import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { describeTraits, traitsOf } from '../../src/detect/traits.ts'
import { composeJwt } from '../../src/detect/validators/jwt.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const reach = (value: string) => traitsOf('secrets/any', value, NOW).reach

describe('traitsOf', () => {
  it('reads the account from an access key id', () => {
    expect(traitsOf('secrets/aws-access-key', ['ASIA', 'QNZGKIQY56JQ7WML'].join(''), NOW).account).toBe('029608264753')
    expect(traitsOf('secrets/aws-access-key', ['AKIA', 'IOSFODNN7XYZABCD'].join(''), NOW).account).toBe('')
    expect(traitsOf('secrets/other', ['ASIA', 'QNZGKIQY56JQ7WML'].join(''), NOW).account).toBe('')
  })

  it.each([
    ['sk', 'test', 'x'],
    ['rzp', 'test', 'x'],
    ['pk', 'test', 'x'],
  ])('%s_%s_… is of a test environment', (...parts) => {
    expect(reach(parts.join('_'))).toBe('test')
    expect(reach(parts.join('_').replace('test', 'live'))).toBe('')
  })

  it('tells expired tokens from others', () => {
    expect(reach(composeJwt({ exp: NOW / 1000 - 1 }, 'x'))).toBe('expired')
    expect(reach(composeJwt({ exp: NOW / 1000 + 1 }, 'x'))).toBe('')
    expect(reach(composeJwt({}, 'x'))).toBe('')
  })

  it('tells OpenSSH keys with a passphrase by their cipher', () => {
    const key = (cipher: string) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(cipher.length)
      const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), length, Buffer.from(cipher), Buffer.alloc(80, 1)])
      const label = ['OPENSSH', 'PRIVATE', 'KEY'].join(' ')
      return `-----BEGIN ${label}-----\n${body.toString('base64')}\n-----END ${label}-----`
    }
    expect(reach(key('aes256-ctr'))).toBe('passphrase')
    expect(reach(key('none'))).toBe('')
    expect(reach(`-----BEGIN ${'RSA PRIVATE'} KEY-----\nDEK-Info: AES-128-CBC,00\n`)).toBe('passphrase')
  })
})

describe('describeTraits', () => {
  it('is the end of a sentence, or nothing', () => {
    expect(describeTraits({ account: '123456789012', reach: '' })).toBe(' (account 123456789012)')
    expect(describeTraits({ account: '', reach: 'expired' })).toBe(' (expired)')
    expect(describeTraits({ account: '', reach: '' })).toBe('')
  })
})
