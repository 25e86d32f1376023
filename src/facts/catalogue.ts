import type { FactKind } from '../model.ts'
import { awsAccount } from './aws.ts'
import { githubMember, githubOrganization } from './github.ts'
import { iamAccessKey, iamAttachment, iamGrant, iamRole, iamStatement, iamUser } from './iam.ts'
import { secretMatch, sourceSuppression } from './secret.ts'

/** Every fact kind, by name: what rules may speak of. */
export const catalogue: ReadonlyMap<string, FactKind> = new Map(
  [
    awsAccount,
    githubMember,
    githubOrganization,
    iamAccessKey,
    iamAttachment,
    iamGrant,
    iamRole,
    iamStatement,
    iamUser,
    secretMatch,
    sourceSuppression,
  ].map((kind): [string, FactKind] => [kind.kind, kind]),
)
