import { html, type Markup } from './markup.ts'

/** Parts of a whole as a bar; the numbers stand beside it, so it says nothing to those who cannot see it. */

/** What is not certain is hatched: that holds without colours, too. */
export type Fill = 'solid' | 'maybe' | 'waste' | `fill-${string}`

/** Shares in percent, one after the other from the left; what is left of the whole stays empty. */
export function bar(parts: readonly (readonly [fill: Fill, percent: number])[]): Markup {
  let x = 0
  const shown = parts.map(([fill, percent]) => {
    const part =
      percent > 0 &&
      html`<rect class="${fill}"${fill === 'maybe' && html` fill="url(#hatch)"`} x="${round(x)}%" width="${round(percent)}%" height="100%"/>`
    x += percent
    return part
  })
  return html`<svg class="bar" aria-hidden="true" focusable="false">${shown}</svg>`
}

/** What the fills mean. */
export function legend(meanings: readonly (readonly [fill: Fill, words: string])[]): Markup {
  return html`<p class="legend quiet">${meanings.map(
    ([fill, words]) =>
      html`<span><svg class="swatch" aria-hidden="true" focusable="false"><rect class="${fill}"${fill === 'maybe' && html` fill="url(#hatch)"`} width="100%" height="100%"/></svg>${words}</span> `,
  )}</p>`
}

/** Stands once on the page. */
export const HATCH = html`<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="2.5" height="5"/></pattern></defs></svg>`

function round(value: number): number {
  return Math.round(value * 100) / 100
}
