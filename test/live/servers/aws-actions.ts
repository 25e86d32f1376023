import type { IncomingHttpHeaders } from 'node:http'

/** A request as far as it tells what is asked for. */
export interface AwsRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** REST paths by service: what is asked for stands in method, path and query. */
const PATHS: Readonly<Record<string, readonly [pattern: RegExp, action: string][]>> = {
  s3: [
    [/^GET \/v20180820\/configuration\/publicAccessBlock/, 'GetAccountPublicAccessBlock'],
    [/^GET \/(?:\?.*)?$/, 'ListAllMyBuckets'],
    [/^GET \/[^/?]+\/?\?(?:.*&)?policy(?:[=&]|$)/, 'GetBucketPolicy'],
    [/^GET \/[^/?]+\/?\?(?:.*&)?publicAccessBlock/, 'GetBucketPublicAccessBlock'],
  ],
  lambda: [
    [/^GET \/2015-03-31\/functions\/?(?:\?.*)?$/, 'ListFunctions'],
    [/^GET \/2015-03-31\/functions\/[^/]+\/policy/, 'GetPolicy'],
    [/^GET \/2021-10-31\/functions\/[^/]+\/url/, 'GetFunctionUrlConfig'],
  ],
  'access-analyzer': [
    [/^GET \/analyzer(?:\?.*)?$/, 'ListAnalyzers'],
    [/^POST \/findingv2/, 'ListFindingsV2'],
    [/^GET \/findingv2\//, 'GetFindingV2'],
  ],
  account: [[/^POST \/listRegions/, 'ListRegions']],
  eks: [
    [/^GET \/clusters(?:\?.*)?$/, 'ListClusters'],
    [/^GET \/clusters\/[^/?]+$/, 'DescribeCluster'],
    [/^GET \/clusters\/[^/]+\/access-entries(?:\?.*)?$/, 'ListAccessEntries'],
    [/^GET \/clusters\/[^/]+\/access-entries\/[^/?]+$/, 'DescribeAccessEntry'],
    [/^GET \/clusters\/[^/]+\/access-entries\/[^/]+\/access-policies/, 'ListAssociatedAccessPolicies'],
    [/^GET \/clusters\/[^/]+\/pod-identity-associations(?:\?.*)?$/, 'ListPodIdentityAssociations'],
    [/^GET \/clusters\/[^/]+\/pod-identity-associations\/[^/?]+$/, 'DescribePodIdentityAssociation'],
  ],
}

/**
 * The IAM action that a request to AWS needs: `iam:ListUsers`. The service stands in the signature, the name in `Action` (query
 * protocol), `X-Amz-Target` (JSON) or method and path (REST). What is unknown is `SERVICE:METHOD /path`, so that no test takes it
 * for something that is allowed.
 */
export function iamActionOf({ method, url, headers, body }: AwsRequest): string {
  const service = serviceOf(headers)
  const query = new URLSearchParams(body).get('Action')
  if (query && /^\w+$/.test(query)) return `${service}:${query}`
  const target = headers['x-amz-target']
  if (typeof target === 'string') return `${service}:${target.slice(target.lastIndexOf('.') + 1)}`
  const line = `${method} ${url.replace(/[?&]x-id=\w+/, '')}`
  const path = PATHS[service]?.find(([pattern]) => pattern.test(line))
  return `${service}:${path?.[1] ?? line}`
}

/** `Credential=AKIA…/20260101/eu-west-1/iam/aws4_request`. */
export function regionOf(headers: IncomingHttpHeaders): string {
  return credentialScope(headers)[2] ?? ''
}

export function accessKeyOf(headers: IncomingHttpHeaders): string {
  return credentialScope(headers)[0] ?? ''
}

function serviceOf(headers: IncomingHttpHeaders): string {
  return credentialScope(headers)[3] ?? ''
}

function credentialScope(headers: IncomingHttpHeaders): string[] {
  return /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1]?.split('/') ?? []
}
