import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import type { TextMeasure } from './text-measure.ts'

/** Knows wide, combining and coloured text. */
export const wideText: TextMeasure = {
  width: (text) => stringWidth(text),
  wrap: (text, columns, hard) => wrapAnsi(text, columns, { hard, trim: true }),
}
