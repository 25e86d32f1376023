import type * as Sarif from 'sarif'
import type { Finding } from '../../report.ts'
import { printableText } from '../printable.ts'

/** A result's message, and the message string of its rule that it is made of. */
export interface ResultMessage {
  readonly message: Sarif.Message & { id: string }
  readonly template: string
}

/** Longer values are cut: a message is read by people. */
const LONGEST_VALUE = 500
/** Other places that a message links to; all are in `relatedLocations`. */
const MOST_LINKS = 5

/**
 * The rule's own words with the values of this finding in quotes, as the SARIF validator asks, so that readers see where
 * audited text begins and ends. A value that is empty here goes without its quotes, in a message string of its own.
 * GitHub shows related locations only where the message links to them.
 */
export function messageOf(finding: Finding, related: number): ResultMessage {
  // Without any value, the message as a whole is one.
  const whole = { literals: ['', ''], values: [finding.message.trim().replace(/\.$/, '')] }
  const { phrase = whole } = finding
  const { literals, values } = phrase.values.some((value) => value.trim() !== '') ? phrase : whole
  const builder = new MessageBuilder()
  const absent: number[] = []
  for (const [i, literal] of literals.entries()) {
    builder.addWords(literal)
    const value = values[i]
    if (value === undefined) continue
    if (value.trim() === '') absent.push(i + 1)
    else builder.addValue(value)
  }
  builder.endSentence()
  const also = related > 0
  if (also) builder.addLinks(' The same is found in ', finding.also.slice(0, MOST_LINKS), related)
  const id = ['default', ...absent.map((i) => `without-${i}`), ...(also ? ['also'] : [])].join('-')
  return builder.build(id)
}

class MessageBuilder {
  #template = ''
  #text = ''
  readonly #arguments: string[] = []

  /** In SARIF's message strings a brace is written twice. */
  addWords(words: string): void {
    this.#template += words.replace(/[{}]/g, '$&$&')
    this.#text += words
  }

  /** Blanks around a value ("… to user ann") stay outside of its quotes. */
  addValue(raw: string): void {
    const value = printableText(raw.trim())
    const shown = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE - 1)}…` : value
    this.addWords(/^\s/.test(raw) ? ' ' : '')
    // `](` would make a link of audited text.
    this.#quote(shown.replaceAll('](', ']\\('))
    this.addWords(/\s$/.test(raw) ? ' ' : '')
  }

  addLinks(words: string, places: Finding['also'], all: number): void {
    this.addWords(words)
    const links = places.map((place, i) => {
      const name = `${place.file}${place.line === undefined ? '' : `:${place.line}`}`
      return `[${printableText(name).replace(/[\\[\]]/g, '\\$&')}](${i + 1})`
    })
    this.#quote(`${links.join(', ')}${all > places.length ? ` and ${all - places.length} more places` : ''}`)
    this.endSentence()
  }

  endSentence(): void {
    this.#text = this.#text.trimEnd()
    this.#template = this.#template.trimEnd()
    if (!/[.!?]$/.test(this.#template)) this.addWords('.')
  }

  build(id: string): ResultMessage {
    return { message: { id, text: this.#text, arguments: this.#arguments }, template: this.#template }
  }

  #quote(value: string): void {
    this.#template += `'{${this.#arguments.length}}'`
    this.#text += `'${value}'`
    this.#arguments.push(value)
  }
}
