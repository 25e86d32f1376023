import { describe, expect, it } from 'vitest'
import { fitLines, shortenMiddle } from '../../../src/reporters/html/fit.ts'
import { type Box, type Edge, layOutNarrow, layOutWide, type Node } from '../../../src/reporters/html/graph.ts'

const node = (id: string): Node => ({ id, lines: [{ text: id, look: 'name' }] })
const edge = (from: string, to: string): Edge => ({ from, to, label: ['value', 'field'] })
const nodes = ['a', 'b', 'c', 'd'].map(node)
const line = [edge('a', 'b'), edge('b', 'c'), edge('c', 'd')]

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

describe('graphs of chains', () => {
  it.each([
    ['a line', line],
    ['a diamond', [edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')]],
    ['an arrow over another box', [...line, edge('a', 'c'), edge('a', 'd')]],
    ['things apart', []],
  ])('keeps boxes apart and lines within the picture: %s', (_, edges) => {
    for (const drawing of [layOutWide(nodes, edges, 4), layOutWide(nodes, edges, 2), layOutNarrow(nodes, edges)]) {
      expect(drawing.boxes).toHaveLength(4)
      expect(drawing.routes).toHaveLength(edges.length)
      for (const [i, a] of drawing.boxes.entries())
        for (const b of drawing.boxes.slice(i + 1)) expect(overlap(a, b), `${a.id} ${b.id}`).toBe(false)
      for (const [x, y] of [
        ...drawing.routes.flatMap(({ points }) => points),
        ...drawing.boxes.map((box) => [box.x + box.width, box.y + box.height] as const),
      ]) {
        expect(x).toBeGreaterThanOrEqual(0)
        expect(y).toBeGreaterThanOrEqual(0)
        expect(x).toBeLessThanOrEqual(drawing.width)
        expect(y).toBeLessThanOrEqual(drawing.height)
      }
    }
  })
  it('goes from left to right, and on below where a row is full', () => {
    const at = (drawing: ReturnType<typeof layOutWide>) => drawing.boxes.map(({ x, y }) => [x > 2, y > 40])
    expect(at(layOutWide(nodes, line, 4)).map(([right]) => right)).toEqual([false, true, true, true])
    expect(at(layOutWide(nodes, line, 2))).toEqual([
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ])
  })
})

describe('texts in boxes', () => {
  it('are shortened in the middle, where names are alike', () => {
    expect(shortenMiddle('arn:aws:iam::123456789012:user/ann', 13)).toBe('arn:aw…er/ann')
    expect(shortenMiddle('💥💥💥💥', 3)).toBe('💥…💥')
    expect(shortenMiddle('short', 13)).toBe('short')
  })
  it('are broken behind marks, into no more lines than fit', () => {
    expect(fitLines('src/deploy/production/main.tf:12', 20, 3)).toEqual(['src/deploy/', 'production/main.tf:', '12'])
    const lines = fitLines('x'.repeat(1000), 20, 3)
    expect(lines).toHaveLength(3)
    for (const text of lines) expect(text.length).toBeLessThanOrEqual(20)
    // Nothing is left out of what fits as it is.
    expect(fitLines('create serviceaccounts/token named idle in namespace ops', 17, 4)).toEqual([
      'create',
      'serviceaccounts/',
      'token named idle',
      'in namespace ops',
    ])
    expect(fitLines('', 20, 3)).toEqual([])
  })
})
