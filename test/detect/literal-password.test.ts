import { describe, expect, it } from 'vitest'
import { kindOf } from '../../src/detect/file-kind.ts'
import { isLiteralPassword } from '../../src/detect/literal-password.ts'
import type { Pair } from '../../src/detect/pair.ts'
import { contextOf, scorePair } from '../../src/detect/score.ts'

const pairOf = (key: string, value: string, more: Partial<Pair> = {}): Pair => ({
  key,
  value,
  quoted: true,
  keyStart: 0,
  start: 0,
  end: 0,
  syntax: 'text',
  form: 'assignment',
  ...more,
})
const place = (path: string, before = '', after = '') => ({ path, kind: kindOf(path), before, after })

describe('isLiteralPassword', () => {
  it.each(['jenjen123&^*', 'Tiger7!#', '%=garden4711', 'P@ssw0rd!', 'orange~8,2', 'k7Qz-pl29'])(
    '%s is one',
    (value) => {
      expect(isLiteralPassword(pairOf('db_password', value), place('src/db.py'))).toBe(true)
      expect(isLiteralPassword(pairOf('password', value, { syntax: 'yaml', quoted: false }), place('app.yaml'))).toBe(
        true,
      )
    },
  )

  it.each([
    'short1',
    'two words 12',
    'lettersonly',
    '12345678',
    'get_password(1)',
    'argv[12345]',
    'pass=%s&id=%d',
    '[A-Z]+\\d{8}',
    '^[a-z]{8,}$',
    'user.password',
    'db-password-2',
    '--password=',
    '/run/secrets/db1',
    'config/password1.txt',
    'https://a.example/1',
    'me@corp.example1.org',
    'Password::min(8)',
    'key => value1',
  ])('%j is none', (value) => {
    expect(isLiteralPassword(pairOf('password', value), place('src/db.py'))).toBe(false)
  })

  it('goes by the name and the place', () => {
    const value = 'jenjen123&^*'
    for (const key of ['password_hint', 'passwordLabel', 'token', 'expected_password', 'password_hash'])
      expect(isLiteralPassword(pairOf(key, value), place('src/db.py')), key).toBe(false)
    expect(isLiteralPassword(pairOf('password', value), place('locales/en.yml'))).toBe(false)
    expect(isLiteralPassword(pairOf('password', value, { quoted: false }), place('src/db.py'))).toBe(false)
    expect(isLiteralPassword(pairOf('password', value, { form: 'argument' }), place('src/db.py'))).toBe(false)
    expect(isLiteralPassword(pairOf('password', value), place('src/db.py', 'assert f('))).toBe(false)
    expect(isLiteralPassword(pairOf('password', value), place('src/db.py', '', '" + suffix'))).toBe(false)
  })
})

describe('a literal password', () => {
  const judge = (path: string, value = '%=garden4711') => {
    const pair = pairOf('password', value, { syntax: 'yaml', quoted: false })
    return scorePair(pair, 'password', { ...contextOf(pair, place(path)), structured: false })
  }

  it('is shown in production, whatever symbols it has', () => {
    expect(judge('deploy/app.yaml')).toMatch(/medium|high/)
    expect(['low', undefined]).toContain(judge('tests/app.yaml'))
  })
})

describe('the password of a Terraform resource', () => {
  const judge = (value: string, { path = 'infra/db.tf', key = 'password', ofResource = true } = {}) => {
    const pair = pairOf(key, value, { syntax: 'hcl', ofResource })
    return scorePair(pair, 'password', { ...contextOf(pair, place(path)), structured: false })
  }

  it('is what the resource is made with, whatever word it is', () => {
    for (const value of ['foobarbaz', 'changeme', 'password', 'mustbeeightcharacters'])
      expect(judge(value), value).toMatch(/medium|high/)
    expect(judge('foobarbaz', { key: 'master_password' })).toMatch(/medium|high/)
  })

  it('is judged as before elsewhere, and if it is no password', () => {
    expect(['low', undefined]).toContain(judge('foobarbaz', { path: 'examples/db.tf' }))
    expect(['low', undefined]).toContain(judge('foobarbaz', { ofResource: false }))
    for (const value of ['<your password>', '********', 'your-password-here', '${var.password}'])
      expect(judge(value), value).toBeUndefined()
  })
})
