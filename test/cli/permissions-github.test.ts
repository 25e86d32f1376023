import { describe, expect, it } from 'vitest'
import { githubManifest, renderGithubPermissions } from '../../src/cli/permissions/github.ts'
import { githubNeeds } from '../../src/cli/permissions.ts'
import { GITHUB_PERMISSIONS, githubNeeds as inWords } from '../../src/reference/github-permissions.ts'
import { description } from '../live/servers/github-contract.ts'

describe('permissions github', () => {
  it('knows what each request needs that a scanner declares, and no other', () => {
    expect(Object.keys(GITHUB_PERMISSIONS).sort()).toEqual(githubNeeds())
  })

  it('is about requests that GitHub describes', () => {
    for (const need of githubNeeds()) expect(description.paths, need).toHaveProperty([need.slice('GET '.length), 'get'])
  })

  it('lets nothing write', () => {
    const { default_permissions } = githubManifest(githubNeeds())
    expect(new Set(Object.values(default_permissions))).toEqual(new Set(['read']))
    // Names that GitHub has for permissions of Apps.
    const known = description.components.schemas['app-permissions']?.properties ?? {}
    expect(Object.keys(known)).toEqual(expect.arrayContaining(Object.keys(default_permissions)))
  })

  it('has a line for each permission, and none for what is not asked', () => {
    const text = renderGithubPermissions(['GET /repos/{owner}/{repo}/hooks', 'GET /orgs/{org}/hooks'])
    expect(text).toMatch(/^admin:org_hook +# webhooks of the organisation$/m)
    expect(text).toMatch(/^repo +# webhooks of repositories$/m)
    expect(text.match(/^Webhooks: read /gm)).toHaveLength(2)
    expect(text).not.toContain('Secrets: read')
    expect(() => renderGithubPermissions(['GET /nowhere'])).toThrow('no permission is declared')
  })

  it('tells in gaps what would help', () => {
    expect(inWords('GET /repos/{owner}/{repo}/keys')).toBe(
      'needs an administrator’s token with the scope repo, or a fine-grained token or App with repository permission Administration: read',
    )
    expect(inWords('GET /orgs/{org}/personal-access-tokens')).toMatch(
      /^only a GitHub App may ask, with organisation permission/,
    )
  })
})
