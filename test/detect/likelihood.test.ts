import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { featureNames, featuresOf, likelihoodOf } from '../../src/detect/likelihood/likelihood.ts'
import type { Pair } from '../../src/detect/pair.ts'

const place = { path: 'src/db.py', kind: 'code', before: '', after: '"\n' } as const

function pair(key: string, value: string): Pair {
  return { key, keyStart: 0, value, start: 0, end: 0, quoted: true, syntax: 'text', form: 'assignment' }
}

describe('likelihood', () => {
  it('measures the features that the trees were fitted to, in their order', () => {
    const { names } = JSON.parse(readFileSync('src/detect/likelihood/trees.json', 'utf8')) as { names: string[] }
    expect(featureNames).toEqual(names)
  })

  it('gives a finite number for each feature, whatever the text', () => {
    for (const value of ['', ' ', '\u00ff\u00fe', 'a'.repeat(400), '=', '\\'])
      for (const key of ['', '.', 'password', '\u00e4'])
        for (const number of featuresOf(pair(key, value), place)) expect(Number.isFinite(number)).toBe(true)
  })

  it('walks the trees as they are written', () => {
    const { base, trees } = JSON.parse(readFileSync('src/detect/likelihood/trees.json', 'utf8'))
    for (const subject of [pair('db_password', 'k7Qz-pl29'), pair('secret_name', 'prod/db')]) {
      const features = [...featuresOf(subject, place)]
      let score: number = base
      for (const tree of trees) {
        let node = tree
        while (typeof node !== 'number') node = (features[node[0]] ?? 0) <= node[1] ? node[2] : node[3]
        score += node
      }
      expect(likelihoodOf(subject, place)).toBeCloseTo(1 / (1 + Math.exp(-score)), 9)
    }
  })

  it('tells a password from a label', () => {
    const likely = likelihoodOf(pair('db_password', 'k7Qz-pl29'), place)
    expect(likely).toBeGreaterThan(0.7)
    expect(likelihoodOf(pair('label_password', 'Enter your password'), place)).toBeLessThan(0.1)
  })
})
