import type { GetServiceLastAccessedDetailsResponse, ServiceLastAccessed } from '@aws-sdk/client-iam'
import type { AwsAccount } from './aws-account.ts'
import type { Failure, Outcome } from './aws-failure.ts'
import { readPages } from './aws-pages.ts'
import { pause } from './pause.ts'

/** Half a minute or so: AWS takes seconds. */
const POLLS = 14
const LONGEST_WAIT = 4000

/**
 * What IAM remembers of a user's or role's use of services and, where it tracks them, of actions. A job is started and asked for
 * until it is done. What was read stays when a later page fails.
 */
export async function readLastAccessed(
  account: AwsAccount,
  arn: string,
  signal: AbortSignal,
): Promise<{ items: ServiceLastAccessed[]; failure?: Failure }> {
  const { GenerateServiceLastAccessedDetailsCommand } = account.client.commands
  const job = await account.call('iam:GenerateServiceLastAccessedDetails', signal, (iam, options) =>
    iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: arn, Granularity: 'ACTION_LEVEL' }), options),
  )
  if ('failure' in job) return { items: [], failure: job.failure }
  const jobId = job.value.JobId ?? ''
  return readPages(
    GET,
    (marker) => pageOf(account, jobId, marker, signal),
    (page) => page.ServicesLastAccessed,
    (page) => (page.IsTruncated ? page.Marker : undefined),
  )
}

const GET = 'iam:GetServiceLastAccessedDetails'

/** The first page is waited for: it is there when the job is done. */
async function pageOf(
  account: AwsAccount,
  JobId: string,
  Marker: string | undefined,
  signal: AbortSignal,
): Promise<Outcome<GetServiceLastAccessedDetailsResponse>> {
  const { GetServiceLastAccessedDetailsCommand } = account.client.commands
  for (let waited = 0; ; waited++) {
    const outcome = await account.call(GET, signal, (iam, options) =>
      iam.send(new GetServiceLastAccessedDetailsCommand({ JobId, MaxItems: 1000, Marker }), options),
    )
    if ('failure' in outcome) return outcome
    const { JobStatus, Error: reason } = outcome.value
    if (JobStatus === 'COMPLETED') return outcome
    if (JobStatus === 'FAILED') return failure(`the job failed${reason?.Code ? ` (${reason.Code})` : ''}`)
    if (waited >= POLLS) return failure('the job was not done in time')
    await pause(Math.min(250 * 2 ** waited, LONGEST_WAIT), signal)
  }
}

function failure(what: string): { failure: Failure } {
  return { failure: { kind: 'failed', reason: 'call failed', detail: `${GET}: ${what}` } }
}
