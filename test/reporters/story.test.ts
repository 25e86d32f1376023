import { describe, expect, it } from 'vitest'
import type { Finding, Link } from '../../src/report.ts'
import { renderJson } from '../../src/reporters/json.ts'
import { renderPretty } from '../../src/reporters/pretty.ts'
import { stepsOf, storyOf } from '../../src/reporters/story.ts'
import { chain, finding, report } from '../support/report.ts'

const at = (file: string, line: number) => ({ file, line })
const LINKS: Link[] = [
  { name: 'leak', at: at('.env', 1), values: '', says: ['the key can be read here'] },
  {
    name: 'key',
    at: { resource: 'arn:aws:iam::123456789012:user/ann/key' },
    values: 'status Active',
    says: ['it belongs to ann'],
    joins: [{ field: 'id', from: 'leak', fromField: 'publicId' }],
  },
  {
    name: 'user',
    at: { resource: 'arn:aws:iam::123456789012:user/ann' },
    values: 'mfa disabled',
    joins: [{ field: 'arn', from: 'key', fromField: 'userArn' }],
  },
  {
    name: 'rights',
    at: { resource: 'arn:aws:iam::123456789012:user/ann' },
    values: '',
    says: ['ann changes her policies', 'ann is administrator'],
    joins: [{ field: 'arn', from: 'key', fromField: 'userArn' }],
  },
]
const told = (more: Partial<Finding> = {}): Finding => ({ ...chain(), links: LINKS, at: at('.env', 1), ...more })
const shape = (steps: ReturnType<typeof storyOf>): unknown =>
  steps.map(({ text, children }) => (children.length > 0 ? [text, shape(children)] : text))

describe('the story of a finding', () => {
  it('hangs each step below the one that it joins', () => {
    expect(shape(storyOf(told()))).toEqual([
      [
        'the key can be read here',
        [['it belongs to ann', ['user: mfa disabled', ['ann changes her policies', ['ann is administrator']]]]],
      ],
    ])
  })
  it('says a place once, and none that the step before has', () => {
    expect(stepsOf(told()).map(({ place }) => place)).toEqual([
      '.env:1',
      'arn:aws:iam::123456789012:user/ann/key',
      'arn:aws:iam::123456789012:user/ann',
      undefined,
      undefined,
    ])
  })
  it('is that of chains, and of rules that tell several steps', () => {
    expect(storyOf(finding({ id: 'secrets/a' }))).toEqual([])
    const one = finding({ id: 'iam/a', links: [{ name: 'a', at: at('a', 1), values: '', says: ['only this'] }] })
    expect(storyOf(one)).toEqual([])
    const two = { ...one, links: [{ name: 'a', at: at('a', 1), values: '', says: ['this', 'and so that'] }] }
    expect(shape(storyOf(two))).toEqual([['this', ['and so that']]])
  })
})

describe('the tree of a chain', () => {
  const draw = async (width: number, links = LINKS) =>
    (await renderPretty(report({ findings: [told({ links })] }), { color: 0, width, verbose: false }))
      .split('\n')
      .filter((line) => /[└├│]|can be read/.test(line))
  it('keeps text and place on a line where there is room', async () => {
    expect(await draw(80)).toEqual([
      '    the key can be read here',
      '    └─ it belongs to ann  arn:aws:iam::123456789012:user/ann/key',
      '       ├─ user: mfa disabled  arn:aws:iam::123456789012:user/ann',
      '       └─ ann changes her policies',
      '          └─ ann is administrator',
    ])
  })
  it('moves the place below the text in narrow terminals, and never breaks it', async () => {
    expect(await draw(40)).toEqual([
      '    the key can be read here',
      '    └─ it belongs to ann',
      '       │  arn:aws:iam::123456789012:user/ann/key',
      '       ├─ user: mfa disabled',
      '       │     arn:aws:iam::123456789012:user/ann',
      '       └─ ann changes her policies',
      '          └─ ann is administrator',
    ])
  })
  it('does not climb out of the terminal', async () => {
    const deep: Link[] = [
      { name: 'a', at: at('a', 1), values: '', says: Array.from({ length: 40 }, (_, i) => `step ${i}`) },
    ]
    const text = await renderPretty(report({ findings: [told({ links: deep })] }), {
      color: 0,
      width: 60,
      verbose: false,
    })
    expect(text).toContain('step 39')
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60)
  })
})

describe('the steps in JSON', () => {
  it('say which follows from which', () => {
    const [shown] = JSON.parse(renderJson(report({ findings: [told()] }), new Map())).findings
    expect(shown.steps.map(({ text, follows }: { text: string; follows?: number }) => [text, follows])).toEqual([
      ['the key can be read here', undefined],
      ['it belongs to ann', 0],
      ['user: mfa disabled', 1],
      ['ann changes her policies', 1],
      ['ann is administrator', 3],
    ])
    expect(shown.steps[0].at).toEqual({ file: '.env', line: 1 })
  })
  it('are left out of findings without a story', () => {
    const [shown] = JSON.parse(renderJson(report({ findings: [finding({ id: 'iam/a' })] }), new Map())).findings
    expect(shown).not.toHaveProperty('steps')
  })
})
