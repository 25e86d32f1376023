import type { TextMeasure } from './text-measure.ts'

/** Text set to a width: wrapped, indented, with hanging labels. */
export interface Layout {
  readonly width: number
  readonly measure: TextMeasure
  wrap(text: string, indent: number): string
  /** `mark text`, continued under the text. */
  item(mark: string, text: string, indent?: number): string
  /** `label text`, continued under the text. Links are not broken: a broken one cannot be followed. */
  labelled(label: string, text: string, paintLabel: (label: string) => string, breakable?: boolean): string
}

const LABEL = 12

export function layout(columns: number, measure: TextMeasure): Layout {
  const width = Math.max(40, Math.min(columns, 120))
  const hang = (first: string, rest: string, text: string, hard = true) => {
    const room = Math.max(20, width - measure.width(rest))
    const lines = measure.wrap(text, room, hard).split('\n')
    return lines.map((line, i) => `${i === 0 ? first : rest}${line}`).join('\n')
  }
  return {
    width,
    measure,
    wrap: (text, indent) => hang(' '.repeat(indent), ' '.repeat(indent), text),
    item: (mark, text, indent = 2) =>
      hang(`${' '.repeat(indent)}${mark} `, ' '.repeat(indent + measure.width(mark) + 1), text),
    labelled: (label, text, paint, breakable = true) => {
      const first = `  ${paint(label)}${' '.repeat(Math.max(1, LABEL - label.length))}`
      return hang(first, ' '.repeat(measure.width(first)), text, breakable)
    },
  }
}
