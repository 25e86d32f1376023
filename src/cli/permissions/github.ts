import { GITHUB_PERMISSIONS, type GithubPermission } from '../../reference/github-permissions.ts'

/** A permission, with all that is read by it. */
interface Part extends GithubPermission {
  readonly routes: readonly string[]
}

/** What `zt-audit permissions github` prints for the requests that scanners declare. */
export function renderGithubPermissions(routes: readonly string[]): string {
  const parts = partsOf(routes)
  return `${[
    '# Read-only. What is left out is named as not seen in the report; nothing else changes.',
    '',
    '# Classic token (of an owner, for an organisation; of an administrator, for one repository)',
    ...classicLines(parts),
    '',
    '# Fine-grained token: repository permissions',
    ...parts.filter(isOf('repository')).map(fineLine),
    '# Fine-grained token: organisation permissions (resource owner: the organisation)',
    ...parts.filter(isOf('organization')).map(fineLine),
    '# Who may bypass a ruleset GitHub tells only to those who may change it: repository permission Administration: write,',
    '# or a classic token of an administrator. Not needed otherwise.',
    '',
    '# GitHub App: the part of its manifest. GITHUB_APP_ID, and GITHUB_APP_PRIVATE_KEY or GITHUB_APP_PRIVATE_KEY_FILE',
    ...manifest(parts).split('\n'),
    '',
    '# It is used for these requests only:',
    ...routes,
  ].join('\n')}\n`
}

/** The permissions of an App, as its manifest has them. */
export function githubManifest(routes: readonly string[]): { default_permissions: Record<string, string> } {
  const entries = partsOf(routes).map(({ key, access }): [string, string] => [key, access])
  return { default_permissions: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) }
}

/** Throws for a request that the table of permissions does not have: whoever adds one, adds what it needs. */
function partsOf(routes: readonly string[]): Part[] {
  const parts = new Map<string, Part>()
  for (const route of routes) {
    const permission = GITHUB_PERMISSIONS[route]
    if (!permission) throw new Error(`no permission is declared for ${route}`)
    const known = parts.get(permission.key)
    parts.set(permission.key, { ...permission, ...known, routes: [...(known?.routes ?? []), route] })
  }
  return [...parts.values()]
}

const isOf = (level: GithubPermission['level']) => (part: Part) => part.level === level

function fineLine({ name, access, shows, appOnly }: Part): string {
  const permission = `${name}: ${access}`
  return `${permission.padEnd(40)}# ${shows}${appOnly ? ' (GitHub Apps only)' : ''}`
}

function classicLines(parts: readonly Part[]): string[] {
  const scopes = new Map<string, Set<string>>()
  for (const part of parts) {
    for (const route of part.routes) {
      const { classic = '' } = GITHUB_PERMISSIONS[route] ?? {}
      if (classic === '') continue
      scopes.set(classic, (scopes.get(classic) ?? new Set()).add(part.shows))
    }
  }
  // It is within admin:org.
  scopes.delete('read:org')
  return [...scopes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([scope, shown]) => `${scope.padEnd(40)}# ${[...shown].join('; ')}`)
}

function manifest(parts: readonly Part[]): string {
  return JSON.stringify(githubManifest(parts.flatMap(({ routes }) => routes)), null, 2)
}
