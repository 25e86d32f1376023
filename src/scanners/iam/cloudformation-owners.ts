import { get, type MapNode } from '../../sources/value-node.ts'
import type { TemplateResource } from './cloudformation-values.ts'
import { principal, renderAll, type Statement } from './statement.ts'
import type { PlacedStatement } from './statement-facts.ts'
import type { TemplateFile } from './template-file.ts'

/** The property that names what a policy hangs on, and the ARN of what has the name that is written. */
const OWNERS: Readonly<Record<string, readonly [property: string, arn: string]>> = {
  'AWS::S3::BucketPolicy': ['Bucket', 'arn:aws:s3:::'],
  'AWS::SQS::QueuePolicy': ['Queues', ''],
  'AWS::SNS::TopicPolicy': ['Topics', ''],
  'AWS::SecretsManager::ResourcePolicy': ['SecretId', ''],
  'AWS::Lambda::Permission': ['FunctionName', ''],
  'AWS::Lambda::LayerVersionPermission': ['LayerVersionArn', ''],
  'AWS::Events::EventBusPolicy': ['EventBusName', ''],
}

/** What carries a resource policy or trust: the resource itself, or the one that it names. */
export function ownerOf(file: TemplateFile, resource: TemplateResource, properties: MapNode): string {
  const owner = OWNERS[resource.type]
  if (!owner) return file.id(resource.name)
  const [property, arn] = owner
  const [text = ''] = renderAll(get(properties, property))
  if (text === '') return ''
  return file.referred(text) ?? (text.startsWith('arn:') || text.startsWith('${') ? text : `${arn}${text}`)
}

/** What a Lambda permission adds to the function's policy. */
export function lambdaPermission({ type, node }: TemplateResource, properties: MapNode): PlacedStatement | undefined {
  if (type !== 'AWS::Lambda::Permission') return undefined
  const texts = (name: string) => renderAll(get(properties, name))
  const statement: Statement = {
    sid: '',
    effect: 'Allow',
    actions: texts('Action'),
    notActions: [],
    resources: texts('FunctionName'),
    notResources: [],
    principals: texts('Principal').map((value) =>
      principal(/\.amazonaws\.com|\.alexa/.test(value) ? 'Service' : 'AWS', value),
    ),
    notPrincipals: [],
    conditions: [
      ...texts('SourceArn').map((value) => `ArnLike|AWS:SourceArn|${value}`),
      ...texts('SourceAccount').map((value) => `StringEquals|AWS:SourceAccount|${value}`),
      ...texts('PrincipalOrgID').map((value) => `StringEquals|aws:PrincipalOrgID|${value}`),
      ...texts('EventSourceToken').map((value) => `StringEquals|lambda:EventSourceToken|${value}`),
      ...texts('FunctionUrlAuthType').map((value) => `StringEquals|lambda:FunctionUrlAuthType|${value}`),
    ],
  }
  return { statement, start: node.start, end: node.end }
}
