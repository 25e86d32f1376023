/** Patterns of `*` (any characters) and `?` (one), as IAM and rules have them. Nothing here backtracks beyond the last `*`. */

export function globMatches(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let resume = 0
  while (t < text.length) {
    const char = pattern[p]
    if (char === '*') {
      star = p++
      resume = t
    } else if (char !== undefined && (char === '?' || char === text[t])) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++resume
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** Whether some text matches both patterns. */
export function globsIntersect(a: string, b: string): boolean {
  // What stands before the first wildcard of both decides most of the time.
  const fixed = Math.min(fixedLength(a), fixedLength(b))
  if (a.slice(0, fixed) !== b.slice(0, fixed)) return false
  // reachable[j]: whether some text matches a up to i and b up to j.
  let reachable = new Array<boolean>(b.length + 1).fill(false)
  reachable[0] = true
  for (let j = 0; j < b.length && b[j] === '*'; j++) reachable[j + 1] = true
  for (const charA of a) {
    const next = new Array<boolean>(b.length + 1).fill(false)
    next[0] = charA === '*' && reachable[0] === true
    for (let j = 0; j < b.length; j++) {
      const charB = b[j]
      const both = charA === '?' || charB === '?' || charA === charB
      if (charA === '*') next[j + 1] = reachable[j + 1] === true || next[j] === true
      else if (charB === '*') next[j + 1] = next[j] === true || reachable[j + 1] === true
      else next[j + 1] = both && reachable[j] === true
    }
    if (charA !== '*') for (let j = 0; j < b.length; j++) if (b[j] === '*' && next[j]) next[j + 1] = true
    reachable = next
  }
  return reachable[b.length] === true
}

function fixedLength(pattern: string): number {
  const at = pattern.search(/[*?]/)
  return at < 0 ? pattern.length : at
}
