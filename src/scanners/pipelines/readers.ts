import type { Fact, FactKind, Gap, ScanContext, Tree, TreeFile } from '../../model.ts'
import type { SourceFile } from '../../sources/source-file.ts'

/** Yields facts of one sort from what was parsed. */
export interface Reader<T> {
  readonly emits: readonly FactKind[]
  read(parsed: T, context: ScanContext): Iterable<Fact>
}

/** Kinds of all readers, each once. */
export function kindsOf<T>(readers: readonly Reader<T>[]): FactKind[] {
  return [...new Set(readers.flatMap(({ emits }) => emits))]
}

/**
 * The facts of every reader whose kinds a rule asks for. Scripts and expressions can be nested until a reader runs out of stack:
 * `tooDeep` gets the kinds that were lost, and the other readers go on.
 */
export function* factsOf<T>(
  readers: readonly Reader<T>[],
  parsed: T,
  context: ScanContext,
  tooDeep: (kinds: readonly FactKind[]) => void,
): Generator<Fact> {
  for (const reader of readers) {
    const wanted = reader.emits.filter((kind) => context.wants(kind))
    if (wanted.length === 0) continue
    let facts: Fact[] = []
    try {
      facts = [...reader.read(parsed, context)]
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      tooDeep(wanted)
    }
    yield* facts
  }
}

/** The text of a file that all these kinds come from; where it cannot be read, each of them has its gap. */
export function textFor(tree: Tree, file: TreeFile, kinds: readonly FactKind[]): string | undefined {
  const [first, ...others] = kinds
  const text = first && tree.text(file, first)
  if (text === undefined) for (const kind of others) tree.text(file, kind)
  return text
}

type Unseen = Omit<Gap, 'scope' | 'kind'> & { readonly offset?: number }
/** A file on which a reader runs out of stack. */
export const NESTED: Unseen = { class: 'fault', reason: 'not readable', detail: 'nested too deeply' }

/** Tells for each of these kinds that something of a file was not seen. */
export function tellUnseen(source: SourceFile, kinds: readonly FactKind[], unseen: Unseen, context: ScanContext): void {
  for (const { kind } of kinds.filter((each) => context.wants(each))) context.gap(source.gap({ ...unseen, kind }))
}
