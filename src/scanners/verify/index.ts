import { secretMatch, secretVerification } from '../../facts/secret.ts'
import { type Fact, fact, type ScanContext, type Scanner } from '../../model.ts'
import { reveal } from '../secrets/vault.ts'
import { someOf } from '../some-of.ts'
import { failed, undecided, type Verdict } from './answer.ts'
import { send } from './ask.ts'
import { AWS_BASE, type AwsKey, askAws } from './aws.ts'
import { isCanary } from './canaries.ts'
import { type Candidate, type Secret, sortSecrets } from './candidates.ts'
import { judgeAnswer, providers, RATE_LIMITED } from './providers.ts'

/** Seconds for one call; less if --timeout is less. */
const CALL_TIMEOUT = 10
/** Calls at a time to one provider. */
const AT_A_TIME = 3

/**
 * Asks providers whether the secrets that were found work, each with one harmless call, which shows in the logs of the secret's
 * owner. A secret goes to its provider and to nobody else.
 */
export const verifyScanner: Scanner = {
  id: 'verify',
  emits: [secretVerification],
  needs: [],
  requested: (context) => context.targets.verify !== undefined,
  async *scan(context) {
    const { askable, skipped, others } = sortSecrets(context.earlier(secretMatch))
    for (const { candidate, reason } of skipped) yield* record(candidate, undecided(reason), context)
    if (others.length > 0) recordOthers(others, context)
    const byProvider = new Map<string, Candidate[]>()
    for (const candidate of askable)
      byProvider.set(candidate.provider, [...(byProvider.get(candidate.provider) ?? []), candidate])
    const asked = await Promise.all([...byProvider].map(([provider, list]) => askProvider(provider, list, context)))
    for (const [candidate, verdict] of asked.flat()) yield* record(candidate, verdict, context)
  },
}

/** A few at a time. A provider that asks to slow down is left alone. */
async function askProvider(
  provider: string,
  candidates: readonly Candidate[],
  context: ScanContext,
): Promise<[Candidate, Verdict][]> {
  const verdicts = new Map<Candidate, Verdict>()
  const queue = [...candidates]
  let limited = false
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      context.progress(`verify: asking ${provider}`)
      const verdict = limited
        ? failed(RATE_LIMITED)
        : context.signal.aborted
          ? failed('no answer in time')
          : withoutSecrets(await ask(next, context), next)
      limited ||= verdict.reason === RATE_LIMITED
      verdicts.set(next, verdict)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  return candidates.map((candidate) => [candidate, verdicts.get(candidate) as Verdict])
}

async function ask({ provider: name, parts, facts }: Candidate, context: ScanContext): Promise<Verdict> {
  const base = (context.targets.verify?.endpoints[name] ?? providers[name]?.base ?? AWS_BASE).replace(/\/+$/, '')
  const seconds = Math.min(CALL_TIMEOUT, context.limits.timeoutSeconds)
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(seconds * 1000)])
  const values = parts.map((digest) => reveal(digest)?.toString('latin1') ?? '')
  const provider = providers[name]
  if (!provider) {
    if (isCanary(facts[0].data.publicId ?? '')) return undecided('canary')
    const [accessKeyId = '', secretAccessKey = '', sessionToken] = values
    const key: AwsKey = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
    return askAws(key, base, signal)
  }
  const call = provider.call(values[0] ?? '', base)
  if (typeof call === 'string') return undecided(call)
  const answer = await send(call, signal)
  return typeof answer === 'string' ? failed(answer) : judgeAnswer(provider, answer)
}

/** A server that answers with what it was sent must not get it into a report. */
function withoutSecrets(verdict: Verdict, { parts, provider }: Candidate): Verdict {
  // The first part of AWS's is the public id.
  const secrets = (provider === 'aws' ? parts.slice(1) : parts).map(
    (digest) => reveal(digest)?.toString('latin1') ?? '',
  )
  return secrets.some((secret) => verdict.identity.includes(secret.slice(0, 120)))
    ? { ...verdict, identity: '' }
    : verdict
}

/** A fact for each part, so that the id and its secret are known to be live alike, and a gap for what stays unknown. */
function* record({ provider, facts }: Candidate, verdict: Verdict, context: ScanContext): Generator<Fact> {
  const { status, reason, identity, gap } = verdict
  for (const { scope, at, data } of facts) {
    const { digest = '', rule = '', path = '' } = data
    yield fact(secretVerification, scope, at, { digest, rule, path, provider, status, reason, identity })
  }
  if (gap === undefined) return
  const [{ scope, data }] = facts
  const detail = `${provider}: ${data.rule} in ${data.path}: ${reason}`
  context.gap({
    kind: secretVerification.kind,
    scope: `${scope}/${data.path}`,
    class: gap,
    reason: 'not verified',
    detail,
  })
}

/** One gap for all secrets of types that nobody is asked for. */
function recordOthers(others: readonly Secret[], context: ScanContext): void {
  const scopes = new Set(others.map(({ scope }) => scope))
  for (const scope of scopes) {
    const types = [...new Set(others.filter((each) => each.scope === scope).map(({ data }) => data.rule ?? ''))].sort()
    context.gap({
      kind: secretVerification.kind,
      scope,
      class: 'limit',
      reason: 'cannot be verified',
      detail: `there is no provider to ask for ${someOf(types)}`,
    })
  }
}
