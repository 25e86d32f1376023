import type { TextMeasure } from './text-measure.ts'

/** Whether every character is one column wide, and stands for itself. */
export function isNarrow(text: string): boolean {
  return /^[\n\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u203a\u2190-\u21ff\u2500-\u25fc\u2713\u2717]*$/.test(
    text,
  )
}

/** Colours, and the two ends of a link. */
const COLOURS = /\x1b\[[0-9;]*m|\x1b\]8;;[^\x07]*\x07/g

/**
 * Sets text, at first as if every character were one column wide. Where that is not so, it is set again with the libraries that
 * know the width of all scripts; loading these costs as much as a small scan.
 */
export async function setText(compose: (measure: TextMeasure) => string): Promise<string> {
  let exact = true
  const text = compose({
    width(part) {
      const plain = part.replace(COLOURS, '')
      exact &&= isNarrow(plain)
      return plain.length
    },
    wrap(part, columns, hard) {
      const plain = part.replace(COLOURS, '')
      exact &&= isNarrow(plain)
      if (plain.length <= columns && !plain.includes('\n')) return part.trim()
      // A colour would have to be ended and begun anew at each line.
      exact &&= plain === part
      return exact
        ? plain
            .split('\n')
            .map((line) => wrapLine(line, columns, hard))
            .join('\n')
        : part
    },
  })
  return exact ? text : compose((await import('./wide-text.ts')).wideText)
}

function wrapLine(line: string, columns: number, hard: boolean): string {
  const rows = ['']
  const add = (text: string) => {
    rows[rows.length - 1] += text
  }
  const used = () => (rows.at(-1) ?? '').length
  for (const word of line.split(' ')) {
    if (used() > 0) add(' ')
    if (hard && word.length > columns) {
      const startingHere = 1 + Math.floor((word.length - (columns - used()) - 1) / columns)
      if (Math.floor((word.length - 1) / columns) < startingHere) rows.push('')
      for (let rest = word; rest !== ''; ) {
        if (used() === columns) rows.push('')
        const room = columns - used()
        add(rest.slice(0, room))
        rest = rest.slice(room)
      }
      continue
    }
    if (used() + word.length > columns && used() > 0 && word !== '') rows.push('')
    add(word)
  }
  return rows.map((row) => row.trimEnd()).join('\n')
}
