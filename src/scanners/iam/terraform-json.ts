import type { HclBlock, HclFile, HclParser } from '../../sources/hcl.ts'
import type { HclExpression, TemplatePart } from '../../sources/hcl-expression.ts'
import { parseJson } from '../../sources/json-positions.ts'
import type { MapEntry, MapNode, ValueNode } from '../../sources/value-node.ts'

/** How many labels a block of a type has; in JSON each is a level of maps. */
const LABELS: Readonly<Record<string, number>> = {
  resource: 2,
  data: 2,
  module: 1,
  variable: 1,
  output: 1,
  provider: 1,
  locals: 0,
  terraform: 0,
}
/** Arguments of resources that are blocks; in JSON they look like any map or list. */
const NESTED = new Set([
  'statement',
  'condition',
  'principals',
  'not_principals',
  'inline_policy',
  'content',
  'backend',
])

/**
 * Reads Terraform's JSON syntax (`.tf.json`, `.tfvars.json`), in which strings are templates. Throws JsonError. Source:
 * https://developer.hashicorp.com/terraform/language/syntax/json
 */
export function readTerraformJson(text: string, parser: HclParser, variables: boolean): HclFile {
  const root = parseJson(text)
  const reader = new JsonReader(parser)
  const empty = { attributes: new Map<string, HclExpression>(), blocks: [], errorAt: undefined }
  if (root.type !== 'map') return empty
  if (variables) return { ...empty, attributes: reader.attributes(root.entries, true) }
  const blocks = root.entries.flatMap(({ key, value }) => {
    const labels = Object.hasOwn(LABELS, key) ? LABELS[key] : undefined
    return labels === undefined ? [] : reader.labelled(key, [], labels, value)
  })
  return { ...empty, blocks }
}

class JsonReader {
  readonly #parser: HclParser

  constructor(parser: HclParser) {
    this.#parser = parser
  }

  labelled(type: string, labels: readonly string[], levels: number, value: ValueNode): HclBlock[] {
    if (value.type === 'list') return value.items.flatMap((item) => this.labelled(type, labels, levels, item))
    if (value.type !== 'map') return []
    if (levels === 0) return [this.#block(type, labels, value)]
    return value.entries.flatMap((entry) => this.labelled(type, [...labels, entry.key], levels - 1, entry.value))
  }

  #block(type: string, labels: readonly string[], node: MapNode): HclBlock {
    const isNested = ({ key, value }: MapEntry) =>
      key === 'dynamic' || (NESTED.has(key) && /^(?:map|list)$/.test(value.type))
    const blocks = node.entries.filter(isNested).flatMap(({ key, value }) => {
      return this.labelled(key, [], key === 'dynamic' || key === 'backend' ? 1 : 0, value)
    })
    const attributes = this.attributes(
      node.entries.filter((entry) => !isNested(entry)),
      false,
    )
    return { type, labels, attributes, blocks, start: node.start, end: node.end }
  }

  attributes(entries: readonly MapEntry[], literal: boolean): Map<string, HclExpression> {
    return new Map(entries.map(({ key, value }) => [key, this.#expression(value, literal, key)] as const))
  }

  #expression(node: ValueNode, literal: boolean, key = ''): HclExpression {
    const { start, end } = node
    switch (node.type) {
      case 'string': {
        const isText = literal || key === 'source' || !/[$%]\{/.test(node.value)
        if (isText) return { type: 'literal', value: node.value, start, end }
        const template = this.#parser.template(node.value)
        return template ? simplified(placedAt(template, start, end)) : { type: 'unreadable', start, end }
      }
      case 'list':
        return { type: 'tuple', items: node.items.map((item) => this.#expression(item, literal)), start, end }
      case 'map': {
        const entries = node.entries.map((entry) => ({
          key: { type: 'literal', value: entry.key, start: entry.keyStart, end: entry.keyStart } as const,
          value: this.#expression(entry.value, literal),
        }))
        return { type: 'object', entries, start, end }
      }
      case 'plain':
        return { type: 'literal', value: node.value, start, end }
      case 'expression':
        return { type: 'unreadable', start, end }
    }
  }
}

/** A string that is one interpolation is its value. A template read as a heredoc ends in the line break that was added. */
function simplified(expression: HclExpression): HclExpression {
  if (expression.type !== 'template') return expression
  const last = expression.parts.at(-1)
  const parts: readonly TemplatePart[] =
    last?.type === 'text' && last.value.endsWith('\n')
      ? [
          ...expression.parts.slice(0, -1),
          ...(last.value === '\n' ? [] : [{ ...last, value: last.value.slice(0, -1) }]),
        ]
      : expression.parts
  const [only] = parts
  return only?.type === 'value' && parts.length === 1 ? only.value : { ...expression, parts }
}

/** The same expression with all of its places those of the string. */
function placedAt<T>(value: T, start: number, end: number): T {
  if (Array.isArray(value)) return value.map((each) => placedAt(each, start, end)) as T
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, each]) => [key, placedAt(each, start, end)] as const)
  const copy = Object.fromEntries(entries)
  return ('start' in value ? { ...copy, start, end } : copy) as T
}
