import { iamAttachment, iamRole } from '../../facts/iam.ts'
import { iamEscalation, iamPrivileged } from '../../facts/iam-escalation.ts'
import { placeholdersIn } from '../../facts/iam-placeholder.ts'
import { type DerivationSettings, type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { loadIamActions } from '../../reference/iam-actions.ts'
import { ESCALATION_PATHS } from '../../reference/iam-escalation.ts'
import { append, groupBy } from '../grouping.ts'
import type { ActionSet } from './actions.ts'
import { opensToPrincipals } from './assume.ts'
import { addressOf, namesEntity } from './entities.ts'
import { aboutDocuments } from './escalation-documents.ts'
import { type Told, tell } from './escalation-facts.ts'
import type { Principal, World } from './principals.ts'
import { type KnownPath, type Privileged, pathsOf, ROLE_CHAIN, type Setting, type Way, waysAlong } from './ways.ts'

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
  const all = [...world.principals.values()]
  const near = groupBy(all, (each) => `${each.entity.kind} ${neighbourhood(each)}`)
  const privileged = new Map<string, Principal[]>()
  const assumable = new Map<string, Principal[]>()
  const called = groupBy(all, (each) => `${each.entity.kind} ${each.entity.name ?? ''}`)
  const addressed = groupBy(all, (each) => addressOf(each.entity.id))
  const assumeRole = paths.find((path) => path.id === ROLE_CHAIN)?.actions[0]
  if (!assumeRole) throw new Error('the reference data does not hold sts:AssumeRole')
  const services = rolesByService(world)
  const blind = gaps.filter((gap) => gap.kind === iamRole.kind || gap.kind === iamAttachment.kind)
  const isBlind = new Map<string, boolean>()
  return {
    world,
    targets: (kind, of) => near.get(`${kind} ${neighbourhood(of)}`) ?? [],
    privilegedTargets: (kind, of) => privileged.get(`${kind} ${neighbourhood(of)}`) ?? [],
    notePrivileged: (principal) => {
      append(privileged, `${principal.entity.kind} ${neighbourhood(principal)}`, principal)
      const trust = world.trusts.get(principal.entity.id)
      if (trust && opensToPrincipals(trust)) append(assumable, String(principal.inFiles), principal)
    },
    assumable: (of) => assumable.get(String(of.inFiles)) ?? [],
    isSeen: (pattern, kind, of) => {
      const reference = placeholdersIn(pattern)[0]?.replace(/(?:\[[^\]]*\])?\.(?:arn|Arn|id|name)$/, '') ?? ''
      const named = called.get(`${kind} ${pattern.slice(pattern.lastIndexOf('/') + 1)}`) ?? []
      const candidates = pattern.startsWith('${') ? (addressed.get(reference) ?? []) : named
      return candidates.some(
        (each) => neighbourhood(each) === neighbourhood(of) && namesEntity(pattern, each.entity, undefined) === true,
      )
    },
    unseen: (_kind, { inFiles, scope }) => {
      if (inFiles) return true
      const known =
        isBlind.get(scope) ?? blind.some((gap) => scope.startsWith(gap.scope) || gap.scope.startsWith(scope))
      isBlind.set(scope, known)
      return known
    },
    trusting: (service, of) => services.get(`${service} ${neighbourhood(of)}`) ?? [],
    assumeRole,
    now: settings.now ?? new Date(),
    gifts: new WeakMap(),
  }
}

function rolesByService(world: World): ReadonlyMap<string, readonly Principal[]> {
  const services = new Map<string, Principal[]>()
  for (const [id, trust] of world.trusts) {
    const role = world.principals.get(id)
    if (!role) continue
    const principals = new Set(trust.flatMap((each) => (each.effect === 'Deny' ? [] : (each.principals ?? []))))
    for (const each of principals) {
      if (each.startsWith('Service:')) append(services, `${each.slice('Service:'.length)} ${neighbourhood(role)}`, role)
    }
  }
  return services
}

/** An account, or a tree: files speak of each other. */
function neighbourhood({ scope }: Principal): string {
  return scope.startsWith('repo:') ? 'files' : scope
}

/** A chain of many steps is told step by step, each by its own finding. */
function inShort(how: string): string {
  return how.length > 300 ? 'can make itself administrator' : `can make itself administrator ${how}`
}

/** Rights spread: who can become somebody privileged is privileged, too, until nothing changes. */
function spread(
  world: World,
  paths: readonly KnownPath[],
  setting: Setting,
  escalating: Map<string, Way[]>,
): Privileged {
  const privileged = new Map<string, string>()
  const add = (principal: Principal, because: string) => {
    privileged.set(principal.entity.id, because)
    setting.notePrivileged(principal)
  }
  for (const principal of world.principals.values()) if (principal.admin === true) add(principal, 'is administrator')
  const candidates = [...world.principals.values()]
    .filter((each) => each.admin !== true && !each.serviceLinked)
    .map((principal) => ({ principal, own: pathsOf(principal, paths) }))
  for (let size = -1; size !== privileged.size; ) {
    size = privileged.size
    for (const { principal, own } of candidates) {
      if (privileged.has(principal.entity.id)) continue
      const ways = own.flatMap((path) => waysAlong(path, principal, privileged, setting))
      if (ways.length > 0) escalating.set(principal.entity.id, ways)
      const sure = ways.find((way) => way.verdict === 'yes')
      if (sure) add(principal, inShort(sure.how))
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
