import type { Fact, Gap } from '../../model.ts'
import type { OtherFile, SourceFile } from '../../sources/source-file.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { readTemplate, templateOf } from './cloudformation.ts'
import { readLooseDocuments } from './loose-documents.ts'
import { isPulumi, readPulumi } from './pulumi.ts'
import { isServerless, readServerless } from './serverless.ts'

/** Reads the policies of a value of a JSON or YAML file, by what the file is: a template, a program's input, or anything else. */
export function* readStructured(
  source: SourceFile,
  root: ValueNode,
  gap: (gap: Gap) => void,
  open: OtherFile,
  templates = true,
): Generator<Fact> {
  const template = templateOf(root, source.path)
  if (template) yield* readTemplate(source, template, gap)
  else if (isServerless(root)) yield* readServerless(source, root, gap, open)
  else if (isPulumi(root)) yield* readPulumi(source, root, gap)
  else yield* readLooseDocuments(source, root, gap, templates)
}
