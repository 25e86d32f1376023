import { describe, expect, it } from 'vitest'
import { loadHclParser } from '../../src/sources/hcl.ts'
import { Lines, type ValueNode } from '../../src/sources/value-node.ts'

const parse = await loadHclParser()

/** The value of `x` in `x = …`, without its places. */
function read(expression: string): unknown {
  const block = parse(`locals {\n  x = ${expression}\n}\n`).blocks[0]
  return plain(block?.attributes.get('x'))
}

function plain(node: ValueNode | undefined): unknown {
  if (node?.type === 'list') return node.items.map(plain)
  if (node?.type === 'map') return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]))
  return node?.type === 'expression' ? { text: node.text } : node?.value
}

describe('values', () => {
  it.each([
    ['"text"', 'text'],
    ['"a\\n\\"b\\" \\u00e9"', 'a\n"b" é'],
    ['"$${aws:username} %%{x}"', '${aws:username} %{x}'],
    ['"a-${var.b}-c"', 'a-${var.b}-c'],
    ['"${var.b}"', { text: 'var.b' }],
    ['12', 12],
    ['true', true],
    ['null', null],
    ['[1, "a", [true]]', [1, 'a', [true]]],
    ['{ a = 1, "b" : "c", (var.k) = 2 }', { a: 1, b: 'c', '${var.k}': 2 }],
    ['jsonencode({ a = [1] })', { a: [1] }],
    ['concat(["a"], var.b, ["c"])', ['a', { text: 'var.b' }, 'c']],
    ['toset(["a"])', ['a']],
    ['var.a\n    ? 1\n    : 2', { text: 'var.a ? 1 : 2' }],
    ['(var.a ? 1 : 2)', { text: 'var.a ? 1 : 2' }],
    ['aws_iam_role.r[0].arn', { text: 'aws_iam_role.r[0].arn' }],
  ])('%s', (expression, expected) => {
    expect(read(expression)).toEqual(expected)
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
  expect(node).toMatchObject({ type: 'string', value: '    {"a": "${var.b}"}\n  ' })
  const origins = node?.type === 'string' ? (node.origins ?? []) : []
  expect(text.slice(origins[4], (origins[20] ?? 0) + 1)).toBe('{"a": "${var.b}"}')
})

it('tells where it could not read, and reads the rest', () => {
  const { blocks, errorAt } = parse('locals {\n  a = 1\n}\nlocals {\n  b = = 2\n}\n')
  expect(blocks[0]?.attributes.has('a')).toBe(true)
  expect(errorAt).toBe(34)
  expect(parse('').blocks).toEqual([])
  expect(parse('\u0000\u0001{{{').errorAt).toBeDefined()
})
