import type { S3Client } from '@aws-sdk/client-s3'
import { UNKNOWN } from '../../model.ts'
import type { Failure, Outcome } from '../../sources/aws-failure.ts'
import { readPages } from '../../sources/aws-pages.ts'
import type { Reading } from './resource-source.ts'

export interface Bucket {
  readonly name: string
  /** Undefined where S3 does not tell it. */
  readonly region: string | undefined
}
type Blocked = boolean | typeof UNKNOWN

/** Buckets of S3, in whatever region. */
export interface BucketSource {
  list(): Promise<{ items: readonly Bucket[]; failure?: Failure }>
  policyOf(bucket: Bucket): Promise<Outcome<string | undefined>>
  /** Whether RestrictPublicBuckets is on, of the bucket or of the account: then a public policy lets in nobody from outside. */
  isPublicAccessBlocked(bucket: Bucket): Promise<{ blocked: Blocked; failure?: Failure }>
}

export async function openBuckets(reading: Reading): Promise<BucketSource> {
  const sdk = await import('@aws-sdk/client-s3')
  const { endpoint } = reading.settings
  const clients = new Map<string, S3Client>()
  const s3 = (region = reading.region) => {
    const known = clients.get(region)
    if (known) return known
    const client = new sdk.S3Client({
      ...reading.settings,
      region,
      followRegionRedirects: true,
      // Servers that stand in for S3 have no host name for each bucket.
      forcePathStyle: endpoint !== undefined,
    })
    clients.set(region, client)
    return client
  }
  let ofAccount: Promise<Outcome<boolean | undefined>> | undefined
  return {
    list: () =>
      readPages(
        's3:ListAllMyBuckets',
        (ContinuationToken) =>
          reading.call('s3:ListAllMyBuckets', (options) =>
            s3().send(new sdk.ListBucketsCommand({ MaxBuckets: 1000, ContinuationToken }), options),
          ),
        (page) => page.Buckets?.map(({ Name: name = '', BucketRegion: region }) => ({ name, region })),
        (page) => page.ContinuationToken,
      ),
    policyOf: ({ name, region }) =>
      reading.callForOne(
        's3:GetBucketPolicy',
        (options) => s3(region).send(new sdk.GetBucketPolicyCommand({ Bucket: name }), options),
        (answer) => answer.Policy,
      ),
    async isPublicAccessBlocked({ name, region }) {
      ofAccount ??= blockOfAccount(reading)
      const account = await ofAccount
      if ('value' in account && account.value) return { blocked: true }
      const bucket = await reading.callForOne(
        's3:GetBucketPublicAccessBlock',
        (options) => s3(region).send(new sdk.GetPublicAccessBlockCommand({ Bucket: name }), options),
        (answer) => answer.PublicAccessBlockConfiguration?.RestrictPublicBuckets,
      )
      if ('value' in bucket && bucket.value) return { blocked: true }
      const failure = 'failure' in bucket ? bucket.failure : 'failure' in account ? account.failure : undefined
      return failure ? { blocked: UNKNOWN, failure } : { blocked: false }
    },
  }
}

async function blockOfAccount(reading: Reading): Promise<Outcome<boolean | undefined>> {
  const { S3ControlClient, GetPublicAccessBlockCommand } = await import('@aws-sdk/client-s3-control')
  const { settings } = reading
  const { endpoint } = settings
  // AWS has a host name for each account; a server that stands in for it has not.
  const oneHost = endpoint !== undefined && { endpointProvider: () => ({ url: new URL(endpoint) }) }
  const control = new S3ControlClient({ ...settings, ...oneHost })
  return reading.callForOne(
    's3:GetAccountPublicAccessBlock',
    (options) => control.send(new GetPublicAccessBlockCommand({ AccountId: reading.account }), options),
    (answer) => answer.PublicAccessBlockConfiguration?.RestrictPublicBuckets,
  )
}
