import { isForeign } from '../../detect/file-kind.ts'
import { ciRepository } from '../../facts/pipeline-uses.ts'
import { fact, type Scanner, type Tree, type TreeFile } from '../../model.ts'
import { unreadPipelines } from './unread-systems.ts'

export const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/
/** Files that declare packages of others. */
const MANIFEST =
  /(?:^|\/)(?:package\.json|go\.mod|Cargo\.toml|pyproject\.toml|requirements[\w.-]*\.txt|Pipfile|setup\.cfg|pom\.xml|build\.gradle(?:\.kts)?|Gemfile|[\w.-]+\.gemspec|composer\.json|[\w.-]+\.(?:cs|fs|vb)proj|mix\.exs|pubspec\.yaml|Package\.swift|build\.sbt|deno\.json)$/
/** Tools that update dependencies, by their files. Sources: https://docs.github.com/en/code-security/dependabot, https://docs.renovatebot.com/configuration-options/ */
const UPDATES =
  /^(?:\.github\/dependabot\.ya?ml|(?:\.github\/|\.gitlab\/)?renovate\.json5?|\.renovaterc(?:\.json5?)?|\.github\/renovate\.json5?|\.pyup\.ya?ml|\.scala-steward\.conf|\.github\/updatecli\/.*|updatecli\/.*\.ya?ml|\.deps\.rb)$/
const RELEASE_TOOL = /(?:^|\/)(?:\.?goreleaser[\w.-]*\.ya?ml|\.npmrc|package\.json)$/
const SCAN =
  /github\/codeql-action\/(?:analyze|upload-sarif)|ossf\/scorecard-action|aquasecurity\/(?:trivy|tfsec)-action|actions\/dependency-review-action|snyk\/actions|(?:semgrep|returntocorp)\/semgrep(?:-action)?|anchore\/scan-action|google\/osv-scanner|bridgecrewio\/checkov-action|checkmarx\/\S+|SonarSource\/sonar\S+|golang\/govulncheck-action|securego\/gosec|zizmorcore\/zizmor-action|gitleaks\/gitleaks-action|trufflesecurity\/trufflehog|rustsec\/audit-check|EmbarkStudios\/cargo-deny-action|actions-rust-lang\/audit|step-security\/\S*scan|microsoft\/(?:security-devops-action|DevSkim-Action)|veracode\/\S+|fossas?\/\S+|pypa\/gh-action-pip-audit|brakeman|bundler-audit|bundle-audit|pip-audit|(?:npm|pnpm|yarn) (?:npm )?audit|cargo (?:audit|deny)|govulncheck|\bgosec\b|\bbandit\b|\bsemgrep\b|\btrivy\b|\bgrype\b|\bsnyk\b|osv-scanner|\bcheckov\b|\bgitleaks\b|\btrufflehog\b|\bzizmor\b|\bzt-audit\b|codeql/gi

/** What a repository with workflows shows of its care for dependencies and releases. */
export const repositoryScanner: Scanner = {
  id: 'pipeline-repository',
  emits: [ciRepository],
  needs: [],
  requested: ({ trees }) => trees.some((tree) => hasPipelines(tree.files().map(({ path }) => path))),
  async *scan(context) {
    for (const tree of context.trees) {
      const files = tree.files().filter(({ path }) => !isForeign(path))
      const workflows = files.filter(({ path }) => WORKFLOW.test(path))
      // Where only what changed is judged, what is absent is not seen.
      if (workflows.length === 0 || tree.changes) continue
      context.signal.throwIfAborted()
      const tools = files.filter(({ path }) => RELEASE_TOOL.test(path))
      yield fact(
        ciRepository,
        tree.scope,
        { file: workflows[0]?.path ?? '' },
        {
          folder: tree.scope.replace(/^repo:/, ''),
          isGit: tree.isGit,
          workflows: workflows.length,
          manifests: pathsOf(files, MANIFEST),
          updates: [
            ...pathsOf(files, UPDATES),
            ...mentions(
              tree,
              [...workflows, ...files.filter(({ path }) => path === 'package.json')],
              /renovatebot\/github-action|"renovate"\s*:/g,
            ),
          ],
          scans: mentions(tree, workflows, SCAN),
          signing: tools.filter((file) => signs(file, tree.text(file, ciRepository) ?? '')).map(({ path }) => path),
          publishing: tools.filter(({ path }) => /goreleaser/.test(path)).map(({ path }) => path),
        },
      )
    }
  },
}

/** Of a repository whose pipelines are not read, a gap stands for what would be said. */
function hasPipelines(paths: readonly string[]): boolean {
  return paths.some((path) => WORKFLOW.test(path)) || unreadPipelines(paths).length > 0
}

function pathsOf(files: readonly TreeFile[], pattern: RegExp): string[] {
  return files
    .map(({ path }) => path)
    .filter(
      (path) =>
        pattern.test(path) && !/(?:^|\/)(?:tests?|testdata|fixtures?|examples?|__tests__|node_modules)\//.test(path),
    )
}

/** What stands in files of a pattern, each once; comments count: they are few, and absence is what is judged. */
function mentions(tree: Tree, files: readonly TreeFile[], pattern: RegExp): string[] {
  const found = files.flatMap((file) =>
    [...(tree.text(file, ciRepository) ?? '').matchAll(pattern)].map(([name]) => name),
  )
  return [...new Set(found)].sort()
}

/** Whether a release tool's file has what it publishes signed or attested. Sources: https://goreleaser.com/customization/sign/, https://docs.npmjs.com/generating-provenance-statements */
function signs({ path }: TreeFile, text: string): boolean {
  if (/goreleaser/.test(path)) return /^(?:signs|docker_signs|binary_signs|notarize)\s*:/m.test(text)
  if (path.endsWith('.npmrc')) return /^provenance\s*=\s*true/m.test(text)
  return /"provenance"\s*:\s*true/.test(text)
}
