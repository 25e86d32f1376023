import { VERSION } from '../../version.ts'

export const CONFIG = `# zt-audit.yaml: settings of zt-audit for this repository.
# yaml-language-server: $schema=https://raw.githubusercontent.com/zt-audit/zt-audit/main/docs/schema/config.schema.json

# Paths that are not audited. What they hide is counted in every report.
# exclude:
#   - test/fixtures/**

# Findings that are accepted, each with its reason. Without a path, resource or fingerprint use \`skip\`.
# suppressions:
#   - rule: secrets/hardcoded-password
#     path: docs/**
#     reason: the examples of the manual
#     expires: 2027-06-30

# The settings below count only with --trust-target or --config: a repository must not decide how it is judged.
# fail-on: medium            # info, low, medium, high, critical or never
# fail-on-score: 60          # the posture, of 100, below which the run fails, too
# min-confidence: medium     # low, medium or high
# skip: [ci]                 # rules or areas that are off
# rules: [security/rules]    # folders with rules of your own
# trusted-accounts: ["123456789012"]
# break-glass-roles: [emergency-admin]
# targets:
#   aws: [{ profile: audit }]
#   kubernetes: [{ context: prod }]
#   github: [{ owner: acme }]
`

const INSTALL = `npm install --global --ignore-scripts --no-audit --no-fund zt-audit@${VERSION}`

/** The branch is the operator's: it is quoted, since a name may be anything that YAML reads otherwise. */
export function githubWorkflow(branch: string): string {
  return `# Audits every push and pull request; https://github.com/zt-audit/zt-audit/blob/main/docs/ci.md
# The action zt-audit/zt-audit does the same, and uploads to code scanning, which takes security-events: write.
name: zt-audit
on:
  push:
    branches: [${JSON.stringify(branch)}]
  pull_request:
permissions:
  contents: read
concurrency:
  group: zt-audit-\${{ github.ref }}
  cancel-in-progress: true
jobs:
  zt-audit:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          # The base branch is there then: it decides how a pull request is judged.
          fetch-depth: 0
          persist-credentials: false
      # An exact version, which npm never changes, and no scripts of packages.
      - run: ${INSTALL}
      # Annotations on the lines; the whole report is the summary of the job.
      - run: |
          set -- --format github --output "markdown=$GITHUB_STEP_SUMMARY"
          if [ -n "$GITHUB_BASE_REF" ]; then set -- "$@" --config-from "origin/$GITHUB_BASE_REF"; fi
          zt-audit . "$@"
`
}

/** In one piece it would be a suppression of this very file. */
const MARK = ': ignore'

/** `until`: when somebody looks at the image again, YYYY-MM-DD. */
export function gitlabJob(until: string): string {
  return `# Audits merge requests and the default branch; https://github.com/zt-audit/zt-audit/blob/main/docs/ci.md
zt-audit:
  stage: test
  # zt-audit${MARK} ci/unpinned-action until ${until} -- an official image; put its digest here if you pin yours
  image: node:22
  needs: []
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - ${INSTALL}
    - |
      set -- --output codequality=gl-code-quality-report.json --output junit=gl-junit-report.xml
      # A merge request must not say how it is judged: its target branch does.
      if [ -n "\${CI_MERGE_REQUEST_TARGET_BRANCH_NAME:-}" ]; then
        git fetch --quiet --depth 1 origin "+refs/heads/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME:refs/remotes/origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
        set -- "$@" --config-from "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
      fi
      zt-audit . "$@"
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
      junit: gl-junit-report.xml
`
}

/** One entry of \`repos\` in .pre-commit-config.yaml: the zt-audit that is installed. */
export function preCommitEntry(command: string): string {
  return `- repo: local
  hooks:
    - id: zt-audit
      name: zt-audit
      entry: ${command} --staged
      language: system
      pass_filenames: false
      require_serial: true
`
}
