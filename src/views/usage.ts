import { iamUnusedPermission } from '../facts/iam-usage.ts'
import { k8sPermission } from '../facts/kubernetes-usage.ts'
import { type Fact, isFact } from '../model.ts'
import type { Column, Row, Table } from '../table.ts'
import { cell, groupBy, listCell } from './cells.ts'

const COLUMNS: readonly Column[] = [
  { id: 'name', title: 'Who', meaning: 'Service account, user, group or role', for: 'all' },
  { id: 'of', title: 'Of', meaning: 'Account or cluster', for: 'all' },
  { id: 'used', title: 'Used', meaning: 'Number of granted permissions that were used', for: 'all' },
  { id: 'unused', title: 'Unused', meaning: 'Number of granted permissions that were not used', for: 'all' },
  { id: 'undetermined', title: 'Cannot tell', meaning: 'Number of them of which the log cannot tell', for: 'all' },
  { id: 'window', title: 'Seen', meaning: 'What the log covers', for: 'all' },
  { id: 'grants', title: 'Granted by', meaning: 'Policies or bindings', for: 'programs' },
]

/** Granted against used, by principal: those with most that is unused first. Without a log there is no row. */
export function usageTable(facts: readonly Fact[]): Table {
  const rows = [...awsRows(facts), ...kubernetesRows(facts)]
  return {
    id: 'usage',
    title: 'Granted against used',
    columns: COLUMNS,
    rows: rows.sort((a, b) => b.order.unused - a.order.unused || compareText(a.order.name, b.order.name)),
  }
}

/** An action that two policies grant counts for each of them. */
function awsRows(facts: readonly Fact[]): Row[] {
  const own = facts.filter((each): each is Fact<typeof iamUnusedPermission> => isFact(iamUnusedPermission, each))
  return [...groupBy(own, ({ data }) => data.principalArn ?? '')].map(([, group]) => {
    const first = group[0]?.data
    const add = (field: 'usedCount' | 'unusedCount' | 'undeterminedCount') => sum(group.map(({ data }) => data[field]))
    return row(
      first?.principalName ?? '',
      group[0]?.scope ?? '',
      { used: add('usedCount'), unused: add('unusedCount'), undetermined: add('undeterminedCount') },
      first?.window,
      group.flatMap(({ data }) => data.policyName ?? []),
    )
  })
}

function kubernetesRows(facts: readonly Fact[]): Row[] {
  const own = facts.filter((each): each is Fact<typeof k8sPermission> => isFact(k8sPermission, each))
  return [...groupBy(own, ({ data }) => `${data.cluster} ${data.subjectKind} ${data.subject}`)].flatMap(([, group]) => {
    const count = (used: boolean | undefined) => group.filter(({ data }) => data.used === used).length
    // Without a log nothing can be told of anything.
    if (count(undefined) === group.length) return []
    const counts = { used: count(true), unused: count(false), undetermined: count(undefined) }
    const first = group[0]?.data
    const bindings = group.flatMap(({ data }) => data.bindingName ?? [])
    return row(first?.subject ?? '', `k8s:${first?.cluster ?? ''}`, counts, first?.window, bindings)
  })
}

function row(
  name: string,
  of: string,
  { used, unused, undetermined }: Readonly<Record<'used' | 'unused' | 'undetermined', number | undefined>>,
  window: string | undefined,
  grants: readonly string[],
): Row {
  return {
    cells: {
      name: cell(name),
      of: cell(of),
      used: cell(used),
      unused: cell(unused),
      undetermined: cell(undetermined),
      window: cell(window),
      grants: listCell([...new Set(grants)].sort()),
    },
    order: { name, risk: unused ?? 0, unused: unused ?? 0, seen: '' },
  }
}

/** Undefined if one of them was not seen. */
function sum(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((total, each) => (total === undefined || each === undefined ? undefined : total + each), 0)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
