/**
 * Well-known actions that publish, push, comment or log in somewhere. Source of each row: README and action.yml of the
 * repository that it names.
 */
export const PUBLISHERS = `
8398a7/action-slack                     $GITHUB_TOKEN        actions:kept checks:kept
AndreasAugustin/actions-template-sync   source_gh_token      contents:write pull-requests:write
CodSpeedHQ/action                       -                    mode?id-token:kept !token?id-token:any pull-requests:kept
EndBug/add-and-commit                   github_token,@checkout contents:write
JamesIves/github-pages-deploy-action    token,@checkout      !ssh-key?contents:write
JasonEtco/create-an-issue               $GITHUB_TOKEN        issues:write contents:read
JS-DevTools/npm-publish                 token                id-token:kept
LouisBrunner/checks-action              token                checks:write
MarcoIeni/release-plz-action            $GITHUB_TOKEN        contents:write pull-requests:write id-token:kept
release-plz/action                      $GITHUB_TOKEN        contents:write pull-requests:write id-token:kept
SonarSource/sonarcloud-github-action    $GITHUB_TOKEN        contents:read pull-requests:kept
SonarSource/sonarqube-scan-action       $GITHUB_TOKEN        contents:read pull-requests:kept
ad-m/github-push-action                 github_token         contents:write
actions-cool/check-user-permission      token                contents:kept
actions-cool/issues-helper              token                issues:any pull-requests:kept contents:kept
actions-cool/maintain-one-comment       token                issues|pull-requests:write
actions-ecosystem/action-add-labels     github_token         issues|pull-requests:write
actions-ecosystem/action-remove-labels  github_token         issues|pull-requests:write
actions-js/push                         github_token         contents:write
alexellis/upload-assets                 $GITHUB_TOKEN        contents:write
amannn/action-semantic-pull-request     $GITHUB_TOKEN        pull-requests:read wip=true?statuses:write
anchore/sbom-action                     github-token         contents:any actions:kept
andstor/copycat-action                  -
anthropics/claude-code-action           github_token         contents:kept pull-requests:kept issues:kept id-token:kept actions:kept
arduino/report-size-deltas              github-token         pull-requests:write
atlassian/gajira-login                  -
aws-actions/amazon-ecr-login            -
aws-actions/aws-cloudformation-github-deploy -
aws-actions/configure-aws-credentials   -                    !aws-access-key-id?id-token:any
aws-actions/amazon-ecs-deploy-task-definition -
aws-actions/amazon-ecs-render-task-definition -
aws-actions/stale-issue-cleanup         repo-token           issues:write pull-requests:kept
aws-actions/closed-issue-message        repo-token           issues:write
azure/aks-set-context                   -
azure/container-apps-deploy-action      -
azure/k8s-deploy                        -                    actions:kept
azure/login                             -                    !creds?id-token:any
azure/static-web-apps-deploy            repo_token           pull-requests:write id-token:kept
azure/webapps-deploy                    -
bencherdev/bencher                      -
benchmark-action/github-action-benchmark github-token        auto-push=true?contents:write comment-on-alert=true?contents:write comment-always=true?contents:write pull-requests:kept
bobheadxi/deployments                   token                deployments:write
changesets/action                       $GITHUB_TOKEN        contents:write pull-requests:write id-token:kept
chromaui/action                         -
cloudflare/pages-action                 gitHubToken          gitHubToken?deployments:write
cloudflare/wrangler-action              gitHubToken          gitHubToken?deployments:write
codecov/codecov-action                  -                    use_oidc=true?id-token:write
codecov/test-results-action             -                    use_oidc=true?id-token:write
coverallsapp/github-action              github-token         checks:kept statuses:kept pull-requests:kept
cpp-linter/cpp-linter-action            $GITHUB_TOKEN        contents:any pull-requests:any
crazy-max/ghaction-github-labeler       github-token         issues:write contents:read
crazy-max/ghaction-github-pages         $GITHUB_TOKEN,$GH_PAT contents:write
crazy-max/ghaction-import-gpg           -
crowdin/github-action                   $GITHUB_TOKEN        contents:any pull-requests:any
cycjimmy/semantic-release-action        $GITHUB_TOKEN,$GH_TOKEN,@checkout contents:write issues:any pull-requests:any id-token:kept
codfish/semantic-release-action         $GITHUB_TOKEN,@checkout contents:write issues:any pull-requests:any id-token:kept
danger/danger-js                        $GITHUB_TOKEN        pull-requests:write issues:kept statuses:any
dawidd6/action-download-artifact        github_token         actions:read pull-requests:kept
dawidd6/action-homebrew-bump-formula    -
dessant/lock-threads                    github-token         issues:any pull-requests:any discussions:kept
dessant/label-actions                   github-token         issues:any pull-requests:any discussions:kept contents:kept
dessant/support-requests                github-token         issues:write
docker/bake-action                      -                    github-token?contents:kept packages:kept
docker/build-push-action                -                    packages:kept id-token:kept attestations:kept
docker/login-action                     password             registry=ghcr.io?packages:any registry=docker.pkg.github.com?packages:any
docker/github-builder/.github/workflows/build.yml - contents:kept id-token:write packages:kept
dorny/test-reporter                     token                checks:write actions:kept contents:kept
elgohr/publish-docker-github-action     password             registry=ghcr.io?packages:any
eps1lon/actions-label-merge-conflict    repoToken            pull-requests:write contents:kept
fastify/github-action-merge-dependabot  github-token         contents:write pull-requests:write
firebaseextended/action-hosting-deploy  repoToken            repoToken?checks:write repoToken?pull-requests:write
foundry-rs/foundry-toolchain            -
git-auto-commit/git-auto-commit-action  @checkout            contents:write
google-github-actions/auth              -                    workload_identity_provider?id-token:write
google-github-actions/deploy-cloudrun   -
google-github-actions/get-gke-credentials -
google-github-actions/release-please-action token            contents:write pull-requests:write issues:any
googleapis/release-please-action        token                contents:write pull-requests:write issues:any
goreleaser/goreleaser-action            $GITHUB_TOKEN        contents:any packages:kept id-token:kept attestations:kept
hashicorp/vault-action                  -                    method=jwt?id-token:write
helm/chart-releaser-action              $CR_TOKEN            contents:write packages:kept
infracost/actions/setup                 -
irongut/codecoveragesummary             -
jitterbit/get-changed-files             token                contents:read pull-requests:kept
juliangruber/find-pull-request-action   github-token         pull-requests:read
juliangruber/sleep-action               -
kentaro-m/auto-assign-action            repo-token           pull-requests:write contents:read
lewagon/wait-on-check-action            repo-token           checks:read
machine-learning-apps/pr-comment        $GITHUB_TOKEN        issues|pull-requests:write
marocchino/sticky-pull-request-comment  GITHUB_TOKEN         pull-requests:write
mikepenz/action-junit-report            token,github_token   checks:any pull-requests:kept
mikepenz/release-changelog-builder-action token              contents:read pull-requests:kept
mindsers/changelog-reader-action        -
mislav/bump-homebrew-formula-action     -                    contents:kept
mshick/add-pr-comment                   repo-token           pull-requests:write issues:kept
mxschmitt/action-tmate                  -
ncipollo/release-action                 token                contents:write discussionCategory?discussions:write
ossf/scorecard-action                   repo_token           security-events:any publish_results=true?id-token:write contents:read actions:kept checks:kept issues:kept pull-requests:kept
peaceiris/actions-gh-pages              github_token         github_token?contents:write
peter-evans/close-issue                 token                issues:write
peter-evans/create-issue-from-file      token                issues:write contents:kept
peter-evans/create-or-update-comment    token                issues|pull-requests:write
peter-evans/create-pull-request         token                contents:write pull-requests:write
peter-evans/dockerhub-description       -
peter-evans/find-comment                token                issues|pull-requests:read
peter-evans/repository-dispatch         token                contents:write
peter-evans/slash-command-dispatch      token                contents:kept issues:kept pull-requests:kept
philips-labs/slsa-provenance-action     github_token         contents:any
pypa/gh-action-pypi-publish             -                    !password?id-token:write attestations=true?id-token:write
py-cov-action/python-coverage-comment-action GITHUB_TOKEN    contents:any pull-requests:any actions:kept
release-drafter/release-drafter         $GITHUB_TOKEN,token  contents:write pull-requests:any
release-drafter/release-drafter/autolabeler $GITHUB_TOKEN,token pull-requests:write contents:kept
repo-sync/pull-request                  github_token         contents:kept pull-requests:write
reviewdog/action-actionlint             github_token         contents:read checks:any pull-requests:any
reviewdog/action-eslint                 github_token         contents:read checks:any pull-requests:any
reviewdog/action-golangci-lint          github_token         contents:read checks:any pull-requests:any
reviewdog/action-hadolint               github_token         contents:read checks:any pull-requests:any
reviewdog/action-misspell               github_token         contents:read checks:any pull-requests:any
reviewdog/action-rubocop                github_token         contents:read checks:any pull-requests:any
reviewdog/action-setup                  -
reviewdog/action-shellcheck             github_token         contents:read checks:any pull-requests:any
reviewdog/action-suggester              github_token         contents:read pull-requests:write checks:kept
rickstaa/action-create-tag              github_token,@checkout contents:write
rubygems/configure-rubygems-credentials -                    !api-token?id-token:write
rubygems/release-gem                    -                    contents:any id-token:write
rust-lang/crates-io-auth-action         -                    id-token:write
semgrep/semgrep-action                  -
returntocorp/semgrep-action             -
slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml - id-token:write actions:read packages:write
slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml - id-token:write actions:read contents:write
slsa-framework/slsa-github-generator/.github/workflows/builder_go_slsa3.yml - id-token:write actions:read contents:write
slsa-framework/slsa-github-generator/.github/workflows/builder_nodejs_slsa3.yml - id-token:write actions:read contents:read
google/osv-scanner-action/.github/workflows/osv-scanner-reusable.yml - security-events:write actions:read contents:read
google/osv-scanner-action/.github/workflows/osv-scanner-reusable-pr.yml - security-events:write actions:read contents:read
softprops/action-gh-release             token,$GITHUB_TOKEN  contents:write discussion_category_name?discussions:write
srvaroa/labeler                         $GITHUB_TOKEN        issues:any pull-requests:any contents:read
stefanzweifel/git-auto-commit-action    @checkout            contents:write
svenstaro/upload-release-action         repo_token           contents:write
terraform-docs/gh-actions               @checkout            git-push=true?contents:write
thollander/actions-comment-pull-request GITHUB_TOKEN,github-token pull-requests:write issues:kept
tibdex/github-app-token                 -
tspascoal/get-user-teams-membership     -
toshimaru/auto-author-assign            repo-token           pull-requests:write issues:kept
treosh/lighthouse-ci-action             -
triss90/auto-merge                      github-token         contents:write pull-requests:write
wangyoucao577/go-release-action         github_token         contents:write
withfig/push-to-fig-autocomplete-action -
wow-actions/auto-comment                GITHUB_TOKEN         issues:any pull-requests:any
codelytv/pr-size-labeler                GITHUB_TOKEN         issues|pull-requests:write
pascalgn/automerge-action               GITHUB_TOKEN         contents:write pull-requests:write statuses:kept checks:kept
pascalgn/size-label-action              $GITHUB_TOKEN        pull-requests:write
hmarr/auto-approve-action               github-token         pull-requests:write
jenkins-infra/jenkins-security-scan/.github/workflows/jenkins-security-scan.yaml - security-events:write contents:read actions:read
tibdex/backport                         github_token         contents:write pull-requests:write
korthout/backport-action                github_token,@checkout contents:write pull-requests:write
sorenlouv/backport-github-action        github_token         contents:write pull-requests:write
`
