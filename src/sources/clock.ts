/** The time of this run in milliseconds; SOURCE_DATE_EPOCH (seconds) sets it, so that two runs give the same bytes. */
export function now(): number {
  const fixed = process.env.SOURCE_DATE_EPOCH
  return fixed !== undefined && /^\d+$/.test(fixed) ? Number(fixed) * 1000 : Date.now()
}

/** Whole days since then. */
export function daysSince(then: Date): number {
  return Math.max(0, Math.floor((now() - then.getTime()) / 86_400_000))
}
