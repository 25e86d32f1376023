import { fieldsOf, type SuggestedRule } from '../../derive/kubernetes/narrow-rules.ts'
import type { AccountSuggestion, ClusterSuggestions, PermissionText } from '../../derive/kubernetes/suggest.ts'
import type { Gap } from '../../model.ts'
import { printableText } from '../../reporters/printable.ts'
import { idOf, partsOf } from './kubernetes-patch.ts'
import { type RoleMarks, roleDocuments } from './kubernetes-yaml.ts'
import type { FilePatch } from './patch.ts'

/** All that is suggested for Kubernetes, before it is set. */
export interface SuggestedRoles {
  readonly clusters: readonly ClusterSuggestions[]
  readonly patches: readonly FilePatch[]
  readonly gaps: readonly Gap[]
  /** Labels and annotations of roles that exist, by cluster and id ({@link markKey}). */
  readonly marks: ReadonlyMap<string, RoleMarks>
}

export function markKey(cluster: string, role: string): string {
  return `${cluster} ${role}`
}

/** YAML documents under comments that say what they rest on, then the changes of files. */
export function rolesAsText(suggested: SuggestedRoles): string {
  return printable(
    [rolesAsYaml(suggested), ...suggested.patches.map(withDiff)].filter((part) => part !== '').join('\n'),
  )
}

/** What `git apply` takes, and nothing else. */
export function rolesAsDiff({ patches }: SuggestedRoles): string {
  return patches.map(({ diff }) => diff).join('')
}

/** What no patch can hold: changes that are to be made by hand, calls that would be denied, and what was not seen; a line for each. */
export function besidesDiff({ clusters, patches, gaps }: SuggestedRoles): string[] {
  const lost = clusters.flatMap(({ accounts, lost: others }) => [
    ...accounts.flatMap(({ subjectKind, subject, replay }) =>
      replay.lost.map((text) => `${text} by ${subjectKind} ${subject}`),
    ),
    ...others,
  ])
  return [
    ...patches.flatMap(({ byHand }) => byHand.map((text) => `by hand: ${text}`)),
    ...lost.map((text) => `LOST: ${text}`),
    ...gaps.map((gap) => `not seen: ${gap.reason}: ${gap.detail}`),
  ].map(printableText)
}

function withDiff({ diff, byHand }: FilePatch): string {
  return diff + byHand.map((text) => `# ${text}\n`).join('')
}

/** One stream of documents that `kubectl apply -f -` takes; everything else is a comment. */
export function rolesAsYaml({ clusters, gaps, marks }: SuggestedRoles): string {
  const parts = clusters.map((cluster) => clusterAsYaml(cluster, marks))
  if (clusters.length === 0) parts.push('# No role, or no audit log, was seen.\n')
  if (gaps.length > 0) {
    parts.push(['# Not seen:', ...gaps.map((gap) => `#   ${gap.reason}: ${gap.detail}`), ''].join('\n'))
  }
  return printable(parts.join('#\n'))
}

function clusterAsYaml(cluster: ClusterSuggestions, marks: SuggestedRoles['marks']): string {
  const changed = cluster.accounts.filter(
    ({ status, replay, unseen }) => status !== 'as granted' || replay.lost.length > 0 || unseen.calls > 0,
  )
  const rest = cluster.accounts.length - changed.length
  const head = [
    `# ${cluster.window || 'Nothing'} of audit log${cluster.cluster === '-' ? '' : ` of ${cluster.cluster}`}.`,
  ]
  head.push(...cluster.assumptions.map((text) => `# Taken for granted: ${text}.`))
  head.push(...cluster.cautions.map((text) => `# Left alone: ${text}.`))
  if (cluster.accounts.length === 0) head.push('# Nobody who is bound to a role could be judged.')
  if (rest > 0) head.push(`# ${rest} ${rest === 1 ? 'subject needs' : 'subjects need'} all that was granted.`)
  const total = totalOf(cluster)
  head.push(`# Replayed: ${replayText(total)}.`, ...cluster.lost.map((text) => `# LOST: ${text}`))
  const accounts = changed.map((account) => accountAsYaml(account, (role) => marks.get(markKey(cluster.cluster, role))))
  return [`${head.join('\n')}\n`, ...accounts, cleanUp(cluster)].filter((part) => part !== '').join('#\n')
}

function accountAsYaml(account: AccountSuggestion, marksOf: (role: string) => RoleMarks | undefined): string {
  const { subjectKind, subject, status, roles, leaves, removed, kept, narrowed, notSeen, replay, unseen } = account
  const head = [`# ${subjectKind} ${subject}`]
  const wildcards = some(narrowed.map(textIn))
  if (status === 'unused') head.push('# Nothing that it is granted was used.')
  else if (removed.length > 0)
    head.push(`# ${count(removed.length, 'permission')} not used: ${some(removed.map(textIn))}`)
  if (narrowed.length > 0) head.push(`# ${count(narrowed.length, 'wildcard')} narrowed to what was used: ${wildcards}`)
  if (kept.length > 0)
    head.push(`# ${count(kept.length, 'permission')} kept, since nobody can tell: ${some(kept.map(textIn))}`)
  head.push(...notSeen.map((text) => `# ${text} stays: what it grants was not seen`))
  if (replay.calls > 0) head.push(`# Replayed: ${replayText(replay)}`)
  head.push(...replay.lost.map((text) => `# LOST: ${text}`))
  if (replay.inItsName.length > 0)
    head.push(`# Not covered, since others called in its name, and denied then: ${some(replay.inItsName)}`)
  if (unseen.calls > 0) {
    const by = unseen.by.length > 0 ? `: ${some(unseen.by)}` : ''
    head.push(`# NOTHING is taken away: ${count(unseen.calls, 'call')} allowed by something that was not seen${by}`)
  }
  // Members of a group are allowed much that their own bindings grant.
  if (unseen.calls === 0 && replay.elsewhere > 0 && subjectKind !== 'Group')
    head.push(`# ${count(replay.elsewhere, 'further call')} allowed by something that was not seen here`)
  head.push(...leaves.map((id) => `# Out of ${id} when the rest is applied`))
  const documents = roles.flatMap((role) =>
    roleDocuments(role, account, useOf, role.binding ? undefined : marksOf(idOf(role))),
  )
  return [`${head.join('\n')}\n`, ...documents].join('---\n')
}

/** What a rule rests on. */
function useOf({ calls, lastSeen, kept }: SuggestedRule): string {
  const seen = calls > 0 ? `${count(calls, 'call')}, last ${lastSeen.slice(0, 19)}Z` : ''
  return [kept && `kept: ${kept}`, seen].filter(Boolean).join('; ')
}

/** What to take away, in this order: new bindings first, so that nothing is denied in between. */
function cleanUp({ accounts, unneeded }: ClusterSuggestions): string {
  const shared = accounts.flatMap(({ subjectKind, subject, leaves }) =>
    leaves
      .filter((id) => !unneeded.bindings.includes(id))
      .map((id) => `# take ${subjectKind} ${subject} out of ${id} (kubectl edit)`),
  )
  const deletes = [...unneeded.bindings, ...unneeded.roles].map((id) => {
    const { kind, namespace, name } = partsOf(id)
    return `# kubectl delete ${kind.toLowerCase()} ${namespace === '' ? '' : `-n ${namespace} `}${name}`
  })
  const lines = [...shared.sort(), ...deletes]
  return lines.length === 0 ? '' : `${['# When that is applied, take away what is left over:', ...lines].join('\n')}\n`
}

const NAMED = 5

function some(texts: readonly string[]): string {
  const unique = [...new Set(texts)]
  const more = unique.length > NAMED ? ` and ${unique.length - NAMED} more` : ''
  return unique.slice(0, NAMED).join(', ') + more
}

function textIn({ text }: PermissionText): string {
  return text
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}

type ReplaySum = Pick<AccountSuggestion['replay'], 'calls' | 'kinds' | 'lost'>

function totalOf({ accounts, lost }: ClusterSuggestions): ReplaySum {
  const sum = (field: 'calls' | 'kinds') => accounts.reduce((total, { replay }) => total + replay[field], 0)
  return { calls: sum('calls'), kinds: sum('kinds'), lost: [...accounts.flatMap(({ replay }) => replay.lost), ...lost] }
}

function replayText({ calls, kinds, lost }: ReplaySum): string {
  return `${count(calls, 'call')} of ${count(kinds, 'kind')}, ${lost.length === 0 ? 'none' : lost.length} lost`
}

function printable(text: string): string {
  return text.split('\n').map(printableText).join('\n')
}

/** The same for programs. */
export function rolesAsJson({ clusters, patches, gaps }: SuggestedRoles): string {
  const accountAsJson = ({ roles, ...rest }: AccountSuggestion) => ({
    ...rest,
    roles: roles.map(({ kind, namespace, name, binding, rules }) => ({
      kind,
      ...(namespace !== '' && { namespace }),
      name,
      isNew: binding !== undefined,
      ...(binding && { binding }),
      rules: rules.map(({ calls, lastSeen, kept, ...rule }) => ({
        ...Object.fromEntries(fieldsOf(rule)),
        calls,
        ...(lastSeen !== '' && { lastSeen }),
        ...(kept !== '' && { kept }),
      })),
    })),
  })
  const own = clusters.map(({ accounts, ...rest }) => ({ ...rest, accounts: accounts.map(accountAsJson) }))
  return `${JSON.stringify({ schemaVersion: 1, clusters: own, files: patches, gaps }, null, 2)}\n`
}
