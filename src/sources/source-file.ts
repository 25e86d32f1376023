import type { FileLocation, Gap } from '../model.ts'
import { Lines, type ValueNode } from './value-node.ts'

/** A file of a tree: where its facts belong, and how offsets become lines. */
export class SourceFile {
  /** `repo:./main.tf`. */
  readonly scope: string
  readonly path: string
  readonly text: string
  #lines: Lines | undefined

  constructor(treeScope: string, path: string, text: string) {
    this.scope = `${treeScope}/${path}`
    this.path = path
    this.text = text
  }

  location(start: number, end: number): FileLocation {
    this.#lines ??= new Lines(this.text)
    const from = this.#lines.at(start)
    const to = this.#lines.at(Math.max(start, end))
    return { file: this.path, line: from.line, column: from.column, endLine: to.line, endColumn: to.column }
  }

  line(offset: number): number {
    return this.location(offset, offset).line ?? 1
  }

  gap(gap: Omit<Gap, 'scope' | 'detail'> & { detail: string; offset?: number }): Gap {
    const { offset, detail, ...rest } = gap
    const place = offset === undefined ? this.path : `${this.path}:${this.line(offset)}`
    return { ...rest, scope: this.scope, detail: `${place}: ${detail}` }
  }
}

/** Another file of the tree, by its path from the root; undefined if there is none or it cannot be read. */
export type OtherFile = (path: string) => { source: SourceFile; root: ValueNode } | undefined
