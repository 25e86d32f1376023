import type { FactKind } from '../model.ts'
import { awsAccount } from './aws.ts'
import { githubMember, githubOrganization } from './github.ts'
import { iamAccessKey, iamAttachment, iamGrant, iamKeyDeclaration, iamRole, iamStatement, iamUser } from './iam.ts'
import { iamDeclaration } from './iam-declaration.ts'
import { iamEscalation, iamPrivileged } from './iam-escalation.ts'
import { iamAdminAccess, iamCredential, iamStatementJudgement, iamTrustJudgement } from './iam-judgement.ts'
import {
  k8sAccountUse,
  k8sAggregation,
  k8sAuditLog,
  k8sBinding,
  k8sBindingUse,
  k8sCalls,
  k8sPermission,
  k8sPrivilege,
  k8sRole,
  k8sRoleRule,
  k8sServiceAccount,
  k8sSubject,
  k8sTokenSecret,
  k8sWildcard,
  k8sWorkload,
} from './kubernetes.ts'
import { secretMatch, secretShared, secretVerification, sourceService, sourceSuppression } from './secret.ts'

/** Every fact kind, by name: what rules may speak of. */
export const catalogue: ReadonlyMap<string, FactKind> = new Map(
  [
    awsAccount,
    githubMember,
    githubOrganization,
    iamAdminAccess,
    iamAccessKey,
    iamAttachment,
    iamCredential,
    iamDeclaration,
    iamEscalation,
    iamGrant,
    iamKeyDeclaration,
    iamPrivileged,
    iamRole,
    iamStatement,
    iamStatementJudgement,
    iamTrustJudgement,
    iamUser,
    k8sAccountUse,
    k8sAggregation,
    k8sAuditLog,
    k8sBinding,
    k8sBindingUse,
    k8sCalls,
    k8sPermission,
    k8sPrivilege,
    k8sRole,
    k8sRoleRule,
    k8sServiceAccount,
    k8sSubject,
    k8sTokenSecret,
    k8sWildcard,
    k8sWorkload,
    secretMatch,
    secretShared,
    secretVerification,
    sourceService,
    sourceSuppression,
  ].map((kind): [string, FactKind] => [kind.kind, kind]),
)
