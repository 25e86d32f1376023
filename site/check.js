// Dead links, missing anchors and requests to elsewhere in the built site. Usage: node site/check.js FOLDER
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative } from 'node:path'

const folder = process.argv[2] ?? 'site/dist'
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
const pages = new Map(
  files.filter((file) => file.endsWith('.html')).map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
)
const anchors = new Map(
  [...pages].map(([file, html]) => [file, new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id))]),
)
const wrong = []
let links = 0

for (const [file, html] of pages) {
  for (const [, name, value] of html.matchAll(/<[^>]*?\s(href|src|srcset)="([^"]*)"/g)) {
    links++
    if (/^[a-z]+:|^\/\//i.test(value)) {
      if (name !== 'href') wrong.push(`${file}: loads ${value}`)
      continue
    }
    const [path = '', anchor] = value.replaceAll('&amp;', '&').split('#', 2)
    const target = path === '' ? file : posix.join(posix.dirname(file), decodeURI(path))
    if (!existsSync(join(folder, target))) wrong.push(`${file}: ${value} leads nowhere`)
    else if (anchor && !anchors.get(target)?.has(decodeURIComponent(anchor)))
      wrong.push(`${file}: ${value} has no such place`)
  }
}
if (pages.size === 0) wrong.push(`${folder}: no pages`)
for (const line of wrong) console.error(line)
console.log(`${pages.size} pages, ${links} links, ${wrong.length} defects`)
process.exitCode = wrong.length > 0 ? 1 : 0
