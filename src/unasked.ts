import type { CompiledRule } from './engine/compile.ts'
import type { Derivation, Scanner, Targets } from './model.ts'

/** Which options would bring what a rule needs and nobody asked for. */

const NONE: Targets = {
  history: false,
  aws: [],
  kubernetes: [],
  kubernetesDumps: [],
  auditLogs: [],
  cloudtrail: [],
  github: [],
}
/** Each option as it stands in `--help`, and a target that stands for what it names. */
const OPTIONS: readonly (readonly [option: string, targets: Partial<Targets>])[] = [
  ['--aws', { aws: [{}] }],
  ['--k8s', { kubernetes: [{}] }],
  ['--github OWNER', { github: [{ owner: 'x' }] }],
  ['--cloudtrail DIR', { cloudtrail: ['x'] }],
  ['--audit-log FILE', { auditLogs: ['x'] }],
]

/**
 * By rule that was not asked for: the options that would have asked for it, all of them needed. None: no option brings it, there is
 * nothing of the kind in the tree.
 */
export function optionsFor(
  requested: ReadonlySet<string>,
  scanners: readonly Scanner[],
  derivations: readonly Derivation[],
): (rule: CompiledRule) => readonly string[] {
  const withOptions = (options: typeof OPTIONS) => {
    const asked = scanners.filter((scanner) =>
      options.some(([, targets]) => scanner.requested({ trees: [], targets: { ...NONE, ...targets } } as never)),
    )
    const kinds = new Set([...requested, ...asked.flatMap(({ emits }) => emits.map(({ kind }) => kind))])
    return withDerived(kinds, derivations)
  }
  const all = withOptions(OPTIONS)
  const without = OPTIONS.map((option) => [option[0], withOptions(OPTIONS.filter((each) => each !== option))] as const)
  const alone = OPTIONS.map((option) => [option[0], withOptions([option])] as const)
  return (rule) => {
    const brings = (kinds: ReadonlySet<string>) => [...rule.match, ...rule.unless].every(({ kind }) => kinds.has(kind))
    if (!brings(all)) return []
    const needed = without.flatMap(([option, kinds]) => (brings(kinds) ? [] : option))
    // Where either of two would do, the first is named.
    return needed.length > 0 ? needed : alone.flatMap(([option, kinds]) => (brings(kinds) ? option : [])).slice(0, 1)
  }
}

function withDerived(kinds: Set<string>, derivations: readonly Derivation[]): Set<string> {
  for (let size = -1; size !== kinds.size; ) {
    size = kinds.size
    for (const { from, emits } of derivations)
      if (from.every(({ kind }) => kinds.has(kind))) for (const { kind } of emits) kinds.add(kind)
  }
  return kinds
}
