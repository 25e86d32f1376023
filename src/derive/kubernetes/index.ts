import { iamAttachment, iamRole, iamStatement } from '../../facts/iam.ts'
import { iamPrivileged } from '../../facts/iam-escalation.ts'
import {
  k8sBinding,
  k8sRole,
  k8sRoleRule,
  k8sServiceAccount,
  k8sSubject,
  k8sTokenSecret,
  k8sWorkload,
} from '../../facts/kubernetes.ts'
import { k8sAdmission, k8sAdmissionBinding, k8sAdmissionPolicy } from '../../facts/kubernetes-admission.ts'
import {
  eksCluster,
  gcpGrant,
  k8sCloudAccess,
  k8sCloudIdentity,
  k8sClusterAccess,
  k8sClusterAdmin,
} from '../../facts/kubernetes-cloud.ts'
import {
  k8sCertificateRequest,
  k8sCredentialRights,
  k8sMastersCredential,
  secretKubernetesCredential,
} from '../../facts/kubernetes-credentials.ts'
import { k8sEscalation, k8sPrivileged } from '../../facts/kubernetes-escalation.ts'
import { k8sAuditLog, k8sCalls } from '../../facts/kubernetes-log.ts'
import { k8sMeshAuthentication, k8sMeshAuthorization, k8sMeshOpening, k8sMeshTls } from '../../facts/kubernetes-mesh.ts'
import { k8sNarrowable } from '../../facts/kubernetes-narrowing.ts'
import { k8sNamespace, k8sNetworkIsolation, k8sNetworkPolicy, k8sPolicyReach } from '../../facts/kubernetes-network.ts'
import { k8sPodSecurity } from '../../facts/kubernetes-pod-security.ts'
import { k8sAggregation, k8sIneffectiveNames, k8sPrivilege, k8sWildcard } from '../../facts/kubernetes-rights.ts'
import { k8sSharedAccount } from '../../facts/kubernetes-sharing.ts'
import { k8sSubjectRights } from '../../facts/kubernetes-subject.ts'
import { k8sAccountUse, k8sBindingUse, k8sPermission } from '../../facts/kubernetes-usage.ts'
import type { Derivation } from '../../model.ts'
import { deriveAccountUse } from './accounts.ts'
import { deriveAdmission } from './admission.ts'
import { deriveAggregations } from './aggregation.ts'
import { deriveCloudAccess } from './cloud.ts'
import { deriveClusterAdmins } from './cluster-admins.ts'
import { deriveCredentialRights } from './credentials.ts'
import { deriveEscalations } from './escalation/index.ts'
import { derivePrivileges } from './grants.ts'
import { deriveMastersCredentials } from './masters.ts'
import { deriveMeshTls } from './mesh.ts'
import { deriveMeshOpenings } from './mesh-openings.ts'
import { deriveIneffectiveNames } from './names.ts'
import { deriveNarrowable } from './narrowable.ts'
import { deriveIsolation } from './network.ts'
import { derivePolicyReach } from './network-policies.ts'
import { derivePodSecurity } from './pod-security.ts'
import { readRbac } from './rbac.ts'
import { deriveSharedAccounts } from './shared-accounts.ts'
import { deriveSubjectRights } from './subject-rights.ts'
import { deriveUse } from './usage.ts'
import { deriveWildcards } from './wildcards.ts'

const RBAC = [k8sRole, k8sRoleRule, k8sBinding, k8sSubject]
/** Where AWS was looked at, live or in files. */
const AWS = [iamRole, iamStatement, iamAttachment, iamPrivileged, eksCluster]

/** What follows from the objects of a cluster and its audit log. */
export const kubernetesDerivations: readonly Derivation[] = [
  {
    id: 'kubernetes-privileges',
    from: RBAC,
    optional: [k8sTokenSecret],
    emits: [k8sPrivilege],
    derive: (facts) => ({ facts: derivePrivileges(readRbac(facts), facts), gaps: [] }),
  },
  {
    id: 'kubernetes-wildcards',
    from: [k8sRoleRule],
    optional: [k8sRole, k8sBinding, k8sSubject],
    emits: [k8sWildcard],
    derive: (facts, gaps) => ({ facts: deriveWildcards(readRbac(facts), gaps), gaps: [] }),
  },
  {
    id: 'kubernetes-names',
    from: [k8sRoleRule],
    emits: [k8sIneffectiveNames],
    derive: (facts) => ({ facts: deriveIneffectiveNames(readRbac(facts)), gaps: [] }),
  },
  {
    id: 'kubernetes-aggregation',
    from: [k8sRole, k8sRoleRule],
    emits: [k8sAggregation],
    derive: (facts) => ({ facts: deriveAggregations(readRbac(facts)), gaps: [] }),
  },
  {
    id: 'kubernetes-admission',
    from: [k8sAdmissionPolicy],
    optional: [k8sAdmissionBinding],
    emits: [k8sAdmission],
    derive: deriveAdmission,
  },
  {
    id: 'kubernetes-escalation',
    from: RBAC,
    optional: [k8sServiceAccount, k8sWorkload, k8sTokenSecret, k8sPrivilege, k8sAdmission, k8sNamespace],
    emits: [k8sEscalation, k8sPrivileged],
    derive: deriveEscalations,
  },
  {
    id: 'kubernetes-pod-security',
    from: [k8sNamespace, k8sWorkload],
    optional: [k8sAdmission],
    emits: [k8sPodSecurity],
    derive: derivePodSecurity,
  },
  {
    id: 'kubernetes-network-isolation',
    from: [k8sWorkload, k8sNetworkPolicy],
    optional: [k8sNamespace],
    emits: [k8sNetworkIsolation],
    derive: deriveIsolation,
  },
  {
    id: 'kubernetes-policy-reach',
    from: [k8sWorkload, k8sNetworkPolicy],
    optional: [k8sNamespace],
    emits: [k8sPolicyReach],
    derive: derivePolicyReach,
  },
  {
    id: 'kubernetes-mesh-tls',
    from: [k8sNamespace, k8sMeshAuthentication],
    optional: [k8sWorkload],
    emits: [k8sMeshTls],
    derive: deriveMeshTls,
  },
  {
    id: 'kubernetes-mesh-openings',
    from: [k8sMeshAuthorization],
    emits: [k8sMeshOpening],
    derive: deriveMeshOpenings,
  },
  {
    id: 'kubernetes-account-use',
    from: [k8sWorkload, k8sServiceAccount, k8sBinding, k8sSubject],
    optional: [k8sRole, k8sRoleRule, k8sAuditLog, k8sCalls],
    emits: [k8sAccountUse],
    derive: deriveAccountUse,
  },
  {
    id: 'kubernetes-shared-accounts',
    from: [k8sWorkload, k8sBinding, k8sSubject],
    emits: [k8sSharedAccount],
    derive: (facts, gaps) => ({ facts: deriveSharedAccounts(facts, gaps), gaps: [] }),
  },
  {
    id: 'kubernetes-subject-rights',
    from: [...RBAC, k8sServiceAccount],
    optional: [k8sWorkload, k8sAuditLog, k8sCalls],
    emits: [k8sSubjectRights],
    derive: (facts, gaps) => ({ facts: deriveSubjectRights(facts, gaps), gaps: [] }),
  },
  {
    id: 'kubernetes-use',
    from: [...RBAC, k8sServiceAccount, k8sAuditLog, k8sCalls],
    emits: [k8sPermission, k8sBindingUse],
    derive: deriveUse,
  },
  {
    id: 'kubernetes-narrowable-wildcards',
    from: [...RBAC, k8sAuditLog, k8sCalls, k8sPermission],
    emits: [k8sNarrowable],
    derive: (facts, gaps) => ({ facts: deriveNarrowable(facts, gaps), gaps: [] }),
  },
  {
    id: 'kubernetes-cloud-access',
    from: [k8sCloudIdentity],
    optional: [k8sServiceAccount, k8sWorkload, k8sSubject, k8sClusterAccess, gcpGrant, ...AWS],
    emits: [k8sCloudAccess],
    derive: deriveCloudAccess,
  },
  {
    id: 'kubernetes-cluster-admins',
    from: [k8sClusterAccess],
    optional: [k8sServiceAccount, k8sWorkload, k8sSubject, k8sPrivileged, k8sCloudIdentity, ...AWS],
    emits: [k8sClusterAdmin],
    derive: deriveClusterAdmins,
  },
  {
    id: 'kubernetes-credential-rights',
    from: [secretKubernetesCredential],
    optional: [
      k8sServiceAccount,
      k8sSubject,
      k8sTokenSecret,
      k8sPrivileged,
      k8sCloudAccess,
      k8sClusterAccess,
      k8sCloudIdentity,
      k8sWorkload,
      eksCluster,
    ],
    emits: [k8sCredentialRights],
    derive: deriveCredentialRights,
  },
  {
    id: 'kubernetes-masters-credentials',
    from: [secretKubernetesCredential],
    optional: [k8sCertificateRequest],
    emits: [k8sMastersCredential],
    derive: deriveMastersCredentials,
  },
]
