import type { Derivation } from '../../model.ts'
import { findCloudAccess } from './cloud-access.ts'
import { findDeploymentTargets } from './environments.ts'
import { gitlabInjections } from './evaluations.ts'
import { proposePermissions } from './needs.ts'
import { findOutsiderGain } from './outsider-gain.ts'
import { findUnpinned } from './pins.ts'
import { findSharedSecrets } from './shared-secrets.ts'
import { untrustedDerivation } from './untrusted.ts'

/** Everything that is derived from what was seen of pipelines and of GitHub. Each is a file of its own and a line here. */
export const pipelineDerivations: readonly Derivation[] = [
  findCloudAccess,
  findDeploymentTargets,
  gitlabInjections,
  proposePermissions,
  findOutsiderGain,
  findSharedSecrets,
  findUnpinned,
  untrustedDerivation,
]
