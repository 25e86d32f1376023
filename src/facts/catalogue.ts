import type { FactKind } from '../model.ts'
import { awsAccount } from './aws.ts'
import { awsPublicAccessBlock } from './aws-public-access.ts'
import { awsFunctionUrl, awsIdentityProvider, awsResourcePolicy, awsSsoPermissionSet } from './aws-resources.ts'
import { githubMember, githubMemberPrivileges, githubOrganization } from './github.ts'
import { githubCollaborator, githubDeployKey, githubSecret, githubTokenGrant } from './github-credentials.ts'
import {
  githubDeploymentTarget,
  githubEnvironment,
  githubEnvironmentList,
  githubOidcSubject,
} from './github-deployment.ts'
import { githubBranchProtection, githubRepository, githubRuleset } from './github-repository.ts'
import {
  githubActionsPolicy,
  githubAppInstallation,
  githubRunner,
  githubRunnerGroup,
  githubWebhook,
} from './github-settings.ts'
import { iamAccessKey, iamAttachment, iamGrant, iamKeyDeclaration, iamRole, iamStatement, iamUser } from './iam.ts'
import { iamApplied } from './iam-applied.ts'
import { iamControl } from './iam-control.ts'
import { iamDeclaration } from './iam-declaration.ts'
import { iamDrift } from './iam-drift.ts'
import { iamEscalation, iamPrivileged } from './iam-escalation.ts'
import { iamAdminAccess, iamCredential, iamStatementJudgement, iamTrustJudgement } from './iam-judgement.ts'
import { iamMembership } from './iam-membership.ts'
import { iamAddressOnly, iamGuestAccess } from './iam-openings.ts'
import { iamSensitiveAccess } from './iam-sensitive-access.ts'
import {
  iamActivity,
  iamLastAccessed,
  iamRoleUse,
  iamUnusedFinding,
  iamUnusedPermission,
  iamUsageWindow,
  iamUsedAction,
} from './iam-usage.ts'
import { iamSharedRole, iamWorkload } from './iam-workload.ts'
import {
  k8sBinding,
  k8sRole,
  k8sRoleRule,
  k8sServiceAccount,
  k8sSubject,
  k8sTokenSecret,
  k8sWorkload,
} from './kubernetes.ts'
import { k8sAdmission, k8sAdmissionBinding, k8sAdmissionPolicy } from './kubernetes-admission.ts'
import {
  eksCluster,
  gcpGrant,
  k8sCloudAccess,
  k8sCloudIdentity,
  k8sClusterAccess,
  k8sClusterAdmin,
} from './kubernetes-cloud.ts'
import {
  k8sCertificateRequest,
  k8sCredentialRights,
  k8sMastersCredential,
  secretKubernetesCredential,
} from './kubernetes-credentials.ts'
import { k8sEscalation, k8sPrivileged } from './kubernetes-escalation.ts'
import { k8sAuditLog, k8sCalls } from './kubernetes-log.ts'
import { k8sMeshAuthentication, k8sMeshAuthorization, k8sMeshOpening, k8sMeshTls } from './kubernetes-mesh.ts'
import { k8sNarrowable } from './kubernetes-narrowing.ts'
import { k8sNamespace, k8sNetworkIsolation, k8sNetworkPolicy, k8sPolicyReach } from './kubernetes-network.ts'
import { k8sPodSecurity } from './kubernetes-pod-security.ts'
import { k8sAggregation, k8sIneffectiveNames, k8sPrivilege, k8sWildcard } from './kubernetes-rights.ts'
import { k8sSharedAccount } from './kubernetes-sharing.ts'
import { k8sSubjectRights } from './kubernetes-subject.ts'
import { k8sAccountUse, k8sBindingUse, k8sPermission } from './kubernetes-usage.ts'
import { ciJob, ciStep, ciTrigger, ciWorkflow } from './pipeline.ts'
import { ciCloudAccess, ciCloudLogin, ciExcludedEvent, ciOutsiderGain, sourceRepository } from './pipeline-cloud.ts'
import { ciShellEvaluation } from './pipeline-evaluation.ts'
import {
  ciCheckout,
  ciExecution,
  ciExpression,
  ciGate,
  ciGitUse,
  ciInput,
  ciPermissionCheck,
  ciTransfer,
  ciWrite,
} from './pipeline-flow.ts'
import { ciRefFilter } from './pipeline-refs.ts'
import { ciAppToken, ciPermissionBlock, ciPermissionProposal, ciTokenUse } from './pipeline-rights.ts'
import {
  ciCloudCredential,
  ciSecretExposure,
  ciSecretInheritance,
  ciSecretUse,
  ciSharedSecret,
} from './pipeline-secrets.ts'
import {
  ciBotGate,
  ciEnvironmentInjection,
  ciInjection,
  ciLeftToken,
  ciRunnerExposure,
  ciTakeover,
  ciUntrustedCode,
} from './pipeline-untrusted.ts'
import { ciRelease, ciRepository, ciSigning, ciUnpinnedAction, ciUse } from './pipeline-uses.ts'
import { secretMatch, secretShared, secretVerification, sourceService, sourceSuppression } from './secret.ts'
import { awsIdentityPool, awsPasswordPolicy, mfaUserPool } from './sign-in.ts'

/** Every fact kind, by name: what rules may speak of. */
export const catalogue: ReadonlyMap<string, FactKind> = new Map(
  [
    ciWorkflow,
    ciTrigger,
    ciJob,
    ciStep,
    ciAppToken,
    ciSharedSecret,
    ciCloudAccess,
    ciCloudLogin,
    ciExcludedEvent,
    ciRefFilter,
    ciOutsiderGain,
    sourceRepository,
    ciShellEvaluation,
    ciCheckout,
    ciExecution,
    ciExpression,
    ciGate,
    ciGitUse,
    ciInput,
    ciPermissionCheck,
    ciTransfer,
    ciWrite,
    ciPermissionBlock,
    ciPermissionProposal,
    ciTokenUse,
    ciCloudCredential,
    ciSecretExposure,
    ciSecretInheritance,
    ciSecretUse,
    ciBotGate,
    ciEnvironmentInjection,
    ciInjection,
    ciLeftToken,
    ciRunnerExposure,
    ciTakeover,
    ciUntrustedCode,
    ciRelease,
    ciRepository,
    ciSigning,
    ciUnpinnedAction,
    ciUse,
    awsAccount,
    awsFunctionUrl,
    awsIdentityPool,
    awsPasswordPolicy,
    awsIdentityProvider,
    awsPublicAccessBlock,
    awsResourcePolicy,
    awsSsoPermissionSet,
    eksCluster,
    gcpGrant,
    githubMember,
    githubOrganization,
    iamAccessKey,
    iamActivity,
    iamAddressOnly,
    iamAdminAccess,
    iamApplied,
    iamAttachment,
    iamControl,
    iamCredential,
    iamDeclaration,
    iamDrift,
    iamEscalation,
    iamGrant,
    iamGuestAccess,
    iamKeyDeclaration,
    iamMembership,
    iamLastAccessed,
    iamPrivileged,
    iamRole,
    iamRoleUse,
    iamSensitiveAccess,
    iamSharedRole,
    iamStatement,
    iamStatementJudgement,
    iamTrustJudgement,
    iamUnusedFinding,
    iamUnusedPermission,
    iamUsageWindow,
    iamUsedAction,
    iamUser,
    iamWorkload,
    k8sAccountUse,
    k8sAdmission,
    k8sAdmissionBinding,
    k8sAdmissionPolicy,
    k8sAggregation,
    k8sAuditLog,
    k8sBinding,
    k8sBindingUse,
    k8sEscalation,
    k8sIneffectiveNames,
    k8sPrivileged,
    k8sCalls,
    k8sNarrowable,
    k8sMeshAuthentication,
    k8sMeshAuthorization,
    k8sMeshOpening,
    k8sMeshTls,
    k8sNamespace,
    k8sNetworkIsolation,
    k8sNetworkPolicy,
    k8sCertificateRequest,
    k8sCloudAccess,
    k8sCloudIdentity,
    k8sClusterAccess,
    k8sClusterAdmin,
    k8sCredentialRights,
    k8sMastersCredential,
    k8sPermission,
    k8sPodSecurity,
    k8sPolicyReach,
    k8sPrivilege,
    k8sRole,
    k8sRoleRule,
    k8sServiceAccount,
    k8sSharedAccount,
    k8sSubject,
    k8sSubjectRights,
    k8sTokenSecret,
    k8sWildcard,
    k8sWorkload,
    mfaUserPool,
    secretKubernetesCredential,
    secretMatch,
    secretShared,
    secretVerification,
    sourceService,
    sourceSuppression,
    githubCollaborator,
    githubDeployKey,
    githubSecret,
    githubTokenGrant,
    githubEnvironment,
    githubEnvironmentList,
    githubDeploymentTarget,
    githubOidcSubject,
    githubBranchProtection,
    githubRepository,
    githubRuleset,
    githubActionsPolicy,
    githubAppInstallation,
    githubRunner,
    githubRunnerGroup,
    githubWebhook,
    githubMemberPrivileges,
  ].map((kind): [string, FactKind] => [kind.kind, kind]),
)
