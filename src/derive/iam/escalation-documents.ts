import { MANAGED_BY_AWS } from '../../reference/iam-sensitive.ts'
import type { ActionSet } from './actions.ts'
import { allowsEverything } from './admin.ts'
import type { Entity } from './entities.ts'
import { escalationFact, type Told } from './escalation-facts.ts'
import { Permissions } from './permissions.ts'
import type { Principal } from './principals.ts'
import { type KnownPath, type Privileged, pathsOf, type Setting, type Way, waysAlong } from './ways.ts'

/** Documents that nobody is seen to hold: what they would let a user and a role do. What holds for both is sure. */
export function aboutDocuments(
  told: Told,
  paths: readonly KnownPath[],
  privileged: Privileged,
  setting: Setting,
  actions: ActionSet,
): void {
  const { documents, attachments } = told.world
  const held = new Set(attachments.map((each) => each.data.policy))
  for (const [policy, statements] of documents) {
    const [first] = statements
    // In an account a policy that nobody holds grants nothing.
    if (
      !first ||
      !('file' in first.at) ||
      held.has(policy) ||
      MANAGED_BY_AWS.test(policy) ||
      first.data.policyKind !== 'identity'
    )
      continue
    if (statements.some((each) => allowsEverything(each.data, actions) !== false)) continue
    const own = statements.map((each) => each.data)
    const holdings = { inFiles: true, policies: [{ policy, boundary: false, statements: own }] }
    const permissions = new Permissions(holdings, actions)
    const mentioned = pathsOf({ permissions }, paths)
    const ways = (['user', 'role'] as const).map((kind) => {
      const holder = {
        ...base(first.scope, first.at, permissions),
        entity: someEntity(policy, kind),
        policies: [{ ...someEntity(policy, 'policy'), label: first.data.policyName ?? policy }],
      }
      return mentioned.flatMap((path) => waysAlong(path, holder, privileged, setting))
    })
    const together = both(ways)
    const [way] = together
    if (!way) continue
    const name = first.data.policyName ?? policy
    const source = statements.find((each) => way.needs.some((need) => need.by.includes(each.data))) ?? first
    const claim = `Policy ${name} lets its holder make itself administrator`
    const subject = {
      id: policy,
      name,
      kind: 'document',
      claim,
      scope: source.scope,
      at: source.at,
      expected: '',
    } as const
    told.facts.push(escalationFact(subject, together, ['who holds the document is not seen']))
  }
}

/** Ways that only one kind of holder has are a matter of who it is; and only a managed policy can be rewritten by its holder. */
function both(ways: readonly (readonly Way[])[]): Way[] {
  const sure = ways.every((list) => list.some((way) => way.verdict === 'yes' && way.target?.kind !== 'policy'))
  return ways.flat().map((way) => ({ ...way, verdict: way.verdict === 'yes' && !sure ? 'conditional' : way.verdict }))
}

function someEntity(policy: string, kind: Entity['kind']): Entity {
  return { id: policy, kind, name: undefined, path: '/', accountId: '' }
}

function base(scope: string, at: Principal['at'], permissions: Permissions): Omit<Principal, 'entity' | 'policies'> {
  const authority = { grants: new Map(), assumptions: [] }
  return {
    held: [],
    permissions,
    groups: [],
    viaGroup: new Map(),
    admin: false,
    authority,
    inFiles: true,
    serviceLinked: false,
    scope,
    at,
  }
}
