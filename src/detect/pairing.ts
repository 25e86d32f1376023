import type { Candidate } from './candidate.ts'

/** A public id and its secret, by rule. */
interface Partnership {
  readonly id: string
  readonly secret: string
}
const PARTNERSHIPS: readonly Partnership[] = [{ id: 'secrets/aws-access-key', secret: 'secrets/aws-secret-key' }]

/** Bytes between an id and its secret; farther apart they are taken for a pair only if they are the only ones. */
const NEAR = 4096

/** Rules whose value is public: the id by which the provider knows the credential. */
const PUBLIC_IDS: ReadonlySet<string> = new Set(PARTNERSHIPS.map(({ id }) => id))

export function isPublicId(rule: string): boolean {
  return PUBLIC_IDS.has(rule)
}

/** For each candidate the index of its partner: an id finds its secret in the same text and the other way round. */
export function pairUp(candidates: readonly Candidate[]): ReadonlyMap<number, number> {
  const partners = new Map<number, number>()
  for (const { id, secret } of PARTNERSHIPS) {
    const ids = indicesOf(candidates, id)
    const secrets = indicesOf(candidates, secret)
    if (ids.length > 0 && secrets.length > 0) pairNearest(candidates, ids, secrets, partners)
  }
  return partners
}

function indicesOf(candidates: readonly Candidate[], rule: string): number[] {
  return candidates.flatMap(({ source }, index) => (source.detector.id === rule ? [index] : []))
}

/** The closest go together first, so that in a list of profiles each id finds its own secret. Both lists ascend. */
function pairNearest(
  candidates: readonly Candidate[],
  ids: readonly number[],
  secrets: readonly number[],
  partners: Map<number, number>,
): void {
  const single = ids.length === 1 && secrets.length === 1
  const options: { id: number; secret: number; distance: number }[] = []
  let low = 0
  for (const id of ids) {
    const at = candidates[id] as Candidate
    while (low < secrets.length && !single && (candidates[secrets[low] as number] as Candidate).end < at.start - NEAR)
      low++
    // The few secrets around an id are enough: each of them is claimed by one id only.
    for (const secret of secrets.slice(low, low + MAX_OPTIONS)) {
      const other = candidates[secret] as Candidate
      const distance = other.start >= at.end ? other.start - at.end : at.start - other.end + 1
      if (distance <= NEAR || single) options.push({ id, secret, distance })
    }
  }
  for (const { id, secret } of options.sort((a, b) => a.distance - b.distance)) {
    if (partners.has(id) || partners.has(secret)) continue
    partners.set(id, secret)
    partners.set(secret, id)
  }
}

const MAX_OPTIONS = 64
