import { iamStatement } from '../../facts/iam.ts'
import type { Fact, ScanContext, Tree, TreeFile } from '../../model.ts'
import { type HclFile, type HclParser, loadHclParser } from '../../sources/hcl.ts'
import { JsonError } from '../../sources/json-positions.ts'
import { SourceFile } from '../../sources/source-file.ts'
import { EKS_WORDS } from './eks.ts'
import { readTerraform } from './terraform.ts'
import { readTerraformJson } from './terraform-json.ts'
import { OtherClouds } from './terraform-other-clouds.ts'
import { type ModuleFile, normalPath, TerraformTree } from './terraform-tree.ts'
import { WORKLOAD_WORDS } from './workloads.ts'

/** Terraform and OpenTofu, in their own syntax or in JSON. */
export const TERRAFORM_FILES = /\.(?:tf|tofu)(?:\.json)?$/i
/** What Terraform loads by itself in a root module. */
const VARIABLE_FILES = /(?:^|\/)(?:terraform\.tfvars|[^/]*\.auto\.tfvars)(?:\.json)?$/i
/** A folder none of whose files says one of these words has nothing to do with AWS's policies. */
const TERRAFORM_WORDS = /aws_iam_|aws_lambda_permission|aws_ssoadmin_|policy|access_key|"?Statement"?\s*[=:]/
const LOCAL_SOURCES = /"?source"?\s*[=:]\s*"(\.\.?(?:\/[^"\n$]*)?)"/g

/**
 * Reads the Terraform modules of a tree: those that speak of policies, what they call and what calls them. Returns the files that
 * they read (`file`, `templatefile`) and that were judged with them.
 */
export async function* readTerraformFiles(
  tree: Tree,
  context: ScanContext,
  guarded: <T>(source: SourceFile, read: () => T[]) => T[],
): AsyncGenerator<Fact, ReadonlySet<string>> {
  const folders = foldersOf(tree)
  const calls = new Map<string, string[]>()
  const speaking = new Set<string>()
  const otherClouds = new OtherClouds()
  for (const [path, files] of folders) {
    context.signal.throwIfAborted()
    const texts = files.flatMap((file) => {
      const text = tree.text(file, iamStatement)
      if (text !== undefined) otherClouds.read(new SourceFile(tree.scope, file.path, text))
      return text ?? []
    })
    if (texts.some((text) => TERRAFORM_WORDS.test(text) || WORKLOAD_WORDS.test(text) || EKS_WORDS.test(text)))
      speaking.add(path)
    const sources = texts.flatMap((text) => [...text.matchAll(LOCAL_SOURCES)].map((match) => match[1] ?? ''))
    calls.set(
      path,
      sources.flatMap((source) => normalPath(path, source) ?? []),
    )
  }
  for (const each of otherClouds.gaps()) context.gap(each)
  if (speaking.size === 0) return new Set()
  const access = new FolderReader(tree, folders, await loadHclParser(), context, guarded)
  const terraform = new TerraformTree(access, access.parser)
  const [first] = folders.get([...speaking][0] ?? '') ?? []
  if (!first) return new Set()
  yield* guarded(new SourceFile(tree.scope, first.path, ''), () => [
    ...readTerraform(terraform, concerned(speaking, calls), context.signal),
  ])
  return terraform.rendered
}

function foldersOf(tree: Tree): Map<string, TreeFile[]> {
  const folders = new Map<string, TreeFile[]>()
  for (const file of tree.files()) {
    if (!TERRAFORM_FILES.test(file.path)) continue
    const folder = folderOf(file.path)
    const list = folders.get(folder)
    if (list) list.push(file)
    else folders.set(folder, [file])
  }
  return folders
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0))
}

/** The folders that speak of policies, and those that call one that does. */
function concerned(speaking: ReadonlySet<string>, calls: ReadonlyMap<string, readonly string[]>): string[] {
  const callers = new Map<string, string[]>()
  for (const [folder, called] of calls) {
    for (const each of called) callers.set(each, [...(callers.get(each) ?? []), folder])
  }
  return [...reach(speaking, callers)].sort()
}

function reach(from: ReadonlySet<string>, edges: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set(from)
  for (const each of reached) for (const next of edges.get(each) ?? []) reached.add(next)
  return reached
}

function rank({ path }: TreeFile): number {
  if (/(?:^|\/)terraform\.tfvars$/i.test(path)) return 0
  return /(?:^|\/)terraform\.tfvars\.json$/i.test(path) ? 1 : 2
}

/** The files of a tree for its modules, read and parsed when they are asked for. */
class FolderReader {
  readonly parser: HclParser
  readonly paths: readonly string[]
  readonly #variableFiles = new Map<string, TreeFile[]>()
  readonly #tree: Tree
  readonly #folders: ReadonlyMap<string, readonly TreeFile[]>
  readonly #files: ReadonlyMap<string, TreeFile>
  readonly #context: ScanContext
  readonly #guarded: <T>(source: SourceFile, read: () => T[]) => T[]

  constructor(
    tree: Tree,
    folders: ReadonlyMap<string, readonly TreeFile[]>,
    parser: HclParser,
    context: ScanContext,
    guarded: <T>(source: SourceFile, read: () => T[]) => T[],
  ) {
    this.#tree = tree
    this.#folders = folders
    this.#files = new Map(tree.files().map((file) => [file.path, file]))
    this.paths = [...this.#files.keys()]
    const variables = tree.files().filter((file) => VARIABLE_FILES.test(file.path))
    for (const file of variables.sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))) {
      const folder = folderOf(file.path)
      this.#variableFiles.set(folder, [...(this.#variableFiles.get(folder) ?? []), file])
    }
    this.parser = parser
    this.#context = context
    this.#guarded = guarded
  }

  gap: ScanContext['gap'] = (gap) => this.#context.gap(gap)

  read(path: string): SourceFile | undefined {
    const file = this.#files.get(path)
    const text = file && this.#tree.text(file, iamStatement)
    return text === undefined ? undefined : new SourceFile(this.#tree.scope, path, text)
  }

  folder(path: string): readonly ModuleFile[] | undefined {
    return this.#folders.get(path)?.flatMap((file) => this.#parsed(file))
  }

  /** In the order in which Terraform loads them: a later one replaces values of an earlier one. */
  variables(path: string): readonly ModuleFile[] {
    return (this.#variableFiles.get(path) ?? []).flatMap((file) => this.#parsed(file))
  }

  #parsed(file: TreeFile): ModuleFile[] {
    this.#context.signal.throwIfAborted()
    const source = this.read(file.path)
    if (!source) return []
    return this.#guarded(source, () => {
      const hcl = file.path.endsWith('.json') ? this.#json(source) : this.parser.file(source.text)
      if (hcl?.errorAt !== undefined && TERRAFORM_WORDS.test(source.text)) {
        this.#unread(
          source,
          'HCL syntax error',
          'cannot be read as HCL from here; what stands around it was read',
          hcl.errorAt,
        )
      }
      return hcl ? [{ source, hcl }] : []
    })
  }

  #json(source: SourceFile): HclFile | undefined {
    try {
      return readTerraformJson(source.text, this.parser, VARIABLE_FILES.test(source.path))
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      this.#unread(source, 'JSON syntax error', `cannot be read as JSON: ${error.message}`, error.offset)
      return undefined
    }
  }

  #unread(source: SourceFile, reason: string, detail: string, offset: number): void {
    this.#context.gap(source.gap({ kind: iamStatement.kind, class: 'fault', reason, detail, offset }))
  }
}
