import { iamStatement } from '../../facts/iam.ts'
import type { Gap } from '../../model.ts'
import type { HclBlock } from '../../sources/hcl.ts'
import type { PlacedStatement, SourceFile } from './source-file.ts'
import { conditionLines, principal, readEffect, type Statement } from './statement.ts'
import type { Module } from './terraform-module.ts'

/**
 * The statements of `data "aws_iam_policy_document"`. Documents that it takes over (`source_policy_documents`) are judged
 * where they are written; one that is not in the module is a gap.
 */
export function readDataStatements(
  block: HclBlock,
  module: Module,
  source: SourceFile,
  gap: (gap: Gap) => void,
): PlacedStatement[] {
  for (const attribute of ['source_policy_documents', 'override_policy_documents', 'source_json', 'override_json']) {
    const value = block.attributes.get(attribute)
    const foreign = module.texts(value).filter((text) => !/^\$\{data\.aws_iam_policy_document\./.test(text))
    if (!value || foreign.length === 0) continue
    const detail = `${attribute} of ${block.labels.join('.')} takes over ${foreign[0]?.slice(0, 80)}`
    const reason = 'document known at run time only'
    gap(source.gap({ kind: iamStatement.kind, class: 'limit', reason, detail, offset: value.start }))
  }
  return contentBlocks(block, 'statement').map((each) => ({
    statement: readStatementBlock(each, module),
    start: each.start,
    end: each.end,
  }))
}

/** `dynamic "statement"` is one statement or more, in which `statement.value` is not known. */
function contentBlocks(block: HclBlock, type: string): HclBlock[] {
  return block.blocks.flatMap((nested) => {
    if (nested.type === type) return [nested]
    if (nested.type !== 'dynamic' || nested.labels[0] !== type) return []
    return nested.blocks.filter((content) => content.type === 'content')
  })
}

function readStatementBlock(block: HclBlock, module: Module): Statement {
  const texts = (name: string) => module.texts(block.attributes.get(name)).map(policyVariables)
  const effect = block.attributes.get('effect')
  return {
    sid: module.text(block.attributes.get('sid')) ?? '',
    effect: effect ? readEffect(module.text(effect)) : 'Allow',
    actions: texts('actions'),
    notActions: texts('not_actions'),
    resources: texts('resources'),
    notResources: texts('not_resources'),
    principals: readPrincipals(block, 'principals', module),
    notPrincipals: readPrincipals(block, 'not_principals', module),
    conditions: contentBlocks(block, 'condition').flatMap((condition) => {
      const [test, variable] = ['test', 'variable'].map((name) => module.texts(condition.attributes.get(name))[0] ?? '')
      const values = module.texts(condition.attributes.get('values')).map(policyVariables)
      return conditionLines(test ?? '', variable ?? '', values)
    }),
  }
}

function readPrincipals(block: HclBlock, name: string, module: Module): string[] {
  return contentBlocks(block, name).flatMap((nested) => {
    const type = module.texts(nested.attributes.get('type'))[0] ?? ''
    return module.texts(nested.attributes.get('identifiers')).map((value) => principal(type, value))
  })
}

/** In `aws_iam_policy_document`, `&{aws:username}` stands for IAM's `${aws:username}`. */
function policyVariables(text: string): string {
  return text.replaceAll('&{', '${')
}

/** `aws_lambda_permission` is one statement of the function's resource policy. */
export function readLambdaPermission(block: HclBlock, module: Module): PlacedStatement {
  const texts = (name: string) => module.texts(block.attributes.get(name))
  const conditions = [
    ...texts('source_arn').map((value) => `ArnLike|AWS:SourceArn|${value}`),
    ...texts('source_account').map((value) => `StringEquals|AWS:SourceAccount|${value}`),
    ...texts('principal_org_id').map((value) => `StringEquals|aws:PrincipalOrgID|${value}`),
    ...texts('event_source_token').map((value) => `StringEquals|lambda:EventSourceToken|${value}`),
    ...texts('function_url_auth_type').map((value) => `StringEquals|lambda:FunctionUrlAuthType|${value}`),
  ]
  const statement: Statement = {
    sid: texts('statement_id')[0] ?? '',
    effect: 'Allow',
    actions: texts('action'),
    notActions: [],
    resources: texts('function_name'),
    notResources: [],
    principals: texts('principal').map((value) => principal(/\.amazonaws\.com/.test(value) ? 'Service' : 'AWS', value)),
    notPrincipals: [],
    conditions,
  }
  return { statement, start: block.start, end: block.end }
}
