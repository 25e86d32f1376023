import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorsOf, linksOf, markdownFiles, toHtml } from './support/markdown.ts'

const pages = new Map(markdownFiles().map((file) => [file, toHtml(file)]))
const anchors = new Map([...pages].map(([file, html]) => [file, anchorsOf(html)]))

/** What is wrong with a link of a document; empty if it leads somewhere. */
function defect(file: string, link: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return ''
  const [path = '', anchor] = link.split('#', 2)
  const target = path === '' ? file : posix.normalize(posix.join(posix.dirname(file), decodeURI(path)))
  if (target.startsWith('..') || !existsSync(target)) return `${file}: ${link} leads nowhere`
  // GitHub shows the README of a folder.
  const page = statSync(target).isDirectory() ? posix.join(target, 'README.md') : target
  if (anchor && anchors.has(page) && !anchors.get(page)?.has(decodeURIComponent(anchor)))
    return `${file}: ${link} has no such heading`
  return ''
}

describe('links of the documentation', () => {
  it('lead to files and headings that are there', () => {
    const links = [...pages].flatMap(([file, html]) => linksOf(html).map((link) => [file, link] as const))
    expect(links.length).toBeGreaterThan(1500)
    expect(links.map(([file, link]) => defect(file, link)).filter((text) => text !== '')).toEqual([])
  })

  it('are noticed when they are dead', () => {
    expect(defect('README.md', 'docs/nowhere.md')).toContain('leads nowhere')
    expect(defect('README.md', 'docs/ci.md#nowhere')).toContain('no such heading')
    expect(defect('docs/ci.md', '../../outside.md')).toContain('leads nowhere')
  })
})

it('the index lists each document once: it is the navigation of the site', () => {
  const listed = [...readFileSync('docs/README.md', 'utf8').matchAll(/^- \[[^\]]+\]\(([^)]+)\)/gm)].map(([, to]) => to)
  const documents = readdirSync('docs').filter((name) => name.endsWith('.md') && name !== 'README.md')
  expect(listed.toSorted()).toEqual([...documents, 'rules/README.md'].toSorted())
})
