import type { ChalkInstance } from 'chalk'
import type { Severity } from '../model.ts'

/** How severities look in a terminal. */

export const MARK: Readonly<Record<Severity, string>> = { critical: '■', high: '▲', medium: '●', low: '○', info: '·' }

/**
 * Colours of which neighbours stay apart for people who cannot tell red from green, or blue from yellow, on dark and on light; the
 * marks and words say the same without colour. Grey is no colour of text: some palettes give it that of the background.
 */
export function severityPainter(chalk: ChalkInstance): (severity: Severity) => ChalkInstance {
  const colours: Record<Severity, ChalkInstance> = {
    critical: chalk.magentaBright,
    high: chalk.red,
    medium: chalk.yellow,
    low: chalk.cyan,
    info: chalk.dim,
  }
  return (severity) => colours[severity]
}
