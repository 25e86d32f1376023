import { existsSync } from 'node:fs'
import { posix } from 'node:path'

/** Where the sources are: what a document links to outside of the site is shown there. */
export const REPOSITORY = 'https://github.com/zt-audit/zt-audit'

/** Documents at the root of the repository that are pages, too: file → page. */
export const ROOT_PAGES = { 'CONTRIBUTING.md': 'contributing.html', 'CHANGELOG.md': 'changelog.html' }

/**
 * The page of a document.
 * @param {string} file path from the root of the repository, such as docs/rules/README.md
 * @returns {string | undefined} path from the root of the site, such as rules/index.html; undefined if it is no page
 */
export function pageOf(file) {
  if (file in ROOT_PAGES) return ROOT_PAGES[file]
  if (!file.startsWith('docs/') || !file.endsWith('.md')) return undefined
  return file
    .slice('docs/'.length)
    .replace(/(^|\/)README\.md$/, '$1index.md')
    .replace(/\.md$/, '.html')
}

/**
 * A link of a document as it must be on the site: relative, so that the site works below any path and from a disk.
 * @param {string} href as written in the Markdown
 * @param {string} file the document, from the root of the repository
 * @throws {Error} if it leads to a file that is not there
 */
export function siteLink(href, file) {
  if (/^(?:[a-z][a-z0-9+.-]*:|#|\/\/)/i.test(href)) return href
  const [path = '', anchor] = href.split('#', 2)
  const target = posix.normalize(posix.join(posix.dirname(file), decodeURI(path))).replace(/\/$/, '')
  if (!existsSync(target)) throw new Error(`${file}: links to ${href}, which does not exist`)
  const hash = anchor === undefined ? '' : `#${anchor}`
  const own = pageOf(file)
  const page = pageOf(existsSync(`${target}/README.md`) && target.startsWith('docs') ? `${target}/README.md` : target)
  if (page !== undefined) return relative(own, page) + hash
  if (/^docs\/(?:schema|images)\//.test(target)) return relative(own, target.slice('docs/'.length)) + hash
  return `${REPOSITORY}/blob/main/${target}${hash}`
}

/** From one page to another. */
export function relative(from, to) {
  return posix.relative(posix.dirname(from), to)
}
