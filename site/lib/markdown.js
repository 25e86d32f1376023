import hljs from 'highlight.js/lib/common'
import { siteLink } from './links.js'

/**
 * What makes a page of GitHub's Markdown: GitHub's own anchors, links between pages, highlighted code, severities that
 * stand out, tables that scroll by themselves.
 */
export function extend(markdown) {
  markdown.set({ html: true, linkify: false, typographer: false, highlight })
  // Indented code is code in GitHub's Markdown; Eleventy switches it off.
  markdown.enable('code')
  markdown.core.ruler.push('anchors', anchors)
  markdown.core.ruler.push('links', (state) => links(state, markdown.utils.escapeHtml))
  const { rules } = markdown.renderer
  rules.table_open = () => '<div class="table" tabindex="0"><table>\n'
  rules.table_close = () => '</table></div>\n'
  rules.heading_close = (tokens, index) => {
    const id = tokens[index - 2]?.attrGet('id')
    const level = tokens[index].tag
    return level === 'h1' || !id
      ? `</${level}>\n`
      : `<a class="anchor" href="#${id}" aria-label="Link to this section">#</a></${level}>\n`
  }
}

/** The anchor that GitHub gives a heading of this text. */
export function slug(text) {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
}

function anchors(state) {
  const seen = new Map()
  state.tokens.forEach((token, index) => {
    if (token.type !== 'heading_open') return
    const base = slug(plain(state.tokens[index + 1]))
    const count = seen.get(base) ?? 0
    seen.set(base, count + 1)
    token.attrSet('id', count === 0 ? base : `${base}-${count}`)
  })
}

/** Text of a heading without its markup. */
function plain(inline) {
  return (inline?.children ?? [])
    .map(({ type, content }) => (/^(?:text|code_inline)$/.test(type) ? content : ''))
    .join('')
}

/** Links and pictures, of Markdown and of HTML. */
function links(state, escapeHtml) {
  const file = state.env.source ?? state.env.page?.inputPath.replace(/^\.\//, '')
  if (file === undefined) return
  const html = (text) =>
    text.replace(/\b(href|src|srcset)="([^"]+)"/g, (_all, name, to) => `${name}="${escapeHtml(siteLink(to, file))}"`)
  for (const token of state.tokens) {
    if (token.type === 'html_block') token.content = html(token.content)
    for (const child of token.children ?? []) {
      if (child.type === 'html_inline') child.content = html(child.content)
      for (const name of ['href', 'src']) {
        const to = child.attrGet?.(name)
        if (to) child.attrSet(name, siteLink(to, file))
      }
    }
  }
}

/** A class for each part, no style in the page: its Content Security Policy allows none. */
function highlight(code, language) {
  const name = { console: 'shell', sh: 'bash', hcl: 'ini' }[language] ?? language
  return hljs.getLanguage(name) ? hljs.highlight(code, { language: name, ignoreIllegals: true }).value : ''
}

/** Severities in tables as badges, headers without text left out, code that can be scrolled by keyboard. */
export function finish(html) {
  return html
    .replace(/<thead>\s*<tr>\s*(?:<th><\/th>\s*)+<\/tr>\s*<\/thead>/g, '')
    .replaceAll('<th></th>', '<td></td>')
    .replaceAll('<pre>', '<pre tabindex="0">')
    .replace(
      /(?<!<td>confidence<\/td>\s*)<td>(critical|high|medium|low|info)(?=<\/td>|; )/g,
      '<td><span class="severity $1">$1</span>',
    )
}
