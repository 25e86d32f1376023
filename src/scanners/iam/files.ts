import { iamAttachment, iamKeyDeclaration, iamRole, iamStatement } from '../../facts/iam.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import type { Fact, ScanContext, Scanner, Tree, TreeFile } from '../../model.ts'
import { concerns } from '../../sources/changes.ts'
import { readJsonFile } from './json-file.ts'
import { SourceFile } from './source-file.ts'
import { readTerraformFiles, TERRAFORM_FILES } from './terraform-folders.ts'
import { WORKLOAD_KINDS } from './workloads.ts'

const JSON_FILES = /\.(?:json|jsonc|template|tpl|tftpl|tmpl|policy|iam)$/i

/** Reads AWS policies from files: JSON documents wherever they are, Terraform and OpenTofu. */
export const iamFilesScanner: Scanner = {
  id: 'iam-files',
  emits: [iamStatement, iamAttachment, iamRole, iamKeyDeclaration, iamDeclaration, ...WORKLOAD_KINDS],
  needs: [],
  requested: ({ trees }) => trees.some((tree) => concerns(tree, JSON_FILES) || concerns(tree, TERRAFORM_FILES)),
  async *scan(context) {
    for (const tree of context.trees) {
      const guard = <T>(source: SourceFile, read: () => T[]) => guarded(source, context, read)
      // What Terraform reads from files it fills in: they are judged there.
      const rendered = yield* readTerraformFiles(tree, context, guard)
      for (const file of tree.files()) {
        context.signal.throwIfAborted()
        if (!JSON_FILES.test(file.path) || TERRAFORM_FILES.test(file.path) || rendered.has(file.path)) continue
        yield* readFile(tree, file, context)
      }
    }
  },
}

function* readFile(tree: Tree, file: TreeFile, context: ScanContext): Generator<Fact> {
  const text = tree.text(file, iamStatement)
  if (text === undefined) return
  const source = new SourceFile(tree.scope, file.path, text)
  yield* guarded(source, context, () => [...readJsonFile(source, context.gap)])
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
