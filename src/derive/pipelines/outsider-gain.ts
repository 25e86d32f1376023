import { ciJob } from '../../facts/pipeline.ts'
import { ciCloudAccess, ciOutsiderGain } from '../../facts/pipeline-cloud.ts'
import { ciCloudCredential, ciSecretUse } from '../../facts/pipeline-secrets.ts'
import { ciTakeover } from '../../facts/pipeline-untrusted.ts'
import { type Derivation, type Fact, fact, isFact, UNKNOWN } from '../../model.ts'
import { isFromBranchOnly } from '../../reference/workflow-subjects.ts'
import { groupBy } from '../kubernetes/rbac.ts'

/** What a stranger gets whose code runs in a job: identities of clouds that its token opens, and its secrets. */
export const findOutsiderGain: Derivation = {
  id: 'pipeline-outsider-gain',
  from: [ciTakeover],
  optional: [ciJob, ciCloudAccess, ciCloudCredential, ciSecretUse],
  emits: [ciOutsiderGain],
  derive(facts) {
    const access = groupBy(
      facts.filter((each) => isFact(ciCloudAccess, each)),
      ({ scope, data }) => `${scope}\0${data.job}`,
    )
    const all = facts.filter((each) => isFact(ciTakeover, each))
    // What he does in a called workflow is told there, once.
    const workflows = new Set(all.map(({ data }) => `./${data.workflow}`))
    const calls = new Set(
      facts
        .filter((each) => isFact(ciJob, each))
        .filter(({ data }) => data.calls !== undefined && workflows.has(data.calls))
        .map(({ scope, data }) => `${scope}\0${data.job}`),
    )
    const takeovers = all.filter(({ scope, data }) => !calls.has(`${scope}\0${data.job}`))
    const roles = takeovers.flatMap((each) =>
      (access.get(`${each.scope}\0${each.data.job}`) ?? []).flatMap((own) => roleOf(each, own)),
    )
    return { facts: [...roles, ...takeovers.flatMap((each) => secretsOf(each, facts))], gaps: [] }
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

/** The job's token for GitHub is no way into a cloud; `ci/` rules judge what it may do. */
const OWN_TOKEN = 'GITHUB_TOKEN'

/** Whatever a job names is in the memory of its runner, whichever step it is for; what stands at the workflow is in every job. */
function secretsOf(takeover: Fact<typeof ciTakeover>, facts: readonly Fact[]): Fact[] {
  const events = (takeover.data.events ?? []).filter((event) => !isFromBranchOnly(event))
  if (events.length === 0 || takeover.data.privileged === false) return []
  const isOwn = ({ scope, data }: { scope: string; data: { readonly job?: string } }) =>
    scope === takeover.scope && (data.job === takeover.data.job || data.job === '')
  const keys = facts.filter((each) => isFact(ciCloudCredential, each)).filter(isOwn)
  const ofKeys = new Set(keys.flatMap(({ data }) => data.secrets ?? []))
  const uses = facts.filter((each) => isFact(ciSecretUse, each)).filter(isOwn)
  const names = [...new Set(uses.map(({ data }) => data.secret ?? '?'))].filter((name) => name !== OWN_TOKEN)
  const others = names.filter((name) => !ofKeys.has(name)).sort()
  const clouds = [...new Set(keys.map(({ data }) => data.cloud ?? ''))].sort()
  return [
    ...clouds.map((cloud) => {
      const own = keys.filter(({ data }) => data.cloud === cloud).flatMap(({ data }) => data.secrets ?? [])
      return secretFact(takeover, events, 'key', own, `the key of ${cloud} in ${nameSome(own)}`)
    }),
    ...(others.length > 0
      ? [
          secretFact(
            takeover,
            events,
            'secret',
            others,
            `the secret${others.length > 1 ? 's' : ''} ${nameSome(others)}`,
          ),
        ]
      : []),
  ]
}

/** `*` is all of them, `?` one that only a run knows. */
function nameSome(names: readonly string[]): string {
  const words = [...new Set(names)].map((name) => (name === '*' ? 'all secrets' : name === '?' ? 'a secret' : name))
  return `${words.slice(0, 3).join(', ')}${words.length > 3 ? ` and ${words.length - 3} more` : ''}`
}

function secretFact(
  { scope, at, data }: Fact<typeof ciTakeover>,
  events: readonly string[],
  form: string,
  secrets: readonly string[],
  gainName: string,
): Fact {
  return fact(ciOutsiderGain, scope, at, {
    workflow: data.workflow ?? '',
    job: data.job ?? '',
    how: data.how ?? UNKNOWN,
    events,
    gain: [...new Set(secrets)].sort().join(', '),
    gainName,
    form,
    privileged: UNKNOWN,
    certain: data.certain === true && data.privileged === true ? true : UNKNOWN,
    executes: data.executes ?? UNKNOWN,
    guards: data.guards ?? UNKNOWN,
    assumptions: [],
  })
}
