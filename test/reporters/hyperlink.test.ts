import { hostname } from 'node:os'
import { pathToFileURL } from 'node:url'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { hyperlinks, NO_LINKS } from '../../src/reporters/hyperlink.ts'
import { renderPretty } from '../../src/reporters/pretty.ts'
import { finding, report } from '../support/report.ts'

const links = hyperlinks('/src/app')
const target = (text: string) => /^\x1b\]8;;([^\x07]*)\x07/.exec(text)?.[1]

describe('links of the terminal', () => {
  it('open the file at its line, on this machine only', () => {
    const linked = links.place('a.ts:3:7', { file: 'a.ts', line: 3, column: 7 })
    const url = pathToFileURL('/src/app/a.ts')
    url.hostname = hostname()
    expect(linked).toBe(`\x1b]8;;${url.href}#3\x07a.ts:3:7\x1b]8;;\x07`)
  })
  it('lead to the file that declares a thing, and into other repositories', () => {
    const declared = { resource: 'k8s://-/Role/r', declaredAt: { file: 'r.yaml', line: 2, repository: '../other' } }
    expect(target(links.place('r', declared))).toMatch(/\/src\/other\/r\.yaml#2$/)
  })
  it('are not made where nothing could be opened', () => {
    expect(links.place('arn:aws:iam::1:user/a', { resource: 'arn:aws:iam::1:user/a' })).toBe('arn:aws:iam::1:user/a')
    expect(links.place('a in commit', { file: 'a', line: 1, commit: 'abc' })).toBe('a in commit')
    expect(links.url('javascript:alert(1)')).toBe('javascript:alert(1)')
  })
  it('cannot be ended by the name of a file', () => {
    const evil = 'a\x07\x1b]8;;https://evil.example\x07click\x1b\\ \u202e.ts'
    const linked = links.place('shown', { file: evil, line: 1 })
    expect(linked.match(/[\x07\x1b]/g)).toHaveLength(4)
    expect(target(linked)).toMatch(/^[\x21-\x7e]+$/)
    expect(target(links.url('https://a.example/\x1b\\'))).toBe('https://a.example/%1B\\')
  })
  it('take no columns', async () => {
    const long = finding({
      message: 'A sentence that is so long that it has to be wrapped in a terminal of forty columns',
    })
    const plain = await renderPretty(report({ findings: [long] }), { color: 1, width: 60, verbose: false })
    const linked = await renderPretty(report({ findings: [long] }), { color: 1, width: 60, verbose: false, links })
    expect(linked).not.toBe(plain)
    expect(linked.replace(/\x1b\]8;;[^\x07]*\x07/g, '')).toBe(plain)
    for (const line of linked.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(60)
  })
  it('are left out of files and pipes', () => {
    expect([NO_LINKS.rule('iam/a', 'iam/a'), NO_LINKS.url('https://a.example')]).toEqual(['iam/a', 'https://a.example'])
  })
})
