/** Counts by character code, cleared after each use: texts here hold one byte per character. */
const counts = new Uint32Array(256)

/** Shannon entropy of a text's characters, in bits per character; 0 for an empty text. */
export function entropyOf(text: string): number {
  const { length } = text
  for (let i = 0; i < length; i++) counts[text.charCodeAt(i) & 255] = (counts[text.charCodeAt(i) & 255] as number) + 1
  let bits = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i) & 255
    const count = counts[code] as number
    if (count === 0) continue
    bits -= (count / length) * Math.log2(count / length)
    counts[code] = 0
  }
  return bits
}

/** Number of different characters. */
export function distinctCharacters(text: string): number {
  let distinct = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) & 255
    if (counts[code] === 0) distinct++
    counts[code] = 1
  }
  for (let i = 0; i < text.length; i++) counts[text.charCodeAt(i) & 255] = 0
  return distinct
}

/** Which kinds of characters a text holds; the more, the less it looks like a word. */
export function characterKinds(text: string): { lower: boolean; upper: boolean; digit: boolean; symbol: boolean } {
  return {
    lower: /[a-z]/.test(text),
    upper: /[A-Z]/.test(text),
    digit: /[0-9]/.test(text),
    symbol: /[^A-Za-z0-9\s]/.test(text),
  }
}

/** The pairs of letters that make up some three quarters of English text; chance makes two of nine such. */
const COMMON_PAIRS = new Uint8Array(26 * 26)
for (const pair of 'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke ui fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt oc'.split(
  ' ',
))
  COMMON_PAIRS[(pair.charCodeAt(0) - 97) * 26 + pair.charCodeAt(1) - 97] = 1

/** How much a text is made of words: the share of its pairs of letters that are common in English; 0 if it has few pairs. */
export function wordiness(text: string): number {
  let pairs = 0
  let common = 0
  let before = -1
  for (let i = 0; i < text.length; i++) {
    // To lower case, for letters of ASCII.
    const letter = (text.charCodeAt(i) | 32) - 97
    const isLetter = letter >= 0 && letter < 26
    if (isLetter && before >= 0) {
      pairs++
      common += COMMON_PAIRS[before * 26 + letter] as number
    }
    before = isLetter ? letter : -1
  }
  return pairs < 4 ? 0 : common / pairs
}

/**
 * How often a text changes between letters, digits and symbols, or from lower to upper case inside a run, as a share of
 * its length. Words and identifiers change rarely, random values at every second or third character.
 */
export function changeRate(text: string): number {
  if (text.length < 2) return 0
  let changes = 0
  let previous = kindOf(text.charCodeAt(0))
  for (let i = 1; i < text.length; i++) {
    const kind = kindOf(text.charCodeAt(i))
    // A capital that begins a word is no change: `camelCase`.
    if (kind !== previous && !(previous === 'upper' && kind === 'lower')) changes++
    previous = kind
  }
  return changes / (text.length - 1)
}

function kindOf(code: number): 'lower' | 'upper' | 'digit' | 'other' {
  if (code >= 97 && code <= 122) return 'lower'
  if (code >= 65 && code <= 90) return 'upper'
  if (code >= 48 && code <= 57) return 'digit'
  return 'other'
}
