import { pageOf, REPOSITORY, relative } from '../lib/links.js'
import { finish } from '../lib/markdown.js'
import { text } from '../lib/search.js'

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"

/** One page. What is here works without JavaScript; search, filter and the choice of colours come with it. */
export function render(data) {
  const source = data.source ?? data.page.inputPath.replace(/^\.\//, '')
  const page = data.source ? data.permalink : pageOf(source)
  const to = (path) => relative(page, path)
  const content = finish(data.content)
  const title = text(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(content)?.[1] ?? 'zt-audit')
  const summary = text(/<p>([\s\S]*?)<\/p>/.exec(content)?.[1] ?? '').slice(0, 200)
  const area = /^rules\/([^/]+)\//.exec(page)?.[1]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page === 'index.html' ? 'zt-audit' : `${title} · zt-audit`)}</title>
<meta name="description" content="${escapeHtml(summary)}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${to('assets/icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${to('assets/site.css')}">
<script src="${to('assets/theme.js')}"></script>
<script src="${to('assets/site.js')}" defer data-root="${to('index.html').replace(/index\.html$/, '')}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<a class="menu" href="#nav">Menu</a>
<a class="home" href="${to('index.html')}">zt-audit</a>
<form class="search" role="search" hidden>
<label for="query" class="unseen">Search the documentation</label>
<input id="query" type="search" placeholder="Search" autocomplete="off" spellcheck="false" aria-describedby="found">
<kbd aria-hidden="true">/</kbd>
<div class="results" hidden><p id="found" role="status"></p><ol></ol></div>
</form>
<button class="theme" type="button" hidden>Dark</button>
<a class="source" href="${REPOSITORY}">GitHub</a>
</header>
<div class="columns">
<nav id="nav" aria-label="Documentation">
<a class="close" href="#content">Close</a>
${groups(data.navigation, page, to)}
${rules(data.ruleAreas, area, page, to)}
<section><h2>Project</h2><ul>${item('contributing.html', 'Contributing', page, to)}${item('changelog.html', 'Changelog', page, to)}<li><a href="${REPOSITORY}">Source</a></li></ul></section>
</nav>
<main id="content" tabindex="-1">
${trail(area, page, to)}
<article${/(?:^|\/)index\.html$/.test(page) && page.startsWith('rules') ? ' data-filter' : ''}>
${content}
</article>
<footer>${neighbours(data.navigation, page, to)}<p><a href="${REPOSITORY}/blob/main/${origin(source)}">${area && !page.endsWith('index.html') ? 'The rule itself' : 'Source of this page'}</a></p></footer>
</main>
${contents(content)}
</div>
</body>
</html>
`
}

/** A rule's page is generated: what can be changed is the rule. */
function origin(source) {
  return /^docs\/rules\/(?!.*README\.md)/.test(source) ? source.slice('docs/'.length).replace(/\.md$/, '.yaml') : source
}

function groups(navigation, page, to) {
  return navigation
    .map(
      ({ title, pages }) =>
        `<section><h2>${title}</h2><ul>${pages.map((one) => item(one.page, one.title, page, to)).join('')}</ul></section>`,
    )
    .join('\n')
}

/** Areas, and the rules of the one that is looked at; hundreds of rules for credentials are found by their index. */
function rules(areas, current, page, to) {
  const rows = [...areas].map(([area, names]) => {
    const own = area === current && area !== 'secrets' ? names : []
    const below = own.map((name) => item(`rules/${area}/${name}.html`, name, page, to)).join('')
    return item(
      `rules/${area}/index.html`,
      `${area} <small>${names.length}</small>`,
      page,
      to,
      below && `<ul>${below}</ul>`,
    )
  })
  return `<section><h2>Rules by area</h2><ul class="areas">${rows.join('')}</ul></section>`
}

function item(target, title, page, to, below = '') {
  return `<li><a href="${to(target)}"${target === page ? ' aria-current="page"' : ''}>${title}</a>${below}</li>`
}

function trail(area, page, to) {
  if (!page.startsWith('rules/') || page === 'rules/index.html') return ''
  const rule = page.endsWith('index.html') ? '' : ` / <a href="${to(`rules/${area}/index.html`)}">${area}</a>`
  return `<p class="trail"><a href="${to('rules/index.html')}">Rules</a>${rule}</p>`
}

function neighbours(navigation, page, to) {
  const pages = navigation.flatMap((group) => group.pages)
  const at = pages.findIndex((one) => one.page === page)
  if (at === -1) return ''
  const link = (one, rel) =>
    one
      ? `<a rel="${rel}" href="${to(one.page)}"><small>${rel === 'prev' ? 'Before' : 'Next'}</small>${one.title}</a>`
      : ''
  return `<div class="neighbours">${link(pages[at - 1], 'prev')}${link(pages[at + 1], 'next')}</div>`
}

function contents(html) {
  const headings = [...html.matchAll(/<h2[^>]*id="([^"]*)"[^>]*>([\s\S]*?)<\/h2>/g)]
  if (headings.length < 3 || headings.length > 40) return ''
  const rows = headings.map(([, id, inner]) => `<li><a href="#${id}">${escapeHtml(text(inner))}</a></li>`)
  return `<aside aria-label="On this page"><h2>On this page</h2><ul>${rows.join('')}</ul></aside>`
}

function escapeHtml(plain) {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
