import picomatch from 'picomatch'

const OPTIONS = { dot: true } as const
const compiled = new Map<string, (path: string) => boolean>()

/** Whether a POSIX path matches a glob. A pattern without a slash matches at any depth, a folder matches all below it, as in .gitignore. */
export function matchesGlob(pattern: string, path: string): boolean {
  let matches = compiled.get(pattern)
  if (!matches) {
    const trimmed = pattern.replace(/^\.?\//, '').replace(/\/$/, '')
    const rooted = trimmed.includes('/') ? trimmed : `**/${trimmed}`
    matches = picomatch([rooted, `${rooted}/**`], OPTIONS)
    compiled.set(pattern, matches)
  }
  return matches(path)
}
