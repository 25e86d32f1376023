import type { iamStatement } from '../facts/iam.ts'
import type { DataOf } from '../model.ts'

type Statement = DataOf<typeof iamStatement>

/**
 * The policies of AWS that decide who is administrator, by name, for where a tree only names them. Source:
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
export const MANAGED_DOCUMENTS: ReadonlyMap<string, readonly Statement[]> = new Map([
  ['AdministratorAccess', [allow('AdministratorAccess', { actions: ['*'] })]],
  ['IAMFullAccess', [allow('IAMFullAccess', { actions: ['iam:*', 'organizations:Describe*', 'organizations:List*'] })]],
  [
    'PowerUserAccess',
    [
      allow('PowerUserAccess', { notActions: ['iam:*', 'organizations:*', 'account:*'] }),
      allow('PowerUserAccess', {
        actions: ['iam:CreateServiceLinkedRole', 'iam:DeleteServiceLinkedRole', 'iam:ListRoles', 'account:ListRegions'],
      }),
    ],
  ],
])

function allow(name: string, what: Pick<Statement, 'actions' | 'notActions'>): Statement {
  const policy = `arn:aws:iam::aws:policy/${name}`
  return { policy, policyName: name, effect: 'Allow', resources: ['*'], hash: name, ...what }
}
