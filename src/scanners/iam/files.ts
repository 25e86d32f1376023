import { isForeign } from '../../detect/file-kind.ts'
import { classifyPath } from '../../detect/path-class.ts'
import { iamAttachment, iamKeyDeclaration, iamRole, iamStatement } from '../../facts/iam.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import { iamMembership } from '../../facts/iam-membership.ts'
import type { Fact, ScanContext, Scanner, SkipReason, Tree, TreeFile } from '../../model.ts'
import { concerns } from '../../sources/changes.ts'
import { type OtherFile, SourceFile } from '../../sources/source-file.ts'
import { readCodeFile } from './code-file.ts'
import { mayHoldLiteral } from './code-literals.ts'
import { EKS_KINDS } from './eks.ts'
import { readJsonFile } from './json-file.ts'
import { OtherFiles } from './other-files.ts'
import { readTerraformFiles, TERRAFORM_FILES } from './terraform-folders.ts'
import { WORKLOAD_KINDS } from './workloads.ts'
import { readYamlFile } from './yaml-file.ts'

const JSON_FILES = /\.(?:json|jsonc|template|tpl|tftpl|tmpl|policy|iam)$/i
const YAML_FILES = /\.(?:ya?ml|template)$/i
const CODE_FILES =
  /\.(?:[cm]?[jt]sx?|py|go|java|kts?|rb|sh|bash|zsh|ps1|cs|php|rs|scala|groovy|swift|mk)$|(?:^|\/)(?:Makefile|Jenkinsfile)$/i

const ALL_FILES = [JSON_FILES, YAML_FILES, CODE_FILES, TERRAFORM_FILES]

/**
 * Reads AWS policies from files: JSON and YAML documents wherever they are, CloudFormation, SAM, Serverless, Pulumi in YAML, Terraform
 * and OpenTofu, and JSON that stands in programs.
 */
export const iamFilesScanner: Scanner = {
  id: 'iam-files',
  emits: [
    iamStatement,
    iamAttachment,
    iamRole,
    iamKeyDeclaration,
    iamDeclaration,
    iamMembership,
    ...WORKLOAD_KINDS,
    ...EKS_KINDS,
  ],
  needs: [],
  requested: ({ trees }) => trees.some((tree) => ALL_FILES.some((names) => concerns(tree, names))),
  async *scan(context) {
    for (const tree of context.trees) {
      const guard = <T>(source: SourceFile, read: () => T[]) => guarded(source, context, read)
      // What Terraform reads from files it fills in: they are judged there.
      const rendered = yield* readTerraformFiles(tree, context, guard)
      const others = new OtherFiles(tree)
      for (const file of tree.files()) {
        context.signal.throwIfAborted()
        if (TERRAFORM_FILES.test(file.path) || rendered.has(file.path)) continue
        yield* readFile(tree, file, context, others)
      }
    }
  },
}

/** A file is read by the first reader that takes its name. */
const READERS = [
  { names: JSON_FILES, read: readJsonOrYaml },
  { names: YAML_FILES, read: readYamlFile },
  { names: CODE_FILES, read: readCodeFile },
] as const

/** `.template` and the like say nothing of what is inside. */
function readJsonOrYaml(
  source: SourceFile,
  gap: ScanContext['gap'],
  open: OtherFile,
  skip: (reason: SkipReason) => void,
): Generator<Fact> {
  const yaml = YAML_FILES.test(source.path) && !/^\s*[[{"]/.test(source.text)
  return yaml ? readYamlFile(source, gap, open, skip) : readJsonFile(source, gap, open)
}

function* readFile(tree: Tree, file: TreeFile, context: ScanContext, others: OtherFiles): Generator<Fact> {
  const reader = READERS.find(({ names }) => names.test(file.path))
  if (!reader) return
  const text = tree.text(file, iamStatement)
  if (text === undefined) return
  const skip = (reason: SkipReason) => context.skip({ scope: tree.scope, path: file.path, reason })
  if (reader.read === readCodeFile && isOthers(file.path)) {
    if (mayHoldLiteral(text)) skip('policies in test or vendored code')
    return
  }
  const source = new SourceFile(tree.scope, file.path, text)
  yield* guarded(source, context, () => [...reader.read(source, context.gap, others.open, skip)])
}

/** What a test calls a policy is its input, and in nobody's account; other people's programs are their business. */
function isOthers(path: string): boolean {
  return isForeign(path) || classifyPath(path) === 'test'
}

/** A file nested so deep that a reader runs out of stack is a gap, not the end of the audit. */
function guarded<T>(source: SourceFile, context: ScanContext, read: () => T[]): T[] {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const detail = `nested too deeply to be read (${error.message})`
    context.gap(source.gap({ kind: iamStatement.kind, class: 'fault', reason: 'nested too deeply', detail }))
    return []
  }
}
