import { UNKNOWN } from '../../model.ts'
import { readSlice } from '../../sources/yaml-documents.ts'
import { list, record, text } from './objects.ts'

/** Somebody whom the ConfigMap lets in. */
export interface AwsAuthEntry {
  /** ARN, or the number of an account. */
  readonly principal: string | typeof UNKNOWN
  readonly username: string
  readonly groups: readonly string[] | typeof UNKNOWN
  /** Where it stands: `mapRoles/0`. */
  readonly entry: string
}

const NOT_SEEN = { principal: UNKNOWN, username: '', groups: UNKNOWN } as const
const KEYS = { mapRoles: 'rolearn', mapUsers: 'userarn', mapAccounts: '' } as const

/**
 * Whom the ConfigMap kube-system/aws-auth lets in: `mapRoles`, `mapUsers` and `mapAccounts` hold YAML as text. What a template
 * leaves open, or what cannot be read, is one entry of which nothing is known. `data` gives a value that is text, or was.
 * Source: https://github.com/kubernetes-sigs/aws-iam-authenticator#full-configuration-format
 */
export function readAwsAuth(data: Readonly<Record<string, unknown>>): AwsAuthEntry[] {
  return Object.entries(KEYS).flatMap(([key, arn]) => {
    const value = data[key]
    if (value === undefined || value === null || value === '') return []
    const entries = typeof value === 'string' ? parseEntries(value) : Array.isArray(value) ? value : undefined
    if (!entries) return [{ ...NOT_SEEN, entry: key }]
    return entries.map((each, i) => ({
      ...(arn === '' ? readAccount(each) : readEntry(each, arn)),
      entry: `${key}/${i}`,
    }))
  })
}

function parseEntries(value: string): readonly unknown[] | undefined {
  if (isOpen(value) && !value.includes('arn')) return undefined
  const read = readSlice({ text: value, line: 1, indent: 0 })
  if ('message' in read) return undefined
  // A list of one item comes as that item.
  return Array.isArray(read.value) ? read.value : read.value === null ? [] : [read.value]
}

type Access = Omit<AwsAuthEntry, 'entry'>

function readAccount(value: unknown): Access {
  const account = text(value)
  // Its users and roles come under their ARNs, in no group.
  return account === undefined || isOpen(account)
    ? NOT_SEEN
    : { principal: account.padStart(12, '0'), username: '', groups: [] }
}

function readEntry(value: unknown, key: string): Access {
  const entry = record(value)
  const arn = text(entry?.[key])
  if (!entry || arn === undefined) return NOT_SEEN
  const groups = list(entry.groups).map(text)
  const open = groups.some((group) => group === undefined || isOpen(group)) || typeof entry.groups === 'string'
  return {
    principal: isOpen(arn) ? UNKNOWN : arn,
    username: text(entry.username) ?? '',
    // What was seen of an open list may be enough to say what it amounts to.
    groups: open && !groups.includes('system:masters') ? UNKNOWN : groups.filter((group) => group !== undefined),
  }
}

/** A template, or a variable that something replaces before the manifest is applied. */
export function isOpen(value: string): boolean {
  return value.includes('{{') || value.includes('${')
}
