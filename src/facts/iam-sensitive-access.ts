import { factKind } from '../model.ts'

/** Derived: what people may destroy with a password or key alone. */
export const iamSensitiveAccess = factKind({
  kind: 'iam.sensitive-access',
  meaning: 'Actions that destroy or blind, allowed to a user or group, and whether a session with MFA is asked for.',
  identity: ['principalArn'],
  derivedFrom: ['iam.statement', 'iam.attachment'],
  fields: {
    principalArn: ['string', 'ARN of the user or group', 'arn:aws:iam::123456789012:group/dev'],
    principalName: ['string', 'How people call it', 'dev'],
    principalKind: ['string', 'user or group', 'group'],
    human: ['bool', 'Whether it stands for people: a group, or a user with a password', true],
    withoutMfa: [
      'list<string>',
      'Such actions that neither the Allow nor a Deny binds to MFA; twenty at most, then how many more',
      [],
    ],
    assumptions: ['list<string>', 'What the judgement rests on that this run does not see', []],
  },
})
