import type { PolicySuggestion, Suggestion } from '../../derive/iam/suggest.ts'
import type { Gap } from '../../model.ts'
import { printableText } from '../../reporters/printable.ts'
import type { FilePatch } from './patch.ts'

/** All that is suggested, before it is set. */
export interface Suggested {
  readonly principals: readonly Suggestion[]
  readonly patches: readonly FilePatch[]
  readonly gaps: readonly Gap[]
}

/** Policies as JSON under comments that say what they rest on, then the changes of files. */
export function renderSuggestions({ principals, patches, gaps }: Suggested): string {
  const narrower = principals.filter(({ policies }) => policies.some((each) => each.narrower))
  const rest = principals.length - narrower.length
  const parts = narrower.map(renderPrincipal)
  if (rest > 0)
    parts.push(`# ${rest} ${rest === 1 ? 'user or role needs' : 'users and roles need'} all that was judged.\n`)
  if (principals.length === 0) parts.push('# No user or role that holds a policy was seen in use.\n')
  for (const { diff, byHand } of patches) {
    parts.push(diff)
    if (byHand.length > 0) parts.push(byHand.map((text) => `# ${text}\n`).join(''))
  }
  if (gaps.length > 0)
    parts.push(['# Not seen:', ...gaps.map((gap) => `#   ${gap.reason}: ${gap.detail}`), ''].join('\n'))
  const text = parts.filter((part) => part !== '').join('\n')
  return text.split('\n').map(printableText).join('\n')
}

function renderPrincipal(suggestion: Suggestion): string {
  const { kind, arn, name, window, damage, policies } = suggestion
  const named = name.startsWith('permission set') ? ` (${name})` : ''
  const head = [`# ${kind} ${arn}${named}`, `# Seen: ${window}`]
  if (damage) head.push(`# The log is not whole, so that nothing in it counts as unused: ${damage}`)
  return `${[...head, ...policies.filter((each) => each.narrower).map(renderPolicy)].join('\n')}\n`
}

function renderPolicy(policy: PolicySuggestion): string {
  const { policyName, byAws, document, removed, undetermined } = policy
  const lines = [`#`, `# ${policyName}: ${removed.length} actions were not used${some(removed)}`]
  if (undetermined.length > 0)
    lines.push(`# ${undetermined.length} kept, since no event tells whether they were used${some(undetermined)}`)
  if (document.Statement.length === 0) return [...lines, '# Nothing of it was used: detach it.'].join('\n')
  if (byAws) lines.push('# AWS manages it: attach a policy of your own in its place.')
  return [...lines, JSON.stringify(document, null, 2)].join('\n')
}

const NAMED = 5

/** The first few of many actions; more than three of a service go by its name: `ec2 (825)`. */
function some(actions: readonly string[]): string {
  if (actions.length === 0) return ''
  const services = new Map<string, string[]>()
  for (const action of actions) {
    const [service = ''] = action.split(':')
    services.set(service, [...(services.get(service) ?? []), action])
  }
  const names = [...services].flatMap(([service, own]) => (own.length > 3 ? [`${service} (${own.length})`] : own))
  const more = names.length > NAMED ? `, and ${names.length - NAMED} more` : ''
  return `: ${names.slice(0, NAMED).join(', ')}${more}`
}

/** The same for programs. */
export function suggestionsAsJson({ principals, patches, gaps }: Suggested): string {
  return `${JSON.stringify({ schemaVersion: 1, principals, files: patches, gaps }, null, 2)}\n`
}
