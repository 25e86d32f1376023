import type { ValueNode } from './value-node.ts'

/** Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html */
const FUNCTIONS = new Set(
  'And Base64 Cidr Equals FindInMap ForEach GetAtt GetAZs GetStackOutput If ImportValue Join Length Not Or Select Split Sub ToJsonString Transform'.split(
    ' ',
  ),
)

/** What a value with a short tag stands for: `!Sub x` is `{Fn::Sub: x}`. Tags of others are expressions that hold the value. */
export function valueOfTag(tag: string, value: ValueNode): ValueNode {
  const { start, end } = value
  const long = tag === 'Ref' || tag === 'Condition' ? tag : FUNCTIONS.has(tag) ? `Fn::${tag}` : undefined
  if (long === undefined)
    return { type: 'expression', text: `!${tag}`, parts: value.type === 'plain' ? [] : [value], start, end }
  return { type: 'map', entries: [{ key: long, keyStart: start, value }], start, end }
}
