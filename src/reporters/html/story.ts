import type { Fact } from '../../model.ts'
import type { Finding, Link } from '../../report.ts'
import { showPlace } from '../place.ts'
import { type Scene, scenesOf, sentence } from './scenes.ts'

/** A chain as people tell it: who or what, and what leads from one to the next. */
export interface Story {
  readonly scenes: readonly Told[]
  readonly arrows: readonly Arrow[]
}
export interface Told extends Scene {
  readonly id: string
  readonly place: string
  /** Facts of the same step beyond the one that is told. */
  readonly more: number
}
export interface Arrow {
  readonly from: string
  readonly to: string
  readonly words: string
}

/** As it is drawn: people and things in boxes, and what leads from one to the next. */
export function storyOf(finding: Finding): Story {
  const scenes: Told[] = []
  const arrows: Arrow[] = []
  /** First and last scene of each step. */
  const ends = new Map<string, { readonly first: string; readonly last: string }>()
  for (const link of finding.links) {
    const facts = finding.evidence[link.name] ?? []
    const own = scenesOfLink(finding, link, facts[0])
    const ids = own.map((_, i) => (i === 0 ? link.name : `${link.name} ${i + 1}`))
    for (const [i, scene] of own.entries()) {
      const id = ids[i] as string
      const place = scene.place ?? (i === own.length - 1 || own.length === 1 ? showPlace(link.at) : '')
      scenes.push({ ...scene, id, place, more: i === own.length - 1 ? Math.max(0, facts.length - 1) : 0 })
      if (i > 0) arrows.push({ from: ids[i - 1] as string, to: id, words: scene.by })
    }
    arrows.push(...arrowsTo(link, own[0] as Scene, ends))
    ends.set(link.name, { first: ids[0] as string, last: ids.at(-1) as string })
  }
  return { scenes, arrows }
}

function firstFacts({ evidence }: Finding): Fact[] {
  return Object.values(evidence).flatMap((facts) => facts.slice(0, 1))
}

function scenesOfLink(finding: Finding, link: Link, fact: Fact | undefined): readonly Scene[] {
  const told = fact && scenesOf(fact, firstFacts(finding))
  if (told && told.length > 0) return told
  if (link.says)
    return link.says.map((title, i) => ({
      title: sentence(title),
      name: '',
      marks: [],
      by: '',
      // A place is said once, where the step begins.
      place: i === 0 ? showPlace(link.at) : '',
    }))
  return [{ title: sentence(link.name), name: '', marks: ownValues(link), by: '' }]
}

/** By what joins; a step that hangs on nothing follows the one before. */
function arrowsTo(
  { name, joins = [] }: Link,
  scene: Scene,
  ends: ReadonlyMap<string, { readonly last: string }>,
): readonly Arrow[] {
  const known = joins.filter(({ from }) => ends.has(from))
  // Two fields that join the same two steps are one arrow.
  const sources = known.length > 0 ? [...new Set(known.map(({ from }) => from))] : [...ends.keys()].slice(-1)
  return sources.flatMap((from): Arrow[] => {
    const join = known.find((each) => each.from === from)
    const last = ends.get(from)?.last
    if (last === undefined) return []
    return [{ from: last, to: name, words: scene.by || (join ? `same ${words(join.field)}` : '') }]
  })
}

/** Values that the rule went by, without those that join it: these are said at the arrows. */
function ownValues({ values, joins = [] }: Link): readonly string[] {
  return joins
    .reduce((text, { field, value }) => text.replace(`${field} ${value}`, ''), values)
    .replace(/\b\w+ (?=, |$)/g, '')
    .split(', ')
    .filter((part) => part.trim() !== '')
}

/** `principalArn`: principal arn. */
function words(field: string): string {
  return field.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}
