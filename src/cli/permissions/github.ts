import { GITHUB_PERMISSIONS, type GithubPermission } from '../../reference/github-permissions.ts'

/** A permission, with all that is read by it. */
interface Part extends GithubPermission {
  readonly routes: readonly string[]
}

/** What `zt-audit permissions github` prints for the requests that scanners declare. */
export function renderGithubPermissions(routes: readonly string[]): string {
  const parts = partsOf(routes)
  return `${[
    '# Read-only. What is left out is named as not seen; nothing else changes.',
    '',
    '# Classic token (of an owner; of an administrator, for one repository)',
    ...classicLines(parts),
    '',
    '# Fine-grained token: repository permissions',
    ...parts.filter(isOf('repository')).map(fineLine),
    '# Fine-grained token: organisation permissions (resource owner: it)',
    ...parts.filter(isOf('organization')).map(fineLine),
    '# Who may bypass a ruleset GitHub tells only to those who may change it: with',
    '# Administration: write, or a classic token of an administrator or owner. Not',
    '# worth that right: without it the list is named as not looked into.',
    '',
    '# GitHub App: the part of its manifest. Then set GITHUB_APP_ID, and',
    '# GITHUB_APP_PRIVATE_KEY or GITHUB_APP_PRIVATE_KEY_FILE.',
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
  return explained(`${name}: ${access}`, `${shows}${appOnly ? ' (GitHub Apps only)' : ''}`)
}

const NAME_WIDTH = 38
const SHOWN_WIDTH = 80 - NAME_WIDTH - 2

/** A name and behind it, as comments below each other, what it is for: 80 columns wide at most. */
function explained(name: string, shown: string): string {
  const lines = ['']
  for (const word of shown.split(' ')) {
    const last = lines[lines.length - 1] ?? ''
    if (last !== '' && last.length + 1 + word.length > SHOWN_WIDTH) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.map((line, i) => `${(i === 0 ? name : '').padEnd(NAME_WIDTH)}# ${line}`).join('\n')
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
    .map(([scope, shown]) => explained(scope, [...shown].join('; ')))
}

function manifest(parts: readonly Part[]): string {
  return JSON.stringify(githubManifest(parts.flatMap(({ routes }) => routes)), null, 2)
}
