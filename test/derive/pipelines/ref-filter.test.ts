import { describe, expect, it } from 'vitest'
import { commonNames, filterMatches, letsThrough } from '../../../src/derive/pipelines/ref-filter.ts'

const filter = (...patterns: string[]) => ({ patterns, ignored: [] })

describe('GitHub’s patterns of branches and tags', () => {
  it.each([
    ['feature/*', 'feature/my-branch', true],
    ['feature/*', 'feature/a/b', false],
    ['feature/**', 'feature/a/b', true],
    ['*', 'main', true],
    ['*', 'all/the/branches', false],
    ['**', 'all/the/branches', true],
    ['*feature', 'mona-feature', true],
    ['v2*', 'v2', true],
    ['v2*', 'v2.9', true],
    ['v[12].[0-9]+.[0-9]+', 'v1.10.1', true],
    ['v[12].[0-9]+.[0-9]+', 'v3.0.0', false],
    ['v[0-9]+', 'v', false],
    ['colou?r', 'color', true],
    ['colou?r', 'colour', true],
    ['colou?r', 'colouur', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['main', 'main2', false],
  ])('%s takes %s: %s', (pattern, text, expected) => {
    expect(filterMatches(pattern, text)).toBe(expected)
  })
  it('are no work that grows with the power of their length', () => {
    expect(filterMatches('**a'.repeat(100), 'a'.repeat(99))).toBe(false)
  })
  it('hold in their order, exceptions among them', () => {
    const releases = filter('releases/**', '!releases/**-alpha', 'releases/1-alpha')
    expect(
      ['releases/10', 'releases/beta/3-alpha', 'releases/1-alpha'].map((name) => letsThrough(releases, name)),
    ).toEqual([true, false, true])
    expect(letsThrough({ patterns: [], ignored: ['docs/**'] }, 'docs/x')).toBe(false)
    expect(letsThrough({ patterns: [], ignored: ['docs/**'] }, 'main')).toBe(true)
  })
})

describe('names that a filter and the pattern of a cloud have in common', () => {
  it.each([
    [filter('main'), 'main', ['main']],
    [filter('main'), '*', ['main']],
    [filter('release/**'), 'rel*', ['release/x']],
    [filter(), 'production', ['production']],
    [filter('**/pr-**'), 'main/*', ['main/pr-x']],
    [filter('*-[a-f]9'), 'q*-b?', ['q-b9']],
  ])('%j and %s', (own, glob, some) => {
    expect(commonNames(own, glob).certain).toEqual(expect.arrayContaining(some))
  })
  it.each([
    [filter('main'), 'production'],
    [filter('feature/*'), 'release/*'],
    [filter('**', '!main'), 'main'],
    [{ patterns: [], ignored: ['main'] }, 'main'],
    [filter('v[0-9]'), 'main'],
  ])('%j and %s have none', (own, glob) => {
    expect(commonNames(own, glob)).toEqual({ certain: [], possible: false })
  })
  it('stay open where no name was found, though there may be one', () => {
    expect(commonNames(filter('r/**', '!r/[a-z0-9.]+'), 'r/*')).toEqual({ certain: [], possible: true })
  })
})
