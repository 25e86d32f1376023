import type { Severity } from '../../model.ts'
import { html, type Markup } from './markup.ts'

/** The same marks as in the terminal: shape and word say it, colour only helps. */
const MARK: Readonly<Record<Severity, string>> = { critical: '■', high: '▲', medium: '●', low: '○', info: '·' }

export function severityLabel(severity: Severity): Markup {
  return html`<span class="sev ${severity}"><span class="mark" aria-hidden="true">${MARK[severity]}</span>${severity}</span>`
}

export function severityMark(severity: Severity): Markup {
  return html`<span class="mark ${severity}" aria-hidden="true">${MARK[severity]}</span>`
}
