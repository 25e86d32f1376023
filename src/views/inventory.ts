import { iamAccessKey, iamKeyDeclaration, iamRole, iamUser } from '../facts/iam.ts'
import { iamPrivileged } from '../facts/iam-escalation.ts'
import { k8sServiceAccount, k8sTokenSecret, k8sWorkload } from '../facts/kubernetes.ts'
import { k8sCloudAccess, k8sCloudIdentity } from '../facts/kubernetes-cloud.ts'
import { k8sEscalation, k8sPrivileged } from '../facts/kubernetes-escalation.ts'
import { k8sPrivilege } from '../facts/kubernetes-rights.ts'
import { k8sSubjectRights } from '../facts/kubernetes-subject.ts'
import type { Fact, FactKind, Gap } from '../model.ts'
import type { Table } from '../table.ts'
import { awsTables } from './aws.ts'
import { GITHUB_KINDS, githubTables } from './github.ts'
import { kubernetesTables } from './kubernetes.ts'
import { PIPELINE_KINDS, pipelineTables } from './pipelines.ts'

/** What an inventory is made of: a source that adds a table adds its kinds here. */
export const INVENTORY_KINDS: readonly FactKind[] = [
  k8sServiceAccount,
  k8sWorkload,
  k8sTokenSecret,
  k8sPrivilege,
  k8sPrivileged,
  k8sEscalation,
  k8sSubjectRights,
  k8sCloudIdentity,
  k8sCloudAccess,
  iamUser,
  iamRole,
  iamAccessKey,
  iamKeyDeclaration,
  iamPrivileged,
  ...GITHUB_KINDS,
  ...PIPELINE_KINDS,
]

/** Every identity and credential that was seen, by where it lives. Tables without a row are kept: programs count on them. */
export function inventoryTables(facts: readonly Fact[], gaps: readonly Gap[]): Table[] {
  return [...kubernetesTables(facts, gaps), ...awsTables(facts, gaps), ...githubTables(facts), ...pipelineTables(facts)]
}
