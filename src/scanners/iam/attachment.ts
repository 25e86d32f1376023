import { iamAttachment } from '../../facts/iam.ts'
import { displayName, shortName } from '../../facts/iam-name.ts'
import { type Fact, fact, type Location } from '../../model.ts'

export type PrincipalKind = 'user' | 'role' | 'group'
export interface Attachment {
  readonly policy: string
  readonly principalArn: string
  readonly principalKind: PrincipalKind
  /** direct, inline, or the ARN of the group. */
  readonly via: string
  readonly boundary: boolean
}

/** That a policy applies to somebody, with the names by which people know the two. */
export function attachmentFact(scope: string, at: Location, attachment: Attachment): Fact<typeof iamAttachment> {
  const { policy, principalArn } = attachment
  const names = { policyName: shortName(policy), principalName: displayName(principalArn) }
  return fact(iamAttachment, scope, at, { ...attachment, ...names })
}

/** `arn:${AWS::Partition}:iam::aws:policy/X` is the same policy in each partition. */
export function withPartition(arn: string): string {
  return arn.replace(/^arn:\$\{[^}]*partition[^}]*\}:/i, 'arn:aws:')
}
