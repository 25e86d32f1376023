import type { SourceFile } from '../../sources/source-file.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { renderAll } from './statement.ts'

/** Arguments of a block, its nested blocks among them. */
export interface Arguments {
  readonly type: string
  readonly names: Iterable<string>
  value(name: string): ValueNode | undefined
  readonly nested: readonly Arguments[]
}
/** One resource of Terraform or CloudFormation, as readers see it that care for its arguments and what these refer to. */
export interface Resource extends Arguments {
  readonly source: SourceFile
  readonly start: number
  readonly end: number
  /** As the format calls it: `aws_lambda_function`, `AWS::Lambda::Function`; `data.` before data sources. */
  readonly type: string
  /** `file:PATH#ADDRESS`. */
  readonly id: string
  readonly label: string
  /** The text of an argument; undefined if it is not given, or not known. */
  text(name: string): string | undefined
  /** The resource or data source that a value speaks of. */
  target(value: ValueNode | undefined): Resource | undefined
}

/** The one text of a value, true and false among them; undefined if it is not known. */
export function plainText(value: ValueNode | undefined): string | undefined {
  const [text, ...others] = renderAll(value)
  return text === undefined || others.length > 0 || text.includes('${') ? undefined : text
}
