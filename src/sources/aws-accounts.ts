import type { AwsTarget } from '../model.ts'
import { AwsAccount } from './aws-account.ts'
import { type AwsClient, openAws } from './aws-client.ts'
import type { Failure } from './aws-failure.ts'
import { AwsOrganization } from './aws-organization.ts'

/** An account of this run. */
export interface AuditedAccount {
  readonly account: AwsAccount
  /** 12 digits; empty if nothing tells. */
  readonly id: string
  readonly partition: string
  /** `aws:ID`. */
  readonly scope: string
  readonly target: AwsTarget
  /** The organisation as the credentials see it that were given: if they manage it, its policies are seen with them. */
  readonly organization: () => Promise<AwsOrganization>
}
/** An account, or several, of which nothing can be seen. */
export interface UnreachedAccount {
  readonly scope: string
  readonly failure: Failure
}
type Reached = AuditedAccount | UnreachedAccount

const known = new WeakMap<readonly AwsTarget[], Promise<readonly Reached[]>>()

/**
 * The accounts of a run's targets, each once, however many profiles lead to it. Scanners share them, so that nothing is asked
 * twice. A role that cannot be assumed leaves its account out; the others go on.
 */
export function awsAccountsOf(targets: readonly AwsTarget[], signal: AbortSignal): Promise<readonly Reached[]> {
  const before = known.get(targets)
  if (before) return before
  const opening = openAll(targets, signal)
  known.set(targets, opening)
  // An interrupted read must not stand for the accounts.
  opening.catch(() => known.delete(targets))
  return opening
}

async function openAll(targets: readonly AwsTarget[], signal: AbortSignal): Promise<Reached[]> {
  const reached: Reached[] = []
  const seen = new Set<string>()
  for (const target of targets) {
    for await (const each of accountsOf(target, seen, signal)) reached.push(each)
  }
  return reached
}

async function* accountsOf(target: AwsTarget, seen: Set<string>, signal: AbortSignal): AsyncGenerator<Reached> {
  let client: AwsClient
  try {
    client = await openAws(target)
  } catch (error) {
    const detail = `the AWS client could not be set up: ${(error as Error).message}`
    yield { scope: 'aws:', failure: { kind: 'failed', reason: 'not reached', detail } }
    return
  }
  const own = new AwsAccount(client)
  const identity = await own.identity(signal)
  if ('failure' in identity) {
    yield { scope: 'aws:', failure: identity.failure }
    return
  }
  const { account: ownId, partition } = identity.value
  let opened: Promise<AwsOrganization> | undefined
  const organization = () => {
    opened ??= AwsOrganization.open(client)
    return opened
  }
  const audited = (account: AwsAccount, id: string): AuditedAccount => ({
    account,
    id,
    partition,
    scope: `aws:${id || '-'}`,
    target,
    organization,
  })
  const { ids, failure } = await wantedIds(target, ownId, organization, signal)
  if (failure) yield { scope: 'aws:', failure }
  for (const id of ids) {
    if (id !== '' && seen.has(id)) continue
    seen.add(id)
    if (id === ownId) {
      yield audited(own, id)
      continue
    }
    const role = `arn:${partition}:iam::${id}:role/${target.role ?? ''}`
    const assumed = await client.assume(role, target.externalId, signal)
    if ('failure' in assumed) yield { scope: `aws:${id}`, failure: assumed.failure }
    else yield audited(new AwsAccount(assumed.value), id)
  }
}

/** Numbers of the accounts that a target stands for. */
async function wantedIds(
  { accounts }: AwsTarget,
  ownId: string,
  organization: () => Promise<AwsOrganization>,
  signal: AbortSignal,
): Promise<{ ids: readonly string[]; failure?: Failure }> {
  if (!accounts) return { ids: [ownId] }
  if (!accounts.includes('all')) return { ids: accounts }
  const { items, failure } = await (await organization()).accounts(signal)
  // Suspended accounts let nobody in.
  const active = items.filter((each) => (each.State ?? each.Status) === 'ACTIVE').flatMap((each) => each.Id ?? [])
  const others = active.filter((id) => id !== ownId).sort()
  return { ids: [ownId, ...others], ...(failure && { failure }) }
}
