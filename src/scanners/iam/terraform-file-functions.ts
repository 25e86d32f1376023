import { parse as parseYaml } from 'yaml'
import type { HclExpression } from '../../sources/hcl-expression.ts'
import { JsonError, parseJson } from '../../sources/json-positions.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import { moved, type ValueNode } from '../../sources/value-node.ts'
import { knownText, list, map, type Place, placeOf, plain, type Scope, text } from './terraform-values.ts'

/** Where a function is called. */
export interface CallSite {
  readonly scope: Scope
  readonly place: Place
  readonly asWritten: string
  readonly evaluate: (expression: HclExpression, scope: Scope) => ValueNode
}

/**
 * Functions that read files. They read those of the audited tree only; undefined for others, and for functions that are not
 * evaluated.
 */
export function callFileFunction(
  name: string,
  args: readonly ValueNode[],
  { scope, place, evaluate }: CallSite,
): ValueNode | undefined {
  const { tree } = scope.module
  const [first, second] = args
  const path = knownText(first)
  if (path === undefined) return undefined
  if (name === 'fileset') {
    const pattern = knownText(second)
    const found = pattern === undefined ? undefined : tree.filesBelow(scope.module.pathInTree(path), pattern)
    return (
      found &&
      list(
        found.map((each) => text(each, place)),
        place,
      )
    )
  }
  if (name === 'fileexists') return plain(scope.module.file(path) !== undefined, place)
  if (name !== 'file' && name !== 'templatefile') return undefined
  const source = scope.module.file(path)
  if (!source) return undefined
  if (name === 'file') {
    const whole = { start: 0, end: source.text.length, file: source.path }
    return {
      ...text(source.text, whole),
      ...(/statement/i.test(source.text) && { origins: identity(source.text.length) }),
    }
  }
  return rendered(source, second, { scope, place, evaluate, asWritten: name })
}

/** A template file with what its caller fills in; undefined if that is not known by name. */
export function rendered(
  source: SourceFile,
  given: ValueNode | undefined,
  { scope, evaluate }: CallSite,
): ValueNode | undefined {
  const parsed = scope.module.tree.template(source)
  if (!parsed || (given && given.type !== 'map')) return undefined
  const names = new Map(given?.type === 'map' ? given.entries.map(({ key, value }) => [key, value] as const) : [])
  return evaluate(parsed.expression, { module: scope.module, file: parsed.file, names })
}

function identity(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}

/** The value of a text in JSON or YAML; what is a value already came out of `jsonencode`. */
export function decodeText(node: ValueNode | undefined, format: 'json' | 'yaml'): ValueNode | undefined {
  if (node?.type !== 'string') return node?.type === 'map' || node?.type === 'list' ? node : undefined
  const place = placeOf(node)
  if (format === 'yaml') return fromYaml(node.value, place)
  try {
    const origin = (offset: number) => node.origins?.[offset] ?? node.start
    return moved(parseJson(node.value, { templates: true }), origin, node.file)
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

/** Places of values in YAML are those of the call; documents are rarely written that way. */
function fromYaml(written: string, place: Place): ValueNode | undefined {
  try {
    return fromData(parseYaml(written, { maxAliasCount: 100 }), place)
  } catch {
    // No YAML: Terraform would refuse it, and say why.
    return undefined
  }
}

function fromData(data: unknown, place: Place): ValueNode {
  if (Array.isArray(data))
    return list(
      data.map((each) => fromData(each, place)),
      place,
    )
  if (data !== null && typeof data === 'object') {
    return map(
      Object.entries(data).map(([key, value]) => [key, fromData(value, place)] as const),
      place,
    )
  }
  if (typeof data === 'string') return text(data, place)
  return plain(typeof data === 'number' || typeof data === 'boolean' ? data : null, place)
}
