import { githubRepository } from '../../facts/github-repository.ts'
import { githubActionsPolicy } from '../../facts/github-settings.ts'
import { UNKNOWN } from '../../model.ts'
import type { GithubParameters } from '../../sources/github-client.ts'
import { field, flagOf, textOf } from './body.ts'
import { type GithubReader, getOrGap } from './reader.ts'

/** What GitHub Actions may do, by an organisation's settings or a repository's. */
export interface ActionsPolicy {
  readonly enabled: boolean | typeof UNKNOWN
  readonly allowedActions: string | typeof UNKNOWN
  readonly actionsPinned: boolean | typeof UNKNOWN
  readonly defaultTokenPermission: string | typeof UNKNOWN
  readonly actionsCanApprove: boolean | typeof UNKNOWN
}

/** Asks for both parts of the settings. `route` is the first; the second stands below it. */
export async function actionsPolicy(
  reader: GithubReader,
  scope: string,
  [route, parameters]: [route: string, parameters: GithubParameters],
): Promise<ActionsPolicy> {
  const kinds = scope.includes('/') ? [githubRepository, githubActionsPolicy] : [githubActionsPolicy]
  const [permissions, workflow] = await Promise.all([
    getOrGap(
      reader,
      scope,
      kinds,
      [route, parameters],
      ['enabled', 'actionsEnabled', 'allowedActions', 'actionsPinned'],
    ),
    getOrGap(reader, scope, kinds, [`${route}/workflow`, parameters], ['defaultTokenPermission', 'actionsCanApprove']),
  ])
  // An organisation says which repositories may use Actions, a repository whether it may.
  const repositories = field(permissions, 'enabled_repositories')
  const enabled = typeof repositories === 'string' ? repositories !== 'none' : flagOf(permissions, 'enabled')
  const off = enabled === false
  return {
    enabled,
    // Not told where nothing may run.
    allowedActions: off ? 'none' : textOf(permissions, 'allowed_actions'),
    actionsPinned: permissions === undefined ? UNKNOWN : field(permissions, 'sha_pinning_required') === true,
    defaultTokenPermission: textOf(workflow, 'default_workflow_permissions'),
    actionsCanApprove: flagOf(workflow, 'can_approve_pull_request_reviews'),
  }
}
