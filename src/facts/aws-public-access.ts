import { factKind } from '../model.ts'

/** S3 Block Public Access. Source: S3 GetPublicAccessBlock, S3 Control GetPublicAccessBlock; Terraform and CloudFormation. */
export const awsPublicAccessBlock = factKind({
  kind: 'aws.public-access-block',
  meaning: 'A setting that keeps S3 buckets from being public, whatever their policies say.',
  identity: ['bucket'],
  fields: {
    bucket: [
      'string',
      'ARN of the bucket, or `file:PATH#ADDRESS`; of the account-wide setting, the account number or the block’s address',
      'arn:aws:s3:::data',
    ],
    name: ['string', 'Name of the bucket; empty where only a deployment knows it', 'data'],
    restricts: [
      'bool',
      'Whether a public policy is without effect (RestrictPublicBuckets); in files also whether it cannot be set (BlockPublicPolicy)',
      true,
    ],
    accountWide: ['bool', 'Whether it holds for every bucket of the account', false],
    accountId: ['string', 'Account number; empty in files where it is not written', '123456789012'],
  },
})
