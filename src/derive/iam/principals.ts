import { iamAttachment, iamRole, iamStatement, iamUser } from '../../facts/iam.ts'
import { iamControl } from '../../facts/iam-control.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import { iamMembership } from '../../facts/iam-membership.ts'
import { shortName } from '../../facts/iam-name.ts'
import { type Fact, isFact, type Location } from '../../model.ts'
import { MANAGED_BY_AWS } from '../../reference/iam-sensitive.ts'
import { groupBy } from '../grouping.ts'
import type { ActionSet } from './actions.ts'
import { type Authority, type Holdings, judgePrincipal, type Limit } from './admin.ts'
import type { Tri } from './conditions.ts'
import { type Entity, folderOf } from './entities.ts'
import { Permissions, type Statement } from './permissions.ts'

type StatementFact = Fact<typeof iamStatement>
type Attachment = Fact<typeof iamAttachment>

/** A user, role or group with all that it holds. */
export interface Principal {
  readonly entity: Entity
  /** What applies to it. */
  readonly held: readonly Attachment[]
  readonly permissions: Permissions
  /** The groups of a user. */
  readonly groups: readonly Entity[]
  /** The customer managed policies that apply to it, through groups, too. */
  readonly policies: readonly Entity[]
  /** The group by which a policy applies, by policy. */
  readonly viaGroup: ReadonlyMap<string, string>
  readonly admin: Tri
  readonly authority: Authority
  readonly inFiles: boolean
  readonly serviceLinked: boolean
  readonly scope: string
  readonly at: Location
}

/** Everybody whom the facts tell of, and who trusts whom. */
export interface World {
  readonly principals: ReadonlyMap<string, Principal>
  readonly documents: ReadonlyMap<string, readonly StatementFact[]>
  /** Trust statements by role. */
  readonly trusts: ReadonlyMap<string, readonly Statement[]>
  readonly attachments: readonly Attachment[]
}

/** The service control policies of each account, level by level. */
type Controls = ReadonlyMap<string, readonly Limit[]>

/** Puts together who there is. */
export function gatherPrincipals(facts: readonly Fact[], actions: ActionSet): World {
  const statements = facts.filter((each): each is StatementFact => isFact(iamStatement, each))
  const attachments = facts.filter((each): each is Attachment => isFact(iamAttachment, each))
  const documents = groupBy(statements, (each) => each.data.policy ?? '')
  const trusts = new Map<string, Statement[]>()
  for (const { data } of statements) {
    if (data.policyKind !== 'trust' || !data.owner) continue
    trusts.set(data.owner, [...(trusts.get(data.owner) ?? []), data])
  }
  const places = placesOf(facts)
  const held = groupBy(attachments, (each) => each.data.principalArn ?? '')
  const principals = new Map<string, Principal>()
  const controls = readControls(facts, documents)
  const memberships = readMemberships(facts)
  const surroundings = { documents, places, actions, controls, memberships, entities: new Map<string, Entity>() }
  for (const id of new Set([...places.keys(), ...held.keys()])) {
    const own = held.get(id) ?? []
    const place = places.get(id) ?? placeOf(own[0])
    if (!place || place.entity.kind === 'policy') continue
    principals.set(id, principalOf(place, own, surroundings))
  }
  return { principals, documents, trusts, attachments }
}

function readMemberships(facts: readonly Fact[]): ReadonlyMap<string, readonly string[]> {
  const all = facts.filter((each): each is Fact<typeof iamMembership> => isFact(iamMembership, each))
  const byUser = groupBy(all, (each) => each.data.userArn ?? '')
  return new Map([...byUser].map(([user, joined]) => [user, joined.map((each) => each.data.groupArn ?? '')]))
}

/** All policies of one level count together; each level limits by itself. */
function readControls(facts: readonly Fact[], documents: ReadonlyMap<string, readonly StatementFact[]>): Controls {
  const service = facts.filter(
    (each): each is Fact<typeof iamControl> => isFact(iamControl, each) && each.data.type === 'SCP',
  )
  const accounts = groupBy(service, (each) => each.data.accountId ?? '')
  return new Map(
    [...accounts].map(([account, controls]) => {
      const levels = [...groupBy(controls, (each) => String(each.data.level)).values()]
      return [account, levels.map((level) => limitOf(level.map((each) => documents.get(each.data.policy ?? ''))))]
    }),
  )
}

function limitOf(policies: readonly (readonly StatementFact[] | undefined)[]): Limit {
  return policies.includes(undefined) ? undefined : policies.flatMap((each) => each?.map(({ data }) => data) ?? [])
}

interface Place {
  readonly entity: Entity
  readonly serviceLinked: boolean
  readonly scope: string
  readonly at: Location
}
interface Surroundings {
  readonly entities: Map<string, Entity>
  readonly documents: ReadonlyMap<string, readonly StatementFact[]>
  readonly places: ReadonlyMap<string, Place>
  readonly actions: ActionSet
  readonly controls: Controls
  /** Groups by member. */
  readonly memberships: ReadonlyMap<string, readonly string[]>
}

function principalOf(place: Place, held: readonly Attachment[], surroundings: Surroundings): Principal {
  const { documents, places, actions } = surroundings
  const inFiles = 'file' in place.at
  // They bind neither the roles of AWS's services nor, for which there are no such facts, the management account.
  const controls = place.serviceLinked ? undefined : surroundings.controls.get(place.entity.accountId)
  const holdings: Holdings = {
    inFiles,
    ...(controls && { controls }),
    policies: held.map(({ data }) => ({
      policy: data.policy ?? '',
      boundary: data.boundary === true,
      statements: documents.get(data.policy ?? '')?.map((each) => each.data),
    })),
  }
  const authority = judgePrincipal(holdings, actions)
  const viaGroup = new Map(
    held.flatMap(({ data }) => (isGroup(data.via) ? [[data.policy ?? '', data.via ?? ''] as const] : [])),
  )
  const joined = surroundings.memberships.get(place.entity.id) ?? []
  const groups = [...new Set([...viaGroup.values(), ...joined])].map(
    (id) => places.get(id)?.entity ?? entityOf(id, 'group'),
  )
  const policies = held
    .filter(({ data }) => !data.boundary && data.via !== 'inline' && isCustomerManaged(data.policy ?? ''))
    .map(({ data }) => policyEntity(data.policy ?? '', surroundings))
  const permissions = new Permissions(holdings, actions)
  return { ...place, held, permissions, groups, policies, viaGroup, authority, admin: adminOf(authority), inFiles }
}

function adminOf(authority: Authority): Tri {
  const grants = [...authority.grants.values()].flat().map((grant) => grant.admin)
  return grants.includes(true) ? true : grants.includes('unknown') ? 'unknown' : false
}

/** Whether `via` of an attachment names a group: its ARN, or its id in files. */
export function isGroup(via: string | undefined): boolean {
  return via?.startsWith('arn:') === true || via?.startsWith('file:') === true
}

function placesOf(facts: readonly Fact[]): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const each of facts) {
    if (isFact(iamDeclaration, each)) {
      const { id = '', type, name, path = '/', accountId = '' } = each.data
      if (!/^(?:user|group|role|policy)$/.test(type ?? '')) continue
      const entity: Entity = {
        id,
        kind: type as Entity['kind'],
        name: name || undefined,
        path,
        accountId,
        ...inFolder(each),
      }
      places.set(id, { entity, serviceLinked: false, scope: each.scope, at: each.at })
    } else if (isFact(iamRole, each)) {
      const { arn = '', name, path = '/', accountId = '', serviceLinked = false } = each.data
      const entity: Entity = { id: arn, kind: 'role', name: name || undefined, path, accountId, ...inFolder(each) }
      if (!places.has(arn)) places.set(arn, { entity, serviceLinked, scope: each.scope, at: each.at })
    } else if (isFact(iamUser, each)) {
      const { arn = '' } = each.data
      if (!places.has(arn))
        places.set(arn, { entity: entityOf(arn, 'user'), serviceLinked: false, scope: each.scope, at: each.at })
    }
  }
  return places
}

function inFolder({ at }: Fact): Pick<Entity, 'folder'> {
  const folder = 'file' in at ? folderOf(`file:${at.file}`) : undefined
  return folder === undefined ? {} : { folder }
}

function placeOf(attachment: Attachment | undefined): Place | undefined {
  const kind = attachment?.data.principalKind
  if (!attachment || (kind !== 'user' && kind !== 'role' && kind !== 'group')) return undefined
  const entity = entityOf(attachment.data.principalArn ?? '', kind)
  return {
    entity,
    serviceLinked: entity.path.startsWith('/aws-service-role/'),
    scope: attachment.scope,
    at: attachment.at,
  }
}

/** From an ARN all is known; what a file declares may have any name. */
function entityOf(id: string, kind: Entity['kind']): Entity {
  if (!id.startsWith('arn:')) return { id, kind, name: undefined, path: '/', accountId: '' }
  const path = `/${id
    .split(':')
    .slice(5)
    .join(':')
    .split('/')
    .slice(1, -1)
    .map((part) => `${part}/`)
    .join('')}`
  return { id, kind, name: shortName(id), path, accountId: id.split(':')[4] ?? '' }
}

function isCustomerManaged(policy: string): boolean {
  return !MANAGED_BY_AWS.test(policy) && !/#inline\/|inline_policy/.test(policy)
}

/** A document that was written into the policy that carries it goes by that policy's name. */
function policyEntity(id: string, { entities, places, documents }: Surroundings): Entity {
  const known = entities.get(id) ?? places.get(id)?.entity
  if (known) return known
  const entity = entityOf(id, 'policy')
  const isOwn = /#aws_iam_policy\.|#\/Resources\//.test(id)
  const name = documents.get(id)?.[0]?.data.policyName
  const named = isOwn ? { ...entity, name } : { ...entity, ...(name && { label: name }) }
  entities.set(id, named)
  return named
}
