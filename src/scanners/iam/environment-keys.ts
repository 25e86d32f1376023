import { JsonError, parseJson } from '../../sources/json-positions.ts'
import { get, textOf, type ValueNode } from '../../sources/value-node.ts'

/** Variables in which programs look for a long-term key, with prefixes and suffixes of people's own. */
const KEY_NAME = /(?:^|_)AWS_(?:\w+_)?(?:ACCESS_KEY(?:_ID)?|SECRET(?:_ACCESS)?_KEY)(?:_|$)/i

/**
 * Whether a value says that a variable with a key of AWS is set: `{ AWS_ACCESS_KEY_ID = … }`, or a list of `{ name, value }`, as
 * such or as JSON in a string. Where the value comes from does not count: a key in a secret store is a long-term key, too.
 */
export function holdsKey(node: ValueNode): boolean {
  switch (node.type) {
    case 'list':
      return node.items.some(holdsKey)
    case 'expression':
      return node.parts.some(holdsKey)
    case 'string':
      return textHoldsKey(node.value)
    case 'map':
      return (
        (KEY_NAME.test(textOf(get(node, 'name')) ?? '') && !isNoKey(get(node, 'value'))) ||
        node.entries.some(({ key, value }) => (KEY_NAME.test(key) && !isNoKey(value)) || holdsKey(value))
      )
    default:
      return false
  }
}

/** Local stand-ins for AWS take any text as a key; what is written out and has not the form of one is none. */
function isNoKey(value: ValueNode | undefined): boolean {
  if (value?.type === 'plain') return true
  if (value?.type !== 'string' || value.value.includes('${')) return false
  return !/^(?:(?:AKIA|ASIA)[A-Z2-7]{16}|[A-Za-z0-9/+]{40})$/.test(value.value)
}

function textHoldsKey(text: string): boolean {
  if (!/^\s*[[{]/.test(text) || !/AWS_/i.test(text)) return false
  try {
    return holdsKey(parseJson(text, { templates: true }))
  } catch (error) {
    // No JSON: a script or a template, in which nothing says what is set.
    if (error instanceof JsonError) return false
    throw error
  }
}
