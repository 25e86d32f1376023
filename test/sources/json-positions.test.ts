import { describe, expect, it } from 'vitest'
import { JsonError, parseJson, parseJsonLines } from '../../src/sources/json-positions.ts'
import { get, Lines, textOf, type ValueNode } from '../../src/sources/value-node.ts'

/** The value without its places. */
function plain(node: ValueNode): unknown {
  if (node.type === 'list') return node.items.map(plain)
  if (node.type === 'map') return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]))
  return node.type === 'expression' ? { text: node.text } : node.value
}

describe('parseJson', () => {
  it.each([
    '{}',
    '[]',
    '""',
    '-1.5e3',
    'null',
    '{"a":[1,2,{"b":true}],"c":"d\\n\\u00e9\\\\\\"","":false}',
    ' \t\r\n[ 1 , "x" ] \n',
    '"\\ud83d\\ude00 and 😀"',
  ])('reads %s as JSON.parse does', (text) => {
    expect(plain(parseJson(text))).toEqual(JSON.parse(text))
  })

  it('knows where values stand, with CRLF and characters of two units', () => {
    const text = '\uFEFF{\r\n  "é😀": "x",\r\n  "key": [1, "two"]\r\n}'
    const list = get(parseJson(text), 'key')
    const two = list?.type === 'list' ? list.items[1] : undefined
    expect(text.slice(two?.start, two?.end)).toBe('"two"')
    expect(new Lines(text).at(two?.start ?? 0)).toEqual({ line: 3, column: 14 })
  })

  it('keeps both entries of a key that stands there twice; the last one counts', () => {
    expect(textOf(get(parseJson('{"a":"1","A":"2"}'), 'a'))).toBe('2')
  })

  it('accepts comments and trailing commas', () => {
    expect(plain(parseJson('// one\n{ "a": [1, /* two */ 2,], }'))).toEqual({ a: [1, 2] })
  })

  it('remembers where the characters of an embedded document stand', () => {
    const text = '{"p": "{\\n \\"Statement\\": 1}"}'
    const node = get(parseJson(text, { originsFor: 'Statement' }), 'p')
    const origins = node?.type === 'string' ? (node.origins ?? []) : []
    const value = textOf(node) ?? ''
    expect(value).toBe('{\n "Statement": 1}')
    expect(origins.map((offset) => text[offset]).join('')).toBe('{\\ \\Statement\\: 1}')
  })

  it('reads template expressions where asked to', () => {
    const text = '{"a": ${jsonencode({ x = "}" == "" })}, "b": "x-${lookup(var.m, "k")}-$${aws:username}"}'
    expect(
      plain(parseJson('{"a": ${f({ x = 1 })}, "b": "x-${lookup(var.m, "k")}-$${aws:username}"}', { templates: true })),
    ).toEqual({
      a: { text: '${f({ x = 1 })}' },
      b: 'x-${lookup(var.m, "k")}-${aws:username}',
    })
    expect(() => parseJson(text)).toThrow(JsonError)
  })

  it.each([
    ['', 'ends too early', 0],
    ['{"a" 1}', "expected ':'", 5],
    ['{"a":1 "b":2}', "expected ',' or '}'", 7],
    ['[1 2]', "expected ',' or ']'", 3],
    ['{a:1}', 'expected a key in double quotes', 1],
    ['"abc', 'a string is not closed', 4],
    ['"a\nb"', 'a string is not closed', 2],
    ['"\\x"', "unknown escape '\\x'", 1],
    ['"\\u12"', 'a \\u escape needs four hexadecimal digits', 1],
    ['{} x', 'unexpected text after the document', 3],
    ['/* x', 'a comment is not closed', 0],
    ["{'a':1}", 'expected a key in double quotes', 1],
  ])('names what is wrong with %j', (text, message, offset) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ name: 'JsonError', message, offset }))
  })

  it('refuses nesting without end', () => {
    expect(() => parseJson('['.repeat(100_000))).toThrow(
      expect.objectContaining({ message: 'nested deeper than 200 levels' }),
    )
  })
})

it('reads documents one after the other', () => {
  expect(plain(parseJsonLines('{"a":1}\n{"a":2}\r\n\n'))).toEqual([{ a: 1 }, { a: 2 }])
  expect(() => parseJsonLines('{"a":1}\n{"a"')).toThrow(JsonError)
})
