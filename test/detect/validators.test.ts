import { Buffer } from 'node:buffer'
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/detect/sample.ts'
import { crc16, crc32, decodeBase32, encodeBase32, encodeBase62 } from '../../src/detect/validators/base-encodings.ts'
import { composeJwt } from '../../src/detect/validators/jwt.ts'
import { composeArmoredKey } from '../../src/detect/validators/keys.ts'
import { accountOfKeyId } from '../../src/detect/validators/tokens.ts'
import { validators } from '../../src/detect/validators.ts'

const check = (name: string, value: string) => validators[name]?.check(value)

describe('checksums', () => {
  it('agree with the published check values', () => {
    expect(crc32('123456789')).toBe(0xcbf43926)
    expect(crc16(Buffer.from('123456789'))).toBe(0x31c3)
    expect(encodeBase62(61, 3)).toBe('00z')
  })

  it('base32 goes there and back', () => {
    const bytes = randomBytes(40)
    expect(Buffer.from(decodeBase32(encodeBase32(bytes)) ?? []).equals(bytes)).toBe(true)
    expect(decodeBase32('a1')).toBeUndefined()
  })
})

describe('base62-crc32', () => {
  // The example of a gist on GitHub's format, put together here so that it is no token in a file.
  const token = ['ghp', '_zQWBuTSOoRi4A9spHcVY', '5ncnsDkxkJ0mLq17'].join('')

  it('accepts a token whose checksum is right', () => {
    expect(check('base62-crc32', token)).toBe('valid')
  })

  it('sees one changed character', () => {
    expect(check('base62-crc32', token.replace('Q', 'R'))).toBe('invalid')
  })
})

describe('aws-key-id', () => {
  it('decodes the account', () => {
    // The account 581039954779 of a published example.
    expect(accountOfKeyId(['ASIA', 'QNZGKIQY56JQ7WML'].join(''))).toBe(29608264753)
  })

  it('knows no account in old ids', () => {
    expect(accountOfKeyId(['AKIA', 'IOSFODNN7XYZABCD'].join(''))).toBeUndefined()
    expect(check('aws-key-id', ['AKIA', 'IOSFODNN7XYZABCD'].join(''))).toBe('unproven')
  })

  it('refuses an account with thirteen digits', () => {
    expect(check('aws-key-id', `AKIA${'7'.repeat(16)}`)).toBe('invalid')
  })
})

describe('nats-seed', () => {
  const compose = (prefix: number, type: number) => {
    const body = Buffer.concat([Buffer.from([prefix | (type >> 5), (type & 31) << 3]), randomBytes(32)])
    const crc = crc16(body)
    return encodeBase32(Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]))
  }

  it('accepts seeds of users, accounts and operators', () => {
    for (const [type, start] of [
      [20 << 3, 'SUA'],
      [0, 'SAA'],
      [14 << 3, 'SOA'],
    ] as const) {
      const seed = compose(18 << 3, type)
      expect(seed.slice(0, 3)).toBe(start)
      expect(check('nats-seed', seed)).toBe('valid')
    }
  })

  it('refuses a changed one', () => {
    const seed = compose(18 << 3, 20 << 3)
    expect(check('nats-seed', `${seed.slice(0, 20)}${seed[20] === 'A' ? 'B' : 'A'}${seed.slice(21)}`)).toBe('invalid')
  })
})

describe('jwt', () => {
  const signature = 'x'.repeat(43)

  it('accepts a signed token', () => {
    expect(check('jwt', composeJwt({ sub: 'a' }, signature))).toBe('valid')
  })

  it('refuses unsigned tokens, the example of jwt.io, and what is no JSON', () => {
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    expect(check('jwt', `${none}.e30.${signature}`)).toBe('invalid')
    expect(check('jwt', composeJwt({ sub: '1', name: 'John Doe' }, signature))).toBe('invalid')
    expect(check('jwt', `eyJhbGciOi.eyJhbGciOi.${signature}`)).toBe('invalid')
  })

  it('knows tokens without an end, and those of service accounts', () => {
    expect(check('jwt-without-expiry', composeJwt({ sub: 'a' }, signature))).toBe('valid')
    expect(check('jwt-without-expiry', composeJwt({ sub: 'a', exp: 1 }, signature))).toBe('invalid')
    expect(check('service-account-jwt', composeJwt({ sub: 'system:serviceaccount:a:b' }, signature))).toBe('valid')
    expect(check('service-account-jwt', composeJwt({ sub: 'a' }, signature))).toBe('invalid')
  })

  it('accepts a token that a library really signed', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const head = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${Buffer.from('{"sub":"x"}').toString('base64url')}`
    const signed = createSign('sha256').update(head).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' }, 'base64url')
    expect(check('jwt', `${head}.${signed}`)).toBe('valid')
  })
})

describe('private-key', () => {
  const pem = (type: 'rsa' | 'ec' | 'ed25519', format: 'pkcs1' | 'sec1' | 'pkcs8') => {
    const options = {
      privateKeyEncoding: { type: format, format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }
    const generate = generateKeyPairSync as (type: string, options: object) => { privateKey: string; publicKey: string }
    return generate(type, { modulusLength: 2048, namedCurve: 'P-256', ...options })
  }

  it.each([
    ['rsa', 'pkcs1'],
    ['rsa', 'pkcs8'],
    ['ec', 'sec1'],
    ['ed25519', 'pkcs8'],
  ] as const)('accepts a real %s key in %s', (type, format) => {
    expect(check('private-key', pem(type, format).privateKey.trim())).toBe('valid')
  })

  it('accepts a key as it stands in source code', () => {
    const key = pem('ec', 'pkcs8').privateKey.trim()
    expect(check('private-key', key.replaceAll('\n', '\\n'))).toBe('valid')
    expect(check('private-key', key.split('\n').join('" +\n    "'))).toBe('valid')
  })

  it('refuses a key that was cut short', () => {
    const lines = pem('rsa', 'pkcs8').privateKey.trim().split('\n')
    expect(check('private-key', [...lines.slice(0, 4), '...', ...lines.slice(-1)].join('\n'))).toBe('invalid')
    expect(check('private-key', [...lines.slice(0, 4), ...lines.slice(-1)].join('\n'))).toBe('invalid')
  })

  it('refuses a body that is something else', () => {
    const fake = pem('ec', 'pkcs8').publicKey.trim().replaceAll('PUBLIC', 'PRIVATE').replace('MFkw', 'AFkw')
    expect(check('private-key', fake)).toBe('invalid')
  })

  it.each(['OPENSSH PRIVATE KEY', 'PGP PRIVATE KEY BLOCK', 'EC PRIVATE KEY'])(
    'accepts what is composed as %s',
    (label) => {
      const random = createRandom(5)
      const key = composeArmoredKey(`-----BEGIN ${label}-----`, (count) => random.bytes(count))
      expect(check('private-key', key)).toBe('valid')
    },
  )
})

describe('user-password', () => {
  const encode = (text: string) => Buffer.from(text).toString('base64')

  it('accepts user and password, refuses fillers and anything else', () => {
    expect(check('user-password', encode('bob:k7Qz-pl29'))).toBe('valid')
    expect(check('user-password', encode('user:password'))).toBe('weak')
    expect(check('user-password', encode('user:<your password>'))).toBe('invalid')
    expect(check('user-password', encode('nothing at all'))).toBe('invalid')
    expect(check('user-password', Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]).toString('base64'))).toBe('invalid')
  })
})
