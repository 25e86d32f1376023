import { iamStatement } from '../../facts/iam.ts'
import { iamControl } from '../../facts/iam-control.ts'
import { type Fact, fact, type ScanContext, type Scanner } from '../../model.ts'
import type { AuditedAccount } from '../../sources/aws-accounts.ts'
import type { Failure } from '../../sources/aws-failure.ts'
import { AwsOrganization, type ControlType } from '../../sources/aws-organization.ts'
import { gapFor } from '../gap-for.ts'
import { documentFacts } from '../iam/account-facts.ts'
import { inEachAccount } from './accounts.ts'

const TYPES = { SCP: 'SERVICE_CONTROL_POLICY', RCP: 'RESOURCE_CONTROL_POLICY' } as const

/** Reads the service and resource control policies that limit an account, where the credentials may see them. */
export const awsOrganizationScanner: Scanner = {
  id: 'aws-organization',
  emits: [iamControl, iamStatement],
  needs: [
    'organizations:DescribeOrganization',
    'organizations:ListParents',
    'organizations:ListPoliciesForTarget',
    'organizations:DescribePolicy',
    'organizations:ListAccounts',
  ],
  timesTargets: true,
  requested: (context) => context.targets.aws.length > 0,
  scan: (context) => inEachAccount([iamControl], context, readControls),
}

async function* readControls(audited: AuditedAccount, context: ScanContext): AsyncGenerator<Fact> {
  const { id, scope } = audited
  const { signal } = context
  const unseen = (failure: Failure) => recordUnseen(failure, scope, context)
  const management = await (await AwsOrganization.open(audited.account.client)).managementAccount(signal)
  if ('failure' in management) return unseen(management.failure)
  // In no organisation nothing limits an account, and nothing limits the management account.
  if (management.value === undefined || management.value === id) return
  const organization = await audited.organization()
  const levels = await organization.levelsOf(id, signal)
  if ('failure' in levels) return unseen(levels.failure)
  const documents = new Set<string>()
  for (const [level, { id: target }] of levels.value.entries()) {
    for (const [type, filter] of Object.entries(TYPES) as ['SCP' | 'RCP', ControlType][]) {
      const { items, failure } = await organization.policiesOf(target, filter, signal)
      // A type that the organisation has not switched on hangs nowhere.
      if (failure && failure.kind !== 'absent') unseen(failure)
      for (const { Id = '', Arn: policy = '', Name: policyName = Id } of items) {
        yield fact(iamControl, scope, { resource: policy }, { accountId: id, policy, policyName, type, target, level })
        if (documents.has(policy)) continue
        documents.add(policy)
        const read = await organization.policy(Id, signal)
        if ('failure' in read) {
          unseen(read.failure)
          continue
        }
        const document = {
          id: policy,
          name: policyName,
          kind: 'control',
          managedBy: 'customer',
          resource: policy,
        } as const
        const gap = (each: Parameters<ScanContext['gap']>[0]) => context.gap({ ...each, kind: iamControl.kind })
        yield* documentFacts({ ...document, owner: '', accountId: id, text: read.value.Content }, scope, gap)
      }
    }
  }
}

/** Members are not shown what limits them: that is no fault of the auditor, and what is judged without it says so. */
function recordUnseen(failure: Failure, scope: string, context: ScanContext): void {
  if (failure.kind !== 'denied') {
    gapFor([iamControl], scope, failure, context)
    return
  }
  if (!context.wants(iamControl)) return
  const reason = 'service control policies not seen'
  const detail = `${failure.detail.split(';')[0]}; they are shown to the management account and delegated administrators: audit the accounts from there (--aws-role, --aws-accounts)`
  context.gap({ kind: iamControl.kind, scope, class: 'limit', reason, detail })
}
