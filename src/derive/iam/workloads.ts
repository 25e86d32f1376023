import { shortName } from '../../facts/iam-name.ts'
import { iamSharedRole, iamWorkload } from '../../facts/iam-workload.ts'
import { type Derivation, type Fact, fact, isFact } from '../../model.ts'

type Workload = Fact<typeof iamWorkload>

/** Roles that several workloads run with. Whether these belong together is told by service and name, no more. */
export const findSharedRoles: Derivation = {
  id: 'iam-shared-roles',
  from: [iamWorkload],
  emits: [iamSharedRole],
  derive(facts) {
    const byRole = new Map<string, Workload[]>()
    for (const each of facts) {
      if (!isFact(iamWorkload, each) || !each.data.roleId) continue
      const list = byRole.get(each.data.roleId) ?? []
      byRole.set(each.data.roleId, [...list, each])
    }
    return { facts: [...byRole].flatMap(([role, workloads]) => sharedRole(role, workloads)), gaps: [] }
  },
}

function sharedRole(role: string, workloads: readonly Workload[]): Fact[] {
  const [first] = workloads
  if (!first || workloads.length < 2) return []
  const services = [...new Set(workloads.map(({ data }) => data.service ?? ''))].sort()
  const stems = new Set(workloads.map(({ data }) => stemOf(data.name ?? '')))
  return [
    fact(iamSharedRole, first.scope, first.at, {
      role,
      roleName: shortName(role),
      workloads: workloads.map(({ data }) => `${data.service} ${data.name}`).sort(),
      services,
      related: services.length === 1 && (stems.size === 1 || stems.has('')),
    }),
  ]
}

/** The first word of a name, without numbers: `billing` of `billing-import` and `billing2`. What only a run knows may be anything. */
function stemOf(name: string): string {
  if (name.startsWith('${')) return ''
  return (/^[a-z]+/i.exec(name)?.[0] ?? '').toLowerCase()
}
