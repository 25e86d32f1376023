import type { Lifetime } from '../model.ts'

const WORDS: Readonly<Record<Lifetime, string>> = {
  'until-revoked': 'until somebody revokes it',
  'long-lived': 'for months or years, or without an end',
  days: 'for days',
  hours: 'for hours',
  'by-claim': 'as long as it says itself',
}

/** How long a credential holds, as the end of a sentence: `it holds …`. */
export function describeLifetime(lifetime: Lifetime): string {
  return WORDS[lifetime]
}
