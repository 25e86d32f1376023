import { Environment } from '@marcbachmann/cel-js'
import { globMatches } from '../glob.ts'
import type { Fact, FactKind } from '../model.ts'

/** A row of the join so far: binding name → fact. */
export type Row = Readonly<Record<string, Fact>>
/** CEL with fields that were not seen is three-valued: `false && unknown` is false, `true || unknown` is true, the rest is unknown. */
export type Truth = true | false | 'unknown'

/** The fields that an expression reads, as binding and field. */
export interface FieldReference {
  readonly binding: string
  readonly field: string
}

/** A compiled `where` or `if`. */
export interface Predicate {
  readonly source: string
  test(row: Row): Truth
  references(): readonly FieldReference[]
}

/** A type or syntax error, or a function that rules may not use; `offset` counts from the start of the expression. */
export class CelError extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** Expressions of rules are a line or two; what is larger is a mistake or an attack. */
const LIMITS = { maxAstNodes: 400, maxDepth: 32, maxListElements: 200, maxMapEntries: 20, maxCallArguments: 8 }

/** `matches` backtracks without bound; the optional access of `.?` and `has` would turn "not seen" into "absent". */
const REFUSED: Readonly<Record<string, string>> = {
  matches: 'matches() can backtrack for ever; use glob(text, pattern), startsWith, endsWith or contains',
  has: 'has() would take "not seen" for "absent"; every declared field exists',
}

interface AstNode {
  readonly op: string
  readonly args: unknown
  readonly start?: number
}
const isAst = (node: unknown): node is AstNode =>
  typeof node === 'object' && node !== null && 'op' in node && 'args' in node

/**
 * Prepares an expression over the given bindings. With `check`, types are checked at once (throws CelError); without, the
 * expression is known to be good (the built-in bundle) and is parsed when first needed.
 */
export function compilePredicate(
  source: string,
  bindings: Readonly<Record<string, FactKind>>,
  check: boolean,
): Predicate {
  let parsed: { run: (context: Record<string, unknown>) => unknown; references: FieldReference[] } | undefined
  const prepare = () => {
    parsed ??= parse(source, bindings, check)
    return parsed
  }
  if (check) prepare()
  return {
    source,
    references: () => prepare().references,
    test(row) {
      const context: Record<string, unknown> = {}
      for (const name of Object.keys(bindings)) {
        const fact = row[name]
        if (fact) context[name] = celValue(fact, bindings[name])
      }
      try {
        return prepare().run(context) === true
      } catch (error) {
        // Every run-time error of a checked expression comes from a value that is not there.
        if (error instanceof Error && error.name === 'EvaluationError') return 'unknown'
        throw error
      }
    },
  }
}

function parse(source: string, bindings: Readonly<Record<string, FactKind>>, check: boolean) {
  const environment = environmentOf(bindings)
  if (check) {
    const result = environment.check(source)
    if (!result.valid) throw toCelError(result.error)
    if (String(result.type) !== 'bool') throw new CelError(`must give bool, gives ${String(result.type)}`, 0)
  }
  const compiled = environment.parse(source)
  const references: FieldReference[] = []
  inspect(compiled.ast, bindings, references, new Set())
  return { run: compiled as (context: Record<string, unknown>) => unknown, references }
}

function toCelError(error: { message: string; range?: { start: number } } | undefined): CelError {
  return new CelError(error?.message.split('\n')[0] ?? 'cannot be read', error?.range?.start ?? 0)
}

const environments = new Map<string, { readonly kinds: readonly FactKind[]; readonly environment: Environment }>()

/** One environment for all expressions over the same bindings: making one costs more than parsing an expression. */
function environmentOf(bindings: Readonly<Record<string, FactKind>>): Environment {
  const kinds = Object.values(bindings)
  const key = Object.entries(bindings)
    .map(([name, kind]) => `${name} ${kind.kind}`)
    .join()
  const known = environments.get(key)
  // Plugins of another run may declare a kind of the same name.
  if (known?.kinds.every((kind, i) => kind === kinds[i])) return known.environment
  const environment = tryEnvironment(bindings)
  environments.set(key, { kinds, environment })
  return environment
}

/** CEL has reserved words (`package`, `in`), which no binding can be called. */
function tryEnvironment(bindings: Readonly<Record<string, FactKind>>): Environment {
  try {
    return createEnvironment(bindings)
  } catch (error) {
    throw new CelError((error as Error).message, 0)
  }
}

/** Exactly the bindings that an expression may speak of, typed by the catalogue. */
function createEnvironment(bindings: Readonly<Record<string, FactKind>>): Environment {
  const environment = new Environment({ limits: LIMITS })
  for (const kind of new Set(Object.values(bindings))) {
    const fields = Object.fromEntries(Object.entries(kind.fields).map(([name, [type]]) => [name, type]))
    environment.registerType(typeName(kind.kind), { fields })
  }
  for (const [name, kind] of Object.entries(bindings)) environment.registerVariable(name, typeName(kind.kind))
  return environment
    .registerFunction('glob(string, string): bool', (text: string, pattern: string) => globMatches(pattern, text))
    .registerFunction('lower(string): string', (text: string) => text.toLowerCase())
}

const typeName = (kind: string) =>
  kind
    .split(/[.-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

/** Collects field references and refuses functions that rules may not use. */
function inspect(node: unknown, bindings: object, references: FieldReference[], seen: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) inspect(item, bindings, references, seen)
    return
  }
  if (!isAst(node)) return
  const args: unknown[] = Array.isArray(node.args) ? node.args : [node.args]
  if (node.op === 'call' || node.op === 'rcall') {
    const refused = REFUSED[String(args[0])]
    if (refused) throw new CelError(refused, node.start ?? 0)
  }
  if (node.op === '.?' || node.op === '[?]')
    throw new CelError('optional access would take "not seen" for "absent"', node.start ?? 0)
  if (node.op === '.' && isAst(args[0]) && args[0].op === 'id') {
    const [binding, field] = [String(args[0].args), String(args[1])]
    const key = `${binding}.${field}`
    if (binding in bindings && !seen.has(key)) {
      seen.add(key)
      references.push({ binding, field })
    }
  }
  for (const item of args) inspect(item, bindings, references, seen)
}

const values = new WeakMap<Fact, Record<string, unknown>>()
const withIntegers = new WeakMap<FactKind, boolean>()

/** CEL's int is a BigInt. Fields that were not seen are absent, so that reading them fails, which is "unknown". */
function celValue(fact: Fact, kind: FactKind | undefined): Record<string, unknown> {
  // Nearly all: nothing to convert, and a cluster has tens of thousands of facts.
  if (kind && !hasIntegers(kind)) return fact.data as Record<string, unknown>
  const known = values.get(fact)
  if (known) return known
  const value: Record<string, unknown> = {}
  for (const [name, [type]] of Object.entries(kind?.fields ?? {})) {
    const raw = (fact.data as Record<string, unknown>)[name]
    if (raw !== undefined) value[name] = type === 'int' ? BigInt(raw as number) : raw
  }
  values.set(fact, value)
  return value
}

function hasIntegers(kind: FactKind): boolean {
  const known = withIntegers.get(kind)
  if (known !== undefined) return known
  const found = Object.values(kind.fields).some(([type]) => type === 'int')
  withIntegers.set(kind, found)
  return found
}
