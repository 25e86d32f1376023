import { describe, expect, it } from 'vitest'
import { isFormattedFiller, isReference, placeholderReason } from '../../src/detect/placeholders.ts'
import { createRandom } from '../../src/detect/sample.ts'
import { BASE62 } from '../../src/detect/validators/base-encodings.ts'

describe('isReference', () => {
  it.each([
    '${DB_PASSWORD}',
    '$DB_PASSWORD',
    '$(cat /run/secrets/db)',
    '{{ .Values.password }}',
    '{{ vault_password }}',
    '<%= ENV["PASSWORD"] %>',
    '#{password}',
    '@db.password@',
    '%DB_PASSWORD%',
    '%(password)s',
    'process.env.DB_PASSWORD',
    "os.environ['DB_PASSWORD']",
    'os.getenv("X")',
    'System.getenv("X")',
    'ENV["DB"]',
    'var.db_password',
    'data.vault.x.y',
    'vault:secret/data/db#password',
    'op://vault/item/password',
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db',
    'projects/p/secrets/db/versions/1',
    '!Ref DbPassword',
    'ENC[AES256_GCM,data:abc,iv:d,tag:e,type:str]',
    'ENC(abcdef)',
    '$ANSIBLE_VAULT;1.1;AES256',
    '${{ secrets.TOKEN }}',
    '{resolve:secretsmanager:db}',
  ])('%s', (value) => {
    expect(isReference(value)).toBe(true)
  })

  it.each(['hunter2', 'a$b!c', 'pa%20ss', 'S3cr3t{1', 'kP9$xQ'])('%s is none', (value) => {
    expect(isReference(value)).toBe(false)
  })
})

describe('placeholderReason', () => {
  it.each([
    '',
    'password',
    'changeme',
    'CHANGE_ME',
    'change-me',
    'your-password',
    'YOUR_API_KEY',
    'your_api_key_here',
    '<your-token>',
    '<password>',
    '[password]',
    'xxxx',
    'XXXXXXXXXXXX',
    '********',
    '...',
    '123456',
    'abcdef123456',
    '987654321',
    '0000-0000',
    'abababab',
    'foobar',
    'example',
    'my-secret-key',
    'insert_token_here',
    'REPLACE_ME',
    'todo',
    'null',
    'None',
    'true',
    'string',
    'test',
    'supersecret',
    'enter your password',
  ])('%j', (value) => {
    expect(placeholderReason(value)).toBeDefined()
  })

  it.each(['hunter2', 'P@ssw0rd!', 'correcthorse', 'k7Qz-pl29', 's3cr3t-prod', 'Winter2024', 'letmein99!'])(
    '%s may be one',
    (value) => {
      expect(placeholderReason(value)).toBeUndefined()
    },
  )

  it('takes the name of the key for a filler', () => {
    expect(placeholderReason('dbPassw', 'db_passw')).toBe('the name of the key')
  })
})

describe('isFormattedFiller', () => {
  it.each([
    ['AKIA', 'IOSFODNN7', 'EXAMPLE'].join(''),
    'sk_live_xxxxxxxxxxxxxxxx',
    'ghp_0000000000',
    'key-abcdefghijkl',
    'glpat-your_token_is_here',
  ])('%s', (value) => {
    expect(isFormattedFiller(value)).toBe(true)
  })

  it('leaves random values alone', () => {
    const random = createRandom(4)
    const values = Array.from({ length: 2000 }, () => `ghp_${random.text(36, BASE62)}`)
    expect(values.filter(isFormattedFiller)).toEqual([])
  })
})
