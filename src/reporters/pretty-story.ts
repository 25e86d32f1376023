import type { ChalkInstance } from 'chalk'
import type { Finding } from '../report.ts'
import type { Hyperlinks } from './hyperlink.ts'
import type { Layout } from './layout.ts'
import { showPlace } from './place.ts'
import { type StoryStep, storyOf } from './story.ts'

/** How a tree is drawn. */
export interface TreeOptions {
  readonly chalk: ChalkInstance
  readonly page: Layout
  readonly links: Hyperlinks
}

/** From here on steps stand below each other: a staircase would leave no room for words. */
const DEEPEST = 6
const INDENT = '    '

/** The steps of a finding as a tree, each with the place where it can be checked. */
export function renderStory(finding: Finding, options: TreeOptions): string[] {
  return storyOf(finding).flatMap((step) => {
    // The place of the finding stands above the tree already.
    const known = showPlace(step.at) === showPlace(finding.at)
    return renderStep(known ? { ...step, place: undefined } : step, '', '', 0, options)
  })
}

/** `before` stands before the first line, `beside` before all that follow, down to the last child. */
function renderStep(step: StoryStep, before: string, beside: string, depth: number, options: TreeOptions): string[] {
  const { chalk, page, links } = options
  const { text, place, at, children } = step
  const below = children.length > 0 && depth < DEEPEST ? '│  ' : '   '
  return [
    page.placed(
      `${INDENT}${chalk.dim(before)}`,
      `${INDENT}${chalk.dim(`${beside}${below}`)}`,
      text,
      place && chalk.cyan(links.place(place, at)),
    ),
    ...children.flatMap((child, i) => {
      const last = i === children.length - 1
      const [mark, side] = depth < DEEPEST ? (last ? ['└─ ', '   '] : ['├─ ', '│  ']) : ['   ', '   ']
      return renderStep(child, `${beside}${mark}`, depth < DEEPEST ? `${beside}${side}` : beside, depth + 1, options)
    }),
  ]
}
