import type { Derivation } from '../model.ts'
import { listCredentials } from './iam-credentials.ts'
import { judgePrincipals } from './iam-grants.ts'
import { judgeStatements } from './iam-judgement.ts'
import { judgeTrusts } from './iam-trust.ts'

/** What AWS policies mean. */
export const iamDerivations: readonly Derivation[] = [judgeStatements, judgeTrusts, judgePrincipals, listCredentials]
