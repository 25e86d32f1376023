import { ScanError } from './errors.ts'
import {
  type Derivation,
  type DerivationSettings,
  type Fact,
  type FactKind,
  type Gap,
  isFact,
  type ScanContext,
  type Scanner,
  type Tree,
} from './model.ts'

/**
 * Runs scanners one after the other. What one of them saw before it failed, ran out of time or was interrupted is kept;
 * what it did not see becomes a gap of every kind that it emits.
 */
export async function runScanners(
  scanners: readonly Scanner[],
  given: Omit<ScanContext, 'earlier'>,
  onBug?: (error: Error) => void,
): Promise<Fact[]> {
  const facts: Fact[] = []
  const context: ScanContext = {
    ...given,
    earlier: (kind) => facts.filter((each): each is Fact<typeof kind> => isFact(kind, each)),
  }
  for (const scanner of scanners) {
    const live = !scanner.emits.some((kind) => kind.kind === 'secret.match')
    const limit = live && !scanner.timesTargets ? AbortSignal.timeout(context.limits.timeoutSeconds * 1000) : undefined
    const signal = limit ? AbortSignal.any([context.signal, limit]) : context.signal
    const failed = (reason: string, detail: string) => {
      for (const kind of scanner.emits) {
        if (!context.wants(kind)) continue
        for (const scope of scopesOf(scanner, context))
          context.gap({ kind: kind.kind, scope, class: 'fault', reason, detail: `${scanner.id}: ${detail}` })
      }
    }
    try {
      for await (const fact of scanner.scan({ ...context, signal })) facts.push(inRepository(fact, context.trees))
      if (signal.aborted) failed(...abortReason(context, limit))
    } catch (error) {
      if (signal.aborted) failed(...abortReason(context, limit))
      else if (error instanceof ScanError || (error as Error)?.name === ScanError.name)
        failed('not reached', (error as Error).message)
      else {
        const bug = error instanceof Error ? error : new Error(String(error))
        failed('the scanner failed', `${bug.name}: ${bug.message}`)
        onBug?.(bug)
      }
    }
  }
  return facts
}

/** A file of a further repository says so: two repositories may hold files of the same name. */
function inRepository(fact: Fact, trees: readonly Tree[]): Fact {
  const tree = trees.find((each, i) => i > 0 && (fact.scope === each.scope || fact.scope.startsWith(`${each.scope}/`)))
  if (!tree || !('file' in fact.at)) return fact
  const repository = tree.scope.slice('repo:'.length)
  const also = fact.also?.map((place) => ({ ...place, repository }))
  return { ...fact, at: { ...fact.at, repository }, ...(also && { also }) }
}

function abortReason(context: ScanContext, limit: AbortSignal | undefined): [reason: string, detail: string] {
  if (limit?.aborted && !context.signal.aborted)
    return ['out of time', `not done after ${context.limits.timeoutSeconds} s (--timeout)`]
  return ['interrupted', 'stopped before the end']
}

/** Kinds that scanners of live accounts and of their logs emit. */
const OF_ACCOUNTS = new Set(['iam.user', 'iam.access-key', 'iam.usage-window', 'iam.unused-finding'])

/** Where the facts of a scanner would have been. */
function scopesOf(scanner: Scanner, context: ScanContext): string[] {
  const kinds = scanner.emits.map((kind) => kind.kind)
  if (scanner.id.startsWith('github') || kinds.every((kind) => kind.startsWith('github.'))) return ['github:']
  if (kinds.some((kind) => kind.startsWith('k8s.'))) return ['k8s:']
  if (scanner.id.startsWith('aws') || kinds.some((kind) => OF_ACCOUNTS.has(kind))) return ['aws:']
  return context.trees.map((tree) => tree.scope)
}

/** Facts with those derived from them. Gaps of derivations are added to `gaps`. */
export function derive(
  derivations: readonly Derivation[],
  scanned: readonly Fact[],
  gaps: Gap[],
  settings: DerivationSettings,
  catalogue: ReadonlyMap<string, FactKind>,
): Fact[] {
  const byKind = new Map<string, Fact[]>()
  const all: Fact[] = []
  const add = (fact: Fact) => {
    if (!catalogue.has(fact.kind)) throw new Error(`fact of the undeclared kind ${fact.kind}`)
    all.push(fact)
    const list = byKind.get(fact.kind)
    if (list) list.push(fact)
    else byKind.set(fact.kind, [fact])
  }
  scanned.forEach(add)
  for (const derivation of derivations) {
    const inputs = [...derivation.from, ...(derivation.optional ?? [])].flatMap((kind) => byKind.get(kind.kind) ?? [])
    const derived = derivation.derive(inputs, gaps, settings)
    derived.facts.forEach(add)
    gaps.push(...derived.gaps)
  }
  return all
}
