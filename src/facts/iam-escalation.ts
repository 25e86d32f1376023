import { factKind } from '../model.ts'

const DERIVED_FROM = ['iam.statement', 'iam.attachment', 'iam.role'] as const

/** Derived: that somebody who is no administrator can become one. */
export const iamEscalation = factKind({
  kind: 'iam.escalation',
  meaning:
    'That a user, role or group can make itself administrator, over all its policies, Deny and boundary applied.',
  identity: ['subject'],
  derivedFrom: [...DERIVED_FROM],
  fields: {
    subject: [
      'string',
      'ARN of the principal; in files the document, where it alone is enough, else the principal',
      'arn:aws:iam::123456789012:user/ann',
    ],
    subjectName: ['string', 'How people call it', 'ann'],
    subjectKind: ['string', 'user, role, group or document', 'user'],
    certain: ['bool', 'Whether all that it takes was seen; else it hangs on a target or condition that was not', true],
    paths: ['list<string>', 'Ids of the ways, as at pathfinding.cloud; the shortest first', ['iam-007']],
    claim: ['string', 'Who can do it, as the beginning of a sentence', 'User ann can make itself administrator'],
    how: ['string', 'The shortest way as the end of a sentence', 'by iam:PutUserPolicy on itself'],
    steps: ['list<string>', 'Its steps, in order', ['iam:PutUserPolicy on user ann, allowed by p']],
    target: ['string', 'ARN or id of the principal that it becomes, or itself; empty if not seen', ''],
    cut: ['string', 'The least to take away that ends most of the ways', 'iam:PutUserPolicy in p'],
    policy: ['string', 'The document to change for that', 'arn:aws:iam::123456789012:policy/p'],
    expected: ['string', 'Why much is expected of the principal: sso, break-glass, or empty', ''],
    assumptions: ['list<string>', 'What the judgement rests on that this run does not see', []],
  },
})

/** Derived: principals that are administrator or can become it, for joins. */
export const iamPrivileged = factKind({
  kind: 'iam.privileged',
  meaning: 'A user or role that is administrator, or can make itself one.',
  identity: ['principalArn'],
  derivedFrom: [...DERIVED_FROM],
  fields: {
    principalArn: ['string', 'ARN of the user or role', 'arn:aws:iam::123456789012:user/ann'],
    principalKind: ['string', 'user or role', 'user'],
    privileged: ['bool', 'Whether it is: an administrator, or one step or several from it', true],
    admin: ['bool', 'Whether it is administrator already', true],
    because: ['string', 'Why, as the end of a sentence', 'is administrator by AdministratorAccess'],
    policy: ['string', 'The document that makes it so', 'arn:aws:iam::aws:policy/AdministratorAccess'],
    assumptions: ['list<string>', 'What the judgement rests on that this run does not see', []],
  },
})
