/**
 * What GitHub's own actions need of the job's token; the form of the rows is told in action-permissions.ts. Sources: the README
 * and action.yml of each, and https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
 */
export const GITHUB_ACTIONS = `
actions/add-to-project                  github-token         repository-projects:kept
actions/attest                          github-token         id-token:write attestations:write artifact-metadata:kept contents:kept push-to-registry=true?packages:write
actions/attest-build-provenance         github-token         id-token:write attestations:write artifact-metadata:kept contents:kept push-to-registry=true?packages:write
actions/attest-sbom                     github-token         id-token:write attestations:write artifact-metadata:kept contents:kept push-to-registry=true?packages:write
actions/cache                           -
actions/cache/restore                   -
actions/cache/save                      -
actions/checkout                        token                contents:read
actions/configure-pages                 token                pages:any id-token:kept
actions/create-github-app-token         -
actions/create-release                  $GITHUB_TOKEN        contents:write
actions/upload-release-asset            $GITHUB_TOKEN        contents:write
actions/delete-package-versions         token                packages:write
actions/dependency-review-action        repo-token           contents:read comment-summary-in-pr=always?pull-requests:write comment-summary-in-pr=on-failure?pull-requests:write
actions/deploy-pages                    token                pages:write id-token:write
actions/download-artifact               github-token         github-token?actions:read
actions/first-interaction               repo-token,repo_token issues:any pull-requests:any
actions/labeler                         repo-token           contents:read pull-requests:write issues:kept
actions/setup-dotnet                    -
actions/setup-go                        -
actions/setup-java                      -
actions/setup-node                      -
actions/setup-python                    -
actions/setup-ruby                      -
actions/stale                           repo-token           issues:any pull-requests:any actions:kept delete-branch=true?contents:write
actions/ai-inference                    token                models:read contents:kept
actions/upload-artifact                 -
actions/upload-artifact/merge           -
actions/upload-pages-artifact           -
actions/go-dependency-submission        token                contents:write id-token:kept
advanced-security/maven-dependency-submission-action token   contents:write id-token:kept
advanced-security/component-detection-dependency-submission-action token contents:write id-token:kept
advanced-security/filter-sarif          -
dependabot/fetch-metadata               github-token         pull-requests:kept contents:kept
github/codeql-action/analyze            token                security-events:write actions:kept contents:read packages:kept
github/codeql-action/autobuild          token                contents:kept
github/codeql-action/init               token                contents:read security-events:kept actions:kept packages:kept
github/codeql-action/upload-sarif       token                security-events:write actions:kept contents:read
github/codeql-action/resolve-environment token               contents:kept
github/codeql-action/start-proxy        -
github/issue-labeler                    repo-token           issues:write contents:read
github/issue-metrics                    $GH_TOKEN            issues:read pull-requests:kept
github/contributors                     $GH_TOKEN            contents:read issues:kept
github/stale-repos                      $GH_TOKEN            contents:read
github/super-linter                     $GITHUB_TOKEN        contents:read statuses:any packages:kept
github/gh-aw-actions/setup              -
github/setup-licensed                   -
github/licensed-ci                      github_token         contents:write pull-requests:write
github/command                          -                    pull-requests:write issues:write checks:read contents:kept
github/lock                             -                    contents:write
github/branch-deploy                    github_token         pull-requests:write deployments:write contents:write checks:read statuses:read
`
