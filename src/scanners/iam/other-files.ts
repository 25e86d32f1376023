import { iamStatement } from '../../facts/iam.ts'
import type { Tree, TreeFile } from '../../model.ts'
import { type OtherFile, SourceFile } from '../../sources/source-file.ts'
import { parseYaml, YamlError } from '../../sources/yaml-values.ts'

/** Files that are opened because another one names them. */
export class OtherFiles {
  readonly #tree: Tree
  readonly #opened = new Map<string, ReturnType<OtherFile>>()
  #files: Map<string, TreeFile> | undefined

  constructor(tree: Tree) {
    this.#tree = tree
  }

  /** JSON is YAML, too. A file that cannot be read is told where it is read by itself. */
  readonly open: OtherFile = (path) => {
    if (!this.#opened.has(path)) this.#opened.set(path, this.#read(path))
    return this.#opened.get(path)
  }

  #read(path: string): ReturnType<OtherFile> {
    this.#files ??= new Map(this.#tree.files().map((file) => [file.path, file]))
    const file = this.#files.get(path)
    const text = file && /\.(?:ya?ml|json)$/i.test(path) ? this.#tree.text(file, iamStatement) : undefined
    if (text === undefined) return undefined
    try {
      const [root] = parseYaml(text, { originsFor: 'Statement' })
      return root && { source: new SourceFile(this.#tree.scope, path, text), root }
    } catch (error) {
      if (!(error instanceof YamlError)) throw error
      return undefined
    }
  }
}
