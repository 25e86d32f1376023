/**
 * Where CloudTrail's names are others than IAM's. Most events are called like the action that they need; these are not. Sources:
 * the API references and the service authorization reference, "Actions, resources, and condition keys" of each service.
 */

/** Event source without `.amazonaws.com` → service prefix, where it is not the same. */
export const SERVICE_OF_SOURCE: Readonly<Record<string, string>> = {
  'api.ecr': 'ecr',
  'api.ecr-public': 'ecr-public',
  'api.pricing': 'pricing',
  'api.sagemaker': 'sagemaker',
  'application-insights': 'applicationinsights',
  appstream2: 'appstream',
  billingconsole: 'aws-portal',
  'catalog.marketplace': 'aws-marketplace',
  cloudcontrolapi: 'cloudformation',
  'cloudtrail-data': 'cloudtrail-data',
  'data.iot': 'iot',
  'data.iotevents': 'iotevents',
  'data.mediastore': 'mediastore',
  email: 'ses',
  'entitlement.marketplace': 'aws-marketplace',
  iotdata: 'iot',
  'logs.data': 'logs',
  'metering.marketplace': 'aws-marketplace',
  'metering-marketplace': 'aws-marketplace',
  'models.lex': 'lex',
  monitoring: 'cloudwatch',
  pinpoint: 'mobiletargeting',
  'runtime.lex': 'lex',
  'runtime.sagemaker': 'sagemaker',
  'servicecatalog-appregistry': 'servicecatalog',
  'streams.dynamodb': 'dynamodb',
  tagging: 'tag',
  transcribestreaming: 'transcribe',
}

/** Sources whose events need no permission: signing in to the console, and what the console shows by itself. */
export const WITHOUT_PERMISSION: ReadonlySet<string> = new Set([
  'signin',
  'console',
  'signin.aws',
  'ce.console',
  'notifications.console',
])

/** What one event needs, where it is not the action of its own name. Several: the call needs, or may need, each of them. */
export const ACTIONS_OF_EVENT: Readonly<Record<string, readonly string[]>> = {
  'bedrock:Converse': ['InvokeModel'],
  'bedrock:ConverseStream': ['InvokeModelWithResponseStream'],
  'cloudfront:CreateDistributionWithTags': ['CreateDistribution', 'TagResource'],
  'cloudfront:CreateStreamingDistributionWithTags': ['CreateStreamingDistribution', 'TagResource'],
  'dynamodb:BatchExecuteStatement': ['PartiQLSelect', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'],
  'dynamodb:ExecuteStatement': ['PartiQLSelect', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'],
  'dynamodb:ExecuteTransaction': ['PartiQLSelect', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'],
  'dynamodb:TransactGetItems': ['GetItem'],
  'dynamodb:TransactWriteItems': ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
  'kms:ReEncrypt': ['ReEncryptFrom', 'ReEncryptTo'],
  'lambda:GetLayerVersionByArn': ['GetLayerVersion'],
  'lambda:Invoke': ['InvokeFunction'],
  'lambda:InvokeAsync': ['InvokeFunction'],
  'lambda:InvokeExecution': ['InvokeFunction'],
  'lambda:InvokeWithResponseStream': ['InvokeFunction'],
  's3:CompleteMultipartUpload': ['PutObject'],
  's3:CopyObject': ['PutObject', 'GetObject'],
  's3:CreateMultipartUpload': ['PutObject'],
  's3:DeleteBucketAnalyticsConfiguration': ['PutAnalyticsConfiguration'],
  's3:DeleteBucketCors': ['PutBucketCORS'],
  's3:DeleteBucketEncryption': ['PutEncryptionConfiguration'],
  's3:DeleteBucketIntelligentTieringConfiguration': ['PutIntelligentTieringConfiguration'],
  's3:DeleteBucketInventoryConfiguration': ['PutInventoryConfiguration'],
  's3:DeleteBucketLifecycle': ['PutLifecycleConfiguration'],
  's3:DeleteBucketMetricsConfiguration': ['PutMetricsConfiguration'],
  's3:DeleteBucketOwnershipControls': ['PutBucketOwnershipControls'],
  's3:DeleteBucketPublicAccessBlock': ['PutBucketPublicAccessBlock'],
  's3:DeleteBucketReplication': ['PutReplicationConfiguration'],
  's3:DeleteBucketTagging': ['PutBucketTagging'],
  's3:DeleteObjects': ['DeleteObject'],
  's3:DeletePublicAccessBlock': ['PutBucketPublicAccessBlock'],
  's3:GetBucketAccelerateConfiguration': ['GetAccelerateConfiguration'],
  's3:GetBucketAnalyticsConfiguration': ['GetAnalyticsConfiguration'],
  's3:GetBucketEncryption': ['GetEncryptionConfiguration'],
  's3:GetBucketIntelligentTieringConfiguration': ['GetIntelligentTieringConfiguration'],
  's3:GetBucketInventoryConfiguration': ['GetInventoryConfiguration'],
  's3:GetBucketLifecycle': ['GetLifecycleConfiguration'],
  's3:GetBucketLifecycleConfiguration': ['GetLifecycleConfiguration'],
  's3:GetBucketMetricsConfiguration': ['GetMetricsConfiguration'],
  's3:GetBucketNotificationConfiguration': ['GetBucketNotification'],
  's3:GetBucketReplication': ['GetReplicationConfiguration'],
  's3:GetObjectAttributes': ['GetObject', 'GetObjectAttributes'],
  's3:GetObjectLockConfiguration': ['GetBucketObjectLockConfiguration'],
  's3:GetPublicAccessBlock': ['GetBucketPublicAccessBlock'],
  's3:HeadBucket': ['ListBucket'],
  's3:HeadObject': ['GetObject'],
  's3:InitiateMultipartUpload': ['PutObject'],
  's3:ListBucketAnalyticsConfigurations': ['GetAnalyticsConfiguration'],
  's3:ListBucketIntelligentTieringConfigurations': ['GetIntelligentTieringConfiguration'],
  's3:ListBucketInventoryConfigurations': ['GetInventoryConfiguration'],
  's3:ListBucketMetricsConfigurations': ['GetMetricsConfiguration'],
  's3:ListBuckets': ['ListAllMyBuckets'],
  's3:ListMultipartUploads': ['ListBucketMultipartUploads'],
  's3:ListObjectVersions': ['ListBucketVersions'],
  's3:ListObjects': ['ListBucket'],
  's3:ListObjectsV2': ['ListBucket'],
  's3:ListParts': ['ListMultipartUploadParts'],
  's3:PostObject': ['PutObject'],
  's3:PutBucketAccelerateConfiguration': ['PutAccelerateConfiguration'],
  's3:PutBucketAnalyticsConfiguration': ['PutAnalyticsConfiguration'],
  's3:PutBucketEncryption': ['PutEncryptionConfiguration'],
  's3:PutBucketIntelligentTieringConfiguration': ['PutIntelligentTieringConfiguration'],
  's3:PutBucketInventoryConfiguration': ['PutInventoryConfiguration'],
  's3:PutBucketLifecycle': ['PutLifecycleConfiguration'],
  's3:PutBucketLifecycleConfiguration': ['PutLifecycleConfiguration'],
  's3:PutBucketMetricsConfiguration': ['PutMetricsConfiguration'],
  's3:PutBucketNotificationConfiguration': ['PutBucketNotification'],
  's3:PutBucketReplication': ['PutReplicationConfiguration'],
  's3:PutObjectLockConfiguration': ['PutBucketObjectLockConfiguration'],
  's3:PutPublicAccessBlock': ['PutBucketPublicAccessBlock'],
  's3:SelectObjectContent': ['GetObject'],
  's3:UploadPart': ['PutObject'],
  's3:UploadPartCopy': ['PutObject', 'GetObject'],
  'sns:PublishBatch': ['Publish'],
  'sqs:ChangeMessageVisibilityBatch': ['ChangeMessageVisibility'],
  'sqs:DeleteMessageBatch': ['DeleteMessage'],
  'sqs:SendMessageBatch': ['SendMessage'],
}

/** Calls on one version of an object need another action than those on the newest. */
export const ACTIONS_ON_VERSIONS: Readonly<Record<string, string>> = {
  DeleteObject: 'DeleteObjectVersion',
  DeleteObjectTagging: 'DeleteObjectVersionTagging',
  GetObject: 'GetObjectVersion',
  GetObjectAcl: 'GetObjectVersionAcl',
  GetObjectAttributes: 'GetObjectVersionAttributes',
  GetObjectTagging: 'GetObjectVersionTagging',
  PutObjectAcl: 'PutObjectVersionAcl',
  PutObjectTagging: 'PutObjectVersionTagging',
}

/** API Gateway's actions are methods of HTTP; its events are named by what they do. */
const GATEWAY_METHODS: readonly (readonly [verbs: RegExp, methods: readonly string[]])[] = [
  [/^(?:Get|Export)/, ['GET']],
  [/^(?:Create|Generate|TestInvoke)/, ['POST']],
  [/^(?:Import|Reimport|Put|Tag|Publish)/, ['POST', 'PUT']],
  [/^Update/, ['PATCH']],
  [/^(?:Delete|Untag|Flush|Reset|Cancel|Reject|Disable)/, ['DELETE']],
]

/** The methods of HTTP that an event of API Gateway may be; none if its name tells nothing. */
export function gatewayMethods(event: string): readonly string[] {
  return GATEWAY_METHODS.find(([verbs]) => verbs.test(event))?.[1] ?? []
}

/** Lambda and CloudFront write the version of their API behind the name: `ListFunctions20150331`, `GetDistribution2020_05_31`. */
export function withoutApiVersion(event: string): string {
  return event.replace(/(?:\d{8}(?:v\d)?|\d{4}_\d{2}_\d{2}|V\d)$/, '')
}
