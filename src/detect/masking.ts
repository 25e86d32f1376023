/** Characters at the start that tell the kind of a token, and asterisks that do not tell its length. */
const SHOWN = 4
const HIDDEN = '*'.repeat(12)
/** What is shorter, or chosen by people, shows nothing. */
const LONG_ENOUGH = 20

/** How a value may be shown: `AKIA************`; of passwords and short values nothing. */
export function maskValue(value: string, isPassword = false): string {
  const start = value.slice(0, SHOWN)
  return isPassword || value.length < LONG_ENOUGH || !/^[\x21-\x7e]+$/.test(start) ? '********' : start + HIDDEN
}
