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
/**
 * Users, roles and policies, as PATH and NAME, that AWS makes or has made by its own tools: service-linked roles, permission sets
 * of IAM Identity Center, the roles of CDK's bootstrap, StackSets, Control Tower and Organizations.
 */
export const MADE_BY_AWS =
  /^\/(?:aws-service-role|aws-reserved)\/|\/(?:AWSReservedSSO_|cdk-|stacksets-exec-|AWSCloudFormationStackSet|AWSControlTower|aws-controltower-|OrganizationAccountAccessRole$)/i
/**
 * Actions that destroy data or keys, blind the audit trail, lock others out or leave the organisation: what people should do in a
 * session with MFA only. Source: the services' API references; "Configuring MFA-protected API access" of the IAM User Guide.
 */
export const DESTRUCTIVE: readonly string[] = [
  'account:CloseAccount',
  'backup:DeleteBackupVault',
  'backup:DeleteRecoveryPoint',
  'cloudtrail:DeleteTrail',
  'cloudtrail:StopLogging',
  'config:DeleteConfigurationRecorder',
  'config:StopConfigurationRecorder',
  'dynamodb:DeleteBackup',
  'dynamodb:DeleteTable',
  'ec2:DeleteSnapshot',
  'ec2:DeleteVolume',
  'ec2:TerminateInstances',
  'ecr:DeleteRepository',
  'elasticfilesystem:DeleteFileSystem',
  'eks:DeleteCluster',
  'guardduty:DeleteDetector',
  'iam:DeactivateMFADevice',
  'iam:DeleteAccountPasswordPolicy',
  'iam:DeleteRole',
  'iam:DeleteRolePermissionsBoundary',
  'iam:DeleteUser',
  'iam:DeleteUserPermissionsBoundary',
  'iam:DeleteVirtualMFADevice',
  'kms:DisableKey',
  'kms:ScheduleKeyDeletion',
  'lambda:DeleteFunction',
  'logs:DeleteLogGroup',
  'organizations:LeaveOrganization',
  'organizations:RemoveAccountFromOrganization',
  'rds:DeleteDBCluster',
  'rds:DeleteDBInstance',
  'rds:DeleteDBSnapshot',
  'redshift:DeleteCluster',
  'route53:DeleteHostedZone',
  's3:DeleteBucket',
  's3:DeleteBucketPolicy',
  'secretsmanager:DeleteSecret',
]
