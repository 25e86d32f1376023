import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pageOf, ROOT_PAGES } from './lib/links.js'
import { extend } from './lib/markdown.js'
import { navigation, ruleAreas } from './lib/nav.js'
import { searchEntries } from './lib/search.js'

const OUTPUT = 'site/dist'

/** Run from the root of the repository: the documents are rendered where they lie. */
export default function configure(eleventy) {
  eleventy.setUseGitIgnore(false)
  eleventy.setTemplateFormats(['md'])
  eleventy.amendLibrary('md', extend)
  eleventy.addGlobalData('layout', 'page.11ty.js')
  eleventy.addGlobalData(
    'permalink',
    () =>
      ({ page }) =>
        pageOf(sourceOf(page)),
  )
  eleventy.addGlobalData('navigation', navigation)
  eleventy.addGlobalData('ruleAreas', ruleAreas)
  for (const file of Object.keys(ROOT_PAGES))
    eleventy.addTemplate(file, readFileSync(file, 'utf8'), { source: file, permalink: ROOT_PAGES[file] })
  eleventy.addPassthroughCopy({
    'docs/schema': 'schema',
    'docs/images': 'images',
    'site/assets': 'assets',
    'site/node_modules/minisearch/dist/umd/index.js': 'assets/minisearch.js',
  })
  eleventy.on('eleventy.after', ({ results }) => {
    const pages = results.map(({ url, content }) => ({
      url: url.replace(/^\//, '').replace(/(^|\/)$/, '$1index.html'),
      content: /<article[^>]*>([\s\S]*)<\/article>/.exec(content)?.[1] ?? '',
    }))
    // A program and not data, so that it can be loaded from a disk, too.
    writeFileSync(
      join(OUTPUT, 'assets/search-entries.js'),
      `globalThis.searchEntries=${JSON.stringify(searchEntries(pages))}\n`,
    )
  })
  return {
    dir: { input: 'docs', includes: '../site/layouts', output: OUTPUT },
    markdownTemplateEngine: false,
  }
}

function sourceOf(page) {
  return page.inputPath.replace(/^\.\//, '')
}
