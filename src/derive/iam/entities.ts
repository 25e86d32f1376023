import { couldBeAnything, placeholdersIn, replacePlaceholders } from '../../facts/iam-placeholder.ts'
import { globMatches } from '../../glob.ts'
import type { Tri } from './conditions.ts'

/** A user, group, role or policy, live or declared in a file. */
export interface Entity {
  /** An ARN, or `file:PATH#ADDRESS`. */
  readonly id: string
  readonly kind: 'user' | 'group' | 'role' | 'policy'
  /** Name in the account; undefined where only a deployment knows it. */
  readonly name: string | undefined
  /** How people call it where its name is not known. */
  readonly label?: string
  /** IAM path: `/`, `/teams/`. */
  readonly path: string
  /** Account number; empty where the tree does not say. */
  readonly accountId: string
  /** The folder of the file that declares it. */
  readonly folder?: string
}

/** Stands for what a deployment fills in: no name that a pattern could hold. */
const FILLED = '\u0001'

/** The folder of `file:PATH#ADDRESS`, empty for the root; undefined for what is in no file. */
export function folderOf(id: string): string | undefined {
  const path = /^file:([^#]*)/.exec(id)?.[1]
  return path?.slice(0, Math.max(path.lastIndexOf('/'), 0))
}

/**
 * Whether a resource pattern of a policy takes an entity. Policy variables stand for the principal that asks: `${aws:username}`.
 * In files a pattern may be a reference (`${aws_iam_role.app.arn}`), which speaks of its own folder (that of `document`), and the
 * account of what is declared is the pattern's own.
 */
export function namesEntity(pattern: string, entity: Entity, asking: Entity | undefined, document?: string): Tri {
  if (couldBeAnything(pattern)) return 'unknown'
  const filled = fillVariables(pattern, asking)
  if (entity.id.startsWith('arn:')) return globMatches(replacePlaceholders(filled, FILLED), entity.id)
  if (/^\*+$/.test(filled)) return true
  if (refersTo(filled, entity, document)) return true
  const [, partition = '', , , account = ''] = filled.split(':')
  if (!filled.startsWith('arn:')) return false
  // AWS's own policies are in nobody's account.
  if (account === 'aws' || (entity.accountId !== '' && /^\d{12}$/.test(account) && account !== entity.accountId))
    return false
  const owner = /[*?]/.test(account) || account === '' ? entity.accountId || '909090909090' : account
  const prefix = `arn:${/[*?]/.test(partition) ? 'aws' : partition}:iam::${owner}:${entity.kind}${entity.path}`
  if (entity.name !== undefined) return globMatches(literal(filled), literal(prefix + entity.name))
  // A name that only a deployment knows: sure only where any name would do.
  if (globMatches(filled, `${prefix}zq7`) && globMatches(filled, `${prefix}8wx`)) return true
  const fixed = filled.split(/[*?]/)[0] ?? ''
  return prefix.startsWith(fixed) || fixed.startsWith(prefix) ? 'unknown' : false
}

/** Whether a pattern could name something of the kind at all, seen or not. */
export function couldNameKind(pattern: string, kind: Entity['kind']): Tri {
  if (couldBeAnything(pattern)) return 'unknown'
  if (/^\*+$/.test(pattern)) return true
  const plain = replacePlaceholders(pattern, '*')
  if (pattern.startsWith('${')) {
    const type = /^(?:data\.)?(aws_\w+)\./.exec(placeholdersIn(pattern)[0] ?? '')?.[1]
    return type === undefined || type === `aws_iam_${kind}`
  }
  const parts = plain.split(':')
  if (parts.length < 6) return plain.startsWith('arn:') && plain.endsWith('*')
  if (parts[4] === 'aws') return false
  const service = parts[2] ?? ''
  return globMatches(service, 'iam') && kindFits(parts.slice(5).join(':'), kind)
}

function kindFits(resource: string, kind: string): boolean {
  const fixed = resource.split(/[*?]/)[0] ?? ''
  return resource.startsWith(`${kind}/`) || `${kind}/`.startsWith(fixed)
}

function fillVariables(pattern: string, asking: Entity | undefined): string {
  if (!pattern.includes('${')) return pattern
  const name = asking?.kind === 'user' ? (asking.name ?? FILLED) : FILLED
  return pattern.replace(/\$\{aws:username\}/gi, () => name)
}

/** Placeholders of both sides in one spelling, so that the same reference is the same text. */
function literal(text: string): string {
  return replacePlaceholders(text, FILLED)
}

/** `${aws_iam_role.app.arn}` in the folder that declares it, for each instance of a module; `${App.Arn}` or `${App}` in the template. */
function refersTo(text: string, entity: Entity, document: string | undefined): boolean {
  if (!text.startsWith('${') || entity.id.startsWith('arn:')) return false
  const folder = document === undefined ? undefined : folderOf(document)
  if (folder !== undefined && entity.folder !== undefined && folder !== entity.folder) return false
  const [content = ''] = placeholdersIn(text)
  const name = addressOf(entity.id)
  const rest = content.startsWith(name) ? content.slice(name.length) : undefined
  return rest !== undefined && /^(?:(?:\[[^\]]*\])?\.(?:arn|Arn|id|name))?$/.test(rest)
}

/** As a reference in the same module says it: `aws_iam_role.app` for `file:main.tf#module.a.aws_iam_role.app`. */
export function addressOf(id: string): string {
  return id
    .slice(id.indexOf('#') + 1)
    .replace(/^\/Resources\//, '')
    .replace(/^(?:module\.[\w-]+(?:\[[^\]]*\])?\.)+/, '')
    .replace(/\[[^\]]*\]$/, '')
}
