import { factKind } from '../model.ts'

/**
 * S3 Block Public Access as a file declares it; of a live bucket, aws.resource-policy tells. Source: Terraform, CloudFormation;
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
export const awsPublicAccessBlock = factKind({
  kind: 'aws.public-access-block',
  meaning:
    'A setting in a file that keeps S3 buckets, or search domains, from being public, whatever their policies say.',
  identity: ['bucket'],
  fields: {
    bucket: [
      'string',
      '`file:PATH#ADDRESS` of the bucket or domain; of the setting itself if it is for the account or its bucket is elsewhere',
      'file:main.tf#aws_s3_bucket.data',
    ],
    name: ['string', 'Name of the bucket; empty where only a deployment knows it', 'data'],
    restricts: [
      'bool',
      'Whether a public policy is without effect (RestrictPublicBuckets) or cannot be set (BlockPublicPolicy)',
      true,
    ],
    accountWide: ['bool', 'Whether it holds for every bucket of the account', false],
  },
})
