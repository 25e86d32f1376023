import { secretMatch, secretVerification } from '../../facts/secret.ts'
import { type Fact, isFact } from '../../model.ts'

/** Facts as before, but each secret says what its provider answered, so that rules and messages can speak of it. */
export function withVerification(facts: readonly Fact[]): Fact[] {
  const answers = new Map(
    facts.flatMap((each) => (isFact(secretVerification, each) ? [[each.data.digest, each.data] as const] : [])),
  )
  return facts.map((each) => {
    const answer = isFact(secretMatch, each) ? answers.get(each.data.digest) : undefined
    if (!answer) return each
    return { ...each, data: { ...each.data, verification: answer.status ?? '', verified: inWords(answer) } }
  })
}

function inWords({ status, identity, reason }: Fact<typeof secretVerification>['data']): string {
  if (status === 'live') return identity ? ` (live: ${identity})` : ' (live)'
  if (status === 'revoked') return ` (revoked: ${reason})`
  return ` (not verified: ${reason})`
}
