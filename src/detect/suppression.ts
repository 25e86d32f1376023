import type { ByteText } from './byte-text.ts'

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
  /^zt-audit:[ \t]*ignore[ \t]+([a-z0-9/*-]+(?:[ \t]*,[ \t]*[a-z0-9/*-]+)*)(?:[ \t]+until[ \t]+(\d{4}-\d{2}-\d{2}))?(?:[ \t]+--[ \t]*([^\r\n]*))?/
const PRAGMA = /^pragma: allowlist (nextline )?secret/i
/** What comments begin with: `#`, `//`, `/*`, `--`, `;`, `<!--`, `%`, `{{/*`, `rem`, `*`. */
const COMMENT_START = /^[ \t]*(?:#+|\/\/+|\/\*+|--+|;+|<!--+|%+|\{\{-?\s*\/\*|\(\*|\*+|'|"|rem\b|dnl\b)[ \t]*$/i

/** Bytes before and after the keyword that are looked at: indentation, and the rules with their reason. */
const BEFORE = 400
const AFTER = 1000

/** Reads the comment whose keyword stands at an offset; undefined if it asks for nothing, or only looks like one. */
export function readSuppression(whole: ByteText, at: number, keyword: string): SuppressionComment | undefined {
  const before = whole.slice(at - BEFORE, at)
  const comment = readComment(whole.slice(at, at + AFTER), keyword)
  if (!comment) return undefined
  const isStart = before.includes('\n') || at <= BEFORE
  const alone = isStart && COMMENT_START.test(before.slice(before.lastIndexOf('\n') + 1))
  return { ...comment, offset: at, ownLine: comment.ownLine || alone }
}

type Comment = Omit<SuppressionComment, 'offset'>

function readComment(text: string, keyword: string): Comment | undefined {
  const foreign = { rules: [], reason: '', expires: '' }
  if (keyword === 'gitleaks:allow') return { ...foreign, style: 'gitleaks', ownLine: false }
  if (keyword === 'pragma: allowlist') {
    const pragma = PRAGMA.exec(text)
    return pragma ? { ...foreign, style: 'detect-secrets', ownLine: pragma[1] !== undefined } : undefined
  }
  const match = OWN.exec(text)
  if (!match) return undefined
  const rules = (match[1] ?? '').split(',').map((rule) => rule.trim())
  // The end of a block comment is no part of the reason.
  const reason = (match[3] ?? '').replace(/[ \t]*(?:\*\/|-->|\*\)|\}\})?[ \t]*$/, '')
  return { style: 'zt-audit', rules, reason, expires: match[2] ?? '', ownLine: false }
}
