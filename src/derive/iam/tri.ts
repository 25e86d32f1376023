import { UNKNOWN } from '../../model.ts'
import type { Tri } from './conditions.ts'

/** False if one is false, whatever the others are; else unknown if one is unknown. */
export function and(...truths: readonly Tri[]): Tri {
  if (truths.includes(false)) return false
  return truths.includes('unknown') ? 'unknown' : true
}

export function not(truth: Tri): Tri {
  return truth === 'unknown' ? truth : !truth
}

/** As a field of a fact. */
export function asField(truth: Tri): boolean | typeof UNKNOWN {
  return truth === 'unknown' ? UNKNOWN : truth
}
