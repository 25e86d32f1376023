import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { kindOf } from '../../src/detect/file-kind.ts'
import { judgeKey } from '../../src/detect/key-name.ts'
import { classifyPath } from '../../src/detect/path-class.ts'
import { createRandom } from '../../src/detect/sample.ts'
import { contextOf, type Model, scorePair } from '../../src/detect/score.ts'
import { BASE62 } from '../../src/detect/validators/base-encodings.ts'

function score(model: Model, key: string, value: string, path = 'src/app.py', quoted = true) {
  const pair = { key, value, quoted, keyStart: 0, start: 0, end: 0, syntax: 'text', form: 'assignment' } as const
  const context = contextOf(pair, { path, kind: kindOf(path), before: '', after: '' })
  return scorePair(pair, model, { ...context, structured: false })
}

describe('passwords', () => {
  it.each(['hunter2', 'P@ssw0rd!', 'k7Qz-pl29', 'Winter2024', 'sup3rs3cr3t'])('%s is one', (value) => {
    expect(score('password', 'db_password', value)).toMatch(/medium|high/)
  })

  it('is less sure of a plain word', () => {
    expect(score('password', 'password', 'kittens')).toMatch(/low|medium/)
    expect(score('password', 'password', 'changeme')).toBe('low')
  })

  it.each([
    ['password', '<your password>'],
    ['password', ''],
    ['password', 'get'],
    ['password', '/run/secrets/db'],
    ['password', 'https://example.com/reset'],
    ['password', 'Please enter your new password.'],
    ['password', 'config/password.txt'],
    ['password', '${DB_PASSWORD}'],
    ['password_hash', 'k7Qz-pl29'],
    ['password_field', 'k7Qz-pl29'],
    ['passwordLabel', 'k7Qz-pl29'],
    ['show_password', 'k7Qz-pl29'],
    ['password_min_length', 'k7Qz-pl29'],
    ['forgot_password_url', 'k7Qz-pl29'],
    ['password', '$2b$12$KIXQ4S0sHn8s'],
    ['password', '{SSHA}abcdefghijkl1'],
    ['bypass', 'k7Qz-pl29'],
    ['password', 'Mot de passe oublié'],
  ])('%s = %j is none', (key, value) => {
    const bytes = Buffer.from(value).toString('latin1')
    expect(score('password', key, bytes)).toBeUndefined()
  })

  it('is one step less sure in tests, examples and documentation', () => {
    expect(score('password', 'password', 'k7Qz-pl29', 'src/app.py')).toBe('high')
    for (const path of ['tests/app.py', 'examples/app.py', 'README.md', 'src/app.test.ts'])
      expect(score('password', 'password', 'k7Qz-pl29', path), path).not.toBe('high')
  })

  it('does not take the words of a translation for passwords', () => {
    expect(score('password', 'password', 'Kennwort', 'locales/de.json')).toBeUndefined()
  })
})

describe('keys', () => {
  const random = createRandom(6)

  it.each([20, 32, 40, 64])('finds random values of %d characters', (length) => {
    for (let i = 0; i < 50; i++) expect(score('key', 'api_key', random.text(length, BASE62))).toMatch(/medium|high/)
  })

  it('finds hexadecimal values', () => {
    for (let i = 0; i < 50; i++)
      expect(score('key', 'client_secret', random.text(32, '0123456789abcdef'))).toMatch(/medium|high/)
  })

  it.each([
    ['secret_name', 'prod-database-credentials'],
    ['api_key', 'payment.gateway.key'],
    ['token', 'csi.storage.k8s.io/secret-name'],
    ['token', 'initial-cluster-token-1'],
    ['api_key', 'com.google.android.geo.API_KEY'],
    ['token', 'SecretTypeServiceAccountToken'],
    ['next_page_token', 'Q0lRTjhOUTVsQx7'],
    ['csrf_token', 'x8Kq2ZpA9dLm3Nv7'],
    ['public_key', 'x8Kq2ZpA9dLm3Nv7'],
    ['token_url', 'x8Kq2ZpA9dLm3Nv7'],
    ['secret', 'sha256:0a1b2c3d4e5f60718293'],
    ['token', '2024-01-01T00:00:00Z'],
  ])('%s = %j is none that is shown', (key, value) => {
    expect(['low', undefined]).toContain(score('key', key, value))
  })
})

describe('signing keys', () => {
  it('finds placeholders that are used as the key', () => {
    for (const value of ['your_secret_key', 'secret', 'changeme', 'keyboard cat', 'mysecret'])
      expect(score('signing-key', 'SECRET_KEY', value), value).toMatch(/medium|high/)
  })

  it.each([
    ['JWT_SECRET', 'JWT_SECRET', 'src/names.ts'],
    ['SECRET_KEY', '${SECRET_KEY}', 'src/app.py'],
    ['SECRET_KEY', 'changeme', 'config.example.py'],
    ['JWT_SECRET', 'string', 'src/types.ts'],
    ['SECRET_KEY', '', 'src/app.py'],
  ])('%s = %j in %s is none', (key, value, path) => {
    expect(score('signing-key', key, value, path)).toBeUndefined()
  })
})

describe('a bare secret key', () => {
  const judge = (before: string) => {
    const pair = { key: 'secret_key', value: 'minioadmin', quoted: true, keyStart: 0, start: 0, end: 0 }
    const context = contextOf(
      { ...pair, syntax: 'text', form: 'assignment' },
      { path: 'src/s3.py', kind: 'code', before, after: '' },
    )
    return scorePair({ ...pair, syntax: 'text', form: 'assignment' }, 'signing-key', { ...context, structured: false })
  }

  it('signs nothing beside the access key that it belongs to', () => {
    expect(judge('Minio("minio:9000", access_key="minioadmin", ')).toBeUndefined()
    expect(judge('AWS_ACCESS_KEY = "x"\n')).toMatch(/medium|high/)
    expect(judge('')).toMatch(/medium|high/)
  })
})

describe('judgeKey', () => {
  it.each([
    'password',
    'dbPassword',
    'DB_PASSWORD_1',
    'spring.datasource.password',
    'adminPwd',
    'dbpass',
    'password_prod',
  ])('%s names a password', (key) => {
    expect(judgeKey(key)).toMatchObject({ isPassword: true, isAbout: false })
  })

  it.each(['password_hash', 'tokenUrl', 'isSecret', 'public_key', 'token_type', 'passwordKey', 'secrets'])(
    '%s is about one',
    (key) => {
      expect(judgeKey(key).isAbout).toBe(true)
    },
  )
})

describe('classifyPath', () => {
  it.each([
    ['docs_src/security/tutorial.py', 'docs'],
    ['dummyserver/certs/server.key', 'test'],
    ['pending_tests/a.py', 'test'],
    ['src/a.ts', 'code'],
    ['config/app.yml', 'config'],
    ['.env', 'config'],
    ['test/a.ts', 'test'],
    ['pkg/a_test.go', 'test'],
    ['src/a.spec.ts', 'test'],
    ['src/main/java/LoginTest.java', 'test'],
    ['docs/a.md', 'docs'],
    ['README.md', 'docs'],
    ['examples/a.py', 'example'],
    ['.env.example', 'example'],
    ['templates/secret.yaml', 'config'],
    ['src/contest.py', 'code'],
    ['src/latest/a.py', 'code'],
  ])('%s is %s', (path, expected) => {
    expect(classifyPath(path)).toBe(expected)
  })
})

describe('where no program reads a key', () => {
  const judge = (
    key: string,
    value: string,
    {
      path,
      before = '',
      syntax = 'text',
    }: { path: string; before?: string; syntax?: 'text' | 'yaml' | 'dockerfile' | 'sql' },
  ) => {
    const pair = { key, value, quoted: false, keyStart: 0, start: 0, end: 0, syntax, form: 'assignment' } as const
    const context = contextOf(pair, { path, kind: kindOf(path), before, after: '' })
    return scorePair(pair, syntax === 'sql' ? 'password' : 'signing-key', { ...context, structured: syntax !== 'text' })
  }

  it('a word in a comment of a configuration is no signing key, the same one in use is', () => {
    expect(judge('secretKey', 'token', { path: 'deploy/values.yaml', before: 'data:\n#   - ' })).toMatch(
      /low|undefined/,
    )
    expect(judge('secretKey', 'token', { path: 'deploy/values.yaml', syntax: 'yaml' })).toMatch(/medium|high/)
  })

  it('a word for one command of a build stays out of the image, one in ENV does not', () => {
    expect(judge('RUN.SECRET_KEY', 'dummy', { path: 'Dockerfile', syntax: 'dockerfile' })).toBe('low')
    expect(judge('SECRET_KEY', 'dummy', { path: 'Dockerfile', syntax: 'dockerfile' })).toMatch(/medium|high/)
  })

  it('words in code that a docstring quotes sign nothing, the same ones in code do', () => {
    const quoted = '    or set them just before the call::\n\n        DEBUG = True\n        SECRET_KEY = '
    expect(judge('SECRET_KEY', 'development', { path: 'src/config.py', before: quoted })).toBe('low')
    expect(judge('SECRET_KEY', 'development', { path: 'src/config.py', before: '>>> SECRET_KEY = ' })).toBe('low')
    const code = 'class Settings:\n    DEBUG = True\n    SECRET_KEY = '
    expect(judge('SECRET_KEY', 'development', { path: 'src/config.py', before: code })).toMatch(/medium|high/)
  })

  it('a hash in a row is no password', () => {
    const hash = '5e'.repeat(16)
    expect(judge('users.password', hash, { path: 'db/data.sql', syntax: 'sql' })).toBe('low')
    expect(judge('users.password', 'k7Qz-pl29', { path: 'db/data.sql', syntax: 'sql' })).toMatch(/medium|high/)
  })
})

describe('a development container', () => {
  it('is set up on a desk, not in production', () => {
    expect(classifyPath('.devcontainer/backend.env')).toBe('example')
    expect(classifyPath('backend.env')).not.toBe('example')
  })
})
