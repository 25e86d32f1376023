import { iamStatement } from '../../facts/iam.ts'
import type { Fact, Gap, SkipReason } from '../../model.ts'
import type { OtherFile, SourceFile } from '../../sources/source-file.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { parseYaml, YamlError } from '../../sources/yaml-values.ts'
import { withoutExamples } from './rule-file.ts'
import { readStructured } from './structured-file.ts'
import { WORKLOAD_WORDS } from './workloads.ts'

/** Resources that say something of permissions, with or without a policy document. */
const IN_TEMPLATES = /\bAWS::(?:IAM|Serverless|SSO|Lambda)::/
/** A type of Pulumi's, not an ARN. */
const IN_PROGRAMS = /(?<!\barn:)\baws:iam[:/]|\biam(?:RoleStatements|ManagedPolicies)\b|^provider:/m
/** A statement as people write one in YAML. */
const STATEMENT = /^[\s-]*["']?Effect["']?\s*:\s*["']?(?:Allow|Deny)\b/im

/** Reads the policies of a YAML file: templates of CloudFormation and SAM, Serverless, Pulumi, documents in anything else. */
export function* readYamlFile(
  source: SourceFile,
  gap: (gap: Gap) => void,
  open: OtherFile,
  skip: (reason: SkipReason) => void,
): Generator<Fact> {
  const { text } = source
  if (!mayConcern(text)) return
  let roots: ValueNode[]
  try {
    roots = parseYaml(text, { originsFor: 'Statement' })
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    // Charts and other people's templates are no YAML before somebody fills them in; most speak of no policy.
    if (IN_TEMPLATES.test(text) || STATEMENT.test(text))
      gap(source.gap({ kind: iamStatement.kind, ...unread(error, text) }))
    return
  }
  const parts = roots.map(withoutExamples)
  if (parts.some(({ leftOut }) => leftOut)) skip('policies in rule examples')
  for (const { root } of parts) yield* readStructured(source, root, gap, open)
}

/** The keys of a policy, in YAML or in JSON within it. Descriptions of taints and rules, as in custom resource definitions, have the words alone. */
const KEYS = [/\bStatement["'\\]*\s*:/i, /\bEffect["'\\]*\s*:/i, /\b(?:Not)?Action["'\\]*\s*:/i]

/** A megabyte of descriptions that mention everything, and no resource of anybody. */
const DEFINITION = /^kind:[ \t]*CustomResourceDefinition\b/m
const OTHER_KIND = /^kind:(?![ \t]*CustomResourceDefinition\b)/m

/** Cheap test before anything is parsed. */
function mayConcern(text: string): boolean {
  if (DEFINITION.test(text) && !OTHER_KIND.test(text)) return false
  if (IN_TEMPLATES.test(text) || IN_PROGRAMS.test(text) || WORKLOAD_WORDS.test(text)) return true
  return KEYS.every((key) => key.test(text))
}

function unread(error: YamlError, text: string): Pick<Gap, 'class' | 'reason'> & { detail: string; offset: number } {
  const { offset, message } = error
  return /\{\{|\{%|<%/.test(text)
    ? { offset, class: 'limit', reason: 'template', detail: `is a template that only a run fills in (${message})` }
    : { offset, class: 'fault', reason: 'YAML syntax error', detail: `holds policies but is no YAML: ${message}` }
}
