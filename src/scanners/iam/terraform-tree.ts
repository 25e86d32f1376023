import type { Gap } from '../../model.ts'
import type { HclBlock, HclFile, HclParser } from '../../sources/hcl.ts'
import type { HclExpression } from '../../sources/hcl-expression.ts'
import type { SourceFile } from '../../sources/source-file.ts'

export interface ModuleFile {
  readonly source: SourceFile
  readonly hcl: HclFile
}
export interface PlacedBlock {
  readonly file: ModuleFile
  readonly block: HclBlock
}

/** Evaluation steps in one tree, several hundred times what the largest public trees take: a tree may be made to keep us busy. */
const MAX_STEPS = 4_000_000

/** Locals that stand for locals, and so on. */
const MAX_CHAIN = 150

/** What one folder declares: Terraform takes its files together. */
export class Folder {
  readonly path: string
  readonly files: readonly ModuleFile[]
  /** Resources and data sources by address: `aws_iam_role.r`, `data.aws_iam_policy.p`. */
  readonly blocks = new Map<string, PlacedBlock>()
  readonly calls = new Map<string, PlacedBlock>()
  readonly variables = new Map<string, PlacedBlock>()
  readonly outputs = new Map<string, PlacedBlock>()
  readonly locals = new Map<string, { file: ModuleFile; value: HclExpression }>()

  constructor(path: string, files: readonly ModuleFile[]) {
    this.path = path
    this.files = files
    for (const file of files) for (const block of file.hcl.blocks) this.#add(file, block)
  }

  #add(file: ModuleFile, block: HclBlock): void {
    const placed = { file, block }
    const [label = ''] = block.labels
    if (block.type === 'resource' || block.type === 'data') this.blocks.set(addressOf(block), placed)
    else if (block.type === 'module') this.calls.set(label, placed)
    else if (block.type === 'variable') this.variables.set(label, placed)
    else if (block.type === 'output') this.outputs.set(label, placed)
    else if (block.type === 'locals') {
      for (const [name, value] of block.attributes) this.locals.set(name, { file, value })
    }
  }
}

/** `aws_iam_policy.p`, `data.aws_iam_policy_document.d`, `module.m`. */
export function addressOf(block: HclBlock): string {
  return (block.type === 'resource' ? block.labels : [block.type, ...block.labels]).join('.')
}

/** What a tree offers to those who evaluate its modules. */
export interface TreeAccess {
  /** The text of a file of the tree by its path; undefined if there is none, or it cannot be read. */
  read(path: string): SourceFile | undefined
  /** All paths of the tree. */
  readonly paths: readonly string[]
  /** The files of a folder, parsed; undefined if it has no Terraform. */
  folder(path: string): readonly ModuleFile[] | undefined
  /** Variables of files that Terraform loads by itself, later ones first. */
  variables(path: string): readonly ModuleFile[]
  gap(gap: Gap): void
}

/** The modules of one tree, read when they are needed. */
export class TerraformTree {
  readonly #access: TreeAccess
  readonly #parser: HclParser
  readonly #folders = new Map<string, Folder | undefined>()
  readonly #templates = new Map<string, { file: ModuleFile; expression: HclExpression } | undefined>()
  readonly #told = new Set<string>()
  readonly #sources = new Map<string, SourceFile>()
  /** Files that modules read and that hold policies. */
  readonly rendered = new Set<string>()
  #steps = 0
  #depth = 0
  #values = new Map<string, ReadonlyMap<string, { file: ModuleFile; value: HclExpression }>>()

  constructor(access: TreeAccess, parser: HclParser) {
    this.#access = access
    this.#parser = parser
  }

  /** False when a tree has taken all the work that it gets: what is left is not known. */
  spend(): boolean {
    if (++this.#steps <= MAX_STEPS) return true
    this.tooMuch(`evaluation stopped after ${MAX_STEPS.toLocaleString('en')} steps`)
    return false
  }

  /** What `find` gives, unless names stand for names without end: each takes stack. */
  within<T>(find: () => T): T | undefined {
    if (this.#depth >= MAX_CHAIN) return undefined
    this.#depth++
    try {
      return find()
    } finally {
      this.#depth--
    }
  }

  /** Says once for each cause that a part of the tree is not judged. */
  tooMuch(cause: string): void {
    if (this.#told.has(cause)) return
    this.#told.add(cause)
    const detail = `${cause}: audit folders one by one`
    for (const kind of ['iam.statement', 'iam.attachment']) {
      this.#access.gap({ kind, scope: this.scope, class: 'limit', reason: 'too much to evaluate', detail })
    }
  }

  get scope(): string {
    const [any] = this.#sources.values()
    return any ? any.scope.slice(0, -any.path.length - 1) : 'repo:.'
  }

  /** Several instances of one module have the same things to say. */
  gap(gap: Gap): void {
    const key = JSON.stringify(gap)
    if (this.#told.has(key)) return
    this.#told.add(key)
    this.#access.gap(gap)
  }

  folder(path: string): Folder | undefined {
    if (!this.#folders.has(path)) {
      const files = this.#access.folder(path)
      this.#folders.set(path, files && new Folder(path, files))
      for (const file of files ?? []) this.#sources.set(file.source.path, file.source)
    }
    return this.#folders.get(path)
  }

  /** The folder that a module call names, if it is in the tree. */
  called(from: Folder, call: HclBlock): Folder | undefined {
    const source = call.attributes.get('source')
    if (source?.type !== 'literal' || typeof source.value !== 'string' || !/^\.\.?(?:\/|$)/.test(source.value)) {
      return undefined
    }
    const path = normalPath(from.path, source.value)
    return path === undefined ? undefined : this.folder(path)
  }

  calledBy(folder: Folder): Folder[] {
    return [...folder.calls.values()].flatMap(({ block }) => this.called(folder, block) ?? [])
  }

  /** A file by its path below the root, as `path.module` and `path.root` give them. */
  source(path: string): SourceFile | undefined {
    const normal = normalPath('', path)
    if (normal === undefined) return undefined
    const known = this.#sources.get(normal)
    if (known) return known
    const source = this.#access.read(normal)
    if (source) this.#sources.set(normal, source)
    return source
  }

  /** Where something is written, as an id: its block, the name of its local or variable; of other files, the file. */
  homeOf(path: string, offset: number): string {
    const folder = this.#folders.get(path.slice(0, Math.max(path.lastIndexOf('/'), 0)))
    const file = folder?.files.find((each) => each.source.path === path)
    const holds = (each: { start: number; end: number }) => offset >= each.start && offset < each.end
    const block = file?.hcl.blocks.find(holds)
    if (!block) return `file:${path}#`
    const attribute = [...block.attributes].find(([, value]) => holds(value))?.[0] ?? ''
    if (block.type === 'locals') return `file:${path}#local.${attribute}`
    const isInput = block.type === 'variable' || block.type === 'module' || block.type === 'output'
    const own = block.type === 'variable' ? `var.${block.labels[0]}` : addressOf(block)
    return `file:${path}#${own}${isInput && block.type !== 'variable' ? `/${attribute}` : ''}`
  }

  template(source: SourceFile): { file: ModuleFile; expression: HclExpression } | undefined {
    if (!this.#templates.has(source.path)) {
      const expression = this.#parser.template(source.text)
      const hcl = { attributes: new Map(), blocks: [], errorAt: undefined }
      this.#templates.set(source.path, expression && { file: { source, hcl }, expression })
    }
    return this.#templates.get(source.path)
  }

  /** The files that give values to variables of a root module. */
  valueFiles(folder: string): string[] {
    return this.#access.variables(folder).map(({ source }) => source.path)
  }

  /** The value that a file gives to a variable of a root module. */
  variable(folder: string, name: string): { file: ModuleFile; value: HclExpression } | undefined {
    let values = this.#values.get(folder)
    if (!values) {
      const all = new Map<string, { file: ModuleFile; value: HclExpression }>()
      for (const file of this.#access.variables(folder)) {
        for (const [key, value] of file.hcl.attributes) all.set(key, { file, value })
      }
      values = all
      this.#values.set(folder, values)
    }
    return values.get(name)
  }

  /** `fileset`: patterns with `*`, `**`, `?` and `{a,b}`. Undefined for others. */
  filesBelow(path: string, pattern: string): string[] | undefined {
    const folder = normalPath('', path)
    if (folder === undefined || pattern.length > 100 || (pattern.match(/\*+/g) ?? []).length > 3) return undefined
    if (/[[\]\\]/.test(pattern)) return undefined
    const expression = new RegExp(
      `^${pattern.replace(/\*\*\/?|[*?{},]|[.+^$()|]/g, (part) => GLOB[part] ?? `\\${part}`)}$`,
    )
    const prefix = folder === '' ? '' : `${folder}/`
    return this.#access.paths.flatMap((each) => {
      const name = each.startsWith(prefix) ? each.slice(prefix.length) : undefined
      return name !== undefined && name.length < 300 && expression.test(name) ? [name] : []
    })
  }
}

const GLOB: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
  '{': '(?:',
  '}': ')',
  ',': '|',
}

/** Undefined for what leads out of the tree. */
export function normalPath(folder: string, path: string): string | undefined {
  const parts: string[] = []
  for (const part of `${path.startsWith('/') ? '' : `${folder}/`}${path}`.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return path.startsWith('/') ? undefined : parts.join('/')
}
