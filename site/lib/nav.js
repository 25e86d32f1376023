import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { pageOf, siteLink } from './links.js'

/**
 * The navigation is the index of the documentation: its headings are the groups, the first link of each item is a page.
 * @returns {{ title: string, pages: { title: string, page: string }[] }[]}
 * @throws {Error} if a page of docs/ is in no list, or twice in them
 */
export function navigation() {
  const file = 'docs/README.md'
  const groups = readFileSync(file, 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      title: section.slice(0, section.indexOf('\n')).trim(),
      pages: [...section.matchAll(/^- \[([^\]]+)\]\(([^)]+)\)/gm)].map(([, title, href]) => ({
        title,
        page: siteLink(href, file),
      })),
    }))
  const listed = groups.flatMap(({ pages }) => pages.map(({ page }) => page))
  for (const name of readdirSync('docs').filter((name) => name.endsWith('.md') && name !== 'README.md')) {
    const times = listed.filter((page) => page === pageOf(`docs/${name}`)).length
    if (times !== 1) throw new Error(`docs/${name} stands ${times} times in the lists of ${file}, not once`)
  }
  return groups
}

/** Rules of each area: area → file names without ending. @returns {Map<string, string[]>} */
export function ruleAreas() {
  const areas = readdirSync('docs/rules').filter((name) => existsSync(`docs/rules/${name}/README.md`))
  return new Map(
    areas.map((area) => [
      area,
      readdirSync(`docs/rules/${area}`)
        .filter((name) => name !== 'README.md')
        .map((name) => basename(name, '.md'))
        .sort(),
    ]),
  )
}
