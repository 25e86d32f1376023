import { describe, expect, it } from 'vitest'
import { conditionOf, expressionsOf, referencesOf } from '../../src/sources/github-expressions.ts'

/** References of every expression of a text. */
function references(text: string): string[][] {
  return expressionsOf(text).map(({ tree }) => (tree ? referencesOf(tree) : ['refused']))
}

describe('expressions of a text', () => {
  it('are found with their place', () => {
    const text = 'echo ${{ github.sha }} and ${{inputs.name}}'
    expect(expressionsOf(text).map(({ text: inside, start, end }) => [inside, text.slice(start, end)])).toEqual([
      ['github.sha', '${{ github.sha }}'],
      ['inputs.name', '${{inputs.name}}'],
    ])
  })
  it('do not end at braces in quotes', () => {
    const part = "${{ format('}}{0}', github.actor) }}"
    expect(expressionsOf(`${part}x`).map(({ end }) => end)).toEqual([part.length])
  })
  it('that never end are none', () => expect(expressionsOf('${{ github.sha')).toEqual([]))
  it('that GitHub refuses have no tree', () => expect(references('${{ a b }}')).toEqual([['refused']]))
  it('name the contexts that they read, in any case and by any form of index', () => {
    expect(references("${{ GitHub.Event['Issue'].title }}")).toEqual([['github.event.issue.title']])
    expect(references('${{ github.event.commits.*.message }}')).toEqual([['github.event.commits.*.message']])
    expect(references('${{ secrets[inputs.name] }}')).toEqual([['inputs.name', 'secrets.?']])
    expect(references('${{ toJSON(secrets) }}')).toEqual([['secrets']])
    expect(references("${{ fromJSON(needs.a.outputs.b).c || (vars.X && 'y') }}")).toEqual([
      ['needs.a.outputs.b', 'vars.x'],
    ])
  })
})

describe('a condition', () => {
  it('needs no braces', () => expect(conditionOf("github.actor == 'a'")?.tree).toBeDefined())
  it('may have them', () => expect(conditionOf('${{ always() }}')?.text).toBe('always()'))
  it('with white space around them, as a block has its line end, is text', () =>
    expect(conditionOf('${{ always() }}\n')).toBeUndefined())
  it('that mixes text and braces is text', () => expect(conditionOf('${{ a.b }} == true')).toBeUndefined())
})
