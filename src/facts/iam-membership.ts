import { factKind } from '../model.ts'

/** That a user belongs to a group, whether or not the group has policies. Source: IAM GetAccountAuthorizationDetails; files. */
export const iamMembership = factKind({
  kind: 'iam.membership',
  meaning: 'That an IAM user is a member of a group.',
  identity: ['userArn', 'groupArn'],
  fields: {
    userArn: ['string', 'ARN of the user, or its id in files', 'arn:aws:iam::123456789012:user/ann'],
    groupArn: ['string', 'ARN of the group, or its id in files', 'arn:aws:iam::123456789012:group/developers'],
  },
})
