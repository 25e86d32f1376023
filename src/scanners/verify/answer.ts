/** What a provider, or the lack of its answer, says of a secret. */
export interface Verdict {
  readonly status: 'live' | 'revoked' | 'unknown'
  /** A few words, the same for answers of one cause; empty for `live`. */
  readonly reason: string
  /** Whom it acts for; empty if the answer does not tell. */
  readonly identity: string
  /** Why it is unknown: `fault`: a call failed; `limit`: there is nothing to ask, or the answer settles nothing. */
  readonly gap?: 'fault' | 'limit'
}

/** An answer over HTTP, its body cut at a limit. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

export const live = (identity: unknown = ''): Verdict => ({ status: 'live', reason: '', identity: printable(identity) })
export const revoked = (reason = 'refused by the provider'): Verdict => ({ status: 'revoked', reason, identity: '' })
export const failed = (reason: string): Verdict => ({ status: 'unknown', reason, identity: '', gap: 'fault' })
export const undecided = (reason: string): Verdict => ({ status: 'unknown', reason, identity: '', gap: 'limit' })

const LONGEST = 120

/** A name out of a foreign answer: one line, of a length that can be shown. */
function printable(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return ''
  return String(value)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, ' ')
    .trim()
    .slice(0, LONGEST)
}
