import { k8sNarrowable } from '../../facts/kubernetes-narrowing.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import { groupBy } from '../grouping.ts'
import { shorten } from './held.ts'
import { isWildcard, narrowSubject } from './narrow.ts'
import { type Holder, type LoggedCluster, readLoggedClusters } from './narrow-cluster.ts'
import type { Entry, Row } from './narrow-rows.ts'
import { ruleInWords, rulesOf } from './narrow-rules.ts'
import { permissionsOf } from './permissions.ts'
import type { Grant } from './rbac.ts'

/** One fact for each binding of a subject that has wildcards and used them. */
export function deriveNarrowable(facts: readonly Fact[], gaps: readonly Gap[]): Fact[] {
  return readLoggedClusters(facts, gaps).flatMap((cluster) =>
    cluster.holders.flatMap((holder) => ofHolder(holder, cluster)),
  )
}

function ofHolder(holder: Holder, cluster: LoggedCluster): Fact[] {
  const { context } = cluster
  const { subject, grants } = holder
  const used = grants.flatMap((grant) =>
    permissionsOf(grant)
      .map((permission): Row => ({ grant, permission, used: context.used(grant, subject, permission) }))
      .filter((row) => row.used === true && isWildcard(row)),
  )
  if (used.length === 0) return []
  const { wildcards } = narrowSubject(subject, grants, context)
  return [...groupBy(used, ({ grant }) => `${grant.binding.data.binding} ${grant.binding.data.role}`).values()].map(
    (rows) => {
      const [{ grant }] = rows as [Row, ...Row[]]
      const narrowed = wildcards.filter(({ row }) => row.grant === grant)
      // Wildcards that the log does not cover are said to be unknown only where no other is known.
      return narrowableFact(grant, holder, cluster, narrowed.length > 0 ? narrowed : rows.map((row) => ({ row })))
    },
  )
}

function narrowableFact(
  grant: Grant,
  { subject }: Holder,
  { window, context }: LoggedCluster,
  wildcards: readonly { readonly row: Row; readonly uses?: readonly Entry[] }[],
): Fact {
  const { cluster = '', binding = '', name: bindingName = '', role = '', source = '' } = grant.binding.data
  const { subjectKind = '', subject: id = '' } = subject.data
  const known = wildcards.every(({ uses }) => uses !== undefined)
  const uses = [...new Set(wildcards.flatMap((each) => each.uses ?? []))]
  const rules = [...groupBy(uses, ({ scope }) => scope)].flatMap(([scope, entries]) =>
    rulesOf(entries).map((rule) => `${scope}: ${ruleInWords(rule)}`),
  )
  const inWords = uses.length > 0 ? shorten(uses.map((use) => textOf(use, grant.scope))) : 'what everybody may do'
  const at = wildcards[0]?.row.permission.rule.at ?? grant.binding.at
  return fact(k8sNarrowable, grant.binding.scope, at, {
    cluster,
    binding,
    bindingName,
    role,
    within: grant.scope,
    subjectKind,
    subject: id,
    wildcards: shorten(wildcards.map(({ row }) => row.permission.text)),
    known: known || UNKNOWN,
    uses: known ? inWords : UNKNOWN,
    rules: known ? rules : UNKNOWN,
    window: window.text,
    windowHours: window.hours,
    assumptions: [...window.assumptions, ...context.elsewhere.assumptions],
    source,
  })
}

function textOf({ verb, apiGroup, resource, names, scope }: Entry, granted: string): string {
  const what = apiGroup === '' ? resource : `${apiGroup}/${resource}`
  const named = names.length > 0 ? ` named ${names.join(' or ')}` : ''
  return `${verb} ${what}${named}${scope === granted ? '' : ` in ${scope}`}`
}
