import { iamAccessKey, iamUser } from '../../facts/iam.ts'
import { iamCredential } from '../../facts/iam-judgement.ts'
import { type Derivation, type Fact, fact, isFact, UNKNOWN } from '../../model.ts'

/** Passwords and access keys alike: how long nobody used them. */
export const listCredentials: Derivation = {
  id: 'iam-credentials',
  from: [iamUser, iamAccessKey],
  emits: [iamCredential],
  derive(facts) {
    return { facts: facts.flatMap((each) => [...credentialsOf(each)]), gaps: [] }
  },
}

function* credentialsOf(source: Fact): Generator<Fact> {
  if (isFact(iamAccessKey, source)) {
    const { id, userArn, userName, status, ageDays, lastUsedDays } = source.data
    yield fact(iamCredential, source.scope, source.at, {
      id: id ?? UNKNOWN,
      type: 'access key',
      userArn: userArn ?? UNKNOWN,
      userName: userName ?? UNKNOWN,
      active: status === undefined ? UNKNOWN : status === 'Active',
      unusedDays: unused(lastUsedDays, ageDays),
    })
  }
  if (isFact(iamUser, source) && source.data.hasPassword !== false) {
    const { arn, name, hasPassword, passwordLastUsedDays, createdDays } = source.data
    yield fact(iamCredential, source.scope, source.at, {
      id: `${arn}#password`,
      type: 'password',
      userArn: arn ?? UNKNOWN,
      userName: name ?? UNKNOWN,
      active: hasPassword ?? UNKNOWN,
      unusedDays: unused(passwordLastUsedDays, createdDays),
    })
  }
}

/** -1 says never: then its age counts. */
function unused(lastUsedDays: number | undefined, ageDays: number | undefined): number | typeof UNKNOWN {
  const days = lastUsedDays === -1 ? ageDays : lastUsedDays
  return days ?? UNKNOWN
}
