import type { FactKind, Gap, ScanContext } from '../../model.ts'
import { OBJECT_FACTS } from './kinds.ts'

/** Records one gap for each of the kinds that the run wants. */
export function gapAll(context: ScanContext, gap: Omit<Gap, 'kind'>, kinds: readonly FactKind[] = OBJECT_FACTS): void {
  for (const kind of kinds) if (context.wants(kind)) context.gap({ kind: kind.kind, ...gap })
}
