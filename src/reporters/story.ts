import type { Location } from '../model.ts'
import type { Finding, Link } from '../report.ts'
import { isChain, showShortPlace } from './place.ts'

/** The steps of a finding as a reader follows them: what stands where, and what follows from it. */

/** A step; what follows from it are its children. */
export interface StoryStep {
  /** A sentence of the rule; the name of the binding with its values where the rule says nothing. */
  readonly text: string
  /** Where it can be checked; undefined where that is the place of the step before. */
  readonly place: string | undefined
  readonly at: Location
  readonly children: readonly StoryStep[]
}

interface Growing extends StoryStep {
  readonly children: Growing[]
}

/**
 * The story of a finding: of a chain always, of any other if its rule tells one of several steps. Empty if there is none. A step hangs
 * below the one that it joins; one that joins nothing, below the one before.
 */
export function storyOf(finding: Finding): readonly StoryStep[] {
  if (!isTold(finding)) return []
  const roots: Growing[] = []
  const ends = new Map<string, Growing>()
  let before: Growing | undefined
  let place = ''
  for (const link of finding.links) {
    const parent = parentOf(link, ends) ?? before
    const more = (finding.evidence[link.name]?.length ?? 1) - 1
    const here = `${showShortPlace(link.at)}${more > 0 ? ` and ${more} more` : ''}`
    let above = parent
    for (const [i, text] of (link.says ?? [plain(link)]).entries()) {
      const step: Growing = { text, place: i === 0 && here !== place ? here : undefined, at: link.at, children: [] }
      ;(above?.children ?? roots).push(step)
      above = step
    }
    if (above) ends.set(link.name, above)
    before = above
    place = here
  }
  return roots
}

/** Whether a finding has a story. */
export function isTold(finding: Finding): boolean {
  return isStory(finding) || sentences(finding) > 1
}

/** The same one after the other, for formats that draw no tree. */
export function stepsOf(finding: Finding): readonly StoryStep[] {
  const below = (step: StoryStep): StoryStep[] => [step, ...step.children.flatMap(below)]
  return storyOf(finding).flatMap(below)
}

/** Whether a finding joins what is harmless apart, be it in one place or several. */
export function isStory(finding: Finding): boolean {
  return (
    (finding.links.length > 1 || sentences(finding) > 1) && (isChain(finding) || finding.rule.id.startsWith('chain/'))
  )
}

function sentences({ links }: Finding): number {
  return links.flatMap(({ says = [] }) => says).length
}

/** The last of the earlier steps that it has something in common with. */
function parentOf({ joins = [] }: Link, ends: ReadonlyMap<string, Growing>): Growing | undefined {
  const last = joins.filter(({ from }) => ends.has(from)).at(-1)
  return last && ends.get(last.from)
}

function plain({ name, values }: Link): string {
  return values === '' ? name : `${name}: ${values}`
}
