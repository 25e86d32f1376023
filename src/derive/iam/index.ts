import type { Derivation } from '../../model.ts'
import { listCredentials } from './credentials.ts'
import { judgePrincipals } from './grants.ts'
import { judgeStatements } from './judgement.ts'
import { judgeTrusts } from './trust.ts'

/** What AWS policies mean. */
export const iamDerivations: readonly Derivation[] = [judgeStatements, judgeTrusts, judgePrincipals, listCredentials]
