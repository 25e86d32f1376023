import type { k8sAuditLog } from '../../facts/kubernetes-log.ts'
import type { Fact } from '../../model.ts'
import type { AskedElsewhere } from './asked-elsewhere.ts'
import type { CallIndex, Calls } from './calls.ts'
import type { LogCoverage } from './coverage.ts'
import type { DefaultGrants } from './narrow-defaults.ts'
import { impliedEntries } from './narrow-implied.ts'
import { canBeNamed } from './narrow-names.ts'
import type { Entry, Row } from './narrow-rows.ts'
import { latest } from './narrow-rules.ts'
import { type Permission, permissionsOf } from './permissions.ts'
import type { Grant, SubjectFact } from './rbac.ts'
import { authorizes, type HeldRules, type Request, requestsOf, ruleAllows } from './replay.ts'

/** What one subject needs of what it is granted. */
export interface Need {
  readonly entries: readonly Entry[]
  readonly removed: readonly Row[]
  /** Wildcards that were used, and all that they were used for. */
  readonly wildcards: readonly { readonly row: Row; readonly uses: readonly Entry[] }[]
}

/** What the judgement of one cluster needs. */
export interface NarrowContext {
  readonly log: Fact<typeof k8sAuditLog>['data']
  /** Nothing of the log was unreadable. */
  readonly complete: boolean
  readonly coverage: LogCoverage
  readonly calls: CallIndex
  readonly elsewhere: AskedElsewhere
  readonly defaults: DefaultGrants
  /** What a user may do by bindings that name itself. */
  directOf(user: string): readonly HeldRules[]
  /** Whether a permission of a subject was used; undefined if nobody can tell. */
  used(grant: Grant, subject: SubjectFact, permission: Permission): boolean | undefined
}

/**
 * The least that a subject needs of its own bindings: what the log shows, in the namespaces and on the objects where it shows it,
 * and what nobody can tell, as it is granted today. What everybody may do by the API server's own bindings is left out, and from a
 * group what its members may do by bindings of their own.
 */
export function narrowSubject(subject: SubjectFact, grants: readonly Grant[], context: NarrowContext): Need {
  const rows = grants.flatMap((grant) =>
    permissionsOf(grant).map((permission) => ({ grant, permission, used: context.used(grant, subject, permission) })),
  )
  const kept: Entry[] = []
  const candidates: Row[] = []
  for (const row of rows) {
    const reason = reasonToKeep(row, subject, context)
    if (row.used === false) continue
    if (reason === '') candidates.push(row)
    else kept.push(asGranted(row, reason))
  }
  // A binding of one namespace is the narrower place for what several bindings grant.
  candidates.sort((a, b) => Number(a.grant.scope === '*') - Number(b.grant.scope === '*'))
  const collected = collectUses(subject, candidates, kept, context)
  const uses = [...collected.values()].flatMap((use) => entriesOf(use, candidates, collected, context))
  const needed = withoutRepeated(uses)
  const implied = impliedEntries(subject, candidates, context.calls)
  return {
    entries: [...needed, ...implied, ...kept.map((entry) => countCalls(entry, subject, context))],
    removed: rows.filter(({ used }) => used === false),
    wildcards: candidates.filter(isWildcard).map((row) => ({
      row,
      uses: [...uses.filter((entry) => covers(row, entry)), ...implied.filter((entry) => entry.row === row)],
    })),
  }
}

export function isWildcard({ permission }: Row): boolean {
  return [permission.verb, permission.apiGroup, permission.plainResource].some((part) => part.includes('*'))
}

/** Empty if the log shows all use of the permission. */
function reasonToKeep(row: Row, subject: SubjectFact, context: NarrowContext): string {
  const { log, complete, coverage, calls, elsewhere } = context
  const { permission, used } = row
  if (!complete) return 'the audit log is not whole'
  if (used === undefined) {
    const asked = elsewhere.reason(permission, calls.of(subject.data))
    if (asked !== '') return asked
    const implied = coverage.impliedBy(permission)
    if (implied === 'never-logged') return `${permission.verb} is asked for within a request, and in no log`
    if (implied) {
      const written = [...new Set(implied.map(({ plainResource }) => plainResource))].join(' or ')
      return `${permission.verb} is asked for while ${written} are written, and in no log`
    }
    if (permission.resourceName !== '' && coverage.covers(permission, subject.data))
      return 'not all names of objects were kept'
    return log.coversReads || permission.nonResource
      ? `the audit log holds no event on ${permission.resource}`
      : 'the audit log holds no reads'
  }
  if (!used || !isWildcard(row) || log.coversAll) return ''
  const { apiGroup, plainResource } = permission
  const exact = !apiGroup.includes('*') && !plainResource.includes('*')
  return exact && coverage.covers(permission, subject.data)
    ? ''
    : 'used, but the audit log does not cover all that it allows'
}

function asGranted(row: Row, kept: string): Entry {
  const { verb, apiGroup, plainResource, nonResource, resourceName } = row.permission
  const names = resourceName === '' ? [] : [resourceName]
  const same = { verb, apiGroup, resource: plainResource, nonResource, names }
  return { scope: row.grant.scope, ...same, calls: 0, lastSeen: '', kept, row }
}

function countCalls(entry: Entry, subject: SubjectFact, { calls }: NarrowContext): Entry {
  if (entry.row.used !== true) return entry
  const using = calls.using(entry.row.permission, subject.data, entry.scope).calls
  return { ...entry, calls: sum(using.map(({ data }) => data.calls ?? 0)), lastSeen: latest(using.map(seenAt)) }
}

/** All uses of one verb on one resource in one scope. */
interface Use {
  readonly request: Omit<Request, 'name'>
  readonly scope: string
  readonly names: Set<string>
  complete: boolean
  /** Whether a request came, or may have come, without a name. */
  whole: boolean
  readonly calls: Set<Calls>
}

function collectUses(subject: SubjectFact, candidates: readonly Row[], kept: readonly Entry[], context: NarrowContext) {
  const uses = new Map<string, Use>()
  const isGroup = subject.data.subjectKind === 'Group'
  for (const call of context.calls.of(subject.data)) {
    const { user = '', groups = [], namesComplete = true } = call.data
    const elsewhere = [...context.defaults.of(user, groups), ...(isGroup ? context.directOf(user) : [])]
    for (const request of requestsOf(call)) {
      if (!candidates.some((row) => allows(row, request)) || kept.some((entry) => allows(entry.row, request))) continue
      if (authorizes(elsewhere, request)) continue
      const scope = request.namespace === '' ? '*' : request.namespace
      const key = `${scope} ${request.verb} ${request.apiGroup}/${request.resource}`
      const use = uses.get(key) ?? { request, scope, names: new Set(), complete: true, whole: false, calls: new Set() }
      uses.set(key, use)
      use.calls.add(call)
      use.complete &&= namesComplete
      if (request.name === '') use.whole = true
      else use.names.add(request.name)
    }
  }
  return uses
}

/** Whether a permission, in its scope, allows a request. */
function allows({ grant, permission }: Row, request: Request): boolean {
  const { verb, apiGroup, plainResource, resourceName, nonResource } = permission
  const rule = nonResource
    ? { nonResourceUrls: [plainResource], verbs: [verb] }
    : {
        apiGroups: [apiGroup],
        resources: [plainResource],
        verbs: [verb],
        resourceNames: resourceName ? [resourceName] : [],
      }
  return (grant.scope === '*' || grant.scope === request.namespace) && ruleAllows(rule, request)
}

function covers(row: Row, { scope, verb, apiGroup, resource, names }: Entry): boolean {
  const request = { verb, apiGroup, resource, namespace: scope === '*' ? '' : scope }
  return (names.length > 0 ? names : ['']).every((name) => allows(row, { ...request, name }))
}

/** The entries of one use: of all objects or of those named, each under the permission that grants it. */
function entriesOf(
  use: Use,
  candidates: readonly Row[],
  all: ReadonlyMap<string, Use>,
  { complete }: NarrowContext,
): Entry[] {
  const { request, scope, names, calls } = use
  const nonResource = request.resource.startsWith('/')
  const granting = (name: string) => candidates.find((row) => allows(row, { ...request, name }))
  const unrestricted = granting('')
  const make = (row: Row, list: readonly string[]): Entry => ({
    scope,
    ...request,
    nonResource,
    names: list,
    calls: sum([...calls].map(({ data }) => data.calls ?? 0)),
    lastSeen: latest([...calls].map(seenAt)),
    kept: '',
    row,
  })
  if (unrestricted) {
    const creates = (apiGroup: string, resource: string) =>
      [...all.values()].some(
        ({ request: { verb, ...other } }) =>
          verb === 'create' && other.apiGroup === apiGroup && other.resource === resource,
      )
    const { verb, apiGroup, resource } = request
    const known = { verb, apiGroup, resource, names, complete: complete && use.complete && !use.whole }
    if (!canBeNamed(known, creates)) return [make(unrestricted, [])]
  }
  const byRow = new Map<Row, string[]>()
  for (const name of [...names].sort()) {
    const row = granting(name)
    if (row) byRow.set(row, [...(byRow.get(row) ?? []), name])
  }
  return [...byRow].map(([row, list]) => make(row, list))
}

/** What is allowed in the whole cluster need not be allowed in a namespace. */
function withoutRepeated(entries: readonly Entry[]): Entry[] {
  const wide = new Map(entries.filter(({ scope }) => scope === '*').map((entry) => [keyOf(entry), entry]))
  return entries.filter((entry) => {
    const wider = entry.scope === '*' ? undefined : wide.get(keyOf(entry))
    if (!wider) return true
    if (wider.names.length === 0) return false
    return entry.names.length === 0 || !entry.names.every((name) => wider.names.includes(name))
  })
}

const keyOf = ({ verb, apiGroup, resource }: Entry) => `${verb} ${apiGroup}/${resource}`

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function seenAt({ data }: Calls): string {
  return data.lastSeen ?? ''
}
