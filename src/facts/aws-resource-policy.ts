import { factKind } from '../model.ts'

const ACCOUNT = ['string', 'Account number; empty if not seen', '123456789012'] as const

/**
 * A resource with a policy of its own; its statements are facts of the kind iam.statement with this ARN as owner. Source:
 * GetBucketPolicy and what corresponds to it of SQS, SNS, KMS, Lambda, ECR and Secrets Manager.
 */
export const awsResourcePolicy = factKind({
  kind: 'aws.resource-policy',
  meaning: 'A resource of AWS that carries a policy of its own.',
  identity: ['arn'],
  fields: {
    arn: ['string', 'ARN of the resource', 'arn:aws:s3:::site'],
    name: ['string', 'How people call it', 'site'],
    service: ['string', 'Service as IAM spells it: s3, sqs, sns, kms, lambda, ecr or secretsmanager', 's3'],
    region: ['string', 'Region', 'eu-west-1'],
    accountId: ACCOUNT,
  },
})
