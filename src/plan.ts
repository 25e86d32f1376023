import type { CompiledRule } from './engine/compile.ts'
import type { Derivation, FactKind, ScanContext, Scanner } from './model.ts'

/** What a run has to do: which kinds of facts its rules need, and who yields them. */
export interface Plan {
  /** Kinds that a selected rule uses, and the kinds that these are derived from. */
  readonly needed: ReadonlySet<string>
  readonly scanners: readonly Scanner[]
  /** In an order in which each finds its inputs. */
  readonly derivations: readonly Derivation[]
  /** Kinds whose scanner was asked for; a rule on other kinds is "not requested". */
  readonly requested: ReadonlySet<string>
}

/** Follows rules → kinds → derivations → scanners, so that nothing is read for a rule that is off. */
export function planRun(
  rules: readonly CompiledRule[],
  always: readonly FactKind[],
  scanners: readonly Scanner[],
  derivations: readonly Derivation[],
  context: Pick<ScanContext, 'trees' | 'targets'>,
): Plan {
  const needed = new Set(always.map((kind) => kind.kind))
  for (const rule of rules) {
    for (const step of [...rule.match, ...rule.unless, ...rule.context]) needed.add(step.kind)
  }
  addSources(needed, derivations)
  const asked = scanners.filter((scanner) => scanner.requested(context as ScanContext))
  const requested = new Set(asked.flatMap((scanner) => scanner.emits.map((kind) => kind.kind)))
  const ordered: Derivation[] = []
  for (let pending = [...derivations]; pending.length > 0; ) {
    const produced = new Set(pending.flatMap((derivation) => derivation.emits.map((kind) => kind.kind)))
    const ready = pending.filter((d) => [...d.from, ...(d.optional ?? [])].every((kind) => !produced.has(kind.kind)))
    if (ready.length === 0) throw new Error(`derivations in a circle: ${pending.map((d) => d.id).join(', ')}`)
    for (const derivation of ready) {
      if (!derivation.from.every((kind) => requested.has(kind.kind))) continue
      for (const kind of derivation.emits) requested.add(kind.kind)
      if (derivation.emits.some((kind) => needed.has(kind.kind))) ordered.push(derivation)
    }
    pending = pending.filter((derivation) => !ready.includes(derivation))
  }
  return {
    needed,
    scanners: asked.filter((scanner) => scanner.emits.some((kind) => needed.has(kind.kind))),
    derivations: ordered,
    requested,
  }
}

function addSources(needed: Set<string>, derivations: readonly Derivation[]): void {
  for (let size = -1; size !== needed.size; ) {
    size = needed.size
    for (const derivation of derivations) {
      if (!derivation.emits.some((kind) => needed.has(kind.kind))) continue
      for (const kind of [...derivation.from, ...(derivation.optional ?? [])]) needed.add(kind.kind)
    }
  }
}
