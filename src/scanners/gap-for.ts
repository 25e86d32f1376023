import type { FactKind, ScanContext } from '../model.ts'

/** Records that kinds, or some of their fields, were not seen because a call failed or was denied. */
export function gapFor(
  kinds: readonly FactKind[],
  scope: string,
  { reason, detail }: { readonly reason: string; readonly detail: string },
  context: ScanContext,
  fields?: readonly string[],
): void {
  for (const kind of kinds.filter((each) => context.wants(each))) {
    context.gap({ kind: kind.kind, scope, class: 'fault', reason, detail, ...(fields && { fields }) })
  }
}
