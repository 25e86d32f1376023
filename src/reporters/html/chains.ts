import { printableText } from '../printable.ts'
import { drawing } from './drawing.ts'
import { fitLines, shortenMiddle } from './fit.ts'
import { type Edge, layersOf, layOutNarrow, layOutWide, type Node } from './graph.ts'
import type { Item } from './items.ts'
import { count, html, type Markup } from './markup.ts'
import { severityLabel } from './severity.ts'
import { type Story, storyOf, type Told } from './story.ts'

/** Boxes beside each other on wide screens, and on those of middle width. */
const WIDE = 4
const MIDDLE = 3
/** Characters that fit a line of a box, for each look; and of a label; lines of a label. */
type Widths = Readonly<Record<Node['lines'][number]['look'], number>>
const LINE: Widths = { title: 21, name: 24, marks: 24, place: 23 }
const NARROW_LINE: Widths = { title: 31, name: 36, marks: 36, place: 34 }
const LABEL = 17
const LABEL_LINES = 4

/** What leads from one thing to another until something is lost, drawn and in words. */
export function chainsSection(items: readonly Item[]): Markup | undefined {
  const chains = items.filter(({ state, chain }) => state === 'open' && chain)
  if (chains.length === 0) return undefined
  const drawn = chains.filter(({ chain }) => chain === 'drawn')
  const more = chains.length - drawn.length
  return html`<section id="chains" aria-labelledby="chains-title">
<h2 id="chains-title">Chains <span class="total">${chains.length}</span></h2>
<p>How one thing leads to the next: follow the arrows from where an attacker begins to what is lost, in the box with the heavy border. Cut any one arrow, and the chain ends.</p>
${drawn.map(chainArticle)}
${more > 0 && html`<p>and ${more} more: their steps are with the findings</p>`}
</section>
`
}

function chainArticle({ finding, id }: Item): Markup {
  const story = storyOf(finding)
  const nodes = story.scenes.map((scene) => nodeOf(scene, LINE))
  const below = story.scenes.map((scene) => nodeOf(scene, NARROW_LINE))
  const edges = story.arrows.map(({ from, to, words }): Edge => ({ from, to, label: labelOf(words) }))
  const long = Math.max(0, ...layersOf(nodes, edges).values()) >= MIDDLE
  const label = `Graph: ${story.scenes.map(heading).join(' → ')}. The list below says the same.`
  return html`<article class="chain" id="chain-${id}"><h3>${severityLabel(finding.severity)} ${finding.rule.title}</h3>
<p>${finding.message} <a href="#${id}">Open the finding</a></p>
${long && drawing(layOutWide(nodes, edges, WIDE), label, 'wide')}${drawing(layOutWide(nodes, edges, MIDDLE), label, long ? 'middle' : 'middle wide')}${drawing(layOutNarrow(below, edges), label, 'narrow')}
${stepList(story)}</article>
`
}

/** The same in words. */
export function stepList({ scenes, arrows }: Story): Markup {
  const steps = scenes.map(({ id, title, name, marks, place, more }, i) => {
    const into = arrows.filter(({ to }) => to === id)
    const by = into.map(({ from, words }) => {
      // The step before goes without saying.
      const other = scenes.find((scene) => scene.id === from)
      const named = other && scenes[i - 1]?.id !== from ? `${heading(other)} ` : ''
      return html`<span class="by"><span aria-hidden="true">→ </span>${named}${words}</span> `
    })
    return html`<li>${by}<b>${title}</b>${name !== '' && ` ${name}`}${marks.length > 0 && html`<span class="marks">: ${marks.join(', ')}</span>`}${place !== '' && html` <code class="place">${place}</code>`}${more > 0 && ` and ${count(more, 'more place')}`}</li>
`
  })
  return html`<ol class="steps">${steps}</ol>`
}

function heading({ title, name }: Told): string {
  return name === '' ? title : `${title} ${name}`
}

function nodeOf({ id, title, name, marks, place, more }: Told, widths: Widths): Node {
  const lines = (text: string, most: number, look: Node['lines'][number]['look']) =>
    fitLines(printableText(text), widths[look], most).map((line) => ({ text: line, look }))
  return {
    id,
    lines: [
      ...lines(title, 4, 'title'),
      ...lines(name, 2, 'name'),
      ...marks.slice(0, 3).flatMap((mark) => lines(mark, 3, 'marks')),
      ...lines(more > 0 ? `${shortenMiddle(place, 40)} (+${more})` : place, 3, 'place'),
    ],
  }
}

function labelOf(words: string): readonly string[] {
  return words === '' ? [] : fitLines(printableText(words), LABEL, LABEL_LINES)
}
