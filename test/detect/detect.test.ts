import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { createDetection } from '../../src/detect/detect.ts'
import { toDetector } from '../../src/detect/detector.ts'
import { createRandom, createSample } from '../../src/detect/sample.ts'
import { BASE62 } from '../../src/detect/validators/base-encodings.ts'
import { builtIn, detectSources, rulesIn, scanText } from '../support/detection.ts'

/** In two parts: our own audit reads this file, too. */
const NO_TLS = ['sslmode', 'disable'].join('=')
const random = createRandom(11)
const password = () => `${random.text(10, 'abcdefghkmnpqrstuvwxyz')}7-${random.text(4, 'QRSTUVWX')}`
const sample = (rule: string, seed = 1) => {
  const detect = detectSources.get(`secrets/${rule}`)
  if (!detect) throw new Error(`no rule ${rule}`)
  return createSample(detect, seed).value
}

describe('positions', () => {
  const detection = createDetection([
    toDetector('x/key', { by: 'pattern', pattern: '\\b(kk_[a-z0-9]{12})\\b', keywords: ['kk_'] }),
  ])
  const value = `kk_${random.text(12, 'abcdefgh234567')}`

  it('counts UTF-16 units before a match, 1-based, end exclusive', () => {
    const line = `é = "😀"; key = "${value}"`
    const [match] = scanText(`first\n${line}\n`, 'a.ts', detection)
    const column = line.indexOf(value) + 1
    expect(match).toMatchObject({ line: 2, column, endLine: 2, endColumn: column + value.length, value })
  })

  it('counts several matches of one long line', () => {
    const line = `ü${Array.from({ length: 500 }, (_, i) => `€${i} ${value} `).join('')}`
    const matches = scanText(line, 'a.ts', detection)
    expect(matches).toHaveLength(500)
    for (const { column, endColumn } of matches) expect(line.slice(column - 1, endColumn - 1)).toBe(value)
  })

  it('does not count a byte order mark', () => {
    const [match] = scanText(`\ufeff${value}`, 'a.ts', detection)
    expect(match).toMatchObject({ line: 1, column: 1 })
  })

  it('takes CR LF for one line break, and survives bytes that are not UTF-8', () => {
    const buffer = Buffer.concat([Buffer.from('a\r\nb\xff\xfe ', 'latin1'), Buffer.from(`${value}\r\n`)])
    expect(detection.scan('a.ts', buffer, buffer.length)).toMatchObject([{ line: 2, column: 5, value }])
  })

  it('reads no further than the given length', () => {
    const buffer = Buffer.from(`x ${value}`)
    expect(detection.scan('a.ts', buffer, buffer.length - 1)).toEqual([])
  })

  it('ends a key of several lines on its last one', () => {
    const key = sample('private-key')
    const [match] = scanText(`a\n${key}\nb`, 'k.pem')
    expect(match).toMatchObject({ line: 2, column: 1, endLine: 1 + key.split('\n').length })
  })
})

describe('overlaps', () => {
  it('a provider’s rule wins over the generic one on the same value', () => {
    expect(rulesIn(`github_token = "${sample('github-token')}"`)).toEqual(['github-token'])
    expect(rulesIn(`DB_PASSWORD=${sample('digitalocean-token')}\n`, '.env')).toEqual(['digitalocean-token'])
  })

  it('finds two secrets of one line', () => {
    const line = `keys = ["${sample('github-token', 1)}", "${sample('npm-token', 2)}"]`
    expect(scanText(line).map((match) => match.rule)).toEqual(['secrets/github-token', 'secrets/npm-token'])
  })

  it('says of a token without an end that it has none, besides what it is', () => {
    expect(rulesIn(`token = "${sample('credential-without-expiry')}"`)).toEqual(['credential-without-expiry', 'jwt'])
  })

  it('finds the password and the missing TLS of one address', () => {
    const text = `url = "postgres://app:${password()}@db.example.com/app?${NO_TLS}"`
    expect(rulesIn(text)).toEqual(['connection-string-password', 'tls-disabled-connection'])
  })
})

describe('pairs of an id and its secret', () => {
  const id = sample('aws-access-key', 3)
  const secret = sample('aws-secret-key', 3)

  it('belong together, both ways', () => {
    const matches = scanText(`aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`, 'credentials')
    expect(matches.map(({ partner, publicId }) => [partner, publicId])).toEqual([
      [1, id],
      [0, ''],
    ])
  })

  it('an id alone has no partner', () => {
    expect(scanText(`aws_access_key_id = "${id}"`)).toMatchObject([{ partner: undefined, publicId: id }])
  })

  it('each id of a list of profiles finds its own secret', () => {
    const profiles = [1, 2, 3].map((seed) => [sample('aws-access-key', seed + 20), sample('aws-secret-key', seed + 20)])
    const text = profiles.map(([a, b], i) => `[p${i}]\naws_access_key_id=${a}\naws_secret_access_key=${b}\n`).join('\n')
    const matches = scanText(text, 'credentials')
    expect(matches.map((match) => match.partner)).toEqual([1, 0, 3, 2, 5, 4])
  })

  it('finds a secret that stands beside its id without a name', () => {
    expect(rulesIn(`client("${id}", "${secret}")`)).toEqual(['aws-access-key', 'aws-secret-key'])
  })

  it('does not pair over pages when there are several', () => {
    const text = `a = "${id}"\n${'#\n'.repeat(5000)}aws_secret_access_key = "${secret}"\nb = "${sample('aws-access-key', 9)}"`
    expect(scanText(text)[0]?.partner).toBeUndefined()
  })
})

describe('passwords in addresses', () => {
  it('is found though the host is one of documentation', () => {
    expect(rulesIn(`DATABASE_URL = "postgres://user:${password()}@db.example.com/database"`)).toEqual([
      'connection-string-password',
    ])
  })

  it.each([
    'postgres://user:password@localhost/db',
    'postgres://user:${DB_PASSWORD}@db/app',
    'postgres://user:<password>@db/app',
    'mongodb://localhost:27017/app',
    'https://example.com:8443/@scope/name',
    'ssh://git@example.com:22/x',
    'redis://user:xxxx@cache:6379',
  ])('%s holds none', (url) => {
    expect(rulesIn(`url = "${url}"`)).toEqual([])
  })

  it.each(['amqp', 'redis', 'mongodb+srv', 'mysql', 'ftp', 'ldap', 'smtps', 'anything'])(
    '%s is a scheme like any other',
    (scheme) => {
      expect(rulesIn(`url = "${scheme}://app:${password()}@host.internal/x"`)).toEqual(['connection-string-password'])
    },
  )

  it('reads ADO and JDBC strings', () => {
    expect(rulesIn(`cs = "Server=db;User Id=sa;Password=${password()};"`)).toEqual(['connection-string-password'])
    expect(rulesIn(`url = "jdbc:mysql://db/x?user=a&password=${password()}"`)).toEqual(['connection-string-password'])
  })
})

describe('Kubernetes Secrets', () => {
  it('finds what base64 hides, where it stands, by what it is', () => {
    const token = sample('github-token', 4)
    const encoded = Buffer.from(token).toString('base64')
    const text = `kind: Secret\napiVersion: v1\ndata:\n  token: ${encoded}\n`
    const [match, ...rest] = scanText(text, 'secret.yaml')
    expect(rest).toEqual([])
    expect(match).toMatchObject({
      rule: 'secrets/github-token',
      value: token,
      line: 4,
      column: 10,
      syntax: 'kubernetes-secret',
    })
    expect(text.slice(match?.start, match?.end)).toBe(encoded)
  })
})

describe('suppression comments', () => {
  const inspect = (text: string, path = 'a.py') => {
    const buffer = Buffer.from(text)
    return builtIn.inspect(path, buffer, buffer.length).suppressions
  }

  it('reads rules, reason and end', () => {
    const text = 'x = 1  # zt-audit' + ': ignore secrets/jwt, iam until 2030-01-31 -- known test key\n'
    expect(inspect(text)).toMatchObject([
      {
        line: 1,
        ownLine: false,
        rules: ['secrets/jwt', 'iam'],
        reason: 'known test key',
        expires: '2030-01-31',
        style: 'zt-audit',
      },
    ])
  })

  it.each(['# ', '// ', '/* ', '<!-- ', '-- ', '; '])(
    'knows that a comment beginning with %j stands alone',
    (start) => {
      const end = start === '/* ' ? ' */' : start === '<!-- ' ? ' -->' : ''
      expect(inspect(`\n  ${start}${'zt-audit'}: ignore secrets/jwt -- why${end}\nx`)).toMatchObject([
        { line: 2, ownLine: true, reason: 'why' },
      ])
    },
  )

  it('reads the markers of others', () => {
    expect(
      inspect('a # gitleaks:allow\nb # pragma: allowlist secret\n# pragma: allowlist nextline secret\nc'),
    ).toMatchObject([
      { line: 1, style: 'gitleaks', rules: [] },
      { line: 2, style: 'detect-secrets' },
      { line: 3, style: 'detect-secrets', ownLine: true },
    ])
  })

  it('takes nothing else for one', () => {
    expect(inspect('# zt-audit: see docs\n# zt-audit: ignore\n# pragma: allowlist\n')).toEqual([])
  })
})

describe('foreign files', () => {
  it('count only for what has a provider’s format', () => {
    const text = `password = "${password()}"\ntoken = "${sample('npm-token', 7)}"\n`
    expect(rulesIn(text, 'vendor/lib/a.py')).toEqual(['npm-token'])
    expect(rulesIn(text, 'a.py')).toEqual(['hardcoded-password', 'npm-token'])
  })
})

describe('mask', () => {
  it('gives spans in UTF-16 units that cover every secret', () => {
    const secrets = [password(), sample('github-token', 5)]
    const text = `é😀\npassword = "${secrets[0]}"\n# 😀 ${secrets[1]}\n`
    const spans = builtIn.mask('a.py', text)
    expect(spans.map(({ start, end }) => text.slice(start, end))).toEqual(secrets)
  })

  it('leaves settings readable', () => {
    expect(builtIn.mask('a.env', `URL=postgres://db.example.com/x?${NO_TLS}`)).toEqual([])
  })
})

describe('masked', () => {
  it('shows the kind of a token and nothing of a password', () => {
    expect(builtIn.masked(sample('github-token'))).toBe(
      'ghp_************'.replace('ghp_', sample('github-token').slice(0, 4)),
    )
    expect(builtIn.masked('hunter2hunter2')).toBe('********')
    const [match] = scanText(`db_password = "${'correct horse battery'.replaceAll(' ', '7')}9xQ"`)
    expect(match?.masked).toBe('********')
  })
})

describe('hostile text', () => {
  /** Milliseconds that no machine needs, unless the work grows with the square of the text. */
  const HANGS = 60_000

  it(
    'reads one line of 5 MB',
    () => {
      const code = 'var a=function(b){return b.token.secret("x"+b.password,c.key)};'
      expect(scanText(code.repeat(80_000))).toEqual([])
    },
    HANGS,
  )

  it('gives up on a rule after a time, and says so', () => {
    const buffer = Buffer.from('-----begin '.repeat(20_000))
    const slow = { by: 'pattern', pattern: '-----(?i:begin)[\\s\\S]{1,}?-----END', keywords: ['-----begin'] } as const
    const detection = createDetection([toDetector('x/slow', slow)], { maxRuleTime: 5 })
    const { limits } = detection.inspect('a.txt', buffer, buffer.length)
    expect(limits).toEqual([{ reason: 'too many places to try', detail: expect.stringContaining('x/slow') }])
  })

  it.each([
    ['keywords', 'password token secret api_key '],
    ['assignments', 'password="'],
    ['colons', 'password: '],
    ['addresses', 'a://b:c'],
    ['prefixes', 'ghp_AKIAsk_live_xoxb-eyJ'],
    ['quotes', '\\"password\\":\\"'],
    ['braces', '{"password":['],
    ['dashes', '-----BEGIN PRIVATE KEY-----'],
    ['JWK', '"kty":"d":"'],
    ['machines', 'machine a login b password '],
  ])(
    'reads 256 kB of %s',
    (_, unit) => {
      const text = unit.repeat(Math.ceil((1 << 18) / unit.length))
      for (const path of ['a.js', 'a.yaml', 'a.json', 'a.txt']) expect(() => scanText(text, path)).not.toThrow()
    },
    HANGS,
  )

  it('reads random bytes', () => {
    for (let i = 0; i < 20; i++) {
      const buffer = Buffer.from(random.bytes(50_000))
      for (const path of ['a.bin', '.env', 'a.yml', 'a.json', 'Dockerfile'])
        expect(() => builtIn.scan(path, buffer, buffer.length)).not.toThrow()
    }
  })
})

describe('generic values', () => {
  it('finds a Flask key and not a reference', () => {
    expect(rulesIn(`SECRET_KEY = '${random.text(24, BASE62)}'`, 'app/settings.py')).toEqual(['hardcoded-signing-key'])
    expect(rulesIn('const secret = process.env.JWT_SECRET', 'src/auth.js')).toEqual([])
  })

  it('leaves what a rule of higher priority refused as a filler to no other rule', () => {
    const published = ['wJalrXUtnFEMI/K7MDENG/bPxRfiCY', 'EXAMPLEKEY'].join('')
    for (const name of ['aws_secret_access_key', 'client_secret'])
      expect(rulesIn(`${name} = "${published}"`, 'app/settings.py'), name).toEqual([])
    const made = `${random.text(34, BASE62)}sample`
    expect(rulesIn(`aws_secret_access_key = "${made}"`, 'app/settings.py')).toEqual([])
    expect(rulesIn(`aws_secret_access_key = "${random.text(40, BASE62)}"`, 'app/settings.py')).toEqual([
      'aws-secret-key',
    ])
  })

  it('names the key', () => {
    expect(scanText(`db_password = "${password()}"`)).toMatchObject([{ key: 'db_password', syntax: 'text' }])
  })
})
