import type { Fact, FactKind, Gap } from '../model.ts'
import { targetOf } from './scope.ts'

/** Facts that a join found: those that match for certain, and those whose joined field was not seen. */
export interface Candidates {
  readonly certain: readonly Fact[]
  readonly uncertain: readonly Fact[]
}
type Values = readonly (string | number | boolean | readonly string[])[]
interface Index {
  readonly byKey: Map<string, Fact[]>
  readonly uncertain: Fact[]
}

/** All facts of a run with hash indexes over the fields that rules join on, and the gaps by kind. */
export class FactStore {
  readonly #byKind = new Map<string, Fact[]>()
  readonly #indexes = new Map<string, Index>()
  readonly #gaps = new Map<string, Gap[]>()
  readonly #gapsWithSources = new Map<string, readonly Gap[]>()
  readonly #targets = new Map<string, string>()
  readonly #catalogue: ReadonlyMap<string, FactKind>
  /** The kinds that some scanner of this run was asked for; the others are "not requested". */
  readonly requested: ReadonlySet<string>

  readonly #repositories: readonly string[]

  /** `repositories`: scopes of the audited trees, whose paths may themselves hold slashes (`repo:../other`). */
  constructor(
    catalogue: ReadonlyMap<string, FactKind>,
    facts: Iterable<Fact>,
    gaps: readonly Gap[],
    requested: ReadonlySet<string>,
    repositories: readonly string[],
  ) {
    this.#catalogue = catalogue
    this.requested = requested
    this.#repositories = repositories
    for (const fact of facts) append(this.#byKind, fact.kind, fact)
    for (const gap of gaps) append(this.#gaps, gap.kind, gap)
  }

  /** The account, cluster, organisation or repository that a scope lies in. */
  targetOf(scope: string): string {
    const known = this.#targets.get(scope)
    if (known !== undefined) return known
    const target = targetOf(scope, this.#repositories)
    this.#targets.set(scope, target)
    return target
  }

  all(kind: string): readonly Fact[] {
    return this.#byKind.get(kind) ?? []
  }

  /** Facts of a kind whose fields equal the values; a list matches by each of its items. One index per set of fields. */
  lookup(kind: string, fields: readonly string[], values: Values): Candidates {
    const index = this.#index(kind, fields)
    const keys = keysOf(values)
    if (keys.length === 1) return { certain: index.byKey.get(keys[0] ?? '') ?? [], uncertain: index.uncertain }
    return { certain: [...new Set(keys.flatMap((key) => index.byKey.get(key) ?? []))], uncertain: index.uncertain }
  }

  #index(kind: string, fields: readonly string[]): Index {
    const id = `${kind}|${fields.join('|')}`
    const known = this.#indexes.get(id)
    if (known) return known
    const index: Index = { byKey: new Map(), uncertain: [] }
    for (const fact of this.all(kind)) {
      const values = fields.map((field) => (fact.data as Record<string, Values[number] | undefined>)[field])
      if (values.some((value) => value === undefined)) index.uncertain.push(fact)
      else for (const key of keysOf(values as Values)) append(index.byKey, key, fact)
    }
    this.#indexes.set(id, index)
    return index
  }

  /** Gaps of a kind, and of the kinds that it is derived from. */
  gapsOf(kind: string): readonly Gap[] {
    const known = this.#gapsWithSources.get(kind)
    if (known) return known
    const kinds = new Set<string>()
    const visit = (name: string) => {
      if (kinds.has(name)) return
      kinds.add(name)
      for (const source of this.#catalogue.get(name)?.derivedFrom ?? []) visit(source)
    }
    visit(kind)
    const gaps = [...kinds].flatMap((name) => this.#gaps.get(name) ?? [])
    this.#gapsWithSources.set(kind, gaps)
    return gaps
  }
}

function keysOf(values: Values): string[] {
  let keys = ['']
  for (const value of values) {
    if (typeof value === 'object') keys = keys.flatMap((key) => value.map((item) => extend(key, item)))
    else for (const [i, key] of keys.entries()) keys[i] = extend(key, value)
  }
  return keys
}

const extend = (key: string, item: unknown) => `${key}\u0000${String(item)}`

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
