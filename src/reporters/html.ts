import type { Report } from '../report.ts'
import { contentSecurityPolicy, loadAssets } from './html/assets.ts'
import { HATCH } from './html/bar.ts'
import { chainsSection } from './html/chains.ts'
import { comparisonSection } from './html/comparison.ts'
import { findingsSection } from './html/findings.ts'
import { firstSection } from './html/first.ts'
import { itemsOf } from './html/items.ts'
import { html, Markup } from './html/markup.ts'
import { reportName } from './html/names.ts'
import type { HtmlOptions } from './html/options.ts'
import { found, nothingSeen, overviewSection } from './html/overview.ts'
import { pillarsSection } from './html/pillars.ts'
import { inventorySection, mfaSection } from './html/tables.ts'
import { unseenInBrief, unseenSection } from './html/unseen.ts'
import { usageSection } from './html/usage.ts'
import { DOCUMENTATION } from './links.ts'

/**
 * The report as one page that loads nothing and sends nothing; it can be read without its program, which only filters. The given
 * report must not hold fields for joins only.
 */
export async function renderHtml(report: Report, options: HtmlOptions = {}): Promise<string> {
  const assets = await loadAssets()
  const name = reportName(report)
  const title = `${found(report)} · ${name} · zt-audit`
  const parts = sections(report, options)
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(assets)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Markup(assets.style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
${HATCH}
${header(report, name)}
${navigation(parts)}
<main id="main" tabindex="-1">
${parts.map(({ markup }) => markup)}
</main>
<footer class="page quiet"><p>Made by <a href="${DOCUMENTATION}" rel="noopener noreferrer">zt-audit</a> ${report.tool.version}. Secrets are masked; what was not seen is not passed. This page loads nothing and sends nothing.</p></footer>
<script>${new Markup(assets.script)}</script>
</body>
</html>
`
  return page.text
}

function header({ startedAt }: Report, name: string): Markup {
  const time =
    startedAt &&
    html`<p class="quiet"><time datetime="${startedAt}">${startedAt.slice(0, 16).replace('T', ' ')} UTC</time></p>`
  return html`<header class="page"><p class="brand">zt-audit</p><h1>Zero-trust posture of <span class="name">${name}</span></h1>${time}</header>`
}

interface Section {
  readonly id: string
  readonly title: string
  readonly count?: number | string
  readonly markup: Markup
}

/** In the order of the questions that people ask: how do we stand, what first, what do we not know, what in detail. */
function sections(report: Report, options: HtmlOptions): Section[] {
  const items = itemsOf(report, options.comparison)
  const views = report.views ?? []
  const all: [id: string, title: string, markup: Markup | undefined, count?: number | string][] = [
    ['overview', 'Overview', overviewSection(report, options)],
    ['first', 'Fix first', firstSection(report, items)],
    ['posture', 'Posture', pillarsSection(report)],
    ['trend', 'Trend', options.comparison && comparisonSection(options.comparison)],
    ['chains', 'Chains', chainsSection(items), items.filter(({ state, chain }) => state === 'open' && chain).length],
    [
      'findings',
      'Findings',
      findingsSection(items, nothingSeen(report)),
      items.filter(({ state }) => state === 'open').length,
    ],
    ['unseen', 'Not seen', unseenSection(report), unseenInBrief(report)],
    ['usage', 'Granted, used', usageSection(views)],
    ['mfa', 'MFA', mfaSection(views)],
    ['inventory', 'Inventory', inventorySection(views)],
  ]
  return all.flatMap(([id, title, markup, count]) =>
    markup ? { id, title, markup, ...(count !== undefined && { count }) } : [],
  )
}

function navigation(sections: readonly Section[]): Markup {
  const links = sections.map(
    ({ id, title, count }) =>
      html`<li><a href="#${id}">${title}${count !== undefined && html` <span class="count">${count}</span>`}</a></li>`,
  )
  return html`<nav class="page" aria-label="Sections"><ul>${links}</ul></nav>`
}
