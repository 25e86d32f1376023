import { describe, expect, it } from 'vitest'
import { Lines, type ValueNode } from '../../src/sources/value-node.ts'
import { parseYaml, YamlError } from '../../src/sources/yaml-values.ts'

/** The value without its places. */
function plain(node: ValueNode | undefined): unknown {
  switch (node?.type) {
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]))
    case 'list':
      return node.items.map(plain)
    case 'expression':
      return { expression: node.text, parts: node.parts.map(plain) }
    default:
      return node?.value
  }
}
const read = (text: string) => parseYaml(text).map(plain)

function walk(node: ValueNode | undefined, ...keys: (string | number)[]): ValueNode | undefined {
  let at = node
  for (const key of keys) {
    if (at?.type === 'list') at = at.items[Number(key)]
    else at = at?.type === 'map' ? at.entries.find((entry) => entry.key === key)?.value : undefined
  }
  return at
}

describe('values', () => {
  it('of every kind, in every document', () => {
    expect(read('a: [1, yes, null, "x", ~]\nb:\n---\n- c: {d: e}\n')).toEqual([
      { a: [1, 'yes', null, 'x', null], b: null },
      [{ c: { d: 'e' } }],
    ])
  })

  it('keep the zeros of account numbers and the dates of versions', () => {
    expect(read('a: 012345678901\nb: 123456789012\nVersion: 2012-10-17')).toEqual([
      { a: '012345678901', b: 123456789012, Version: '2012-10-17' },
    ])
  })

  it("take CloudFormation's short tags for the functions that they stand for", () => {
    expect(
      read('[!Ref A, !GetAtt B.Arn, !Sub "${C}", !If [D, !Ref E, 1], !Condition F, !Transform {Name: G}]'),
    ).toEqual([
      [
        { Ref: 'A' },
        { 'Fn::GetAtt': 'B.Arn' },
        { 'Fn::Sub': '${C}' },
        { 'Fn::If': ['D', { Ref: 'E' }, 1] },
        { Condition: 'F' },
        { 'Fn::Transform': { Name: 'G' } },
      ],
    ])
  })

  it('hold what has the tag of somebody else as an expression', () => {
    expect(read('a: !reference [x, y]\nb: !!str 1')).toEqual([
      { a: { expression: '!reference', parts: [['x', 'y']] }, b: '1' },
    ])
  })

  it('repeat with aliases, and take from merged maps what is not said', () => {
    const text =
      'base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\none: {<<: *b, y: 9}\ntwo:\n  <<: [*b, *o]\nthree: *b\nfour: *no'
    expect(read(text)[0]).toMatchObject({
      one: { x: 1, y: 9 },
      two: { x: 1, y: 2, z: 4 },
      three: { x: 1, y: 2 },
      four: { expression: '*no' },
    })
  })
})

describe('places', () => {
  const text = 'a:\n  - b: one\n    c: !Sub two\n\n  # why\n  - {d: e}\nf: &x\n  g: h\ni: *x\n'
  const lines = new Lines(text)
  const [root] = parseYaml(text)
  const at = (...keys: (string | number)[]) => {
    const node = walk(root, ...keys)
    return node && [lines.at(node.start), lines.at(node.end)].map(({ line, column }) => `${line}:${column}`)
  }

  it('are those of the value, without what follows it', () => {
    expect([at('a', 0), at('a', 0, 'b'), at('a', 1), at('a', 1, 'd')]).toEqual([
      ['2:5', '3:16'],
      ['2:8', '2:11'],
      ['6:5', '6:11'],
      ['6:9', '6:10'],
    ])
  })

  it('of an alias are those of what it repeats', () => {
    expect(at('i')).toEqual(at('f'))
  })

  it.each([
    ['literal', 'k: |\n\n    {"Statement":\n      [1]}\n'],
    ['literal with header', 'k: !Sub |-  # why\n    {"Statement":\n      [1]}\n'],
    ['folded', 'k: >\n    {"Statement":\n    [1]}\n'],
    ['single quotes', "k: 'it''s {\"Statement\":\n\n   [1]}'\n"],
    ['double quotes', 'k: "{\\"Statement\\":\\n \\\n   [1]}"\n'],
  ])('of the characters of a string: %s', (_, yaml) => {
    let [node] = parseYaml(yaml, { originsFor: 'Statement' }).map((each) => walk(each, 'k'))
    if (node?.type === 'map') node = node.entries[0]?.value
    if (node?.type !== 'string') throw new Error('no string')
    for (const char of ['{', 'S', '[', '1', '}']) {
      expect([char, yaml[node.origins?.[node.value.indexOf(char)] ?? -1]]).toEqual([char, char])
    }
    expect(node.origins?.[node.value.indexOf('1')]).toBe(yaml.indexOf('1]'))
  })
})

describe('bad input', () => {
  it('says where it is broken, without the text', () => {
    const broken = () => parseYaml('a: b\nc: "hush\nd: [1\n')
    expect(broken).toThrow(YamlError)
    expect(broken).not.toThrow(/hush/)
  })

  it('refuses nesting and aliases without end', () => {
    expect(() => parseYaml('['.repeat(5000))).toThrow('nested too deeply')
    const bomb = ['a0: &a0 [1,1,1,1,1,1,1,1,1,1]']
    for (let i = 1; i < 9; i++)
      bomb.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(',')}]`,
      )
    expect(() => parseYaml(bomb.join('\n'))).toThrow('aliases repeat')
  })
})

describe('what other parsers take', () => {
  it('brackets and quotes that end too far to the left', () => {
    const text =
      'a:\n    b: [{\n        c: d\n    }]\n    e: \'{\n  "it\'\'s": [\n1]\n}\'\n    f: "{\\"g\\":\n1}"\nh: i\n'
    const [root] = parseYaml(text)
    expect(plain(root)).toMatchObject({ a: { b: [{ c: 'd' }], f: expect.stringMatching(/^\{"g": +1\}$/) }, h: 'i' })
    expect(walk(root, 'a', 'e')?.end).toBe(text.indexOf("'\n    f") + 1)
    expect(walk(root, 'h')?.start).toBe(text.length - 2)
  })

  it('but no quote that is never closed', () => {
    expect(() => parseYaml("a: 'b\nc: d\n")).toThrow('Missing closing')
  })
})
