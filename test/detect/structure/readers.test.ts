import { describe, expect, it } from 'vitest'
import { readDockerfile } from '../../../src/detect/structure/dockerfile.ts'
import { readDotenv } from '../../../src/detect/structure/dotenv.ts'
import { type Entry, pathOf } from '../../../src/detect/structure/entry.ts'
import { readJson } from '../../../src/detect/structure/json.ts'
import { readYaml } from '../../../src/detect/structure/yaml.ts'

/** Entries as `path.key = value`, and a check that the offsets enclose what stands in the text. */
function show(entries: readonly Entry[], text: string): string[] {
  return entries.map(({ key, value, start, end, keyStart, container }) => {
    if (!value.includes('\n') && !text.slice(start, end).includes('\\')) expect(text.slice(start, end)).toBe(value)
    expect(text.slice(keyStart).startsWith(key)).toBe(true)
    return `${[pathOf(container), key || '*'].filter(Boolean).join('.')} = ${value}`
  })
}

describe('readDotenv', () => {
  const read = (text: string) => show(readDotenv(text), text)

  it('reads plain, exported and quoted values', () => {
    expect(read('A=1\nexport B="two words"\nC=\'three\' # comment\n  D = four # comment\r\n#E=5\nF=\n')).toEqual([
      'A = 1',
      'B = two words',
      'C = three',
      'D = four',
      'F = ',
    ])
  })

  it('reads a value over several lines, and goes on behind it', () => {
    expect(read('KEY="line 1\nline 2"\nNEXT=x')).toEqual(['KEY = line 1\nline 2', 'NEXT = x'])
  })

  it('takes a quote that is never closed for part of the value', () => {
    expect(read(`A="open\nB=2\n`)).toEqual(['A = "open', 'B = 2'])
  })

  it('keeps a hash sign within a value', () => {
    expect(read('A=x#y\n')).toEqual(['A = x#y'])
  })
})

describe('readDockerfile', () => {
  const read = (text: string) => show(readDockerfile(text), text)

  it('reads both forms of ENV, and ARG', () => {
    expect(read('FROM x\nENV A=1 B="two words"\nENV C three words\nARG D=4\nARG E\nRUN ENV=1 true\n')).toEqual([
      'A = 1',
      'B = two words',
      'C = three words',
      'D = 4',
      'E = ',
      'ENV = 1',
    ])
  })

  it('follows continued lines', () => {
    expect(read('ENV A=1 \\\n    B=2 \\\n    C=3\nRUN x')).toEqual(['A = 1', 'B = 2', 'C = 3'])
  })

  it('ends at the end of the file', () => {
    expect(read('ENV A=1 \\')).toEqual(['A = 1'])
    expect(read('ENV ')).toEqual([])
  })
})

describe('readJson', () => {
  const read = (text: string) => show(readJson(text), text)

  it('reads objects, lists and scalars', () => {
    expect(read('{"a": {"b": "x", "c": [1, {"d": "y"}]}, "e": true}')).toEqual([
      'a.b = x',
      'a.c.* = 1',
      'a.c.*.d = y',
      'e = true',
    ])
  })

  it('resolves escapes and keeps offsets of what is written', () => {
    const text = '{"p": "a\\"b\\u0041\\n"}'
    const [entry] = readJson(text)
    expect(entry?.value).toBe('a"bA\n')
    expect(text.slice(entry?.start, entry?.end)).toBe('a\\"b\\u0041\\n')
  })

  it('reads comments, trailing commas, single quotes and plain words', () => {
    expect(read('// c\n{a: \'x\', /* c */ "b": y,\n # c\n}')).toEqual(['a = x', 'b = y'])
  })

  it('reads several documents, as in JSON lines', () => {
    expect(read('{"a":"1"}\n{"a":"2"}\n')).toEqual(['a = 1', 'a = 2'])
  })

  it.each(['{', '{"a', '{"a":', '{"a":"b', '[[[', ']]}}', '{"a" "b"}', '\\', '{:}', '{,}'])('survives %s', (text) => {
    expect(() => readJson(text)).not.toThrow()
  })

  it('survives depth', () => {
    expect(readJson('['.repeat(200_000))).toEqual([])
    expect(readJson(`${'{"a":'.repeat(100_000)}"x"`).length).toBe(1)
  })
})

describe('readYaml', () => {
  const read = (text: string) => show(readYaml(text), text)

  it('reads nested mappings and lists', () => {
    expect(
      read("a:\n  b: x # c\n  c:\n    - d: 1\n      e: \"2\"\n    - plain\nf: 'it''s'\n".replace("it''s", 'its')),
    ).toEqual(['a.b = x', 'a.c.*.d = 1', 'a.c.*.e = 2', 'a.c.* = plain', 'f = its'])
  })

  it('reads lists at the indentation of their key', () => {
    expect(read('users:\n- name: a\n  user:\n    token: t\n- name: b\nlast: x\n')).toEqual([
      'users.*.name = a',
      'users.*.user.token = t',
      'users.*.name = b',
      'last = x',
    ])
  })

  it('reads block scalars as one value, then what follows', () => {
    const text = 'key: |\n  line 1\n  line 2\n\nnext: >-\n    folded\nlast: x\n'
    expect(read(text)).toEqual(['key = line 1\nline 2', 'next = folded', 'last = x'])
  })

  it('reads flow collections, also over several lines', () => {
    expect(read('a: {b: x, c: "y"}\nd: [e,\n  f]\ng: z\n')).toEqual([
      'a.b = x',
      'a.c = y',
      'd.* = e',
      'd.* = f',
      'g = z',
    ])
  })

  it('begins anew at each document', () => {
    expect(read('a:\n  b: 1\n---\nc: 2\n')).toEqual(['a.b = 1', 'c = 2'])
  })

  it('steps over tags, anchors and aliases', () => {
    expect(read('a: !!str x\nb: &anchor y\nc: *anchor\nd: !Ref z\n')).toEqual(['a = x', 'b = y', 'd = z'])
  })

  it('reads Helm templates', () => {
    expect(read('{{- if .Values.x }}\na:\n  b: {{ .Values.b }}\n{{- end }}\nc: "{{ .c }}"\n')).toEqual([
      'a.b = {{ .Values.b }}',
      'c = {{ .c }}',
    ])
  })

  it('reads Windows line breaks', () => {
    expect(read('a: x\r\nb:\r\n  c: y\r\n')).toEqual(['a = x', 'b.c = y'])
  })

  it.each([
    'a:',
    '- ',
    '-',
    ': x',
    'a: "open',
    "a: 'open",
    'a: |',
    'a: [',
    'a: {',
    '%YAML',
    '\t a: b',
    'a: b: c',
    '...',
  ])('survives %s', (text) => {
    expect(() => readYaml(text)).not.toThrow()
  })

  it('reads a million lines in time', () => {
    const start = performance.now()
    readYaml('- a: b\n  c: "d"\n'.repeat(100_000))
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
