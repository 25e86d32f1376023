import { describe, expect, it } from 'vitest'
import { type ReadSlice, readSlice, splitDocuments } from '../../src/sources/yaml-documents.ts'

const read = (text: string) => splitDocuments(text).map(readSlice)
const values = (text: string) => read(text).map((slice) => ('message' in slice ? `error ${slice.line}` : slice.value))
const readOne = (text: string): ReadSlice => {
  const [slice] = read(text)
  if (!slice || 'message' in slice) throw new Error('cannot be read')
  return slice
}

describe('splitting', () => {
  it('cuts at document markers, and only at them', () => {
    expect(values('a: 1\n---\nb: 2\n--- # comment\nc: 3\n---\td\n')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }, 'd'])
    expect(values('a: |\n  ---\n  text\n')).toEqual([{ a: '---\ntext\n' }])
    expect(values('a: x---\nb: ----\n')).toEqual([{ a: 'x---', b: '----' }])
  })

  it('knows document ends, Windows line ends and byte order marks', () => {
    expect(values('a: 1\r\n---\r\nb: 2\r\n')).toEqual([{ a: 1 }, { b: 2 }])
    expect(values('a: 1\n...\n---\nb: 2\n')).toEqual([{ a: 1 }, null, { b: 2 }])
    expect(values('\ufeffa: 1\n')).toEqual([{ a: 1 }])
    expect(values('%YAML 1.2\n---\na: 1\n').at(-1)).toEqual({ a: 1 })
  })

  it('gives nothing for nothing', () => {
    expect(values('')).toEqual([])
    expect(values('\n\n')).toEqual([])
    expect(values('---\n---\n')).toEqual([null, null])
  })

  it('cuts the lists of kubectl into items, with exact places', () => {
    const yaml = 'apiVersion: v1\nitems:\n- kind: A\n  n: 1\n- kind: B\n  l:\n  - x\nkind: List\n'
    expect(splitDocuments(yaml).map(({ line }) => line)).toEqual([3, 5])
    expect(values(yaml)).toEqual([
      { kind: 'A', n: 1 },
      { kind: 'B', l: ['x'] },
    ])
    const json =
      '{\n "kind": "List",\n "items": [\n  {"kind": "A", "s": "}]\\"{"},\n  {"kind": "B",\n   "x": [1]}\n ]\n}\n'
    const items = read(json) as ReadSlice[]
    expect(items.map(({ value }) => value)).toEqual([
      { kind: 'A', s: '}]"{' },
      { kind: 'B', x: [1] },
    ])
    expect(items[1]?.place([])).toEqual({ line: 5, column: 3 })
    expect(items[1]?.place(['x', 0])).toEqual({ line: 6, column: 10 })
  })

  it('keeps what stands beside the items of a list', () => {
    const list = '{"kind": "List", "items": [{"a": 1}]}'
    expect(values(`${list}\n{"kind": "B"}\n ${list}\n`)).toEqual([{ a: 1 }, { kind: 'B' }, { a: 1 }])
    expect((read(`${list}\n  {"b": 2}`)[1] as ReadSlice).place([])).toEqual({ line: 2, column: 3 })
    expect((read(`${list}\n  ${list}`)[1] as ReadSlice).place([])).toEqual({ line: 2, column: 30 })
    for (const whole of [
      { kind: 'B', items: [{ a: 1 }], rules: [{ b: 1 }] },
      { items: [{ a: 1 }], rules: [{ b: 1 }] },
      { kind: 'List', items: [{ a: 1 }, 'x', [{ b: 1 }]] },
      { kind: 'List', items: [{ a: 1 }], metadata: { continue: 'x' } },
    ])
      expect(values(JSON.stringify(whole))).toEqual([whole])
    expect(values('kind: B\nitems:\n- a: 1\nrules:\n- b: 1\n')).toEqual([
      { kind: 'B', items: [{ a: 1 }], rules: [{ b: 1 }] },
    ])
    expect(values('kind: List\nitems:\n- a: 1\nother:\n- b: 1\n')).toEqual([{ a: 1 }])
  })

  it('knows JSON among YAML, and what stands between', () => {
    const list = '{"kind": "List", "items": [{"a": 1}]}'
    expect(values(`${list}\n---\n{"kind": "B"}\n`)).toEqual([JSON.parse(list), { kind: 'B' }])
    expect(values(`${list}\nError: x\n{"kind": "B"}\n`)).toEqual(['error 2'])
    expect(values(`{a: '} {'}\n---\n{b: '}'} # c\n`)).toEqual([{ a: '} {' }, { b: '}' }])
    expect(values(`{"kind": "B"}\n{"kind": \n`)).toEqual([{ kind: 'B' }, expect.stringMatching('error')])
  })

  it('leaves JSON that is no list as it is', () => {
    expect(values('{"a": {"items": [{"b": 1}]}}')).toEqual([{ a: { items: [{ b: 1 }] } }])
    expect(values('[{"a": 1}, {"a": 2}]')).toEqual([[{ a: 1 }, { a: 2 }]])
  })
})

describe('places', () => {
  it('are those of the file, not of the document', () => {
    const text = '# top\na: 1\n---\n# comment\nrules:\n- x\n-   verbs: [get]\n    names:\n    - n\n'
    const slice = read(text)[1] as ReadSlice
    expect(slice.place(['rules', 1])).toEqual({ line: 7, column: 5 })
    expect(slice.place(['rules'])).toMatchObject({ line: 5, column: 1 })
    expect(slice.place([])).toMatchObject({ line: 5 })
    expect(slice.place(['rules', 7, 'verbs'])).toMatchObject({ line: 5 })
  })

  it('survive what has none', () => {
    expect(readOne('a: *b\nb: &b 1'.replace('a: *b\n', '')).place(['x'])).toMatchObject({ line: 1 })
    expect(readOne('# nothing\n').place(['x'])).toEqual({ line: 1, column: 1 })
  })
})

describe('hostile text', () => {
  it('is an error with its line, and never quotes the text', () => {
    const broken = read('a: 1\n---\nb: [hunter2\nc: : "hunter2\n')
    expect(broken[0]).toMatchObject({ value: { a: 1 } })
    expect(broken[1]).toMatchObject({ message: expect.any(String) })
    expect((broken[1] as { line: number }).line).toBeGreaterThanOrEqual(3)
    for (const text of [
      'a: |hunter2\n  x',
      '!<hunter2',
      '"hunter2',
      'a: @hunter2',
      '- hunter2\nhunter2: x',
      '\tx: hunter2',
    ]) {
      for (const slice of read(text)) expect(JSON.stringify('message' in slice ? slice : '')).not.toContain('hunter2')
    }
  })

  it('ends an alias bomb', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`)
    const [slice] = read(`l0: &l0 x\n${levels.join('\n')}\n`)
    expect(slice).toMatchObject({ line: 1, message: expect.stringMatching(/alias/i) })
  })

  it('ends bottomless nesting', () => {
    const deep = ['['.repeat(100_000), `a: ${'{a: '.repeat(20_000)}`, '- '.repeat(20_000), '? '.repeat(20_000)]
    deep.push(Array.from({ length: 5000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'))
    for (const text of deep) expect(read(text)[0]).toEqual({ line: 1, message: 'nested too deeply' })
    expect(read('["]", '.repeat(20_000))[0]).toEqual({ line: 1, message: 'nested too deeply' })
    expect(values(`a: |\n  ${'{'.repeat(400)}\n`)).toHaveLength(1)
  })

  it('reads repeated keys and merges as Kubernetes does', () => {
    expect(values('a: 1\na: 2\n')).toEqual([{ a: 2 }])
    expect(values('x: &x {a: 1}\ny: {<<: *x, b: 2}\n')).toEqual([{ x: { a: 1 }, y: { a: 1, b: 2 } }])
  })
})
