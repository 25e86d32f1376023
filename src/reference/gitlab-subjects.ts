/**
 * What an ID token of GitLab CI says of the job that asked for it. Source:
 * https://docs.gitlab.com/ci/secrets/id_token_authentication/ (`sub`, and `ref` of merge requests: the branch that they come from).
 * Of its claims AWS evaluates `sub` and `aud` alone; the providers whose other claims it takes are not GitLab
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html).
 */

/** Whether tokens of an issuer (host and path) are those of the GitLab at a host; without a host those of any. */
export function isGitlabIssuer(issuer: string, host: string | undefined): boolean {
  return host === undefined ? /(?:^|[.-])gitlab\b/.test(issuer) : issuer.replace(/:\d+(?=\/|$)/, '') === host
}
