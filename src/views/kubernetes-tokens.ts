import type { k8sServiceAccount, k8sWorkload } from '../facts/kubernetes.ts'
import type { Fact } from '../model.ts'
import { groupBy } from './cells.ts'

type Account = Fact<typeof k8sServiceAccount>
type Workload = Fact<typeof k8sWorkload>

/** How an account's token gets into pods: each way once, with the workloads that it holds for where they differ. */
export function describeMounts(id: string, account: Account | undefined, workloads: readonly Workload[]): string[] {
  const ways = groupBy(workloads, (workload) => waysInto(workload, account, id).join(', '))
  return [...ways].map(([way, own]) =>
    ways.size === 1 ? way : `${way} in ${[...new Set(own.map(({ data }) => data.workload))].join(', ')}`,
  )
}

function waysInto({ data }: Workload, account: Account | undefined, id: string): string[] {
  const projected = (data.projectedTokens ?? []).map((token) => {
    const at = token.lastIndexOf('|')
    const audience = token.slice(0, at)
    return `projected${audience && ` for ${audience}`}, ${durationOf(Number(token.slice(at + 1)))}`
  })
  return [automatic(data, account, id), ...projected]
}

/** The pod's word counts before the account's. */
function automatic(data: Workload['data'], account: Account | undefined, id: string): string {
  const byAccount = account?.data.automount
  if (data.automount === 'true') return byAccount === 'false' ? 'automatic by the pod, off by the account' : 'automatic'
  if (data.automount === 'false') return 'off by the pod'
  if (byAccount === 'false') return 'off by the account'
  if (byAccount !== undefined || id.endsWith('/default')) return 'automatic'
  return 'automatic unless the account says no, which was not seen'
}

function durationOf(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'of a time that was not seen'
  if (seconds % 3600 === 0) return `${seconds / 3600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}
