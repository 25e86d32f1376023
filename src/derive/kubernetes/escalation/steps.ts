import type { Edge } from './graph.ts'
import type { Hit } from './holder.ts'

/** What one edge of the graph does, for telling it. */
export interface Step {
  /** By the name of a rule, or `node-takeover`; empty where an edge only picks one of several accounts. */
  readonly way: string
  /** Rights that it takes, the one that says most first. */
  readonly hits: readonly Hit[]
  /** What it gives, as the beginning of a sentence that the account's name ends: `a pod that runs as`. */
  readonly gives: string
  readonly assumptions: readonly string[]
}
export type StepEdge = Edge<Step>

/** The goal: may do everything in the whole cluster. */
export const ADMIN = 'admin'

/** Changes what administrators write. It waits for one of them: every other way goes before. */
export const ADMISSION = 'admission'

/** Nodes that stand for any account of a namespace (`*`: of all), by how it is taken over. */
export const anyAccount = {
  /** Accounts that exist. */
  existing: (scope: string) => `existing ${scope}`,
  /** Accounts whose token a pod mounts. */
  mounted: (scope: string) => `mounted ${scope}`,
  /** Accounts whose token a Secret holds. */
  held: (scope: string) => `held ${scope}`,
}
export const accountNode = (account: string) => `ServiceAccount ${account}`

/** The permission of a step with where it holds. */
export function doing({ permission, names, scope }: Hit): string {
  const named = names.length > 0 ? ` named ${names.slice(0, 3).join(', ')}` : ''
  return `${permission}${named} ${scope === '*' ? 'in the whole cluster' : `in namespace ${scope}`}`
}
