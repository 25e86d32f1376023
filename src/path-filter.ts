import { globMatches } from './glob.ts'

/**
 * Whether a POSIX path matches a pattern as in .gitignore: `*` and `?` within a segment, `**` over segments; a pattern without a
 * slash matches at any depth, a folder all below it. A backslash is a slash, and é is é in one letter or two: a config is shared
 * between operating systems. Patterns come from audited trees, so nothing here may backtrack without
 * bound: the work is at most segments of the pattern × segments of the path.
 */
export function matchesGlob(pattern: string, path: string): boolean {
  const portable = pattern.replaceAll('\\', '/').normalize()
  const trimmed = portable.replace(/^\.?\//, '').replace(/\/$/, '')
  const rooted = portable.startsWith('/') || trimmed.includes('/')
  const wanted = [...(rooted ? [] : ['**']), ...trimmed.split('/'), '**']
  const segments = path.normalize().split('/')
  // reached[i]: whether the pattern up to here matches the first i segments.
  let reached = segments.map(() => false)
  reached.unshift(true)
  for (const part of wanted) {
    const next = reached.map(() => false)
    for (let i = 0; i <= segments.length; i++) {
      if (part === '**') next[i] = reached[i] === true || (i > 0 && next[i - 1] === true)
      else if (i > 0) next[i] = reached[i - 1] === true && globMatches(part, segments[i - 1] ?? '')
    }
    reached = next
  }
  return reached[segments.length] === true
}
