import { iamAttachment, iamGrant, iamRole, iamStatement, iamUser } from '../../facts/iam.ts'
import { iamApplied } from '../../facts/iam-applied.ts'
import { iamControl } from '../../facts/iam-control.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import { iamEscalation, iamPrivileged } from '../../facts/iam-escalation.ts'
import { iamAdminAccess } from '../../facts/iam-judgement.ts'
import { iamMembership } from '../../facts/iam-membership.ts'
import { displayName, permissionSetOf, shortName } from '../../facts/iam-name.ts'
import {
  type DataOf,
  type Derivation,
  type DerivationSettings,
  type Fact,
  fact,
  isFact,
  type Location,
  UNKNOWN,
} from '../../model.ts'
import { MANAGED_BY_AWS } from '../../reference/iam-sensitive.ts'
import { type ActionSet, actionSet } from './actions.ts'
import { type Authority, allowsEverything } from './admin.ts'
import { Applied } from './applied.ts'
import type { Tri } from './conditions.ts'
import { judgeEscalation } from './escalation.ts'
import { expectedBecause } from './escalation-facts.ts'
import { gatherPrincipals, isGroup, type World } from './principals.ts'
import { asField } from './tri.ts'

type Statement = Fact<typeof iamStatement>
type Attachment = Fact<typeof iamAttachment>

/** What each principal is granted over all its policies, who is administrator, and who can become it. */
export const judgePrincipals: Derivation = {
  id: 'iam-principals',
  from: [iamStatement, iamAttachment, iamRole],
  optional: [iamUser, iamDeclaration, iamMembership, iamControl, iamApplied],
  emits: [iamGrant, iamAdminAccess, iamEscalation, iamPrivileged],
  derive(facts, gaps, settings) {
    if (!facts.some((each) => isFact(iamStatement, each) || isFact(iamAttachment, each))) return { facts: [], gaps: [] }
    const actions = actionSet()
    const world = gatherPrincipals(facts, actions)
    const applied = new Applied(facts)
    const derived: Fact[] = []
    for (const { entity, held, authority, serviceLinked } of world.principals.values()) {
      if (entity.kind !== 'group') derived.push(...grantsOf(held, authority))
      if (!serviceLinked) derived.push(...adminAccessOf(held, authority, world.documents, settings, applied))
    }
    derived.push(...documentsAlone(world.documents, world.attachments, actions, applied))
    const escalation = judgeEscalation(world, actions, gaps, settings)
    const live = subjectsInAccount(world, applied)
    // A way to somebody whom the account does not have like that is told of the files alone.
    const isLive = ({ subject = '', target = '' }: DataOf<typeof iamEscalation>) =>
      live.has(subject) && (target === '' || live.has(target))
    const own = escalation.facts.filter((each) => !isFact(iamEscalation, each) || !isLive(each.data))
    return { facts: [...derived, ...own], gaps: escalation.gaps }
  },
}

/** Documents and principals of files that the account has just so: it is judged, and they are not judged again. */
function subjectsInAccount(world: World, applied: Applied): ReadonlySet<string> {
  if (applied.isEmpty) return new Set()
  const isApplied = (policy: string) => world.documents.get(policy)?.every((each) => applied.hasStatement(each)) ?? true
  const documents = [...world.documents.keys()].filter(isApplied)
  const principals = [...world.principals.values()].filter(
    ({ inFiles, held }) =>
      inFiles && held.every((each) => applied.hasAttachment(each) && isApplied(each.data.policy ?? '')),
  )
  return new Set([...documents, ...principals.map(({ entity }) => entity.id)])
}

function* grantsOf(held: readonly Attachment[], authority: Authority): Generator<Fact> {
  for (const attachment of held) {
    const { principalArn, principalKind, policy, via, boundary } = attachment.data
    if (boundary) continue
    for (const grant of authority.grants.get(policy ?? '') ?? []) {
      if (grant.admin === false) continue
      yield fact(iamGrant, attachment.scope, attachment.at, {
        principalArn: principalArn ?? UNKNOWN,
        principalKind: principalKind ?? UNKNOWN,
        policy: policy ?? UNKNOWN,
        policyName: grant.policyName,
        via: via ?? UNKNOWN,
        hash: grant.hash,
        admin: asField(grant.admin),
        assumptions: authority.assumptions,
      })
    }
  }
}

/** One fact for each holder and policy; what comes through a group is the group's. */
function* adminAccessOf(
  held: readonly Attachment[],
  authority: Authority,
  documents: ReadonlyMap<string, readonly Statement[]>,
  settings: DerivationSettings,
  applied: Applied,
): Generator<Fact> {
  for (const attachment of held) {
    const { principalArn = '', principalKind, policy = '', via = '', boundary } = attachment.data
    if (boundary || isGroup(via)) continue
    const grants = authority.grants.get(policy)?.filter((grant) => grant.everything !== false) ?? []
    const [grant] = grants
    if (!grant) continue
    const statement = documents.get(policy)?.find((each) => each.data.hash === grant.hash)
    const inFile = 'file' in attachment.at
    if (inFile && (statement ? applied.hasStatement(statement) : applied.hasAttachment(attachment))) continue
    // In files the line to change is the statement's, and one document is one finding, whoever holds it.
    const source = inFile && statement ? statement : attachment
    yield fact(iamAdminAccess, source.scope, source.at, {
      subject: inFile && statement ? policy : principalArn,
      subjectName: inFile && statement ? grant.policyName : displayName(principalArn),
      subjectKind: inFile && statement ? 'document' : (principalKind ?? UNKNOWN),
      policy,
      policyName: grant.policyName,
      holder: ` to ${principalKind} ${displayName(principalArn)}`,
      effective: asField(grants.some((each) => each.admin === true) ? true : grant.admin),
      expected: expectedBecause(principalArn, settings),
      permissionSet: permissionSetOf(shortName(principalArn)),
      assumptions: authority.assumptions,
    })
  }
}

/** Documents that nobody is seen to hold. AWS's own are everywhere, and held or not is all that counts. */
function* documentsAlone(
  documents: ReadonlyMap<string, readonly Statement[]>,
  attachments: readonly Attachment[],
  actions: ActionSet,
  applied: Applied,
): Generator<Fact> {
  const used = new Set(attachments.map((each) => each.data.policy))
  for (const [policy, statements] of documents) {
    if (used.has(policy) || MANAGED_BY_AWS.test(policy)) continue
    for (const statement of statements) {
      if (statement.data.policyKind !== 'identity' || applied.hasStatement(statement)) continue
      const everything: Tri = allowsEverything(statement.data, actions)
      if (everything !== false) yield documentAccess(policy, statement, everything)
    }
  }
}

function documentAccess(policy: string, statement: Statement, effective: Tri): Fact {
  const name = statement.data.policyName ?? policy
  const at: Location = statement.at
  return fact(iamAdminAccess, statement.scope, at, {
    subject: policy,
    subjectName: name,
    subjectKind: 'document',
    policy,
    policyName: name,
    holder: '',
    effective: asField(effective),
    expected: '',
    permissionSet: '',
    assumptions: ['who holds the document is not seen'],
  })
}
