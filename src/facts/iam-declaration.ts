import { factKind } from '../model.ts'

/** A principal or policy that a file declares. Source: Terraform, OpenTofu, CloudFormation and what becomes it. */
export const iamDeclaration = factKind({
  kind: 'iam.declaration',
  meaning: 'A user, group, role or policy of AWS that configuration declares.',
  identity: ['id'],
  fields: {
    id: ['string', 'The thing as other facts name it: `file:PATH#ADDRESS`', 'file:main.tf#aws_iam_role.app'],
    type: ['string', 'user, group, role or policy', 'role'],
    name: ['string', 'Its name in the account; empty where only a deployment knows it', 'app'],
    path: ['string', 'IAM path', '/'],
    accountId: ['string', 'Account number; empty where it is not written', ''],
  },
})
