import { iamAttachment, iamRole } from '../../facts/iam.ts'
import { iamEscalation, iamPrivileged } from '../../facts/iam-escalation.ts'
import { type DerivationSettings, type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { loadIamActions } from '../../reference/iam-actions.ts'
import { ESCALATION_PATHS } from '../../reference/iam-escalation.ts'
import type { ActionSet } from './actions.ts'
import { aboutDocuments } from './escalation-documents.ts'
import { type Told, tell } from './escalation-facts.ts'
import { group, type Principal, type World } from './principals.ts'
import { type KnownPath, type Privileged, pathsOf, type Setting, type Way, waysAlong } from './ways.ts'

/** Who can make itself administrator, and who is or can: principals over all their policies, and documents that nobody holds. */
export function judgeEscalation(
  world: World,
  actions: ActionSet,
  gaps: readonly Gap[],
  settings: DerivationSettings,
): { facts: Fact[]; gaps: Gap[] } {
  const { paths, missing } = knownPaths()
  const setting = settingOf(world, gaps, settings, paths)
  const escalating = new Map<string, Way[]>()
  const privileged = spread(world, paths, setting, escalating)
  const told: Told = { world, settings, facts: [] }
  for (const [id, ways] of escalating) tell(told, world.principals.get(id) as Principal, ways, escalating)
  aboutDocuments(told, paths, privileged, setting, actions)
  const scope = [...world.principals.values()][0]?.scope ?? ''
  return {
    facts: [...told.facts, ...privilegedFacts(world, escalating, privileged)],
    gaps: [...missing.map((name) => missingGap(name, scope)), ...told.facts.flatMap(doubtGap)],
  }
}

/** Paths whose actions the reference data holds. One that it lacks is told, never passed over. */
function knownPaths(): { paths: KnownPath[]; missing: string[] } {
  const reference = loadIamActions()
  const missing = new Set<string>()
  const find = (name: string) => {
    const [service = '', action] = name.split(':')
    const found = reference.actionsOf(service)?.find((each) => each.name === action)
    if (!found) missing.add(name)
    return found
  }
  const paths = ESCALATION_PATHS.flatMap((path) => {
    const actions = path.permissions.map(find)
    return actions.every((each) => each !== undefined) ? [{ ...path, actions }] : []
  })
  return { paths, missing: [...missing] }
}

function missingGap(name: string, scope: string): Gap {
  const detail = `${name}, which a way to more rights needs, is not in AWS's list of actions of this release`
  return { kind: iamEscalation.kind, scope, class: 'limit', reason: 'action not in the reference data', detail }
}

/** What would decide it is in no file of the tree. */
function doubtGap(told: Fact): Gap[] {
  if (!isFact(iamEscalation, told) || !told.unknown.includes('certain')) return []
  const { claim = '', how = '' } = told.data
  const detail = `${claim.replace(' can make', ' could make').replace(' lets ', ' may let ')} ${how}: what its permissions name is not in the tree; audit the account (--aws)`
  return [
    {
      kind: iamEscalation.kind,
      scope: told.scope,
      class: 'limit',
      reason: 'target not seen',
      detail,
      fields: ['certain'],
    },
  ]
}

function settingOf(
  world: World,
  gaps: readonly Gap[],
  settings: DerivationSettings,
  paths: readonly KnownPath[],
): Setting {
  const near = group([...world.principals.values()], (each) => `${each.entity.kind} ${neighbourhood(each)}`)
  const blind = new Set(
    gaps.filter((gap) => gap.kind === iamRole.kind || gap.kind === iamAttachment.kind).map((gap) => gap.scope),
  )
  const services = new Map<string, Principal[]>()
  for (const [id, trust] of world.trusts) {
    const role = world.principals.get(id)
    if (!role) continue
    for (const service of new Set(trust.flatMap((each) => (each.effect === 'Deny' ? [] : (each.principals ?? []))))) {
      if (!service.startsWith('Service:')) continue
      const key = `${service.slice('Service:'.length)} ${neighbourhood(role)}`
      services.set(key, [...(services.get(key) ?? []), role])
    }
  }
  const assumeRole = paths.find((path) => path.id === 'sts-001')?.actions[0]
  if (!assumeRole) throw new Error('the reference data does not hold sts:AssumeRole')
  return {
    world,
    targets: (kind, of) => near.get(`${kind} ${neighbourhood(of)}`) ?? [],
    unseen: (_kind, of) =>
      of.inFiles || [...blind].some((scope) => of.scope.startsWith(scope) || scope.startsWith(of.scope)),
    trusting: (service, of) => services.get(`${service} ${neighbourhood(of)}`) ?? [],
    assumeRole,
    now: settings.now ?? new Date(),
  }
}

/** An account, or a tree: files speak of each other. */
function neighbourhood({ scope }: Principal): string {
  return scope.startsWith('repo:') ? 'files' : scope
}

/** Rights spread: who can become somebody privileged is privileged, too, until nothing changes. */
function spread(
  world: World,
  paths: readonly KnownPath[],
  setting: Setting,
  escalating: Map<string, Way[]>,
): Privileged {
  const privileged = new Map<string, string>()
  for (const [id, { admin }] of world.principals) if (admin === true) privileged.set(id, 'is administrator')
  const candidates = [...world.principals.values()]
    .filter((each) => each.admin !== true && !each.serviceLinked)
    .map((principal) => ({ principal, own: pathsOf(principal, paths) }))
  for (let size = -1; size !== privileged.size; ) {
    size = privileged.size
    for (const { principal, own } of candidates) {
      if (privileged.has(principal.entity.id)) continue
      const ways = own.flatMap((path) => waysAlong(path, principal, privileged, setting))
      if (ways.length > 0) escalating.set(principal.entity.id, ways)
      if (ways.some((way) => way.verdict === 'yes')) {
        privileged.set(
          principal.entity.id,
          `can make itself administrator ${ways.find((way) => way.verdict === 'yes')?.how}`,
        )
      }
    }
  }
  return privileged
}

function* privilegedFacts(
  world: World,
  escalating: ReadonlyMap<string, Way[]>,
  privileged: Privileged,
): Generator<Fact> {
  for (const [id, principal] of world.principals) {
    const { entity, admin, authority } = principal
    const ways = escalating.get(id) ?? []
    const doubt = admin === 'unknown' || ways.some((way) => way.verdict === 'unknown')
    if (entity.kind === 'group' || entity.kind === 'policy' || !(privileged.has(id) || doubt)) continue
    const [grant] = [...authority.grants.entries()].flatMap(([policy, grants]) =>
      grants.filter((each) => each.admin === true).map((each) => ({ policy, name: each.policyName })),
    )
    const way = ways.find((each) => each.verdict === 'yes')
    const isPrivileged = privileged.has(id)
    yield fact(iamPrivileged, principal.scope, principal.at, {
      principalArn: id,
      principalKind: entity.kind,
      privileged: isPrivileged || UNKNOWN,
      admin: admin === 'unknown' ? UNKNOWN : admin,
      because: grant
        ? `is administrator by ${grant.name}`
        : isPrivileged
          ? `can make itself administrator ${way?.how ?? ''}`
          : UNKNOWN,
      policy: grant?.policy ?? way?.needs[0]?.by[0]?.policy ?? '',
      assumptions: [...new Set([...authority.assumptions, ...(way?.assumptions ?? [])])].sort(),
    })
  }
}
