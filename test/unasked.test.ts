import { describe, expect, it } from 'vitest'
import type { Scanner } from '../src/model.ts'
import { derivations, scanners } from '../src/registry.ts'
import { builtInRules } from '../src/rule-packs.ts'
import { optionsFor } from '../src/unasked.ts'
import { memoryTree, NO_TARGETS } from './support/context.ts'

const rules = new Map((await builtInRules()).map(({ id, compiled }) => [id, compiled]))
const given = (files: Record<string, string>) => ({ trees: [memoryTree(files)], targets: NO_TARGETS })

describe('what would have to be asked for', () => {
  it.each([
    ['mfa/console-user-without-mfa', ['--aws']],
    ['mfa/member-without-2fa', ['--github OWNER']],
  ])('%s', (id, options) => {
    const rule = rules.get(id)
    expect(rule && optionsFor(given({ 'a.txt': '' }), scanners, derivations)(rule)).toEqual(options)
  })
  it('is found out with one look at the trees, which may be large', () => {
    let looks = 0
    const [first] = scanners as [Scanner]
    const looking: Scanner = {
      ...first,
      requested: ({ trees }) => trees.some((tree) => tree.files().length >= 0 && ++looks > 0),
    }
    optionsFor(given({ 'a.txt': '' }), [looking, ...scanners.slice(1)], derivations)
    expect(looks).toBe(1)
  })
})
