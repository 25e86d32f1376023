/** Actions that read secrets or data in bulk. Source: the services' API references. */
export const SECRET_READS: ReadonlySet<string> = new Set([
  'secretsmanager:GetSecretValue',
  'secretsmanager:BatchGetSecretValue',
  'ssm:GetParameter',
  'ssm:GetParameters',
  'ssm:GetParametersByPath',
  'ssm:GetParameterHistory',
  'kms:Decrypt',
  's3:GetObject',
  's3:GetObjectVersion',
  'dynamodb:GetItem',
  'dynamodb:BatchGetItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:PartiQLSelect',
  'ec2:GetPasswordData',
  'rds-data:ExecuteStatement',
  'lambda:GetFunction',
  'codecommit:GitPull',
  'elasticfilesystem:ClientMount',
])

/** Actions that work on something that has no ARN, though their reference names a type of resource that they may have. */
export const NEVER_LIMITED: ReadonlySet<string> = new Set(['cloudwatch:PutMetricData'])

/**
 * Services that act for any customer who names the role, and whose manuals ask for `aws:SourceArn` or `aws:SourceAccount` in
 * the role's trust ("cross-service confused deputy prevention" in each manual).
 */
export const DEPUTIES_OF_ROLES: ReadonlySet<string> = new Set([
  'appstream',
  'bedrock',
  'bedrock-agentcore',
  'codebuild',
  'comprehend',
  'fis',
  'forecast',
  'frauddetector',
  'grafana',
  'kendra',
  'logs',
  'personalize',
  'pipes',
  'qbusiness',
  'scheduler',
  'ssm',
  'states',
  'transcribe',
  'transfer',
])

/** Services that bring events or logs of any customer to the resource that they are allowed to write to. */
export const DEPUTIES_OF_RESOURCES: ReadonlySet<string> = new Set([
  'apigateway',
  'bedrock',
  'budgets',
  'cloudformation',
  'cloudtrail',
  'cognito-idp',
  'codestar-notifications',
  'config',
  'delivery.logs',
  'events',
  'elasticloadbalancing',
  'guardduty',
  'iot',
  'lex',
  'lexv2',
  'logging.s3',
  'logs',
  's3',
  'secretsmanager',
  'ses',
  'sns',
])

/** AWS's own policies that allow everything, by the end of their ARN. */
export const MANAGED_ADMIN = /^arn:aws[\w-]*:iam::aws:policy\/AdministratorAccess$/
/** AWS's own policies only allow, except those made to take rights away. */
export const MANAGED_DENY = /^arn:aws[\w-]*:iam::aws:policy\/(?:.*Deny.*|.*Quarantine.*)$/
/** A policy that AWS manages: its document is AWS's to change. */
export const MANAGED_BY_AWS = /^arn:aws[\w-]*:iam::aws:policy\//
