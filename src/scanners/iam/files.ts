import { isForeign } from '../../detect/file-kind.ts'
import { iamAttachment, iamKeyDeclaration, iamRole, iamStatement } from '../../facts/iam.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import type { Fact, ScanContext, Scanner, Tree, TreeFile } from '../../model.ts'
import { concerns } from '../../sources/changes.ts'
import { loadHclParser } from '../../sources/hcl.ts'
import { readCodeFile } from './code-file.ts'
import { readJsonFile } from './json-file.ts'
import { OtherFiles } from './other-files.ts'
import { type OtherFile, SourceFile } from './source-file.ts'
import { readTerraformModule } from './terraform.ts'
import type { ModuleFile } from './terraform-module.ts'
import { readYamlFile } from './yaml-file.ts'

const JSON_FILES = /\.(?:json|jsonc|template|tpl|tftpl|tmpl|policy|iam)$/i
const YAML_FILES = /\.(?:ya?ml|template)$/i
const CODE_FILES =
  /\.(?:[cm]?[jt]sx?|py|go|java|kts?|rb|sh|bash|zsh|ps1|cs|php|rs|scala|groovy|swift|mk)$|(?:^|\/)(?:Makefile|Jenkinsfile)$/i
const TERRAFORM_FILES = /\.(?:tf|tofu)$/i
/** A folder none of whose files says one of these words has nothing to do with AWS's policies. */
const TERRAFORM_WORDS = /aws_iam_|aws_lambda_permission|policy|access_key|"?Statement"?\s*[=:]/

const ALL_FILES = [JSON_FILES, YAML_FILES, CODE_FILES, TERRAFORM_FILES]

/**
 * Reads AWS policies from files: JSON and YAML documents wherever they are, CloudFormation, SAM, Serverless, Pulumi in YAML, Terraform
 * and OpenTofu, and JSON that stands in programs.
 */
export const iamFilesScanner: Scanner = {
  id: 'iam-files',
  emits: [iamStatement, iamAttachment, iamRole, iamKeyDeclaration, iamDeclaration],
  needs: [],
  requested: ({ trees }) => trees.some((tree) => ALL_FILES.some((names) => concerns(tree, names))),
  async *scan(context) {
    for (const tree of context.trees) {
      const folders = new Map<string, TreeFile[]>()
      const others = new OtherFiles(tree)
      for (const file of tree.files()) {
        context.signal.throwIfAborted()
        if (READERS.some(({ names }) => names.test(file.path))) yield* readFile(tree, file, context, others)
        if (TERRAFORM_FILES.test(file.path)) append(folders, file)
      }
      for (const files of folders.values()) yield* readFolder(tree, files, context)
    }
  },
}

function append(folders: Map<string, TreeFile[]>, file: TreeFile): void {
  const folder = file.path.slice(0, Math.max(file.path.lastIndexOf('/'), 0))
  const list = folders.get(folder)
  if (list) list.push(file)
  else folders.set(folder, [file])
}

/** A file is read by the first reader that takes its name. */
const READERS = [
  { names: JSON_FILES, read: readJsonOrYaml },
  { names: YAML_FILES, read: readYamlFile },
  { names: CODE_FILES, read: readCodeFile },
] as const

/** `.template` and the like say nothing of what is inside. */
function readJsonOrYaml(source: SourceFile, gap: ScanContext['gap'], open: OtherFile): Generator<Fact> {
  const yaml = YAML_FILES.test(source.path) && !/^\s*[[{"]/.test(source.text)
  return yaml ? readYamlFile(source, gap, open) : readJsonFile(source, gap, open)
}

function* readFile(tree: Tree, file: TreeFile, context: ScanContext, others: OtherFiles): Generator<Fact> {
  const reader = READERS.find(({ names }) => names.test(file.path))
  // Other people's programs are their business, and minified text is nobody's.
  if (!reader || (reader.read === readCodeFile && isForeign(file.path))) return
  const text = tree.text(file, iamStatement)
  if (text === undefined) return
  const source = new SourceFile(tree.scope, file.path, text)
  yield* guarded(source, context, () => [...reader.read(source, context.gap, others.open)])
}

async function* readFolder(tree: Tree, files: readonly TreeFile[], context: ScanContext): AsyncGenerator<Fact> {
  context.signal.throwIfAborted()
  const sources = files.flatMap((file) => {
    const text = tree.text(file, iamStatement)
    return text === undefined ? [] : [new SourceFile(tree.scope, file.path, text)]
  })
  const [first] = sources
  if (!first || !sources.some((source) => TERRAFORM_WORDS.test(source.text))) return
  const parse = await loadHclParser()
  const parsed: ModuleFile[] = []
  for (const source of sources) {
    for (const hcl of guarded(source, context, () => [parse(source.text)])) {
      parsed.push({ source, hcl })
      if (hcl.errorAt !== undefined && TERRAFORM_WORDS.test(source.text)) {
        const detail = 'cannot be read as HCL from here; what stands around it was read'
        const gap = {
          kind: iamStatement.kind,
          class: 'fault',
          reason: 'HCL syntax error',
          offset: hcl.errorAt,
        } as const
        context.gap(source.gap({ ...gap, detail }))
      }
    }
  }
  yield* guarded(first, context, () => [...readTerraformModule(parsed, context.gap)])
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
