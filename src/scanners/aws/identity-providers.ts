import { awsIdentityProvider } from '../../facts/aws-resources.ts'
import { fact, type Scanner, type Seen, UNKNOWN } from '../../model.ts'
import { gapFor } from '../gap-for.ts'
import { inEachAccount } from './accounts.ts'

/** Reads the OpenID Connect and SAML providers that an account trusts. */
export const awsIdentityProviderScanner: Scanner = {
  id: 'aws-identity-providers',
  emits: [awsIdentityProvider],
  needs: ['iam:ListOpenIDConnectProviders', 'iam:GetOpenIDConnectProvider', 'iam:ListSAMLProviders'],
  timesTargets: true,
  requested: (context) => context.targets.aws.length > 0,
  scan: (context) =>
    inEachAccount([awsIdentityProvider], context, async function* ({ account, id, scope }, limited) {
      const { items, failures } = await account.identityProviders(limited.signal)
      for (const failure of failures) gapFor([awsIdentityProvider], scope, failure, limited)
      for (const { arn, type, url, clientIds } of items) {
        const seen: Seen<typeof awsIdentityProvider> = {
          arn,
          type,
          url: url ?? UNKNOWN,
          clientIds: clientIds ?? UNKNOWN,
          accountId: id,
        }
        yield fact(awsIdentityProvider, scope, { resource: arn }, seen)
      }
    }),
}
