import type { CompiledRule } from './engine/compile.ts'
import type { Derivation, ScanContext, Scanner, Targets } from './model.ts'
import { planRun } from './plan.ts'

/** Which options would bring what a rule needs and nobody asked for. */

/** Each option as it stands in `--help`, and a target that stands for what it names. */
const OPTIONS: readonly (readonly [option: string, targets: Partial<Targets>])[] = [
  ['--aws', { aws: [{}] }],
  ['--k8s', { kubernetes: [{}] }],
  ['--github OWNER', { github: [{ owner: 'x' }] }],
  ['--cloudtrail DIR', { cloudtrail: ['x'] }],
  ['--audit-log FILE', { auditLogs: ['x'] }],
]

/**
 * By rule that was not asked for: the options that would have asked for it beside what was, all of them needed. None: no option brings
 * it, there is nothing of the kind in the trees.
 */
export function optionsFor(
  given: Pick<ScanContext, 'trees' | 'targets'>,
  scanners: readonly Scanner[],
  derivations: readonly Derivation[],
): (rule: CompiledRule) => readonly string[] {
  // The trees are looked at once: they may be large, and an option takes nothing away of what they ask for.
  const asked = scanners.map((scanner) =>
    scanner.requested(given as ScanContext) ? { ...scanner, requested: () => true } : scanner,
  )
  const requestedWith = (options: typeof OPTIONS) => {
    const targets = Object.assign({}, given.targets, ...options.map(([, target]) => target)) as Targets
    return planRun([], [], asked, derivations, { trees: [], targets }).requested
  }
  const all = requestedWith(OPTIONS)
  const without = OPTIONS.map(
    (option) => [option[0], requestedWith(OPTIONS.filter((each) => each !== option))] as const,
  )
  const alone = OPTIONS.map((option) => [option[0], requestedWith([option])] as const)
  return (rule) => {
    const brings = (kinds: ReadonlySet<string>) => [...rule.match, ...rule.unless].every(({ kind }) => kinds.has(kind))
    if (!brings(all)) return []
    const needed = without.flatMap(([option, kinds]) => (brings(kinds) ? [] : option))
    // Where either of two would do, the first is named.
    return needed.length > 0 ? needed : alone.flatMap(([option, kinds]) => (brings(kinds) ? option : [])).slice(0, 1)
  }
}
