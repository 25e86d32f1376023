import { factKind } from '../model.ts'

/**
 * When a user or role last used a service or an action, as IAM tells it. Attempts that were denied count; data is up to four
 * hours behind, goes back 400 days at most, and for actions covers some services only: an action without a fact is not tracked.
 * Source: IAM GenerateServiceLastAccessedDetails,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 */
export const iamLastAccessed = factKind({
  kind: 'iam.last-accessed',
  meaning: 'When a user or role last used a service, or an action of it, that its policies allow.',
  identity: ['principalArn', 'service', 'action'],
  fields: {
    principalArn: ['string', 'ARN of the user or role', 'arn:aws:iam::123456789012:role/app'],
    service: ['string', 'Service as IAM spells it in actions, lower case', 's3'],
    action: ['string', 'The action without its service (`GetObject`); empty for the service as a whole', ''],
    lastUsedDays: ['int', 'Days since then; -1 if not within the days that were tracked', -1],
    trackedDays: ['int', 'Days for which it is known: 400, or as many as the principal is old', 400],
    granularity: ['string', 'service, or action where actions of the service are tracked, too', 'service'],
    region: ['string', 'Region of the last use; empty if there was none', ''],
  },
})
