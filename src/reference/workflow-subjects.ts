/**
 * What a token of GitHub Actions says of the run that asked for it. Sources:
 * https://docs.github.com/en/actions/reference/security/oidc (subjects, immutable subjects, customised ones) and
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows (GITHUB_REF of each event).
 */

/** Where the ref of a run comes from, which its subject names unless the job has an environment. */
export type RefOrigin =
  /** The branch or tag that was pushed, created or released, as filters let it through. */
  | 'pushed'
  /** `pull_request` stands in the place of the ref. */
  | 'pull-request'
  /** Runs in the base branch; whether its subject says `pull_request` or that branch GitHub does not document. */
  | 'pull-request-target'
  | 'default-branch'
  /** Whoever starts it chooses the branch or tag. */
  | 'chosen'
  | 'tag'
  /** `refs/heads/gh-readonly-queue/BASE/pr-NUMBER-COMMIT` */
  | 'merge-queue'
  /** That of the run which calls it. */
  | 'caller'

const ORIGINS: Readonly<Record<string, RefOrigin>> = {
  push: 'pushed',
  create: 'pushed',
  pull_request: 'pull-request',
  pull_request_review: 'pull-request',
  pull_request_review_comment: 'pull-request',
  pull_request_target: 'pull-request-target',
  workflow_dispatch: 'chosen',
  deployment: 'chosen',
  deployment_status: 'chosen',
  release: 'tag',
  registry_package: 'chosen',
  merge_group: 'merge-queue',
  workflow_call: 'caller',
}

/** All others run in the default branch: schedules, comments, issues, `workflow_run`, `repository_dispatch`, … */
export function refOriginOf(event: string): RefOrigin {
  return ORIGINS[event] ?? 'default-branch'
}

/** Event of a pull request: from a fork it gets no token. */
export function isFromBranchOnly(event: string): boolean {
  return refOriginOf(event) === 'pull-request'
}

/** Default template of a subject, and what each part of a customised one is called. */
export const DEFAULT_SUBJECT: readonly string[] = ['repo', 'context']

/**
 * Claims that AWS puts beside `sub` and `aud` into the context of a request, since January 2026. Source: "Available keys for AWS
 * OIDC federation", https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
 */
export const CLAIMS_IN_AWS: ReadonlySet<string> = new Set([
  'sub',
  'aud',
  'actor',
  'actor_id',
  'job_workflow_ref',
  'repository',
  'repository_id',
  'workflow',
  'ref',
  'environment',
  'enterprise_id',
])

/** Whether tokens of an issuer (host and path) are those of a GitHub at a host. Hosts of data residency and Enterprise Server have their own. */
export function isIssuerOf(issuer: string, host: string | undefined): boolean {
  const own = /^token\.actions\.githubusercontent\.com(?:\/[\w.-]+)?$/.test(issuer)
    ? 'github.com'
    : enterpriseOf(issuer)
  return own !== undefined && (host === undefined || own === host)
}

function enterpriseOf(issuer: string): string | undefined {
  const residency = /^token\.actions\.([\w-]+\.ghe\.com)(?:\/|$)/.exec(issuer)?.[1]
  return residency ?? /^(.+)\/_services\/token$/.exec(issuer)?.[1]
}
