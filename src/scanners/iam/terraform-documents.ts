import type { ValueNode } from '../../sources/value-node.ts'
import { conditionLines, principal, readEffect, renderAll, type Statement, unresolvedParts } from './statement.ts'
import type { PlacedStatement } from './statement-facts.ts'
import { argument, argumentText, nestedBlocks, type ScopedBlock } from './terraform-blocks.ts'
import type { Instance } from './terraform-module.ts'

/** The statements that `data "aws_iam_policy_document"` holds itself. */
export function readDataStatements(instance: Instance): PlacedStatement[] {
  const block = { block: instance.placed.block, scope: instance.scope }
  return nestedBlocks(block, 'statement').flatMap((each) => {
    const statement = readStatementBlock(each)
    // Without actions it grants nothing: the provider refuses it, or a default leaves them out.
    if (statement.actions.length === 0 && statement.notActions.length === 0) return []
    const supposed = instance.supposed || each.supposed === true
    return isWritten(statement, supposed) ? [{ statement, start: each.block.start, end: each.block.end }] : []
  })
}

/** Of what a default leaves out, only that counts which does not depend on what is passed in instead. */
export function isWritten(statement: Statement, supposed: boolean): boolean {
  return !supposed || unresolvedParts(statement).fields.length === 0
}

function readStatementBlock(block: ScopedBlock): Statement {
  const texts = (name: string) => renderAll(argument(block, name)).map(policyVariables)
  const effect = argument(block, 'effect')
  return {
    sid: argumentText(block, 'sid') ?? '',
    effect: effect && !(effect.type === 'plain' && effect.value === null) ? readEffect(textOf(effect)) : 'Allow',
    actions: texts('actions'),
    notActions: texts('not_actions'),
    resources: texts('resources'),
    notResources: texts('not_resources'),
    principals: readPrincipals(block, 'principals'),
    notPrincipals: readPrincipals(block, 'not_principals'),
    conditions: nestedBlocks(block, 'condition').flatMap((condition) => {
      const [test = '', variable = ''] = ['test', 'variable'].map((name) => renderAll(argument(condition, name))[0])
      return conditionLines(test, variable, renderAll(argument(condition, 'values')).map(policyVariables))
    }),
  }
}

function textOf(node: ValueNode): string | undefined {
  return node.type === 'string' ? node.value : undefined
}

function readPrincipals(block: ScopedBlock, name: string): string[] {
  return nestedBlocks(block, name).flatMap((nested) => {
    const type = renderAll(argument(nested, 'type'))[0] ?? ''
    return renderAll(argument(nested, 'identifiers')).map((value) => principal(type, value))
  })
}

/** In `aws_iam_policy_document`, `&{aws:username}` stands for IAM's `${aws:username}`. */
function policyVariables(text: string): string {
  return text.replaceAll('&{', '${')
}

/** `aws_lambda_permission` is one statement of the function's resource policy. */
export function readLambdaPermission(instance: Instance): PlacedStatement {
  const texts = (name: string) => renderAll(instance.value(name))
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
  const { start, end } = instance.placed.block
  return { statement, start, end }
}

/**
 * Documents merged in the provider's order: those of `source_policy_documents`, its own statements, those of
 * `override_policy_documents`; a statement with a sid replaces earlier ones of that sid. Source:
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
 */
export function mergeStatements<T extends { readonly statement: Statement }>(layers: readonly (readonly T[])[]): T[] {
  let merged: T[] = []
  for (const layer of layers) {
    for (const each of layer) {
      const { sid } = each.statement
      if (sid !== '') merged = merged.filter((earlier) => earlier.statement.sid !== sid)
      merged.push(each)
    }
  }
  return merged
}
