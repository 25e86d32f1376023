import { ciSecretUse, ciSharedSecret } from '../../facts/pipeline-secrets.ts'
import { type Derivation, type Fact, fact, isFact } from '../../model.ts'

type Use = Fact<typeof ciSecretUse>
const NAMED = 4

/** Secrets in the variables of a workflow or job that not all of its steps read: one fact for each of these places. */
export const findSharedSecrets: Derivation = {
  id: 'shared-secrets',
  from: [ciSecretUse],
  emits: [ciSharedSecret],
  derive(facts) {
    const places = new Map<string, Use[]>()
    for (const each of facts) {
      if (!isFact(ciSecretUse, each) || !isShared(each)) continue
      const key = `${each.scope}\n${each.data.job}`
      const uses = places.get(key)
      if (uses) uses.push(each)
      else places.set(key, [each])
    }
    return { facts: [...places.values()].map((uses) => sharedFact(uses as [Use, ...Use[]])), gaps: [] }
  },
}

function isShared({ data }: Use): boolean {
  const { step, place, steps = 0, readers = 0 } = data
  return step === '' && place === 'env' && steps > 1 && readers < steps
}

/** What hangs on the steps that name it: of a job’s secret its author said that the job needs it. */
function isLikely({ data }: Use): boolean {
  const { job, credential, readers = 0, maybe = 0, steps = 0 } = data
  return job === '' && credential === true && (readers + maybe) * 2 <= steps
}

function sharedFact(uses: readonly [Use, ...Use[]]): Fact {
  const likely = uses.filter(isLikely)
  const told = likely.length > 0 ? likely : uses
  const [first] = told as [Use, ...Use[]]
  const result = fact(ciSharedSecret, first.scope, first.at, {
    workflow: first.data.workflow ?? '',
    job: first.data.job ?? '',
    secrets: [...new Set(told.map(({ data }) => data.secret ?? ''))],
    steps: first.data.steps ?? 0,
    likely: likely.length > 0,
    inWords: wordsFor(told),
  })
  return { ...result, also: told.slice(1).flatMap(({ at }) => ('file' in at ? [at] : [])) }
}

function wordsFor(uses: readonly Use[]): string {
  const shown = uses.slice(0, NAMED).map(({ data }) => {
    const { secret = '', readers = 0, maybe = 0 } = data
    const may = maybe > 0 ? `, ${maybe} may read it` : ''
    return `${secret} (${readers} of them ${readers === 1 ? 'names' : 'name'} it${may})`
  })
  const more = uses.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
