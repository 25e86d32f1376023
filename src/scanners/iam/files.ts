import { iamAttachment, iamKeyDeclaration, iamRole, iamStatement } from '../../facts/iam.ts'
import type { Fact, ScanContext, Scanner, Tree, TreeFile } from '../../model.ts'
import { concerns } from '../../sources/changes.ts'
import { loadHclParser } from '../../sources/hcl.ts'
import { readJsonFile } from './json-file.ts'
import { SourceFile } from './source-file.ts'
import { readTerraformModule } from './terraform.ts'
import type { ModuleFile } from './terraform-module.ts'
import { WORKLOAD_KINDS, WORKLOAD_WORDS } from './terraform-workloads.ts'

const JSON_FILES = /\.(?:json|jsonc|template|tpl|tftpl|tmpl|policy|iam)$/i
const TERRAFORM_FILES = /\.(?:tf|tofu)$/i
/** A folder none of whose files says one of these words has nothing to do with AWS's policies. */
const TERRAFORM_WORDS = /aws_iam_|aws_lambda_permission|policy|access_key|"?Statement"?\s*[=:]/

/** Reads AWS policies from files: JSON documents wherever they are, Terraform and OpenTofu. */
export const iamFilesScanner: Scanner = {
  id: 'iam-files',
  emits: [iamStatement, iamAttachment, iamRole, iamKeyDeclaration, ...WORKLOAD_KINDS],
  needs: [],
  requested: ({ trees }) => trees.some((tree) => concerns(tree, JSON_FILES) || concerns(tree, TERRAFORM_FILES)),
  async *scan(context) {
    for (const tree of context.trees) {
      const folders = new Map<string, TreeFile[]>()
      for (const file of tree.files()) {
        context.signal.throwIfAborted()
        if (JSON_FILES.test(file.path)) yield* readFile(tree, file, context)
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

function* readFile(tree: Tree, file: TreeFile, context: ScanContext): Generator<Fact> {
  const text = tree.text(file, iamStatement)
  if (text === undefined) return
  const source = new SourceFile(tree.scope, file.path, text)
  yield* guarded(source, context, () => [...readJsonFile(source, context.gap)])
}

async function* readFolder(tree: Tree, files: readonly TreeFile[], context: ScanContext): AsyncGenerator<Fact> {
  context.signal.throwIfAborted()
  const sources = files.flatMap((file) => {
    const text = tree.text(file, iamStatement)
    return text === undefined ? [] : [new SourceFile(tree.scope, file.path, text)]
  })
  const [first] = sources
  const speaks = ({ text }: SourceFile) => TERRAFORM_WORDS.test(text) || WORKLOAD_WORDS.test(text)
  if (!first || !sources.some(speaks)) return
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
