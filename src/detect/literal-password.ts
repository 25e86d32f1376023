import { isTranslation } from './file-kind.ts'
import { judgeKey } from './key-name.ts'
import type { Surroundings } from './likelihood/place-features.ts'
import type { Pair } from './pair.ts'
import { isName, otherThing } from './value-kind.ts'

/**
 * Whether a literal under a password's name looks like a password that somebody chose: letters with digits or symbols, no blanks,
 * and nothing that says it is something else. The likelihood knows few of those with symbols, since most of what it was fitted to
 * with symbols was code.
 */
export function isLiteralPassword(pair: Pair, { path, kind, before, after }: Surroundings): boolean {
  const { key, quoted, syntax, form } = pair
  if (!judgeKey(key).isPassword || SAYS_OTHERWISE.test(key) || form === 'argument' || isTranslation(path)) return false
  const hasPlace = syntax !== 'text' || (quoted && kind !== 'prose' && kind !== 'unknown')
  if (!hasPlace || (form === 'markup' && syntax !== 'xml')) return false
  return looksChosen(pair.value.trim()) && isGiven(before, after)
}

/**
 * Whether it is the password that a Terraform resource is made with: a word that stands for a password elsewhere (`foobarbaz`) is
 * what opens the database here.
 */
export function isResourcePassword({ key, value, ofResource }: Pair): boolean {
  return ofResource === true && /(?:^|_)password$/i.test(key) && /^[^\s<>[\]]+$/.test(value)
}

/** Names of texts that a form shows, and of what stands in the place of a password. */
const SAYS_OTHERWISE =
  /label|title|text|message|error|prompt|placeholder|hint|field|confirm|repeat|expected|invalid|wrong|fake|mock|dummy|test|example|sample|old|new/i

function looksChosen(value: string): boolean {
  if (value.length < 8 || value.length > 64 || !/^[!-~]+$/.test(value)) return false
  if (!/[A-Za-z]/.test(value) || !/[^A-Za-z]/.test(value)) return false
  return !isName(value) && otherThing(value) === undefined && !EXPRESSION.test(value)
}

/**
 * A call, an index, a format, an escape, a piece of a query or a pattern, a path, words with marks between them and no digit
 * (`user:password`, `--password=`), a name with a number (`password1`, `db-password-2`).
 */
const EXPRESSION =
  /\w\(|[\w\])]\[|%[-+0-9.]*[sdvqxf]|\\|[?&]\w+=|::|->|=>|\.\*|\.\+|^\^|\$$|^[/.~*-]|\/.*\/|^[\W\d]*(?:[A-Za-z]+[-_./:,;=|+]+)*[A-Za-z]+[\W_]{0,2}$|^(?:[A-Za-z]+[-_.:/]?)*(?:pass(?:word|wd)?|pwd|secret|token|key)[-_.:/]?\d{0,3}$/

/** Set as it stands: not compared, asserted, looked for or put together with something else. */
function isGiven(before: string, after: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1)
  const rest = /^[^\n]*/.exec(after)?.[0] ?? ''
  return (
    !/assert|expect|should|equal|require\.|must|[!=]==?\s*["'`]?$|i18n|translat|gettext|\b_\(/i.test(line) &&
    !/^["'`]?\s*(?:[+.%]|\|\||[!=]==?|\?)/.test(rest)
  )
}
