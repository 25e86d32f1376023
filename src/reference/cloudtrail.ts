import type { IamAction } from './iam-actions.ts'

/**
 * What CloudTrail logs of which IAM action. Sources: the logging chapter of each service's manual, and
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */

/** A class of events that a trail logs or not: what was seen of it tells whether it was logged at all. */
export type EventClass = string

/** What must have been seen before an action counts as unused; undefined if no event tells of it. */
export function classesOf(action: IamAction): readonly EventClass[] | undefined {
  const { service, name } = action
  if (matchesName(NEVER_LOGGED, service, name)) return undefined
  const access = accessesOf(action)
  if (matchesName(DATA_EVENTS, service, name)) return access.map((each) => `data-${each}:${service}`)
  // A trail can leave these out on their own, since they are many.
  if (EXCLUDABLE.has(service)) return [service]
  return access.map((each) => `management-${each}`)
}

/** The class of an event; `category` and `readOnly` as it has them, undefined in records of old trails. */
export function classOfEvent(
  service: string,
  action: IamAction | undefined,
  category: string | undefined,
  readOnly: boolean,
): EventClass {
  if (EXCLUDABLE.has(service)) return service
  const isData = category ? category === 'Data' : action !== undefined && matchesName(DATA_EVENTS, service, action.name)
  const access = readOnly ? 'read' : 'write'
  return isData ? `data-${access}:${service}` : `management-${access}`
}

type Access = 'read' | 'write'

/**
 * Trails can log reads or writes only. CloudTrail's idea of a read is not IAM's access level: `sts:AssumeRole` is a read to the
 * one and a write to the other. Names that could be either need both.
 */
function accessesOf({ name, levels }: IamAction): readonly Access[] {
  if (levels.some((level) => level === 'Read' || level === 'List')) return ['read']
  return /^(?:create|put|delete|update|attach|detach|add|remove|tag|untag|run|start|stop|terminate|modify|associate|disassociate|enable|disable|register|deregister|send|publish|invoke|set|import)/i.test(
    name,
  )
    ? ['write']
    : ['read', 'write']
}

/** Services whose calls are management events that a trail may exclude. */
const EXCLUDABLE = new Set(['kms', 'rds-data'])

/** Services that answer from one region whatever the caller's: their events are logged there. */
export const GLOBAL_SERVICES: ReadonlySet<string> = new Set([
  'account',
  'budgets',
  'ce',
  'cloudfront',
  'globalaccelerator',
  'iam',
  'organizations',
  'route53',
  'route53domains',
  'shield',
  'support',
  'waf',
])
/** Home of the global services, by partition. */
export const GLOBAL_REGIONS: readonly string[] = ['us-east-1', 'us-west-2', 'cn-north-1', 'us-gov-west-1']

function matchesName(table: Readonly<Record<string, RegExp>>, service: string, name: string): boolean {
  return table[service]?.test(name) ?? false
}

const ALL = /^/

/** Actions that no event ever tells of: permissions without a call of their own, and protocols that are no AWS API. */
const NEVER_LOGGED: Readonly<Record<string, RegExp>> = {
  aoss: /AccessAll$/,
  apigateway: /^SetWebACL$/i,
  appmesh: /^StreamAggregatedResources$/,
  appstream: /^Stream$/,
  'aws-portal': ALL,
  billing: ALL,
  cloudformation: /^CreateUploadBucket$/,
  consolidatedbilling: ALL,
  dax: ALL,
  ec2messages: ALL,
  eks: /^AccessKubernetesApi$/,
  elasticache: /^Connect$/,
  elasticfilesystem: /^Client/,
  elasticloadbalancing: /^SetWebAcl$/i,
  es: /^ESHttp|^ESCrossCluster/,
  events: /^Put(?:Partner)?Events$/,
  'execute-api': ALL,
  firehose: /^PutRecord/,
  iam: /^PassRole$/,
  'kafka-cluster': ALL,
  lambda: /^InvokeFunctionUrl$/,
  logs: /^PutLogEvents$|^Unmask$/,
  memorydb: /^Connect$/,
  'neptune-db': ALL,
  'rds-db': ALL,
  s3: /^(?:BypassGovernanceRetention|InitiateReplication|ObjectOwnerOverrideToBucketOwner|Replicate\w+|GetObjectVersionForReplication)$/,
  'sso-directory': ALL,
  ssmmessages: ALL,
  sts: /^(?:TagSession|SetSourceIdentity|SetContext|GetServiceBearerToken)$/,
  workspaces: /^Stream$/,
}

/** Actions whose calls are data events. A service of which it is not certain which are stands here with all. */
const DATA_EVENTS: Readonly<Record<string, RegExp>> = {
  appconfig: /^(?:GetLatestConfiguration|StartConfigurationSession|GetConfiguration)$/,
  appsync: /^GraphQL$|^SourceGraphQL$|^EventConnect$|^EventPublish$|^EventSubscribe$/,
  aps: /^(?:RemoteWrite|QueryMetrics|Get(?:Labels|Series|MetricMetadata))$/,
  bedrock:
    /^(?:Invoke(?:Agent|InlineAgent|Flow|DataAutomation\w*|Builder)|Retrieve\w*|Rerank|ApplyGuardrail|InvokeModelWithBidirectionalStream|GenerateQuery|\w*(?:Session|Invocation|InvocationStep)s?)$/,
  cassandra: ALL,
  'cloudfront-keyvaluestore': ALL,
  'cloudtrail-data': ALL,
  cloudwatch: /^(?:PutMetricData|GetMetricData|GetMetricStatistics|GetMetricWidgetImage|ListMetrics)$/,
  codewhisperer: ALL,
  'cognito-identity': /^(?:Get(?:Id|OpenIdToken\w*|CredentialsForIdentity)|UnlinkIdentity)$/,
  dynamodb:
    /^(?:(?:Batch)?GetItem|BatchWriteItem|PutItem|UpdateItem|DeleteItem|ConditionCheckItem|Query|Scan|PartiQL\w+|GetRecords|GetShardIterator)$/,
  ebs: ALL,
  'ec2-instance-connect': ALL,
  finspace: ALL,
  'geo-maps': ALL,
  'geo-places': ALL,
  'geo-routes': ALL,
  glue: /^(?:Get(?:Table|Partition)\w*|BatchGetPartition|\w*ColumnStatistics\w*)$/,
  greengrass: ALL,
  guardduty: /^SendSecurityTelemetry$/,
  iot: ALL,
  iotdata: ALL,
  iotsitewise: ALL,
  iottwinmaker: ALL,
  'kendra-ranking': ALL,
  kinesis: /^(?:PutRecords?|GetRecords|GetShardIterator|SubscribeToShard)$/,
  kinesisvideo: ALL,
  lambda: /^(?:InvokeFunction|InvokeAsync)$/,
  machinelearning: /^Predict$/,
  managedblockchain: ALL,
  'medical-imaging': ALL,
  'neptune-graph': ALL,
  'payment-cryptography': ALL,
  'pca-connector-ad': ALL,
  'pca-connector-scep': ALL,
  qapps: ALL,
  qbusiness: ALL,
  s3: /^(?:(?:Get|Put|Delete)Object(?!LockConfiguration)\w*|AbortMultipartUpload|ListMultipartUploadParts|ListBucket|ListBucketVersions|ListBucketMultipartUploads|RestoreObject)$/,
  's3-object-lambda': ALL,
  's3-outposts': ALL,
  s3express: ALL,
  s3tables: ALL,
  s3vectors: ALL,
  sagemaker: /^(?:InvokeEndpoint\w*|(?:Put|Get|Delete|BatchGet)Record|BatchPutMetrics|BatchGetMetrics)$/,
  ses: /^Send/,
  sns: /^Publish$/,
  sqs: /^(?:SendMessage|ReceiveMessage|DeleteMessage|ChangeMessageVisibility)$/,
  ssm: /^(?:UpdateInstanceInformation|ListInstanceAssociations|PutInventory|PutComplianceItems|UpdateInstanceAssociationStatus|GetManifest|PutConfigurePackageResult|GetDocument|DescribeAssociation|DescribeDocument)$/,
  states: /^(?:InvokeHTTPEndpoint|GetActivityTask|SendTask\w+|StartSyncExecution|TestState)$/,
  swf: ALL,
  thinclient: ALL,
  timestream: ALL,
  verifiedpermissions: ALL,
  worklink: ALL,
  xray: /^(?:Put\w+|GetSampling\w+|BatchGetTraces|GetTraceSummaries|GetServiceGraph|GetTimeSeriesServiceStatistics|GetTraceGraph)$/,
}
