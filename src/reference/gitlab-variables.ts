/**
 * Variables that GitLab sets and people write the text of, with who they are. A merge request from a fork runs in the fork, with the fork's
 * variables; what a stranger writes gets to the project's own pipelines with the merge.
 * Source: https://docs.gitlab.com/ci/variables/predefined_variables/
 */
export const GITLAB_TEXTS: ReadonlyMap<string, 'contributors' | 'writers'> = new Map([
  ['CI_COMMIT_AUTHOR', 'contributors'],
  ['CI_COMMIT_DESCRIPTION', 'contributors'],
  ['CI_COMMIT_MESSAGE', 'contributors'],
  ['CI_COMMIT_TITLE', 'contributors'],
  ['CI_MERGE_REQUEST_TITLE', 'contributors'],
  ['CI_MERGE_REQUEST_DESCRIPTION', 'contributors'],
  ['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME', 'contributors'],
  ['CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME', 'contributors'],
  ['CI_COMMIT_BRANCH', 'writers'],
  ['CI_COMMIT_REF_NAME', 'writers'],
  ['CI_COMMIT_TAG', 'writers'],
  ['CI_COMMIT_TAG_MESSAGE', 'writers'],
  ['CI_MERGE_REQUEST_LABELS', 'writers'],
  ['CI_BUILD_REF_NAME', 'writers'],
  ['GITLAB_USER_NAME', 'writers'],
])
