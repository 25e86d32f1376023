import { iamDerivations } from './derive/iam/index.ts'
import { kubernetesDerivations } from './derive/kubernetes/index.ts'
import { pipelineDerivations } from './derive/pipelines/index.ts'
import { shareSecrets } from './derive/shared-secrets.ts'
import type { Identify } from './engine/fingerprint.ts'
import { catalogue } from './facts/catalogue.ts'
import { secretKubernetesCredential } from './facts/kubernetes-credentials.ts'
import { secretMatch, secretShared, secretVerification } from './facts/secret.ts'
import type { Derivation, Scanner } from './model.ts'
import type { Installed } from './plugin.ts'
import { accessAnalyzerScanner } from './scanners/access-analyzer/index.ts'
import { awsEksScanner } from './scanners/aws/eks.ts'
import { awsIdentityProviderScanner } from './scanners/aws/identity-providers.ts'
import { awsLastAccessedScanner } from './scanners/aws/last-accessed.ts'
import { awsOrganizationScanner } from './scanners/aws/organization.ts'
import { awsResourcePolicyScanner } from './scanners/aws/resource-policies.ts'
import { cloudtrailScanner } from './scanners/cloudtrail/index.ts'
import { githubScanner } from './scanners/github/index.ts'
import { iamAccountScanner } from './scanners/iam/account.ts'
import { iamFilesScanner } from './scanners/iam/files.ts'
import { kubernetesAuditLogScanner } from './scanners/kubernetes/audit-log.ts'
import { kubernetesScanner } from './scanners/kubernetes/index.ts'
import { mfaAwsScanner } from './scanners/mfa/aws.ts'
import { mfaGithubScanner } from './scanners/mfa/github.ts'
import { originScanner } from './scanners/origin/index.ts'
import { pipelineScanner } from './scanners/pipelines/index.ts'
import { repositoryScanner } from './scanners/pipelines/repository.ts'
import { identify as identifySecret, secretsScanner } from './scanners/secrets/index.ts'
import { servicesScanner } from './scanners/services/index.ts'
import { verifyScanner } from './scanners/verify/index.ts'

/** Those that read the audited trees. */
export const fileScanners: readonly Scanner[] = [
  secretsScanner,
  iamFilesScanner,
  kubernetesScanner,
  pipelineScanner,
  repositoryScanner,
  servicesScanner,
]

/** Every scanner, in the order in which they run. */
export const scanners: readonly Scanner[] = [
  ...fileScanners,
  originScanner,
  kubernetesAuditLogScanner,
  cloudtrailScanner,
  iamAccountScanner,
  accessAnalyzerScanner,
  mfaAwsScanner,
  awsIdentityProviderScanner,
  awsOrganizationScanner,
  awsResourcePolicyScanner,
  awsEksScanner,
  awsLastAccessedScanner,
  mfaGithubScanner,
  githubScanner,
  // Reads what the secrets scanner found.
  verifyScanner,
]

export const derivations: readonly Derivation[] = [
  ...iamDerivations,
  ...kubernetesDerivations,
  ...pipelineDerivations,
  shareSecrets,
]

/** Kinds whose identity is not in their fields: a secret's value stays with its scanner. */
export const identify: ReadonlyMap<string, Identify> = new Map([
  [secretMatch.kind, identifySecret],
  [secretVerification.kind, identifySecret],
  // A password of a kubeconfig may be guessable.
  [secretKubernetesCredential.kind, (fact) => identifySecret(fact, true)],
  // Passwords among them: a chain does not say which rule found the secret, so that each is hashed slowly.
  [secretShared.kind, (fact) => identifySecret(fact, true)],
])

export const builtIn: Installed = { catalogue, scanners, derivations, ruleFolders: [], reporters: new Map() }
