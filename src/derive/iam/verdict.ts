import type { Tri } from './conditions.ts'

/**
 * Whether something is allowed: `conditional` where it hangs on a condition that nobody can tell from here (a tag, an external
 * id), `unknown` where what would decide it was not seen (a value of a deployment, a document).
 */
export type Verdict = 'no' | 'unknown' | 'conditional' | 'yes'

/** All must hold: one `no` decides, else what was not seen, else what hangs on a condition. */
export function allOf(verdicts: readonly Verdict[]): Verdict {
  for (const verdict of ['no', 'unknown', 'conditional'] as const) if (verdicts.includes(verdict)) return verdict
  return 'yes'
}

/** One is enough: the most that any of them gives. */
export function oneOf(verdicts: readonly Verdict[]): Verdict {
  for (const verdict of ['yes', 'conditional', 'unknown'] as const) if (verdicts.includes(verdict)) return verdict
  return 'no'
}

export function verdictOf(truth: Tri): Verdict {
  return truth === 'unknown' ? 'unknown' : truth ? 'yes' : 'no'
}
