import { win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseBaseline, renderBaseline } from '../src/baseline.ts'
import { parseConfig } from '../src/config.ts'
import { matchesGlob } from '../src/path-filter.ts'
import { lineHashes } from '../src/reporters/line-hash.ts'
import { inCheckout } from '../src/reporters/place.ts'
import { toUri } from '../src/reporters/sarif/uris.ts'
import { folderWith, randomText, run } from './support/program.ts'

// What differs on Windows and macOS, where no such machine is at hand: line ends, drive letters, backslashes.

const urlLine = (eol: string) => `# a${eol}DB = "mysql://app:${randomText(14)}@db.internal/x"${eol}# b${eol}`

describe('files with CRLF', () => {
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
  it('match patterns with slashes, as git lists them', () => {
    expect(matchesGlob('src/**', 'src/a/b.py')).toBe(true)
  })
})
