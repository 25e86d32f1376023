/** Texts for places that do not grow: an SVG wraps nothing by itself. */

/** At most `length` characters; what goes missing is in the middle, since names differ at their ends. */
export function shortenMiddle(text: string, length: number): string {
  const characters = [...text]
  if (characters.length <= length) return text
  const end = Math.floor((length - 1) / 2)
  return `${characters.slice(0, length - 1 - end).join('')}…${characters.slice(-end).join('')}`
}

/** Lines of at most `length` characters, broken behind a mark where there is one near; at most so many of them. */
export function fitLines(text: string, length: number, most: number): string[] {
  const whole = breakLines(text.trim(), length, most)
  if (whole.every((line) => [...line].length <= length)) return whole
  return breakLines(shortenMiddle(text.trim(), length * most - Math.ceil(length / 4) * (most - 1)), length, most).map(
    (line) => shortenMiddle(line, length),
  )
}

/** The last line takes what is left. */
function breakLines(text: string, length: number, most: number): string[] {
  let rest = [...text]
  const lines: string[] = []
  while (rest.length > length && lines.length < most - 1) {
    const end = breakIn(rest.slice(0, length + 1), length)
    lines.push(rest.slice(0, end).join('').trim())
    rest = [...rest.slice(end).join('').trim()]
  }
  lines.push(rest.join(''))
  return lines.filter((line) => line !== '')
}

function breakIn(characters: readonly string[], length: number): number {
  for (let i = length; i > length * 0.3; i--) if (/[\s/:.,_-]/.test(characters[i - 1] ?? '')) return i
  return length
}
