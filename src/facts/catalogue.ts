import type { FactKind } from '../model.ts'
import { awsAccount } from './aws.ts'
import { awsFunctionUrl, awsIdentityProvider, awsResourcePolicy, awsSsoPermissionSet } from './aws-resources.ts'
import { githubMember, githubOrganization } from './github.ts'
import { iamAccessKey, iamAttachment, iamGrant, iamKeyDeclaration, iamRole, iamStatement, iamUser } from './iam.ts'
import { iamControl } from './iam-control.ts'
import { iamDeclaration } from './iam-declaration.ts'
import { iamAdminAccess, iamCredential, iamStatementJudgement, iamTrustJudgement } from './iam-judgement.ts'
import { iamLastAccessed } from './iam-usage.ts'
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
    awsFunctionUrl,
    awsIdentityProvider,
    awsResourcePolicy,
    awsSsoPermissionSet,
    githubMember,
    githubOrganization,
    iamAdminAccess,
    iamAccessKey,
    iamAttachment,
    iamControl,
    iamCredential,
    iamDeclaration,
    iamGrant,
    iamKeyDeclaration,
    iamLastAccessed,
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
