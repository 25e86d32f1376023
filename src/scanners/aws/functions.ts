import { awsFunctionUrl } from '../../facts/aws-resources.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import type { Failure } from '../../sources/aws-failure.ts'
import { readPages } from '../../sources/aws-pages.ts'
import type { Reading, Resource, ResourceSource } from './resource-source.ts'

/** Functions of Lambda: policies of the functions themselves, not of aliases and versions. */
export interface FunctionSource extends ResourceSource {
  /**
   * The function's HTTPS address, undefined if it has none. Nobody reaches a function that way whose policy says nothing of it,
   * so that only those are asked for whose policy does, or was not seen.
   */
  urlOf(resource: Resource, policy: string | undefined): Promise<{ url?: Fact; failure?: Failure }>
}

export async function openFunctions(reading: Reading, scope: string): Promise<FunctionSource> {
  const { LambdaClient, ListFunctionsCommand, GetPolicyCommand, GetFunctionUrlConfigCommand } = await import(
    '@aws-sdk/client-lambda'
  )
  const lambda = new LambdaClient(reading.settings)
  return {
    async list() {
      const action = 'lambda:ListFunctions'
      const { items, failure } = await readPages(
        action,
        (Marker) => reading.call(action, (options) => lambda.send(new ListFunctionsCommand({ Marker }), options)),
        (page) => page.Functions,
        (page) => page.NextMarker,
      )
      return {
        items: items.map(({ FunctionArn: arn = '', FunctionName: name = arn }) => ({ arn, name })),
        ...(failure && { failure }),
      }
    },
    policyOf: ({ name }) =>
      reading.callForOne(
        'lambda:GetPolicy',
        (options) => lambda.send(new GetPolicyCommand({ FunctionName: name }), options),
        (answer) => answer.Policy,
      ),
    async urlOf({ arn, name }, policy) {
      if (policy !== undefined && !/invokefunctionurl|:\*|"\*"/i.test(policy)) return {}
      const outcome = await reading.callForOne(
        'lambda:GetFunctionUrlConfig',
        (options) => lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: name }), options),
        (answer) => answer,
      )
      if ('failure' in outcome) return { failure: outcome.failure }
      if (!outcome.value) return {}
      const seen = {
        arn,
        functionName: name,
        authType: outcome.value.AuthType ?? UNKNOWN,
        accountId: reading.account,
      } as const
      return { url: fact(awsFunctionUrl, scope, { resource: arn }, seen) }
    },
  }
}
