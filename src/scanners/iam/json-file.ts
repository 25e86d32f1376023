import { iamStatement } from '../../facts/iam.ts'
import type { Fact, Gap } from '../../model.ts'
import { JsonError, parseJson, parseJsonLines } from '../../sources/json-positions.ts'
import type { OtherFile, SourceFile } from '../../sources/source-file.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { mayHoldPolicy, unreadDocument } from './policy-document.ts'
import { readStructured } from './structured-file.ts'
import { isPlan, mayBePlan, readTerraformPlan } from './terraform-plan.ts'
import { WORKLOAD_WORDS } from './workloads.ts'

/** Resources that say something of permissions without a policy document. */
const IN_TEMPLATES = /"AWS::(?:IAM|Serverless|SSO|Lambda)::/
/** What the CDK notes of the templates that it writes beside them, with every policy once more. */
const CONSTRUCT_TREE = /(?:^|\/)tree\.json$/

/** Reads the policies of a JSON file: a bare document, CloudFormation, what the AWS command line prints, anything around one. */
export function* readJsonFile(source: SourceFile, gap: (gap: Gap) => void, open: OtherFile): Generator<Fact> {
  const { text, path } = source
  if (!mayHoldPolicy(text) && !IN_TEMPLATES.test(text) && !WORKLOAD_WORDS.test(text) && !mayBePlan(text)) return
  if (CONSTRUCT_TREE.test(path) && /^\s*\{\s*"version":\s*"tree-/.test(text)) return
  const templates = /\.(?:tpl|tftpl|tmpl|tf\.json)$/i.test(path)
  let root: ValueNode
  try {
    root = parseDocuments(text, templates)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    // Prose, code and settings name resources, too; only what holds a policy is missed.
    if (mayHoldPolicy(text)) gap(source.gap({ kind: iamStatement.kind, ...unreadDocument(error, text, error.offset) }))
    return
  }
  if (isPlan(root)) yield* readTerraformPlan(source, root, gap)
  else yield* readStructured(source, root, gap, open, templates)
}

/** One document, or one on each line. */
function parseDocuments(text: string, templates: boolean): ValueNode {
  const options = { templates, originsFor: 'Statement' }
  try {
    return parseJson(text, options)
  } catch (error) {
    if (!(error instanceof JsonError) || !error.message.startsWith('unexpected text after')) throw error
    return parseJsonLines(text, options)
  }
}
