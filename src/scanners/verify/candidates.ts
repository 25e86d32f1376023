import type { secretMatch } from '../../facts/secret.ts'
import type { Fact } from '../../model.ts'
import { AWS_RULES } from './aws.ts'
import { providers } from './providers.ts'

export type Secret = Fact<typeof secretMatch>

/** A credential that a provider can be asked for: the digests of its parts, and what each of its facts says of it. */
export interface Candidate {
  readonly provider: string
  /** The facts that an answer speaks of; the first stands for the credential. */
  readonly facts: readonly [Secret, ...Secret[]]
  /** By digest: a token; for AWS the id, its secret, and perhaps a session's token. */
  readonly parts: readonly string[]
}

export interface Candidates {
  readonly askable: readonly Candidate[]
  /** Credentials of a provider that can be asked, but not for these. */
  readonly skipped: readonly { readonly candidate: Candidate; readonly reason: string }[]
  /** Secrets of types that no provider is asked for. */
  readonly others: readonly Secret[]
}

/** Sorts what was found by whom can be asked for it; each secret comes once, however often it was found. */
export function sortSecrets(found: readonly Secret[]): Candidates {
  // Of an id that stands alone in one repository and with its secret in another, the pair counts.
  const ordered = [...found].sort((a, b) => Number(isPaired(b)) - Number(isPaired(a)))
  const seen = new Set<string>()
  const distinct = ordered.filter((secret) => seen.size < seen.add(digestOf(secret)).size)
  const aws = awsKeys(distinct)
  const providerOf = new Map(
    Object.entries(providers).flatMap(([name, { rules }]) => rules.map((rule): [string, string] => [rule, name])),
  )
  const askable = [...aws.askable]
  const others: Secret[] = []
  const awsRules: readonly string[] = Object.values(AWS_RULES)
  for (const secret of distinct) {
    const { rule = '' } = secret.data
    const provider = providerOf.get(rule)
    if (provider !== undefined) askable.push({ provider, facts: [secret], parts: [digestOf(secret)] })
    else if (!awsRules.includes(rule)) others.push(secret)
  }
  return { askable, skipped: aws.skipped, others }
}

/**
 * Ids with their secrets: those of one file, and, where a tree holds a single id and a single secret without partners, these two. Keys
 * of a session need the one token of the same file.
 */
function awsKeys(found: readonly Secret[]): Pick<Candidates, 'askable' | 'skipped'> {
  const of = (rule: string) => found.filter((secret) => secret.data.rule === rule)
  const byDigest = new Map(found.map((secret) => [digestOf(secret), secret]))
  const ids = of(AWS_RULES.id)
  const tokens = of(AWS_RULES.token)
  const partnerOf = ({ data }: Secret) => byDigest.get(data.pairDigest ?? '')
  const taken = new Set(ids.flatMap((id) => partnerOf(id) ?? []))
  const freeIds = ids.filter((id) => !partnerOf(id))
  const freeSecrets = of(AWS_RULES.secret).filter((secret) => !taken.has(secret))
  const single = freeIds.length === 1 && freeSecrets.length === 1 ? freeSecrets[0] : undefined
  const askable: Candidate[] = []
  const skipped: { candidate: Candidate; reason: string }[] = []
  for (const id of ids) {
    const secret = partnerOf(id) ?? single
    const facts = secret ? ([id, secret] as const) : ([id] as const)
    const candidate: Candidate = { provider: 'aws', facts: [...facts], parts: facts.map(digestOf) }
    const { publicId = '', files = [] } = id.data
    const near = tokens.filter((token) => token.data.files?.some((file) => files.includes(file)))
    if (!secret) skipped.push({ candidate, reason: 'an id without its secret' })
    else if (!publicId.startsWith('ASIA')) askable.push(candidate)
    else if (near.length === 1)
      askable.push({
        ...candidate,
        facts: [...candidate.facts, near[0] as Secret],
        parts: [...candidate.parts, digestOf(near[0] as Secret)],
      })
    else skipped.push({ candidate, reason: 'a key of a session without its token' })
  }
  const spoken = new Set([...askable, ...skipped.map(({ candidate }) => candidate)].flatMap(({ parts }) => parts))
  const alone = (rule: string, reason: string) => {
    for (const each of of(rule).filter((secret) => !spoken.has(digestOf(secret))))
      skipped.push({ candidate: { provider: 'aws', facts: [each], parts: [digestOf(each)] }, reason })
  }
  alone(AWS_RULES.secret, 'a secret without its id')
  alone(AWS_RULES.token, 'a token of a session without its key')
  return { askable, skipped }
}

function isPaired({ data }: Secret): boolean {
  return (data.pairDigest ?? '') !== ''
}

function digestOf({ data }: Secret): string {
  return data.digest ?? ''
}
