/**
 * Well-known actions that set up, build, test or check: they need the code at most. Many have a token as default input, for
 * GitHub's rate limit only. Source of each row: README and action.yml of the repository that it names.
 */
export const BUILDERS = `
1password/load-secrets-action           -
DavidAnson/markdownlint-cli2-action     -
DeterminateSystems/magic-nix-cache-action - id-token:kept
DeterminateSystems/nix-installer-action github-token         id-token:kept
EmbarkStudios/cargo-deny-action         -
Jimver/cuda-toolkit                     -
PyO3/maturin-action                     -
Swatinem/rust-cache                     -
abatilo/actions-poetry                  -
actions-rs/cargo                        -
actions-rs/toolchain                    -
ad-m/report-github-action               -
anchore/sbom-action/download-syft       -
anchore/scan-action                     -
android-actions/setup-android           -
aquasecurity/setup-trivy                -
aquasecurity/trivy-action               token-setup-trivy    github-pat?contents:write
aquasecurity/tfsec-action               -
arduino/setup-protoc                    -
asdf-vm/actions/install                 -
astral-sh/ruff-action                   -
astral-sh/setup-uv                      -
aws-actions/setup-sam                   -
azure/setup-helm                        -
azure/setup-kubectl                     -
bridgecrewio/checkov-action             -
browser-actions/setup-chrome            -
browser-actions/setup-firefox           -
bufbuild/buf-breaking-action            -
bufbuild/buf-lint-action                -
bufbuild/buf-setup-action               -
cachix/cachix-action                    -
cachix/install-nix-action               -
cargo-bins/cargo-binstall               -
cli/gh-extension-precompile             -                    contents:write id-token:kept attestations:kept
codespell-project/actions-codespell     -
coursier/cache-action                   -
coursier/setup-action                   -
crate-ci/typos                          -
crazy-max/ghaction-github-runtime       -
crazy-max/ghaction-setup-docker         -
crazy-max/ghaction-dump-context         -
cypress-io/github-action                -                    $GITHUB_TOKEN?contents:kept
denoland/setup-deno                     -
docker/setup-buildx-action              -
docker/setup-compose-action             -
docker/setup-docker-action              -
docker/setup-qemu-action                -
docker/metadata-action                  github-token         contents:kept
docker/bake-action/subaction/matrix     -
docker/scout-action                     github-token         pull-requests:any
dtolnay/rust-toolchain                  -
erlef/setup-beam                        -
expo/expo-github-action                 -
fluxcd/flux2/action                     -
golang/govulncheck-action               -
golangci/golangci-lint-action           github-token         contents:read only-new-issues=true?pull-requests:read checks:kept
google-github-actions/get-secretmanager-secrets -
google-github-actions/setup-gcloud      -
gradle/actions/setup-gradle             -                    dependency-graph=generate-and-submit?contents:write add-job-summary-as-pr-comment=always?pull-requests:write add-job-summary-as-pr-comment=on-failure?pull-requests:write
gradle/actions/wrapper-validation       -
gradle/actions/dependency-submission    github-token         contents:write
gradle/gradle-build-action              -
gradle/wrapper-validation-action        -
goto-bus-stop/setup-zig                 -
gruntwork-io/terragrunt-action          -                    pull-requests:kept
hadolint/hadolint-action                -
hashicorp/setup-packer                  -
hashicorp/setup-terraform               -
haskell-actions/setup                   -
haya14busa/action-cond                  -
helm/chart-testing-action               -
helm/kind-action                        -
hynek/build-and-inspect-python-package  -                    attest-build-provenance-github=true?id-token:write attest-build-provenance-github=true?attestations:write
hynek/setup-cached-uv                   -
imjasonh/setup-crane                    -                    packages:kept
jdx/mise-action                         -
jlumbroso/free-disk-space               -
julia-actions/cache                     -                    actions:kept
julia-actions/julia-buildpkg            -
julia-actions/julia-runtest             -
julia-actions/setup-julia               -
jwalton/gh-find-current-pr              github-token         pull-requests:read
k3d-io/action-k3d                       -
ko-build/setup-ko                       -                    packages:kept
leafo/gh-actions-lua                    -
ludeeus/action-shellcheck               -
lycheeverse/lychee-action               -
mamba-org/setup-micromamba              -
maxim-lobanov/setup-xcode               -
medyagh/setup-minikube                  -
microsoft/playwright-github-action      -
microsoft/setup-msbuild                 -
mlugg/setup-zig                         -
moonrepo/setup-rust                     -
mozilla-actions/sccache-action          -
msys2/setup-msys2                       -
mymindstorm/setup-emsdk                 -
nick-fields/retry                       -
nick-invision/retry                     -
nodesource/setup-nsolid                 -
nttld/setup-ndk                         -
open-policy-agent/setup-opa             -
oven-sh/setup-bun                       -
peaceiris/actions-hugo                  -
peaceiris/actions-mdbook                -
pdm-project/setup-pdm                   -
pnpm/action-setup                       -
pnpm/setup                              -
pre-commit/action                       -
psf/black                               -
pypa/cibuildwheel                       -
r-lib/actions/check-r-package           -
r-lib/actions/setup-pandoc              -
r-lib/actions/setup-r                   -
r-lib/actions/setup-r-dependencies      -
reactivecircus/android-emulator-runner  -
rhysd/actionlint                        -
ruby/setup-ruby                         -
rui314/setup-mold                       -
rustsec/audit-check                     token                checks:any issues:any
actions-rust-lang/audit                 token                issues:any
actions-rust-lang/setup-rust-toolchain  -
samuelmeuli/action-snapcraft            -
sbt/setup-sbt                           -
securego/gosec                          -
sfackler/actions/rustup                 -
shivammathur/setup-php                  -
shogo82148/actions-setup-perl           -
sigstore/cosign-installer               -
slackapi/slack-github-action            -
snok/install-poetry                     -
snyk/actions/setup                      -
snyk/actions/node                       -
snyk/actions/golang                     -
step-security/harden-runner             -
streetsidesoftware/cspell-action        github_token         contents:read pull-requests:kept
subosito/flutter-action                 -
super-linter/super-linter               $GITHUB_TOKEN        contents:read statuses:any packages:kept
super-linter/super-linter/slim          $GITHUB_TOKEN        contents:read statuses:any packages:kept
supercharge/redis-github-action         -
taiki-e/cache-cargo-install-action      -
taiki-e/install-action                  -
taiki-e/setup-cross-toolchain-action    -
tailscale/github-action                 -                    audience?id-token:write
tecolicom/actions-use-apt-tools         -
terraform-linters/setup-tflint          -
tj-actions/changed-files                token                contents:read pull-requests:kept
tj-actions/verify-changed-files         -
dorny/paths-filter                      token                pull-requests:kept contents:read
trufflesecurity/trufflehog              -
gitleaks/gitleaks-action                $GITHUB_TOKEN        contents:read pull-requests:any
swift-actions/setup-swift               -
uraimo/run-on-arch-action               -
vmactions/freebsd-vm                    -
w3c/spec-prod                           -                    contents:kept
wagoid/commitlint-github-action         token                contents:read pull-requests:kept
webfactory/ssh-agent                    -
xom9ikk/split                           -
zizmorcore/zizmor-action                token                contents:read actions:kept security-events:any
`
