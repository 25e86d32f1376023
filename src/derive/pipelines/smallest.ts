import type { Need } from '../../reference/action-permissions.ts'
import type { JobNeeds } from './token-needs.ts'

/** `scope` → read or write. */
export type Scopes = ReadonlyMap<string, string>

/** What a job needs for certain too much of: scopes that nothing in it needs so. */
export interface Excess {
  /** `scope: access`, with what would be enough. */
  readonly certain: readonly { readonly scope: string; readonly access: string; readonly enough: string }[]
  /** Scopes with write access of which steps leave it open. */
  readonly open: readonly string[]
}

export function excessOf(granted: Scopes, { needs, open }: JobNeeds): Excess {
  const certain: { scope: string; access: string; enough: string }[] = []
  const left: string[] = []
  for (const [scope, access] of granted) {
    if (access !== 'read' && access !== 'write') continue
    const asked = needs.filter(({ scopes }) => scopes.includes(scope)).map((need) => need.access)
    if (asked.some((each) => each === 'any' || each === 'kept' || each === access)) continue
    const enough = asked.includes('read') ? 'read' : 'none'
    // Write access includes reading.
    if (access === 'read' && asked.includes('write')) continue
    if (open.has('*') || open.has(scope)) {
      if (access === 'write') left.push(scope)
    } else certain.push({ scope, access, enough })
  }
  return { certain, open: left }
}

/**
 * The smallest scopes for what is needed. Where either of several will do, the ones that are written stay; else the trigger
 * decides. `kept` ones are never added.
 */
export function smallestFor(needs: readonly Need[], granted: Scopes, triggers: readonly string[]): Scopes {
  const found = new Map<string, string>()
  const add = (scope: string, access: string) => {
    if (found.get(scope) !== 'write') found.set(scope, access)
  }
  for (const { scopes, access } of needs) {
    const written = scopes.filter((scope) => granted.get(scope) === 'read' || granted.get(scope) === 'write')
    if (access === 'kept') {
      for (const scope of written) add(scope, granted.get(scope) ?? 'read')
      continue
    }
    const enough = written.filter((scope) => access !== 'write' || granted.get(scope) === 'write')
    const chosen = enough.length > 0 ? enough : [preferred(scopes, triggers)]
    for (const scope of chosen) add(scope, access === 'any' ? (granted.get(scope) ?? 'write') : access)
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function preferred(scopes: readonly string[], triggers: readonly string[]): string {
  const onPulls = triggers.some((event) => event.startsWith('pull_request'))
  return (onPulls ? scopes.find((scope) => scope === 'pull-requests') : undefined) ?? scopes[0] ?? ''
}

/** What all of them need at least. */
export function commonOf(all: readonly Scopes[]): Scopes {
  const [first, ...others] = all
  const common = new Map<string, string>()
  for (const [scope, access] of first ?? []) {
    if (!others.every((each) => each.has(scope))) continue
    common.set(scope, access === 'write' && others.every((each) => each.get(scope) === 'write') ? 'write' : 'read')
  }
  return common
}

export function isWithin(inner: Scopes, outer: Scopes): boolean {
  return [...inner].every(([scope, access]) => outer.get(scope) === 'write' || outer.get(scope) === access)
}

/** `permissions:` with a line for each scope. */
export function blockText(scopes: Scopes, indent = 0): string[] {
  const pad = ' '.repeat(indent)
  if (scopes.size === 0) return [`${pad}permissions: {}`]
  return [`${pad}permissions:`, ...[...scopes].map(([scope, access]) => `${pad}  ${scope}: ${access}`)]
}
