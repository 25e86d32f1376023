import type { CallIndex } from './calls.ts'
import { ASKED_FOR_BY, writesOf } from './coverage.ts'
import type { Entry, Row } from './narrow.ts'
import type { SubjectFact } from './rbac.ts'
import { ruleAllows } from './replay.ts'

const RBAC = 'rbac.authorization.k8s.io'
const SIGNERS = [['certificates.k8s.io', 'signers']] as const
/** The resources on which a verb that is in no log is asked for, by the resource that is written then. */
const ASKED_ON: Readonly<Record<string, readonly (readonly [group: string, resource: string])[]>> = {
  'bind rolebindings': [
    [RBAC, 'roles'],
    [RBAC, 'clusterroles'],
  ],
  'bind clusterrolebindings': [[RBAC, 'clusterroles']],
  'escalate roles': [[RBAC, 'roles']],
  'escalate clusterroles': [[RBAC, 'clusterroles']],
}
/** Policies that pods are admitted under: `use` on them is in no log. */
const USABLE = new Set(['podsecuritypolicies', 'securitycontextconstraints'])

/**
 * What a wildcard for verbs may also have been used for without a trace: `bind` and the like, wherever the subject wrote what is
 * checked against them; and `use` on a policy that the role names.
 */
export function impliedEntries(subject: SubjectFact, candidates: readonly Row[], calls: CallIndex): Entry[] {
  const found = new Map<string, Entry>()
  for (const row of candidates) {
    if (row.permission.verb !== '*' || row.permission.nonResource) continue
    for (const entry of [...usesOf(row), ...rightsOf(row, subject, calls)]) {
      const key = `${entry.scope} ${entry.verb} ${entry.apiGroup}/${entry.resource} ${entry.names.join()}`
      if (!found.has(key)) found.set(key, entry)
    }
  }
  return [...found.values()]
}

function usesOf(row: Row): Entry[] {
  const { apiGroup, plainResource } = row.permission
  if (!USABLE.has(plainResource)) return []
  return [
    entry(row, row.grant.scope, 'use', apiGroup, plainResource, 'use is asked for within a request, and in no log'),
  ]
}

function* rightsOf(row: Row, subject: SubjectFact, calls: CallIndex): Generator<Entry> {
  for (const [verb, writes] of Object.entries(ASKED_FOR_BY)) {
    for (const [group, written] of writes) {
      const targets = (ASKED_ON[`${verb} ${written}`] ?? SIGNERS).filter(([apiGroup, resource]) => {
        const rule = { apiGroups: [row.permission.apiGroup], resources: [row.permission.plainResource], verbs: ['*'] }
        return ruleAllows(rule, { verb, apiGroup, resource, namespace: '', name: '' })
      })
      if (targets.length === 0) continue
      const using = writesOf(group, written).flatMap((write) => calls.using(write, subject.data, row.grant.scope).calls)
      const scopes = new Set(using.map(({ data }) => data.namespace || '*'))
      for (const scope of scopes) {
        for (const [apiGroup, resource] of targets) {
          yield entry(row, scope, verb, apiGroup, resource, `asked for while ${written} are written, which was seen`)
        }
      }
    }
  }
}

function entry(row: Row, scope: string, verb: string, apiGroup: string, resource: string, kept: string): Entry {
  const { resourceName } = row.permission
  const names = resourceName === '' ? [] : [resourceName]
  return { scope, verb, apiGroup, resource, nonResource: false, names, calls: 0, lastSeen: '', kept, row }
}
