import { Buffer } from 'node:buffer'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createRandom, createSample } from '../../../src/detect/sample.ts'
import { secretMatch, sourceSuppression } from '../../../src/facts/secret.ts'
import type { ScanContext } from '../../../src/model.ts'
import { identify, scanText, secretsScanner } from '../../../src/scanners/secrets/index.ts'
import { collect } from '../../support/context.ts'
import { builtInDetectors, detectSources } from '../../support/detection.ts'
import { Folder } from '../../support/repository.ts'

const random = createRandom(21)
const password = () => `${random.text(10, 'abcdefghkmnpqrstuvwxyz')}7-${random.text(4, 'QRSTUVWX')}`
const sample = (rule: string, seed = 1) => {
  const detect = detectSources.get(`secrets/${rule}`)
  if (!detect) throw new Error(`no rule ${rule}`)
  return createSample(detect, seed).value
}

async function scan(folder: Folder, context: Partial<Omit<ScanContext, 'gap'>> = {}) {
  return collect(secretsScanner, { trees: [await folder.open()], detectors: builtInDetectors, ...context })
}

describe('secretsScanner on files', () => {
  it('makes one fact of all occurrences of a secret', async () => {
    const value = sample('github-token')
    const folder = new Folder({ 'b/two.py': `x = 1\ntoken = "${value}"\n`, 'a.py': `token = "${value}"\n# ${value}\n` })
    const { of } = await scan(folder)
    expect(of(secretMatch)).toHaveLength(1)
    const [found] = of(secretMatch)
    expect(found?.data).toMatchObject({
      rule: 'secrets/github-token',
      path: 'a.py',
      occurrences: 3,
      files: ['a.py', 'b/two.py'],
      inTree: true,
      validated: true,
      confidence: 'high',
      introducedIn: '',
      ageDays: -1,
      key: 'token',
    })
    expect(found?.at).toMatchObject({ file: 'a.py', line: 1, column: 10 })
    expect(found?.also).toMatchObject([
      { file: 'a.py', line: 2 },
      { file: 'b/two.py', line: 2 },
    ])
    // Without git nothing is known of commits.
    expect(found?.unknown).toEqual(['committed'])
  })

  it('tells committed files from others', async () => {
    const folder = new Folder({
      '.gitignore': '.env\n',
      '.env': `DB_PASSWORD=${password()}\n`,
      'new.py': `p = 1\npassword = "${password()}"\n`,
    })
    folder.git('init', '--quiet')
    folder.write({ 'old.py': `password = "${password()}"\n` })
    folder.git('add', 'old.py', '.gitignore')
    const { of } = await scan(folder)
    const committed = Object.fromEntries(of(secretMatch).map(({ data }) => [data.path, data.committed]))
    expect(committed).toEqual({ '.env': false, 'new.py': false, 'old.py': true })
  })

  it('pairs an id with its secret, both ways, and never an id alone', async () => {
    const [id, secret, alone] = [sample('aws-access-key', 1), sample('aws-secret-key', 2), sample('aws-access-key', 3)]
    const folder = new Folder({
      credentials: `[a]\naws_access_key_id=${id}\naws_secret_access_key=${secret}\n`,
      'b.py': `id = "${alone}"\n`,
    })
    const { of } = await scan(folder)
    const facts = of(secretMatch).map(({ data }) => data)
    const [own, partner] = [
      facts.find((f) => f.publicId === id),
      facts.find((f) => f.rule === 'secrets/aws-secret-key'),
    ]
    expect(own).toMatchObject({ paired: true, pairDigest: partner?.digest })
    expect(partner).toMatchObject({ paired: true, pairDigest: own?.digest, publicId: '' })
    expect(facts.find((f) => f.publicId === alone)).toMatchObject({ paired: false, pairDigest: '' })
  })

  it('reads UTF-16 with a byte order mark, and counts its columns', async () => {
    const text = `\ufeffü = 1\npassword = "${password()}"\r\n`
    const big = Buffer.from(text, 'utf16le').swap16()
    const { of, gaps } = await scan(new Folder({ 'le.txt': Buffer.from(text, 'utf16le'), 'be.txt': big }))
    expect(of(secretMatch)).toHaveLength(1)
    expect(of(secretMatch)[0]?.data.files).toEqual(['be.txt', 'le.txt'])
    expect(of(secretMatch)[0]?.at).toMatchObject({ line: 2, column: 13 })
    expect(gaps).toEqual([])
  })

  it('names binary files in one gap, too large ones each in its own', async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`img/${i}.png`, Buffer.from([1, 0, 2])]))
    const { gaps, skips } = await scan(new Folder({ ...files, 'big.txt': 'x'.repeat(2000) }), {
      limits: { maxFileSize: 1000, timeoutSeconds: 60 },
    })
    expect(skips).toHaveLength(9)
    expect(skips[0]).toEqual({ scope: 'repo:.', path: 'big.txt', reason: 'too large' })
    expect(skips[8]).toEqual({ scope: 'repo:.', path: 'img/7.png', reason: 'binary' })
    expect(gaps).toEqual([
      expect.objectContaining({ scope: 'repo:./big.txt', class: 'limit', reason: 'file too large' }),
      expect.objectContaining({
        scope: 'repo:.',
        class: 'limit',
        reason: 'binary files',
        detail: expect.stringMatching(/^8 binary files.*img\/4\.png and 3 more$/),
      }),
    ])
  })

  it('skips pictures and fonts without a gap, going by their content', async () => {
    const png = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')
    const { gaps, skips } = await scan(
      new Folder({
        'a.png': png,
        upload: png,
        'a.ttf': Buffer.from([0, 1, 0, 0, 0, 18, 1, 0]),
        'a.ico': Buffer.from([0, 0, 1, 0, 1, 0]),
        'a.woff2': Buffer.from('wOF2\0\x01\0\0', 'latin1'),
      }),
    )
    expect(skips.map(({ path, reason }) => [path, reason])).toEqual(
      ['a.ico', 'a.png', 'a.ttf', 'a.woff2', 'upload'].map((path) => [path, 'binary']),
    )
    expect(gaps).toEqual([])
  })

  it('finds what stands in a picture as text, and shows no more of it than of other files', async () => {
    const token = sample('github-token')
    const png = Buffer.from(`\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x10tEXtComment\0token ${token}\0\xffIEND`, 'latin1')
    const { of, gaps } = await scan(new Folder({ 'a.png': png }))
    const [found] = of(secretMatch)
    expect([found?.data.rule, found?.at]).toMatchObject(['secrets/github-token', { file: 'a.png' }])
    expect(JSON.stringify(found)).not.toContain(token)
    expect(gaps).toEqual([])
  })

  it('takes a database for a gap, though its name is that of a picture or its first bytes are those of a font', async () => {
    const { gaps } = await scan(
      new Folder({
        'users.png': Buffer.from('SQLite format 3\0\x10\0', 'latin1'),
        'users.ttf': Buffer.from('\0\x01\0\0Standard Jet DB\0', 'latin1'),
        // Too little to tell without a name.
        'data.bin': Buffer.from([0, 1, 0, 0, 0, 18, 1, 0]),
      }),
    )
    expect(gaps.map(({ detail }) => detail)).toEqual(['3 binary files were not read: data.bin, users.png, users.ttf'])
  })

  it('reads vendored and lock files for formats of providers only, which is counted and no gap', async () => {
    const token = sample('github-token')
    const { of, gaps, skips } = await scan(
      new Folder({ 'vendor/a.py': `x = "${token}"\npassword = "${password()}"\n`, 'yarn.lock': 'x', 'a.py': 'x' }),
    )
    expect(of(secretMatch).map(({ data }) => data.rule)).toEqual(['secrets/github-token'])
    expect(gaps).toEqual([])
    expect(skips).toEqual([
      { scope: 'repo:.', path: 'vendor/a.py', reason: 'provider rules only' },
      { scope: 'repo:.', path: 'yarn.lock', reason: 'provider rules only' },
    ])
  })

  it('names a structured file that is too large for its structure, if it may hold secrets', async () => {
    const large = `{"a": "${'x'.repeat(3 << 20)}"`
    const { gaps } = await scan(
      new Folder({ 'with.json': `${large}, "password": "${password()}"}`, 'without.json': `${large}}` }),
    )
    expect(gaps).toMatchObject([{ scope: 'repo:./with.json', class: 'limit', reason: 'structured file too large' }])
  })

  it('judges so many names of secrets of one file, and says so', async () => {
    const { gaps } = await scan(new Folder({ 'a.txt': 'password=a;'.repeat(110_000) }))
    expect(gaps.map(({ detail }) => detail)).toContainEqual(expect.stringContaining('beyond the first 100000'))
  })

  it('records a file that cannot be read, and reads the others', async () => {
    const folder = new Folder({ 'a.py': 'x', 'b.py': `password = "${password()}"\n`, 'c.py': 'x' })
    const tree = await folder.open()
    // After listing: gone, and a link in place of the file.
    rmSync(`${folder.path}/a.py`)
    rmSync(`${folder.path}/c.py`)
    symlinkSync('/etc/passwd', `${folder.path}/c.py`)
    const { of, gaps } = await collect(secretsScanner, { trees: [tree], detectors: builtInDetectors })
    expect(of(secretMatch)).toHaveLength(1)
    expect(gaps).toMatchObject([
      { scope: 'repo:./a.py', class: 'fault', reason: 'unreadable', kind: 'secret.match' },
      { scope: 'repo:./c.py', class: 'fault', reason: 'unreadable' },
    ])
  })

  it('reads all of a file that has grown since it was listed', async () => {
    const folder = new Folder({ 'a.py': 'x' })
    const tree = await folder.open()
    folder.write({ 'a.py': `${'# filler\n'.repeat(50_000)}password = "${password()}"\n` })
    const { of, gaps } = await collect(secretsScanner, { trees: [tree], detectors: builtInDetectors })
    expect(of(secretMatch)).toMatchObject([{ at: { line: 50_001 } }])
    expect(gaps).toEqual([])
  })

  it('reports a folder in place of a file as unreadable', async () => {
    const folder = new Folder({ 'a.py': 'x' })
    const tree = await folder.open()
    rmSync(`${folder.path}/a.py`)
    mkdirSync(`${folder.path}/a.py`)
    const { gaps } = await collect(secretsScanner, { trees: [tree], detectors: builtInDetectors })
    expect(gaps).toMatchObject([{ class: 'fault', reason: 'unreadable' }])
  })

  it('gives suppression comments', async () => {
    const { of } = await scan(
      new Folder({ 'a.py': `x = 1\n# ${'zt-audit'}: ignore secrets/jwt -- test token of the issuer é\ny\n` }),
    )
    expect(of(sourceSuppression).map(({ data }) => data)).toEqual([
      {
        path: 'a.py',
        line: 2,
        ownLine: true,
        rules: ['secrets/jwt'],
        reason: 'test token of the issuer é',
        expires: '',
        style: 'zt-audit',
      },
    ])
  })

  it('stops when it is interrupted, and says so', async () => {
    const controller = new AbortController()
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `${String(i).padStart(2, '0')}.js`,
        `password = "${password()}"\n${'var a = token.x;\n'.repeat(60_000)}`,
      ]),
    )
    const { of, gaps } = await scan(new Folder(files), {
      signal: controller.signal,
      progress: () => controller.abort(),
    })
    expect(of(secretMatch).length).toBeGreaterThan(0)
    expect(of(secretMatch).length).toBeLessThan(40)
    expect(gaps).toMatchObject([{ class: 'fault', reason: 'interrupted', scope: 'repo:.' }])
  })

  it('keeps settings of different files apart', async () => {
    const line = `URL=postgres://db.example.com/x?${['sslmode', 'disable'].join('=')}\n`
    const { of } = await scan(new Folder({ 'a.env': line + line, 'b.env': line }))
    expect(of(secretMatch).map(({ data }) => [data.path, data.occurrences, data.masked])).toEqual([
      ['a.env', 2, 'sslmode=disable'],
      ['b.env', 1, 'sslmode=disable'],
    ])
  })

  it('takes what a better rule knows of the same value elsewhere', async () => {
    const value = sample('aws-secret-key', 5)
    const folder = new Folder({
      'a.py': `client_secret = "${value}"\n`,
      'b.py': `aws_secret_access_key = "${value}"\n`,
    })
    const { of } = await scan(folder)
    expect(of(secretMatch).map(({ data }) => [data.rule, data.occurrences])).toEqual([['secrets/aws-secret-key', 2]])
  })

  it('shows a place where the rule that names the secret matched, though another place weighs more', async () => {
    const value = password()
    const folder = new Folder({
      'README.md': `# a\n\ngit clone https://bot:${value}@git.example-corp.com/x.git\n`,
      'deep/down/README.md': `# a\ngit clone https://bot:${value}@git.example-corp.com/x.git\n`,
      'gitea.yaml': `gitea:\n  password: ${value}\n`,
    })
    const [found, ...others] = (await scan(folder)).of(secretMatch)
    expect(others).toEqual([])
    // What it is counts from all places: the same value is used in configuration.
    expect(found?.data).toMatchObject({
      rule: 'secrets/basic-auth-url',
      path: 'README.md',
      pathClass: 'config',
      key: 'clone',
      occurrences: 3,
    })
    expect(found?.at).toMatchObject({ file: 'README.md', line: 3 })
    expect(found?.excerpt?.lines.join('\n')).toContain('git clone')
    expect(found?.also?.map(({ file }) => file)).toEqual(['gitea.yaml', 'deep/down/README.md'])
  })
})

describe('identify', () => {
  const factOf = (value: string, path = 'a.py') => {
    const [fact] = scanText(builtInDetectors, path, `db_password = "${value}"\n`).facts
    if (!fact) throw new Error('nothing was found')
    return fact
  }

  it('is the same for the same value in another place, another for another value', async () => {
    const value = password()
    const first = (await identify(factOf(value), false)).identity
    expect((await identify(factOf(value, 'other/b.py'), false)).identity).toBe(first)
    expect((await identify(factOf(password()), false)).identity).not.toBe(first)
    expect(first).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is made slowly for values that could be guessed', async () => {
    const fact = factOf(password())
    const start = performance.now()
    expect((await identify(fact, true)).identity).not.toBe((await identify(fact, false)).identity)
    expect(performance.now() - start).toBeGreaterThan(5)
  })

  it('is not the digest of the run, which is keyed', () => {
    expect(factOf(password()).data).not.toHaveProperty('value')
  })

  it('refuses a fact of another run', async () => {
    const fact = factOf(password())
    await expect(
      identify({ ...fact, data: { ...fact.data, digest: '00' } as typeof fact.data }, false),
    ).rejects.toThrow(/vault/)
  })
})
