const STOP = /[.;:](?=\s+\p{Lu})|[.;](?=\s)/gu
/** A stop after one of these, or after a single letter (`e.g.`, `U.S.`), ends no sentence. */
const ABBREVIATION = /(?:^|[\s([])(?:approx|cf|etc|incl|no|resp|vs|(?:\p{L}\.)*\p{L})$/iu

/** To where a sentence ends: not at the stop of an abbreviation, and not within brackets or code, whose rest would be missing. */
export function firstSentence(text: string): string {
  for (const { index } of text.matchAll(STOP)) {
    const sentence = text.slice(0, index)
    const isAbbreviated = text[index] === '.' && ABBREVIATION.test(sentence)
    if (!isAbbreviated && isClosed(sentence)) return `${sentence}.`
  }
  return text
}

function isClosed(text: string): boolean {
  const count = (sign: string) => text.split(sign).length - 1
  return count('(') <= count(')') && count('[') <= count(']') && count('`') % 2 === 0
}
