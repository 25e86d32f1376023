import { ciCloudAccess, ciOutsiderGain } from '../../facts/pipeline-cloud.ts'
import { ciTakeover } from '../../facts/pipeline-untrusted.ts'
import { type Derivation, type Fact, fact, isFact, UNKNOWN } from '../../model.ts'
import { isFromBranchOnly } from '../../reference/workflow-subjects.ts'
import { groupBy } from '../kubernetes/rbac.ts'

/** What a stranger gets whose code runs in a job: identities of clouds that the job's token opens. */
export const findOutsiderGain: Derivation = {
  id: 'pipeline-outsider-gain',
  from: [ciTakeover],
  optional: [ciCloudAccess],
  emits: [ciOutsiderGain],
  derive(facts) {
    const access = groupBy(
      facts.filter((each) => isFact(ciCloudAccess, each)),
      ({ scope, data }) => `${scope}\0${data.job}`,
    )
    const takeovers = facts.filter((each) => isFact(ciTakeover, each))
    const gains = takeovers.flatMap((each) =>
      (access.get(`${each.scope}\0${each.data.job}`) ?? []).flatMap((own) => roleOf(each, own)),
    )
    return { facts: gains, gaps: [] }
  },
}

/** A stranger's pull request gets no token: only events that run with the rights of the repository count. */
function roleOf(takeover: Fact<typeof ciTakeover>, { data, unknown }: Fact<typeof ciCloudAccess>): Fact[] {
  const own = (takeover.data.events ?? []).filter((event) => !isFromBranchOnly(event))
  const events = own.filter((event) => data.events === undefined || data.events.includes(event))
  if (data.trusted === false || events.length === 0) return []
  const isCertain = data.trusted === true && takeover.data.certain
  return [
    fact(ciOutsiderGain, takeover.scope, takeover.at, {
      workflow: takeover.data.workflow ?? '',
      job: takeover.data.job ?? '',
      how: takeover.data.how ?? UNKNOWN,
      events,
      gain: data.identity ?? UNKNOWN,
      gainName: data.identityName ?? UNKNOWN,
      form: 'role',
      privileged: unknown.includes('privileged') ? UNKNOWN : (data.privileged ?? UNKNOWN),
      certain: isCertain === true ? true : UNKNOWN,
      executes: takeover.data.executes ?? UNKNOWN,
      guards: takeover.data.guards ?? UNKNOWN,
      assumptions: data.assumptions ?? [],
    }),
  ]
}
