import { describe, expect, it } from 'vitest'
import { loadHclParser } from '../../src/sources/hcl.ts'
import type { HclExpression } from '../../src/sources/hcl-expression.ts'
import { Lines } from '../../src/sources/value-node.ts'

const parser = await loadHclParser()
const parse = (text: string) => parser.file(text)

/** The expression of `x = …`, without its places. */
function read(expression: string): unknown {
  return bare(parse(`locals {\n  x = ${expression}\n}\n`).blocks[0]?.attributes.get('x'))
}

/** Names and their attributes as text, literals as they are, else `[TYPE, parts…]`. */
function bare(node: HclExpression | undefined): unknown {
  switch (node?.type) {
    case 'literal':
      return node.value
    case 'name':
      return { name: node.name }
    case 'attribute':
      return ['.', bare(node.of), node.name]
    case 'index':
      return ['[]', bare(node.of), bare(node.key)]
    case 'splat':
      return ['[*]', bare(node.of), ...node.steps.map((step) => ('name' in step ? step.name : bare(step.key)))]
    case 'tuple':
      return node.items.map(bare)
    case 'object':
      return Object.fromEntries(node.entries.map(({ key, value }) => [JSON.stringify(bare(key)), bare(value)]))
    case 'call':
      return [`${node.name}()`, ...node.args.map(bare), ...(node.spread ? ['...'] : [])]
    case 'conditional':
      return ['?', bare(node.condition), bare(node.yes), bare(node.no)]
    case 'operation':
      return [node.operator, ...node.operands.map(bare)]
    case 'for':
      return [
        'for',
        node.names,
        bare(node.collection),
        bare(node.key),
        bare(node.value),
        bare(node.condition),
        node.grouped,
      ]
    case 'template':
      return ['template', ...node.parts.map((part) => (part.type === 'text' ? part.value : part.type))]
    default:
      return node?.type
  }
}

const NAME = (name: string) => ({ name })

describe('expressions', () => {
  it.each<[string, unknown]>([
    ['"text"', 'text'],
    ['"a\\n\\"b\\" \\u00e9"', 'a\n"b" é'],
    ['"$${aws:username} %%{x}"', '${aws:username} %{x}'],
    ['"a-${var.b}-c"', ['template', 'a-', 'value', '-c']],
    ['"${var.b}"', ['.', NAME('var'), 'b']],
    ['"a %{ if x ~} b %{ else }c%{ endif }"', ['template', 'a ', 'if']],
    ['12', 12],
    ['true', true],
    ['null', null],
    ['[1, "a", [true]]', [1, 'a', [true]]],
    ['{ a = 1, "b" : "c", (k) = 2 }', { '"a"': 1, '"b"': 'c', '{"name":"k"}': 2 }],
    ['f({ a = [1] }, x...)', ['f()', { '"a"': [1] }, NAME('x'), '...']],
    ['a\n    ? 1\n    : 2', ['?', NAME('a'), 1, 2]],
    ['(a ? 1 : 2)[0]', ['[]', ['?', NAME('a'), 1, 2], 0]],
    ['r.x[0].arn', ['.', ['[]', ['.', NAME('r'), 'x'], 0], 'arn']],
    ['r.x.0', ['[]', ['.', NAME('r'), 'x'], 0]],
    ['r.x[*].arn', ['[*]', ['.', NAME('r'), 'x'], 'arn']],
    ['r.x.*.arn', ['[*]', ['.', NAME('r'), 'x'], 'arn']],
    ['!a && 1 + 2 == (3)', ['&&', ['!', NAME('a')], ['==', ['+', 1, 2], 3]]],
    ['-1', ['-', 1]],
    ['[for k, v in m : v if k]', ['for', ['k', 'v'], NAME('m'), undefined, NAME('v'), NAME('k'), false]],
    ['{ for v in m : v => 1... }', ['for', ['v'], NAME('m'), NAME('v'), 1, undefined, true]],
  ])('%s', (expression, expected) => {
    expect(read(expression)).toEqual(expected)
  })

  it('refuses nesting that readers of it could not follow', () => {
    expect(() => read(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toThrow(RangeError)
  })
})

describe('template files', () => {
  it('have their places in the file', () => {
    const text = 'a ${x}\n%{ for y in z ~}\n  <${y}>\n%{ endfor ~}\nend'
    const template = parser.template(text)
    const parts = template?.type === 'template' ? template.parts : []
    expect(parts.map((part) => [part.type, text.slice(part.start, part.end)])).toEqual([
      ['text', 'a '],
      ['value', '${x}'],
      ['text', '\n'],
      ['for', '%{ for y in z ~}'],
      ['text', 'end'],
    ])
    expect(parser.template('%{ if')).toBeUndefined()
  })
})

it('knows where things stand, behind letters of two units, too', () => {
  const text = '# 😀 é\nresource "aws_iam_role" "r" {\r\n  name = "é😀"\r\n  path = "/x/"\n}\n'
  const [block] = parse(text).blocks
  const path = block?.attributes.get('path')
  expect(text.slice(path?.start, path?.end)).toBe('"/x/"')
  expect(new Lines(text).at(path?.start ?? 0)).toEqual({ line: 4, column: 10 })
  expect([block?.type, block?.labels]).toEqual(['resource', ['aws_iam_role', 'r']])
})

it('keeps the raw lines of heredocs with their places', () => {
  const text = 'locals {\n  x = <<-EOF\n    {"a": "${var.b}"}\n  EOF\n}\n'
  const node = parse(text).blocks[0]?.attributes.get('x')
  const parts = node?.type === 'template' ? node.parts : []
  expect(parts.map(({ start, end }) => text.slice(start, end))).toEqual(['    {"a": "', '${var.b}', '"}\n  '])
})

it('tells where it could not read, and reads the rest', () => {
  const { blocks, errorAt } = parse('locals {\n  a = 1\n}\nlocals {\n  b = = 2\n}\n')
  expect(blocks[0]?.attributes.has('a')).toBe(true)
  expect(errorAt).toBe(34)
  expect(parse('').blocks).toEqual([])
  expect(parse('\u0000\u0001{{{').errorAt).toBeDefined()
})
