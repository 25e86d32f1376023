import type { TextMeasure } from './text-measure.ts'

/** Text set to a width: wrapped, indented, with hanging labels. */
export interface Layout {
  readonly width: number
  readonly measure: TextMeasure
  wrap(text: string, indent: number): string
  /** `mark text`, continued under the text. */
  item(mark: string, text: string, indent?: number): string
  /**
   * Text behind `first`, continued behind `rest`, and behind its end what must not be broken (a place, an id): on a line of its own
   * where it does not fit.
   */
  placed(first: string, rest: string, text: string, place: string | undefined): string
  /** Texts side by side, each whole, on as many lines as they take. */
  flow(texts: readonly string[], indent: number): string
  /** `label text`, continued under the text. Links are not broken: a broken one cannot be followed. */
  labelled(label: string, text: string, paintLabel: (label: string) => string, options?: LabelOptions): string
}

interface LabelOptions {
  readonly breakable?: boolean
  /** Columns of the widest label of its list. */
  readonly widest?: number
}

const LABEL = 12
/** Columns that the eye follows without losing the line; code may be wider. */
const READABLE = 100

export function layout(columns: number, measure: TextMeasure): Layout {
  const width = Math.max(40, Math.min(columns, 140))
  const hang = (first: string, rest: string, text: string, hard = true) => {
    const room = Math.max(20, Math.min(width, READABLE) - measure.width(rest))
    const lines = measure.wrap(text, room, hard).split('\n')
    return lines.map((line, i) => `${i === 0 ? first : rest}${line}`).join('\n')
  }
  const placed = (first: string, rest: string, text: string, place: string | undefined) => {
    const lines = hang(first, rest, text)
    if (place === undefined) return lines
    const last = lines.slice(lines.lastIndexOf('\n') + 1)
    const fits = measure.width(last) + 2 + measure.width(place) <= Math.min(width, READABLE)
    return fits ? `${lines}  ${place}` : `${lines}\n${rest}${place}`
  }
  return {
    width,
    measure,
    placed,
    flow: (texts, indent) => {
      const lines: string[] = []
      for (const text of texts) {
        const beside = `${lines.at(-1)}  ${text}`
        if (lines.length > 0 && measure.width(beside) <= Math.min(width, READABLE)) lines[lines.length - 1] = beside
        else lines.push(`${' '.repeat(indent)}${text}`)
      }
      return lines.join('\n')
    },
    wrap: (text, indent) => hang(' '.repeat(indent), ' '.repeat(indent), text),
    item: (mark, text, indent = 2) =>
      hang(`${' '.repeat(indent)}${mark} `, ' '.repeat(indent + measure.width(mark) + 1), text),
    labelled: (label, text, paint, { breakable = true, widest = 0 } = {}) => {
      const first = `  ${paint(label)}${' '.repeat(Math.max(1, Math.max(LABEL, widest + 2) - label.length))}`
      return hang(first, ' '.repeat(measure.width(first)), text, breakable)
    },
  }
}
