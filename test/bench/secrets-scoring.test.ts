import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'

// Benchmarks are plain JavaScript without types.
const { byCategory, score, total } = await import(pathToFileURL('bench/secrets/scoring.mjs').href)

const label = (line: number, truth: string, category = 'Password', endLine = line) => ({
  path: 'a.py',
  line,
  endLine,
  truth,
  category,
})
const at = (line: number, endLine = line, path = 'a.py') => [path, line, endLine, 'rule']

describe('score', () => {
  it('counts each labelled range once, whatever the number of places in it', () => {
    const key = label(3, 'T', 'PEM Private Key', 9)
    expect(total([score([key], [at(3, 9), at(4), at(5)])])).toMatchObject({ labelled: 1, tp: 1, fp: 0, unlabelled: 0 })
  })

  it('counts places on F and X as false, X apart, and others as unlabelled', () => {
    const labels = [label(1, 'T'), label(2, 'F'), label(3, 'X')]
    const counts = total([score(labels, [at(2), at(3), at(4), at(4), at(1, 1, 'b.py')])])
    expect(counts).toMatchObject({ labelled: 1, tp: 0, fp: 2, test: 1, unlabelled: 2, recall: 0, precision: 0, f1: 0 })
  })

  it('takes a line that is labelled T and F for true', () => {
    const counts = total([score([label(1, 'F'), label(1, 'T'), label(1, 'F', 'Key', 2)], [at(1)])])
    expect(counts).toMatchObject({ labelled: 1, tp: 1, fp: 0 })
  })

  it('leaves categories that are no credentials out of the main counts, but not out of the false ones', () => {
    const labels = [
      label(1, 'T', 'UUID'),
      label(2, 'F', 'UUID'),
      label(3, 'T', 'Token:UUID'),
      label(4, 'T', 'UUID:Salt'),
    ]
    const scores = [score(labels, [at(1), at(2), at(3)])]
    expect(total(scores)).toMatchObject({ labelled: 1, tp: 1, fp: 1 })
    expect(total(scores, true)).toMatchObject({ labelled: 3, tp: 2, fp: 1 })
  })

  it('takes every line without a label for none where labels are complete, less those that are allowed', () => {
    const places = [at(5), at(6), at(7)]
    const scored = score([label(1, 'T')], places, { complete: true, allowed: { 'a.py': 2 } })
    expect(total([scored])).toMatchObject({ fp: 1, unlabelled: 0 })
  })
})

describe('total', () => {
  it('adds up over repositories', () => {
    const one = score([label(1, 'T'), label(2, 'T')], [at(1)])
    const two = score([label(1, 'T'), label(2, 'F')], [at(1), at(2)])
    const { recall, precision, f1 } = total([one, two])
    expect([recall, precision, f1]).toEqual([2 / 3, 2 / 3, 2 / 3])
  })

  it('has no ratios where there is nothing to divide by', () => {
    expect(total([score([], [])])).toMatchObject({ recall: undefined, precision: undefined, f1: undefined })
  })
})

it('counts a label with several categories in each of them', () => {
  const counts = byCategory([score([label(1, 'T', 'Key:Token'), label(2, 'T', 'Token')], [at(1)])])
  expect(Object.fromEntries(counts)).toEqual({ Key: [1, 1], Token: [1, 2] })
})
