import type { Failure, Outcome } from './aws-failure.ts'

/**
 * Reads the pages of a list to the end, or as far as they come. `read` gets the token of the last page, undefined at first.
 * What was seen stays when a later page fails.
 */
export async function readPages<P, T>(
  action: string,
  read: (token: string | undefined) => Promise<Outcome<P>>,
  itemsOf: (page: P) => readonly T[] | undefined,
  tokenOf: (page: P) => string | undefined,
): Promise<{ items: T[]; failure?: Failure }> {
  const items: T[] = []
  const seen = new Set<string>()
  for (let token: string | undefined; ; ) {
    const outcome = await read(token)
    if ('failure' in outcome) return { items, failure: outcome.failure }
    for (const item of itemsOf(outcome.value) ?? []) items.push(item)
    token = tokenOf(outcome.value)
    if (!token) return { items }
    if (seen.has(token)) return { items, failure: unendingPages(action) }
    seen.add(token)
  }
}

/** A server that hands out the same token again would keep us for ever. */
export function unendingPages(action: string): Failure {
  const detail = `${action}: the answer says that there is more, but not where`
  return { kind: 'failed', reason: 'call failed', detail }
}
