/**
 * What well-known actions do with what they are given: run it, print it, check who asks. Names in lower case, without a version. Source: the
 * `action.yml` of each, read for the most used ones (github-script, retry, wretry, powershell, yq, ssh-action, android-emulator-runner,
 * docker-run, run-python-script, paths-filter, changed-files, branch-names, get-workflow-origin, pull-request-comment-branch, resolve-pr-refs,
 * issue-parser, file-changes, action-download-artifact, build-push-action, action-setup of pnpm, setup-ruby, gradle-build-action, npm-install,
 * Cypress, checkout); the README for outputs that no action.yml declares. The rest is from descriptions of these actions and may be incomplete.
 */

/** Inputs whose text an action runs, with the language. */
const CODE_INPUTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'actions/github-script': { script: 'javascript' },
  'amadevus/pwsh-script': { script: 'powershell' },
  'appleboy/ssh-action': { script: 'shell' },
  'azure/cli': { inlinescript: 'shell' },
  'azure/powershell': { inlinescript: 'powershell' },
  'cardinalby/js-eval-action': { expression: 'javascript' },
  'cloudposse/github-action-docker-compose-test-run': { command: 'shell' },
  'coactions/setup-xvfb': { run: 'shell' },
  'gabrielbb/xvfb-action': { run: 'shell' },
  'addnab/docker-run-action': { run: 'shell' },
  'jannekem/run-python-script-action': { script: 'python' },
  'lovely/yq-action': { cmd: 'shell' },
  'mikefarah/yq': { cmd: 'shell' },
  'nick-fields/retry': { command: 'shell', on_retry_command: 'shell' },
  'nick-invision/retry': { command: 'shell' },
  'paambaati/codeclimate-action': { coveragecommand: 'shell' },
  'r-lib/actions/setup-r-dependencies': { packages: 'r' },
  'reactivecircus/android-emulator-runner': { script: 'shell' },
  'sergeysova/jq-action': { cmd: 'shell' },
  'suisei-cn/actions-download-file': { url: 'javascript' },
  'vmactions/freebsd-vm': { prepare: 'shell', run: 'shell' },
  'vmactions/netbsd-vm': { prepare: 'shell', run: 'shell' },
  'vmactions/openbsd-vm': { prepare: 'shell', run: 'shell' },
  'wandalen/wretry.action': { command: 'shell' },
}

/** The language of the code that an action takes by an input; undefined if the input is data. */
export function languageOfInput(action: string, input: string): string | undefined {
  return CODE_INPUTS[action.toLowerCase()]?.[input.toLowerCase()]
}

/** Outputs that hold what strangers write: names of files and branches, texts of comments. `head` names a commit of the pull request. */
const OUTPUTS: Readonly<Record<string, Readonly<Record<string, 'text' | 'ref' | 'head'>>>> = {
  'alessbell/pull-request-comment-branch': { head_ref: 'ref', head_sha: 'head' },
  'dorny/paths-filter': { '*_files': 'text' },
  'eficode/resolve-pr-refs': { head_ref: 'ref', head_sha: 'head' },
  'gotson/pull-request-comment-branch': { head_ref: 'ref', head_sha: 'head' },
  'jitterbit/get-changed-files': { '*': 'text' },
  'khan/pull-request-comment-trigger': { comment_body: 'text' },
  'nrwl/last-successful-commit-action': {},
  'peter-murray/issue-body-parser-action': { '*': 'text' },
  'peter-murray/issue-forms-body-parser': { '*': 'text' },
  'potiuk/get-workflow-origin': {
    sourceheadbranch: 'ref',
    sourceheadsha: 'head',
    targetcommitsha: 'head',
    mergecommitsha: 'head',
  },
  'rlespinasse/github-slug-action': {},
  'stefanbuck/github-issue-parser': { '*': 'text' },
  'the-coding-turtle/ga-yaml-parser': { '*': 'text' },
  'tj-actions/branch-names': { current_branch: 'ref', head_ref_branch: 'ref' },
  'tj-actions/changed-files': { '*_files': 'text' },
  'trilom/file-changes-action': { '*': 'text' },
  'tzkhan/pr-update-action': { headmatch: 'ref' },
  // `ref` and `sha` until version 2.
  'xt0rted/pull-request-comment-branch': { head_ref: 'ref', head_sha: 'head', ref: 'ref', sha: 'head' },
  'zentered/issue-forms-body-parser': { '*': 'text' },
}

/** What an output of an action holds; undefined if strangers have no say in it. */
export function kindOfOutput(action: string, version: string, output: string): 'text' | 'ref' | 'head' | undefined {
  const known = OUTPUTS[action.toLowerCase()]
  // Since version 41 it escapes names for shells: https://github.com/tj-actions/changed-files/security/advisories/GHSA-mcph-m25j-8j63
  if (action.toLowerCase() === 'tj-actions/changed-files' && !/^v?(?:[123]?\d|40)(?:\.|$)/.test(version))
    return undefined
  if (!known) return undefined
  const name = output.toLowerCase()
  const suffix = Object.keys(known).find((key) => key.startsWith('*') && name.endsWith(key.slice(1)))
  return known[name] ?? (suffix === undefined ? undefined : known[suffix])
}

/** Actions that fetch code by git, like actions/checkout: inputs `ref`, `repository`, `path`. */
export const CHECKOUT_ACTIONS: ReadonlySet<string> = new Set([
  'actions/checkout',
  'nschloe/action-cached-lfs-checkout',
  'taiki-e/checkout-action',
  'bhacaz/checkout-files',
  'namespacelabs/nscloud-checkout-action',
])

/** Actions that run code or configuration of the folder; where an input is named, only with that input (and `.` or a path in it). */
const EXECUTING: Readonly<Record<string, string | true>> = {
  'actions-rs/cargo': true,
  'actions/jekyll-build-pages': true,
  'andresz1/size-limit-action': true,
  'bahmutov/npm-install': true,
  'borales/actions-yarn': true,
  'chromaui/action': true,
  'cypress-io/github-action': true,
  'docker/bake-action': true,
  'docker/build-push-action': 'context',
  'github/codeql-action/autobuild': true,
  'goreleaser/goreleaser-action': true,
  'gradle/actions/setup-gradle': 'arguments',
  'gradle/gradle-build-action': 'arguments',
  'houseabsolute/actions-rust-cross': true,
  'hynek/build-and-inspect-python-package': true,
  'pnpm/action-setup': 'run_install',
  'pre-commit/action': true,
  'preactjs/compressed-size-action': true,
  'pypa/cibuildwheel': true,
  'pyo3/maturin-action': true,
  'ruby/setup-ruby': 'bundler-cache',
  'super-linter/super-linter': true,
  'github/super-linter': true,
  'tauri-apps/tauri-action': true,
}

/** Whether an action runs what lies in the folder, given the names of its inputs. */
export function runsFolder(action: string, inputs: readonly string[]): boolean {
  const needs = EXECUTING[action.toLowerCase()]
  return needs === true || (needs !== undefined && inputs.includes(needs))
}

/** Actions that stop, or say in an output, if who acted may not write. */
export const PERMISSION_CHECKS: ReadonlySet<string> = new Set([
  '74th/workflow-permission-action',
  'actions-cool/check-user-permission',
  'github/command',
  'lannonbr/repo-permission-check-action',
  'morfien101/actions-authorized-user',
  'peter-evans/slash-command-dispatch',
  'prince-chrismc/check-actor-permissions-action',
  'scherermichael-oss/action-has-permission',
  'sushichop/action-repository-permission',
  'tspascoal/get-user-teams-membership',
  'xt0rted/slash-command-action',
])

/** Actions that download artifacts, by default of another run. */
export const FOREIGN_DOWNLOADS: ReadonlySet<string> = new Set([
  'dawidd6/action-download-artifact',
  'aochmann/actions-download-artifact',
  'legit-labs/action-download-artifact',
  'bettermarks/action-artifact-download',
  'blablacar/action-download-last-artifact',
])

/**
 * Versions of actions/checkout that refuse forks’ code under pull_request_target and workflow_run: of each major version, from this minor one on;
 * version 1 never does. Source: https://github.blog/changelog/2026-06-18-safer-pull_request_target-defaults-for-github-actions-checkout/ and the
 * releases of each.
 */
const REFUSING: Readonly<Record<number, number>> = { 2: 8, 3: 7, 4: 4, 5: 1, 6: 1, 7: 0 }
/** Their commits, where no comment says the version. Source: the tags of https://github.com/actions/checkout. */
const REFUSING_COMMITS = new Set([
  '0717577d45739eb3c851188b29f50ed6c0b2194e',
  'a37ce9120846195fa4ece8f58b268e6043cb2f26',
  '11d5960a326750d5838078e36cf38b85af677262',
  'fbc6f3992d24b796d5a048ff273f7fcc4a7b6c09',
  'd23441a48e516b6c34aea4fa41551a30e30af803',
  '9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0',
  '3d3c42e5aac5ba805825da76410c181273ba90b1',
])

/** Whether a version of actions/checkout (`v5`, `v4.3.1`, a commit with the version from the comment behind it) refuses the code of forks. */
export function refusesForks(version: string, comment: string): boolean {
  if (version === 'main' || REFUSING_COMMITS.has(version)) return true
  const [, major = '', minor] = /^v?(\d+)(?:\.(\d+))?/.exec(/^[0-9a-f]{40}$/.test(version) ? comment : version) ?? []
  const first = REFUSING[Number(major)]
  if (first === undefined) return Number(major) > 7
  // A tag of a major version moves along; in a comment it says nothing of the minor one.
  return minor === undefined ? version.startsWith('v') || first === 0 : Number(minor) >= first
}

/** Actions that push or fetch with the token that the checkout left. */
// peter-evans/create-pull-request sets its own token up, with or without the checkout's.
export const GIT_ACTIONS: ReadonlySet<string> = new Set([
  'ad-m/github-push-action',
  'actions-js/push',
  'changesets/action',
  'crazy-max/ghaction-github-pages',
  'cycjimmy/semantic-release-action',
  'endbug/add-and-commit',
  'googleapis/release-please-action',
  'jamesives/github-pages-deploy-action',
  'knope-dev/action',
  'peaceiris/actions-gh-pages',
  'stefanzweifel/git-auto-commit-action',
  'test-room-7/action-update-file',
  'orhun/git-cliff-action',
  'release-plz/action',
])
