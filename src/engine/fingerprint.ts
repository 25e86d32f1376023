import { createHash } from 'node:crypto'
import type { Fact, FactKind } from '../model.ts'

/** What tells a fact from all others, from run to run; `kin` leaves out the name of the file that it stands in. */
export interface Identity {
  readonly identity: string
  readonly kin: string
}
/** Gives the stable identity of a fact whose identity fields are secret or hold for this run only. */
export type Identify = (fact: Fact, lowEntropy: boolean) => Promise<Identity>

/** The identity of a fact: kind and identity fields. Throws if an identity field was not seen: such a fact must not be built. */
export function identityOf(fact: Fact, kind: FactKind): string {
  return JSON.stringify([fact.kind, ...identityValues(fact, kind)])
}

function identityValues(fact: Fact, kind: FactKind): unknown[] {
  return kind.identity.map((field) => {
    const value = (fact.data as Record<string, unknown>)[field]
    if (value === undefined)
      throw new Error(`${fact.kind} without its identity field ${field} at ${JSON.stringify(fact.at)}`)
    return value
  })
}

/** What has no name of its own is named by its file (`file:PATH#ADDRESS`): without the path it is known again elsewhere. */
function kinOf(fact: Fact, kind: FactKind): string {
  const path = 'file' in fact.at ? fact.at.file : fact.at.declaredAt?.file
  const values = identityValues(fact, kind)
  if (path === undefined) return JSON.stringify([fact.kind, ...values])
  const prefix = `file:${path}#`
  const unnamed = values.map((value) => {
    if (value === path) return ''
    return typeof value === 'string' && value.startsWith(prefix) ? `file:#${value.slice(prefix.length)}` : value
  })
  return JSON.stringify([fact.kind, ...unnamed])
}

/** The two names of a finding: see `Finding.fingerprint` and `Finding.kin`. */
export interface Fingerprints {
  readonly fingerprint: string
  readonly kin: string
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
): Promise<Fingerprints> {
  const hash = createHash('sha256').update(`zt-audit fingerprint v1\u0000${ruleId}`)
  const kin = createHash('sha256').update(`zt-audit kin v1\u0000${ruleId}`)
  for (const fact of facts) {
    const kind = catalogue.get(fact.kind)
    if (!kind) throw new Error(`unknown fact kind ${fact.kind}`)
    const own = await identify.get(fact.kind)?.(fact, lowEntropy)
    hash.update(`\u0000${own ? JSON.stringify([fact.kind, own.identity]) : identityOf(fact, kind)}`)
    kin.update(`\u0000${own ? JSON.stringify([fact.kind, own.kin]) : kinOf(fact, kind)}`)
  }
  return { fingerprint: `v1:${hash.digest('hex')}`, kin: `v1:${kin.digest('hex')}` }
}
