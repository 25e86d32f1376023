import type { Fact, FactKind, ScanContext } from '../../model.ts'
import { type AuditedAccount, awsAccountsOf } from '../../sources/aws-accounts.ts'
import type { Failure } from '../../sources/aws-failure.ts'
import { gapFor } from '../gap-for.ts'

/**
 * Reads each account of the run's targets within the time limit of one target. Accounts that cannot be reached, and those that
 * take too long, are gaps of the kinds; the others go on.
 */
export async function* inEachAccount(
  kinds: readonly FactKind[],
  context: ScanContext,
  read: (account: AuditedAccount, context: ScanContext) => AsyncIterable<Fact>,
): AsyncGenerator<Fact> {
  if (!kinds.some((kind) => context.wants(kind))) return
  const { timeoutSeconds } = context.limits
  for (const each of await awsAccountsOf(context.targets.aws, context.signal)) {
    if ('failure' in each) {
      gapFor(kinds, each.scope, each.failure, context)
      continue
    }
    const limit = AbortSignal.timeout(timeoutSeconds * 1000)
    try {
      yield* read(each, { ...context, signal: AbortSignal.any([context.signal, limit]) })
    } catch (error) {
      if (context.signal.aborted || !limit.aborted) throw error
      const detail = `account ${each.id}: not done after ${timeoutSeconds} s (--timeout)`
      gapFor(kinds, each.scope, { reason: 'out of time', detail }, context)
    }
  }
}

/** One gap for a cause, however many users it met. */
export class FailureLog {
  readonly #seen = new Map<string, { failure: Failure; fields: readonly string[] | undefined }>()

  add(failure: Failure, fields: readonly string[] | undefined): void {
    const key = `${failure.detail}|${fields?.join(',') ?? ''}`
    if (!this.#seen.has(key)) this.#seen.set(key, { failure, fields })
  }

  all(): Iterable<{ failure: Failure; fields: readonly string[] | undefined }> {
    return this.#seen.values()
  }
}
