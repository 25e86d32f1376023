import { win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseBaseline, renderBaseline } from '../src/baseline.ts'
import { parseConfig } from '../src/config.ts'
import { matchesGlob } from '../src/path-filter.ts'
import { isBelow, nameKey, withSlashes } from '../src/paths.ts'
import { lineHashes } from '../src/reporters/line-hash.ts'
import { inCheckout } from '../src/reporters/place.ts'
import { toUri } from '../src/reporters/sarif/uris.ts'
import { folderWith, randomText, run } from './support/program.ts'

// What differs on Windows and macOS, where no such machine is at hand: line ends, drive letters, backslashes.

const urlLine = (eol: string) => `# a${eol}DB = "mysql://app:${randomText(14)}@db.internal/x"${eol}# b${eol}`

describe('files with CRLF', () => {
  it('of every syntax give the same findings', async () => {
    const secret = randomText(16)
    const files = {
      '.env': `# a\nDATABASE_PASSWORD=${secret}\n`,
      Dockerfile: `FROM scratch\nENV API_PASSWORD=${secret}\n`,
      'main.tf': `resource "aws_iam_policy" "p" {\n  policy = jsonencode({\n    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]\n  })\n}\n`,
      'rbac.yaml': `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: b\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: cluster-admin\nsubjects:\n- kind: ServiceAccount\n  name: s\n  namespace: n\n`,
      'values.yaml': `db:\n  password: ${secret}\n`,
    }
    const report = async (eol: string) => {
      const given = Object.entries(files).map(([name, text]) => [name, text.replaceAll('\n', eol)])
      return JSON.parse((await run([folderWith(Object.fromEntries(given)), '--format', 'json'])).stdout).findings
    }
    const findings = await report('\n')
    expect(findings.length).toBeGreaterThan(2)
    expect(await report('\r\n')).toEqual(findings)
  })
  it('have the same places', async () => {
    const places = async (eol: string) => {
      const root = folderWith({
        'a.py': urlLine(eol),
        'p.json': `{${eol} "Statement": [${eol} {"Effect":"Allow","Action":"*","Resource":"*"}]}`,
      })
      const { findings } = JSON.parse((await run([root, '--format', 'json'])).stdout)
      return (findings as { location: object }[]).map(({ location }) => location)
    }
    expect(await places('\r\n')).toEqual(await places('\n'))
  })
  it('have the same line hashes', () => {
    expect([...lineHashes('a\r\nb\r\n', [1, 2])]).toEqual([...lineHashes('a\nb\n', [1, 2])])
  })
  it('may be accepted by a comment', async () => {
    const text = urlLine('\r\n').replace('# a', `# zt-audit${': ignore'} secrets until 2099-01-01 -- a test server`)
    const { findings } = JSON.parse((await run([folderWith({ 'a.py': text }), '--format', 'json'])).stdout)
    expect(findings).toMatchObject([{ suppressed: { reason: 'a test server' } }])
  })
  it('may be config and baseline', () => {
    expect(parseConfig('c', 'exclude:\r\n  - a/**\r\n', true).config.exclude).toEqual(['a/**'])
    const text = renderBaseline({ minConfidence: 'medium', entries: [] }).replaceAll('\n', '\r\n')
    expect(parseBaseline('b', text).entries).toEqual([])
  })
})

describe('paths of Windows', () => {
  it('are taken as FORMAT=FILE with their drive letter', async () => {
    const file = 'C:\\reports\\out.sarif'
    const { code } = await run([folderWith({ 'a.txt': 'x' }), '--output', `sarif=${file}`], { cwd: folderWith({}) })
    expect(code).toBe(0)
    expect(win32.isAbsolute(file)).toBe(true)
  })
  it('are no scheme of a URI', () => {
    for (const path of ['c:/x.py', 'a b/ü#1?.py', 'x:y/z.py']) expect(toUri(path)).not.toMatch(/^[a-z]+:|[ #?]/i)
  })
  it('of a repository elsewhere are not below the checkout', () => {
    const place = { file: 'a.py', line: 1 }
    expect(inCheckout({ ...place, repository: 'C:\\src\\other' })).toBeUndefined()
    expect(inCheckout({ ...place, repository: '..\\other'.replaceAll('\\', '/') })).toBeUndefined()
    expect(inCheckout(place)).toEqual(place)
  })
  it('match patterns with slashes and with backslashes, as git lists them', () => {
    for (const pattern of ['src/**', 'src\\**', '.\\src\\a', '\\src'])
      expect(matchesGlob(pattern, 'src/a/b.py'), pattern).toBe(true)
    expect(matchesGlob('\\a\\b.py', 'src/a/b.py')).toBe(false)
  })
  it('are read with slashes, which no other system does', () => {
    expect(withSlashes('..\\other', win32.sep)).toBe('../other')
    expect(withSlashes('C:\\src\\app', win32.sep)).toBe('C:/src/app')
    expect(withSlashes('a\\b', '/')).toBe('a\\b')
  })
  it('tell what lies below a folder', () => {
    expect(isBelow('C:\\src\\app\\a.py', 'C:\\src\\app', win32.sep)).toBe(true)
    expect(isBelow('C:\\src\\app2\\a.py', 'C:\\src\\app', win32.sep)).toBe(false)
    expect(isBelow('D:\\a', 'D:\\', win32.sep)).toBe(true)
    expect(isBelow('/private/tmp/x', '/private/tmp', '/')).toBe(true)
    expect(isBelow('/a', '/', '/')).toBe(true)
  })
  it('are taken for a path, never for a command or a scheme', async () => {
    const { stderr, code } = await run(['scna\\init'])
    expect(stderr).not.toContain('did you mean')
    expect(code).not.toBe(2)
    const drive = await run(['C:\\src\\app', '--repo', 'D:\\other', '--format', 'json'], { cwd: folderWith({}) })
    expect(JSON.parse(drive.stdout).targets.slice(0, 2)).toMatchObject([
      { scope: 'repo:.', audited: false },
      { scope: 'repo:D:\\other', audited: false },
    ])
    expect(drive.code).toBe(4)
  })
})

describe('names of files on macOS', () => {
  const [composed, decomposed] = ['caf\u00e9/.env', 'cafe\u0301/.env']
  it('are one in git and on the disk, in whatever form', () => {
    expect(nameKey(composed, 'darwin')).toBe(nameKey(decomposed, 'darwin'))
    expect(nameKey('A/.env', 'win32')).toBe(nameKey('a/.ENV', 'win32'))
  })
  it('are two on Linux, and both are read', async () => {
    expect(nameKey(composed, 'linux')).not.toBe(nameKey(decomposed, 'linux'))
    const root = folderWith({
      [composed]: `A_PASSWORD=${randomText(16)}\n`,
      [decomposed]: `A_PASSWORD=${randomText(16)}\n`,
    })
    const { findings } = JSON.parse((await run([root, '--format', 'json'])).stdout)
    expect(findings).toHaveLength(2)
  })
  it('match the patterns of a config in whatever form', () => {
    expect(matchesGlob(composed, decomposed)).toBe(true)
    expect(matchesGlob('cafe\u0301/**', composed)).toBe(true)
  })
})
