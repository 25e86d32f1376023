/** A comment that asks to leave findings out. Offsets are bytes. */
export interface SuppressionComment {
  readonly offset: number
  readonly style: 'zt-audit' | 'gitleaks' | 'detect-secrets'
  readonly rules: readonly string[]
  readonly reason: string
  readonly expires: string
  /** Nothing but the comment stands on its line, so that it speaks of the next one. */
  readonly ownLine: boolean
}

/** The words that announce such a comment, for the automaton. */
export const SUPPRESSION_KEYWORDS = ['zt-audit:', 'gitleaks:allow', 'pragma: allowlist'] as const

const OWN =
  /zt-audit:[ \t]*ignore[ \t]+([a-z0-9/*-]+(?:[ \t]*,[ \t]*[a-z0-9/*-]+)*)(?:[ \t]+until[ \t]+(\d{4}-\d{2}-\d{2}))?(?:[ \t]+--[ \t]*([^\r\n]*))?/y
const PRAGMA = /pragma: allowlist (nextline )?secret/iy
/** What comments begin with: `#`, `//`, `/*`, `--`, `;`, `<!--`, `%`, `{{/*`, `rem`, `*`. */
const COMMENT_START = /^[ \t]*(?:#+|\/\/+|\/\*+|--+|;+|<!--+|%+|\{\{-?\s*\/\*|\(\*|\*+|'|"|rem\b|dnl\b)[ \t]*$/i

/** Reads the comment whose keyword stands at an offset; undefined if it asks for nothing, or only looks like one. */
export function readSuppression(text: string, at: number, keyword: string): SuppressionComment | undefined {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  const ownLine = COMMENT_START.test(text.slice(lineStart, at))
  if (keyword === 'gitleaks:allow')
    return { offset: at, style: 'gitleaks', rules: [], reason: '', expires: '', ownLine }
  if (keyword === 'pragma: allowlist') {
    PRAGMA.lastIndex = at
    const match = PRAGMA.exec(text)
    if (!match) return undefined
    return {
      offset: at,
      style: 'detect-secrets',
      rules: [],
      reason: '',
      expires: '',
      ownLine: ownLine || match[1] !== undefined,
    }
  }
  OWN.lastIndex = at
  const match = OWN.exec(text)
  if (!match) return undefined
  const rules = (match[1] ?? '').split(',').map((rule) => rule.trim())
  // The end of a block comment is no part of the reason.
  const reason = (match[3] ?? '').replace(/[ \t]*(?:\*\/|-->|\*\)|\}\})?[ \t]*$/, '')
  return { offset: at, style: 'zt-audit', rules, reason, expires: match[2] ?? '', ownLine }
}
