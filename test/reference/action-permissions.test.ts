import { describe, expect, it } from 'vitest'
import {
  ACTION_PERMISSIONS,
  needText,
  permissionsOfAction,
  TOKEN_SCOPES,
} from '../../src/reference/action-permissions.ts'
import { needOfRoute, needsOfGh, needsOfMethod } from '../../src/reference/action-permissions-routes.ts'

describe('the table of actions', () => {
  it('has each once, with scopes that there are', () => {
    expect(ACTION_PERMISSIONS.length).toBeGreaterThan(300)
    const names = ACTION_PERMISSIONS.map(({ action }) => action.toLowerCase())
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    for (const { action, needs } of ACTION_PERMISSIONS) {
      for (const { need } of needs) {
        expect(
          need.scopes.filter((scope) => !TOKEN_SCOPES.includes(scope)),
          action,
        ).toEqual([])
        expect(['read', 'write', 'any', 'kept'], action).toContain(need.access)
      }
    }
  })
  it('is asked in any case', () => {
    expect(permissionsOfAction('Actions/Checkout')?.source).toBe('https://github.com/actions/checkout#readme')
    expect(permissionsOfAction('acme/odd')).toBeUndefined()
  })
})

describe('a call', () => {
  const need = (method: string, route: string) => {
    const found = needOfRoute(method, route)
    return found === undefined || found === 'none' ? found : needText(found)
  }
  it('needs the scope of its folder', () => {
    expect(need('GET', '/repos/a/b/pulls/1')).toBe('pull-requests: read')
    expect(need('PUT', 'repos/a/b/pulls/1/merge')).toBe('contents: write')
    expect(need('POST', 'repos/<repository>/issues/1/comments')).toBe('issues|pull-requests: write')
    expect(need('POST', 'https://api.github.com/repos/$GITHUB_REPOSITORY/check-runs')).toBe('checks: write')
    expect(need('GET', 'repos/{owner}/{repo}/commits/abc/check-runs')).toBe('checks: read')
    expect(need('GET', 'repos/a/b')).toBe('contents: read')
  })
  it('may need none, or be unknown', () => {
    expect(need('GET', 'rate_limit')).toBe('none')
    expect(need('PUT', 'repos/a/b/hooks/1')).toBe('none')
    expect(need('GET', 'repos/a/b/odd')).toBeUndefined()
    expect(need('POST', '/odd')).toBeUndefined()
  })
  it('stands behind commands and methods', () => {
    expect(needsOfGh(['pr', 'merge', '1'])?.map(needText)).toEqual(['contents: write', 'pull-requests: write'])
    expect(needsOfGh(['odd'])).toBeUndefined()
    expect(needsOfMethod('issues', 'listComments')?.map(needText)).toEqual(['issues|pull-requests: read'])
    expect(needsOfMethod('odd', 'get')).toBeUndefined()
  })
})
