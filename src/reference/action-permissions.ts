import { BUILDERS } from './action-permissions-builders.ts'
import { GITHUB_ACTIONS } from './action-permissions-github.ts'
import { PUBLISHERS } from './action-permissions-publishers.ts'

/**
 * Access that something needs to a scope of GITHUB_TOKEN. `any`: read or write, which of both hangs on what cannot be seen; write
 * where nothing is written. `kept`: useful, never required; what is written stays, and nothing is suggested.
 */
export type Access = 'read' | 'write' | 'any' | 'kept'
export interface Need {
  /** Each of them will do: comments on pull requests are comments on issues. */
  readonly scopes: readonly string[]
  readonly access: Access
}
/** What a well-known action, or a reusable workflow, needs. */
export interface ActionPermissions {
  readonly action: string
  /** Where it takes its token from: inputs, environment variables `$NAME`, and `@checkout`: the credentials that checkout left. */
  readonly tokens: readonly string[]
  readonly needs: readonly ConditionalNeed[]
  readonly source: string
}
/** A need that hangs on an input: present, with one value, or absent. */
export interface ConditionalNeed {
  readonly need: Need
  readonly input?: { readonly name: string; readonly value?: string; readonly absent: boolean }
}

/**
 * A row: action, where its token comes from (comma-separated; `-`: its default input, or none is used), needs with a space between.
 * `input=value?scope:access` holds with that value, `input?…` with any, `!input?…` without it; `a|b:write`: one of both.
 */
function parseRow(row: string): ActionPermissions {
  const [action = '', tokens = '-', ...needs] = row.trim().split(/\s+/)
  const [owner = '', name = ''] = action.split('/')
  return {
    action,
    tokens: tokens === '-' ? [] : tokens.split(','),
    needs: needs.map(parseNeed),
    source: `https://github.com/${owner}/${name}#readme`,
  }
}

function parseNeed(text: string): ConditionalNeed {
  const question = text.indexOf('?')
  const need = needOf(text.slice(question + 1))
  if (question < 0) return { need }
  const [name = '', value] = text.slice(0, question).split('=')
  const absent = name.startsWith('!')
  return { need, input: { name: absent ? name.slice(1) : name, absent, ...(value !== undefined && { value }) } }
}

/** `issues|pull-requests:write` → its parts. Spaces around the colon may be left out. */
export function needOf(text: string): Need {
  const colon = text.lastIndexOf(':')
  return { scopes: text.slice(0, colon).trim().split('|'), access: text.slice(colon + 1).trim() as Access }
}

/** The same as text: `issues|pull-requests: write`. */
export function needText({ scopes, access }: Need): string {
  return `${scopes.join('|')}: ${access}`
}

export const ACTION_PERMISSIONS: readonly ActionPermissions[] = [GITHUB_ACTIONS, BUILDERS, PUBLISHERS]
  .flatMap((table) => table.trim().split('\n'))
  .map(parseRow)

const BY_NAME = new Map(ACTION_PERMISSIONS.map((each) => [each.action.toLowerCase(), each]))

/** What an action needs, by `owner/name/path` in any case; undefined if it is not known. */
export function permissionsOfAction(action: string): ActionPermissions | undefined {
  return BY_NAME.get(action.toLowerCase().replace(/\/+$/, ''))
}

/**
 * Scopes of GITHUB_TOKEN, as `permissions:` takes them.
 * Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
 */
export const TOKEN_SCOPES: readonly string[] = [
  'actions',
  'artifact-metadata',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'id-token',
  'issues',
  'models',
  'packages',
  'pages',
  'pull-requests',
  'repository-projects',
  'security-events',
  'statuses',
]
