import type { FactKind, GithubTarget, ScanContext } from '../../model.ts'
import { githubNeeds } from '../../reference/github-permissions.ts'
import type {
  GithubClient,
  GithubFailure,
  GithubOutcome,
  GithubPages,
  GithubParameters,
} from '../../sources/github-client.ts'
import { gapFor } from '../gap-for.ts'

/** What readers of one owner share. */
export interface GithubReader {
  readonly owner: string
  readonly client: GithubClient
  readonly context: ScanContext
  readonly target: GithubTarget
  get(route: string, parameters: GithubParameters): Promise<GithubOutcome<unknown>>
  list(route: string, parameters: GithubParameters, field?: string): Promise<GithubPages<unknown>>
}

export function githubReader(client: GithubClient, target: GithubTarget, context: ScanContext): GithubReader {
  return {
    owner: target.owner,
    client,
    context,
    target,
    get: (route, parameters) => client.get(route, parameters, githubNeeds(route)),
    list: (route, parameters, field) => client.list(route, parameters, githubNeeds(route), field),
  }
}

/** All items of a list; what is missing of them is a gap of the kinds. */
export async function listOrGap(
  reader: GithubReader,
  scope: string,
  kinds: readonly FactKind[],
  [route, parameters, field]: [route: string, parameters: GithubParameters, field?: string],
  fields?: readonly string[],
): Promise<{ readonly items: readonly unknown[]; readonly complete: boolean }> {
  const { items, failure } = await reader.list(route, parameters, field)
  if (failure) gapFor(kinds, scope, failure, reader.context, fields)
  return { items, complete: failure === undefined }
}

/** A body, or a gap of the kinds (of their `fields` only, if named) and undefined. */
export async function getOrGap(
  reader: GithubReader,
  scope: string,
  kinds: readonly FactKind[],
  [route, parameters]: [route: string, parameters: GithubParameters],
  fields?: readonly string[],
): Promise<unknown> {
  const outcome = await reader.get(route, parameters)
  if ('value' in outcome) return outcome.value ?? {}
  gapFor(kinds, scope, outcome.failure, reader.context, fields)
  return undefined
}

/** Records that an answer leaves out fields: who may see them, the route's needs say. */
export function hiddenGap(
  reader: GithubReader,
  kind: FactKind,
  scope: string,
  fields: readonly string[],
  detail: string,
): void {
  gapFor([kind], scope, { reason: 'not told', detail }, reader.context, fields)
}

/** Whether credentials are of no use here at all: nothing else need be asked. */
export function isHopeless({ status, reason }: GithubFailure): boolean {
  return status === 401 || reason === 'not reached'
}

/** Free plans have no protection of branches and no rulesets for private repositories, and say so. */
export function isNotInPlan({ message = '' }: GithubFailure): boolean {
  return /upgrade to github|make this repository public/i.test(message)
}
