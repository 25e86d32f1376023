import { factKind } from '../model.ts'

/**
 * That a policy of AWS Organizations limits an account; its statements are facts of the kind iam.statement. An action must be
 * allowed on every level from the root down. Service control policies bind neither the management account, for which there are
 * no such facts, nor service-linked roles. Source: Organizations ListPoliciesForTarget, ListParents, DescribePolicy.
 */
export const iamControl = factKind({
  kind: 'iam.control',
  meaning: 'That a service or resource control policy limits an account.',
  identity: ['accountId', 'policy', 'target'],
  fields: {
    accountId: ['string', 'The account that is limited', '123456789012'],
    policy: [
      'string',
      'ARN of the policy, as in iam.statement',
      'arn:aws:organizations::210987654321:policy/o-sample/service_control_policy/p-sample',
    ],
    policyName: ['string', 'How people call it', 'FullAWSAccess'],
    type: ['string', 'SCP (limits principals of the account) or RCP (limits access to its resources)', 'SCP'],
    target: ['string', 'What it hangs on: id of the root or unit, or number of the account', 'r-0001'],
    level: ['int', 'How many levels above the account that is; 0 for the account itself', 1],
  },
})
