import { createHash } from 'node:crypto'
import type { Fact, FactKind } from '../model.ts'

/** Gives the stable identity of a fact whose identity fields are secret or hold for this run only. */
export type Identify = (fact: Fact, lowEntropy: boolean) => Promise<string>

/** The identity of a fact: kind and identity fields. Throws if an identity field was not seen: such a fact must not be built. */
export function identityOf(fact: Fact, kind: FactKind): string {
  const values = kind.identity.map((field) => {
    const value = (fact.data as Record<string, unknown>)[field]
    if (value === undefined)
      throw new Error(`${fact.kind} without its identity field ${field} at ${JSON.stringify(fact.at)}`)
    return value
  })
  return JSON.stringify([fact.kind, ...values])
}

/**
 * The fingerprint of a finding, version 1: SHA-256 over the rule's id and the identities of its identity facts. No line
 * numbers, so that edits elsewhere keep it.
 */
export async function fingerprintOf(
  ruleId: string,
  facts: readonly Fact[],
  catalogue: ReadonlyMap<string, FactKind>,
  lowEntropy: boolean,
  identify: ReadonlyMap<string, Identify>,
): Promise<string> {
  const hash = createHash('sha256').update(`zt-audit fingerprint v1\u0000${ruleId}`)
  for (const fact of facts) {
    const kind = catalogue.get(fact.kind)
    if (!kind) throw new Error(`unknown fact kind ${fact.kind}`)
    const own = identify.get(fact.kind)
    hash.update(`\u0000${own ? JSON.stringify([fact.kind, await own(fact, lowEntropy)]) : identityOf(fact, kind)}`)
  }
  return `v1:${hash.digest('hex')}`
}
