import { counterpartOf, isOwnOfGitleaks } from './gitleaks-rules.ts'

/** A finding of gitleaks that is known, by the place where it was. */
export interface IgnoredPlace {
  /** Empty: in any commit. */
  readonly commit: string
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** Our rule for it; undefined: any. */
  readonly rule: string | undefined
}

/** `COMMIT:FILE:RULE:LINE` or `FILE:RULE:LINE`, one a line; `#` begins a comment. Lines that are none are counted. */
export function readGitleaksIgnore(text: string): { places: IgnoredPlace[]; malformed: number } {
  const places: IgnoredPlace[] = []
  let malformed = 0
  for (const raw of text.split('\n')) {
    const entry = raw.trim()
    if (entry === '' || entry.startsWith('#')) continue
    const match = /^(?:([0-9a-f]{40}|[0-9a-f]{64}):)?(.+):([^:]+):(\d+)$/i.exec(entry)
    if (!match) {
      malformed++
      continue
    }
    const [, commit = '', file = '', rule = '', line] = match
    places.push({
      commit: commit.toLowerCase(),
      file: file.replaceAll('\\', '/').replace(/^\.\//, ''),
      line: Number(line),
      rule: isOwnOfGitleaks(rule) ? counterpartOf(rule) : undefined,
    })
  }
  return { places, malformed }
}
