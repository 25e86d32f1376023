import { groupBy } from '../grouping.ts'
import type { Entry } from './narrow-rows.ts'
import type { PolicyRule } from './replay.ts'

/** A rule of a suggested role, and what it rests on. */
export interface SuggestedRule extends Required<PolicyRule> {
  /** Calls that it allows, as the log counts them, and when the last was (RFC 3339; empty if none was seen). */
  readonly calls: number
  readonly lastSeen: string
  /** Why it stays though its use was not seen; empty if it was. */
  readonly kept: string
}

/**
 * The fewest rules in a fixed order that say exactly what the entries say: verbs of one resource (and names) together, then
 * resources of one group with the same verbs. What was used and what is kept stand apart.
 */
export function rulesOf(entries: readonly Entry[]): SuggestedRule[] {
  const perResource = groupBy(entries, ({ nonResource, apiGroup, resource, names, kept }) =>
    [nonResource, apiGroup, resource, [...names].sort().join(','), kept].join('\0'),
  )
  const single = [...perResource.values()].map(ruleOf)
  const merged = groupBy(single, ({ apiGroups, resourceNames, verbs, nonResourceUrls, kept }) =>
    [nonResourceUrls.length > 0, apiGroups.join(), resourceNames.join(), verbs.join(), kept].join('\0'),
  )
  return [...merged.values()].map(joinRules).sort(compareRules)
}

function ruleOf(entries: readonly Entry[]): SuggestedRule {
  const [first] = entries as [Entry, ...Entry[]]
  const { nonResource, apiGroup, resource, names, kept } = first
  return {
    apiGroups: nonResource ? [] : [apiGroup],
    resources: nonResource ? [] : [resource],
    resourceNames: [...names].sort(),
    verbs: sortVerbs(entries.map(({ verb }) => verb)),
    nonResourceUrls: nonResource ? [resource] : [],
    calls: entries.reduce((sum, { calls }) => sum + calls, 0),
    lastSeen: latest(entries.map(({ lastSeen }) => lastSeen)),
    kept,
  }
}

function joinRules(rules: readonly SuggestedRule[]): SuggestedRule {
  const [first] = rules as [SuggestedRule, ...SuggestedRule[]]
  return {
    ...first,
    resources: unique(rules.flatMap(({ resources }) => resources)),
    nonResourceUrls: unique(rules.flatMap(({ nonResourceUrls }) => nonResourceUrls)),
    calls: rules.reduce((sum, { calls }) => sum + calls, 0),
    lastSeen: latest(rules.map(({ lastSeen }) => lastSeen)),
  }
}

/** As people write them; then the others. */
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

function sortVerbs(verbs: readonly string[]): string[] {
  const rank = (verb: string) => (VERBS.includes(verb) ? VERBS.indexOf(verb) : VERBS.length)
  return unique(verbs).sort((a, b) => rank(a) - rank(b))
}

function compareRules(a: SuggestedRule, b: SuggestedRule): number {
  const key = ({ kept, nonResourceUrls, apiGroups, resources, resourceNames, verbs }: SuggestedRule) =>
    [
      kept === '' ? 0 : 1,
      nonResourceUrls.length > 0 ? 1 : 0,
      apiGroups,
      resources,
      nonResourceUrls,
      resourceNames,
      verbs,
    ]
      .map(String)
      .join('\0')
  return key(a) < key(b) ? -1 : 1
}

/** The last of some times in RFC 3339; empty if there is none. */
export function latest(times: readonly string[]): string {
  return times.reduce((last, time) => (time > last ? time : last), '')
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)].sort()
}

/** A rule in YAML's flow form, as people write short ones. */
export function ruleInWords(rule: Required<PolicyRule>): string {
  const parts = fieldsOf(rule).map(([key, values]) => `${key}: [${values.map(quoted).join(', ')}]`)
  return `{${parts.join(', ')}}`
}

/** The fields of a rule under the names of the API, without empty ones. */
export function fieldsOf(rule: PolicyRule): [key: string, values: readonly string[]][] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceUrls = [], verbs = [] } = rule
  const fields: [string, readonly string[]][] = [
    ['apiGroups', apiGroups],
    ['resources', resources],
    ['resourceNames', resourceNames],
    ['nonResourceURLs', nonResourceUrls],
    ['verbs', verbs],
  ]
  return fields.filter(([, values]) => values.length > 0)
}

/** A string as a YAML scalar that is safe within brackets. */
export function quoted(text: string): string {
  const plain = /^[A-Za-z/][\w./-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text)
  return plain ? text : JSON.stringify(text)
}
