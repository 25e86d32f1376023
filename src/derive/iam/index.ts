import type { Derivation } from '../../model.ts'
import { findAddressOnly } from './address-only.ts'
import { findApplied } from './applied.ts'
import { listCredentials } from './credentials.ts'
import { findDrift } from './drift.ts'
import { judgePrincipals } from './grants.ts'
import { findGuestAccess } from './guest-access.ts'
import { judgeStatements } from './judgement.ts'
import { findSensitiveAccess } from './sensitive-access.ts'
import { judgeTrusts } from './trust.ts'
import { judgeRoleUse, judgeUsage } from './usage-facts.ts'
import { findSharedRoles } from './workloads.ts'

/** What AWS policies mean. */
export const iamDerivations: readonly Derivation[] = [
  findApplied,
  judgeStatements,
  judgeTrusts,
  judgePrincipals,
  judgeUsage,
  judgeRoleUse,
  findDrift,
  findSensitiveAccess,
  findSharedRoles,
  findAddressOnly,
  findGuestAccess,
  listCredentials,
]
