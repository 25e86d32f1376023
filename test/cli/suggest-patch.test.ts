import { expect, it } from 'vitest'
import { patchFile } from '../../src/cli/suggest/patch.ts'

/** Patches the statements between « and »; the marks are no part of the file. */
function patch(marked: string, ...changes: readonly { before: string[]; actions: string[] }[]) {
  const text = marked.replaceAll(/[«»]/g, '')
  const at = (offset: number) => {
    const before = text.slice(0, offset).split('\n')
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  }
  let seen = 0
  const starts: number[] = []
  const ends: number[] = []
  for (const match of marked.matchAll(/[«»]/g)) {
    ;(match[0] === '«' ? starts : ends).push(match.index - seen)
    seen++
  }
  const edits = changes.map((change, i) => {
    const [start, end] = [at(starts[i] ?? 0), at(ends[i] ?? 0)]
    const place = { file: 'f', ...start, endLine: end.line, endColumn: end.column }
    return { at: place, scope: 'repo:./f', policyName: 'p', ...change }
  })
  const { diff, byHand } = patchFile('f', text, edits)
  const lines = diff.split('\n').filter((line) => /^[-+](?![-+])/.test(line))
  return { lines, byHand, diff }
}

const AB = { before: ['iam:A', 'iam:B'], actions: ['iam:A'] }

it('changes a list of HCL in one line', () => {
  expect(patch('«statement {\n  actions = ["iam:A", "iam:B"]\n}»\n', AB).lines).toEqual([
    '-  actions = ["iam:A", "iam:B"]',
    '+  actions = ["iam:A"]',
  ])
})

it('changes a list of HCL line by line, with its comma at the end', () => {
  expect(patch('«statement {\n  actions = [\n    "iam:A",\n    "iam:B",\n  ]\n}»\n', AB).lines).toEqual([
    '-    "iam:B",',
  ])
})

it('leaves not_actions alone', () => {
  const text = '«statement {\n  not_actions = ["iam:A", "iam:B"]\n}»\n'
  expect(patch(text, AB)).toMatchObject({ lines: [], byHand: [expect.stringContaining('f:1: ')] })
})

it('changes a single value into a list', () => {
  const text = '[«{ Effect = "Allow", Action = "iam:*", Resource = "*" }»]\n'
  expect(patch(text, { before: ['iam:*'], actions: ['iam:A'] }).lines[1]).toContain('Action = ["iam:A"]')
})

it('changes JSON', () => {
  const text =
    '{ "Statement": [\n  «{\n    "NotAction": ["x"],\n    "Action": [\n      "iam:A",\n      "iam:B"\n    ]\n  }»\n] }\n'
  expect(patch(text, AB).lines).toEqual(['-      "iam:A",', '-      "iam:B"', '+      "iam:A"'])
})

it('changes YAML', () => {
  const text = 'Statement:\n  - «Effect: Allow\n    Action:\n      - iam:A\n      - iam:B\n    Resource: "*"\n»'
  expect(patch(text, AB).lines).toEqual(['-      - iam:B'])
})

it('changes one value of YAML', () => {
  const text = "Statement:\n  - «Action: 'iam:*'\n    Resource: '*'\n»"
  expect(patch(text, { before: ['iam:*'], actions: ['iam:A'] }).lines).toEqual([
    "-  - Action: 'iam:*'",
    '+  - Action:',
    '+      - iam:A',
  ])
})

it('takes a block away that is not needed', () => {
  const text = 'data "x" "y" {\n  «statement {\n    actions = ["iam:A"]\n  }»\n}\n'
  expect(patch(text, { before: ['iam:A'], actions: [] }).lines).toEqual([
    '-  statement {',
    '-    actions = ["iam:A"]',
    '-  }',
  ])
})

it.each([
  ['first', '[\n  «{ "Action": "iam:A" }»,\n  { "Action": "iam:B" }\n]\n', '[\n  { "Action": "iam:B" }\n]\n'],
  ['last', '[\n  { "Action": "iam:B" },\n  «{ "Action": "iam:A" }»\n]\n', '[\n  { "Action": "iam:B" }\n]\n'],
])('takes the %s statement of a list away with its comma', (_, text, result) => {
  const { diff } = patch(text, { before: ['iam:A'], actions: [] })
  const after = diff.split('\n').filter((line) => /^[+ ]/.test(line) && !line.startsWith('+++'))
  expect(after.map((line) => `${line.slice(1)}\n`).join('')).toBe(result)
})

it('leaves the only statement of a list to people', () => {
  expect(patch('[«{ "Action": "iam:A" }»]\n', { before: ['iam:A'], actions: [] })).toMatchObject({
    lines: [],
    byHand: ['f:1: nothing that this statement of p allows was used; remove it'],
  })
})

it('leaves a list that is built elsewhere to people', () => {
  expect(patch('«statement {\n  actions = local.actions\n}»\n', AB)).toMatchObject({
    lines: [],
    byHand: [expect.any(String)],
  })
  expect(patch('«statement {\n  actions = ["iam:A", local.b]\n}»\n', AB).byHand).toHaveLength(1)
})

it('changes several statements of a file', () => {
  const one = '{ "Action": ["iam:A", "iam:B"] }'
  expect(patch(`[\n«${one}»,\n«${one}»\n]\n`, AB, AB).lines).toHaveLength(4)
})
