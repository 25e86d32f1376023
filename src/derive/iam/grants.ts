import { iamAttachment, iamGrant, iamRole, iamStatement } from '../../facts/iam.ts'
import { iamAdminAccess } from '../../facts/iam-judgement.ts'
import { shortName } from '../../facts/iam-name.ts'
import {
  type Derivation,
  type DerivationSettings,
  type Fact,
  fact,
  isFact,
  type Location,
  UNKNOWN,
} from '../../model.ts'
import { MANAGED_BY_AWS } from '../../reference/iam-sensitive.ts'
import { ActionSet } from './actions.ts'
import { type Authority, allowsEverything, type Holdings, judgePrincipal } from './admin.ts'
import type { Tri } from './conditions.ts'
import { expectedBecause } from './escalation-facts.ts'
import { group, isGroup } from './principals.ts'
import { asField } from './tri.ts'

type Statement = Fact<typeof iamStatement>
type Attachment = Fact<typeof iamAttachment>

/** What each principal is granted over all its policies, and who is administrator. */
export const judgePrincipals: Derivation = {
  id: 'iam-principals',
  from: [iamStatement, iamAttachment, iamRole],
  emits: [iamGrant, iamAdminAccess],
  derive(facts, _gaps, settings) {
    const statements = facts.filter((each): each is Statement => isFact(iamStatement, each))
    const attachments = facts.filter((each): each is Attachment => isFact(iamAttachment, each))
    if (statements.length + attachments.length === 0) return { facts: [], gaps: [] }
    const documents = group(statements, (each) => each.data.policy ?? '')
    const actions = new ActionSet()
    const serviceLinked = new Set(
      facts.flatMap((each) => (isFact(iamRole, each) && each.data.serviceLinked ? [each.data.arn ?? ''] : [])),
    )
    const derived: Fact[] = []
    for (const held of group(attachments, (each) => each.data.principalArn ?? '').values()) {
      const holdings = holdingsOf(held, documents)
      const authority = judgePrincipal(holdings, actions)
      if (held[0]?.data.principalKind !== 'group') derived.push(...grantsOf(held, authority))
      if (serviceLinked.has(held[0]?.data.principalArn ?? '')) continue
      derived.push(...adminAccessOf(held, authority, documents, settings))
    }
    derived.push(...documentsAlone(documents, attachments, actions))
    return { facts: derived, gaps: [] }
  },
}

function holdingsOf(held: readonly Attachment[], documents: ReadonlyMap<string, readonly Statement[]>): Holdings {
  const inFiles = 'file' in (held[0]?.at ?? {})
  return {
    inFiles,
    policies: held.map((attachment) => ({
      policy: attachment.data.policy ?? '',
      boundary: attachment.data.boundary === true,
      statements: documents.get(attachment.data.policy ?? '')?.map((each) => each.data),
    })),
  }
}

function* grantsOf(held: readonly Attachment[], authority: Authority): Generator<Fact> {
  for (const attachment of held) {
    const { principalArn, principalKind, policy, via, boundary } = attachment.data
    if (boundary) continue
    for (const grant of authority.grants.get(policy ?? '') ?? []) {
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
): Generator<Fact> {
  for (const attachment of held) {
    const { principalArn = '', principalKind, policy = '', via = '', boundary } = attachment.data
    if (boundary || isGroup(via)) continue
    const grants = authority.grants.get(policy)?.filter((grant) => grant.everything !== false) ?? []
    const [grant] = grants
    if (!grant) continue
    const statement = documents.get(policy)?.find((each) => each.data.hash === grant.hash)
    const inFile = 'file' in attachment.at
    // In files the line to change is the statement's, and one document is one finding, whoever holds it.
    const source = inFile && statement ? statement : attachment
    yield fact(iamAdminAccess, source.scope, source.at, {
      subject: inFile && statement ? policy : principalArn,
      subjectName: inFile && statement ? grant.policyName : shortName(principalArn),
      subjectKind: inFile && statement ? 'document' : (principalKind ?? UNKNOWN),
      policy,
      policyName: grant.policyName,
      holder: ` to ${principalKind} ${shortName(principalArn)}`,
      effective: asField(grants.some((each) => each.admin === true) ? true : grant.admin),
      expected: expectedBecause(principalArn, settings),
      assumptions: authority.assumptions,
    })
  }
}

/** Documents that nobody is seen to hold. AWS's own are everywhere, and held or not is all that counts. */
function* documentsAlone(
  documents: ReadonlyMap<string, readonly Statement[]>,
  attachments: readonly Attachment[],
  actions: ActionSet,
): Generator<Fact> {
  const used = new Set(attachments.map((each) => each.data.policy))
  for (const [policy, statements] of documents) {
    if (used.has(policy) || MANAGED_BY_AWS.test(policy)) continue
    for (const statement of statements) {
      if (statement.data.policyKind !== 'identity') continue
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
    assumptions: ['who holds the document is not seen'],
  })
}
