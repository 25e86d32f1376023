import { splitSelector } from '../../reference/kubernetes-labels.ts'
import { list, records, text } from './objects.ts'
import { selectorText, strings } from './selectors.ts'

/** Which requests admission control looks at. */
export interface Reach {
  /** GROUP/RESOURCE, the core group without a name; `*` for all. */
  readonly resources: readonly string[]
  /** `CREATE`, …; `*` for all. */
  readonly operations: readonly string[]
  /** In words. */
  readonly namespaces: string
  readonly onlyNamespaces: readonly string[]
  readonly exceptNamespaces: readonly string[]
  /** In kubectl's syntax. */
  readonly namespaceSelector: string
  readonly narrowed: boolean
}

/**
 * The reach of rules as webhooks, ValidatingAdmissionPolicies and Kubewarden write them. Source: RuleWithOperations of
 * admissionregistration.k8s.io/v1.
 */
export function reachOfRules(rules: unknown, match: Readonly<Record<string, unknown>>): Reach {
  const all = records(rules)
  const narrowed =
    selectorText(match.objectSelector) !== '' ||
    list(match.matchConditions).length > 0 ||
    list(match.excludeResourceRules).length > 0 ||
    all.some((rule) => list(rule.resourceNames).length > 0)
  return reach({
    resources: all.flatMap(resourcesOf),
    operations: all.flatMap((rule) => strings(rule.operations)),
    namespaceSelector: selectorText(match.namespaceSelector),
    narrowed,
  })
}

function resourcesOf(rule: Readonly<Record<string, unknown>>): string[] {
  return strings(rule.apiGroups).flatMap((group) =>
    strings(rule.resources).map((resource) => {
      if (group === '*') return resource
      return group === '' ? resource : `${group}/${resource}`
    }),
  )
}

/** Sorts a reach, takes names of namespaces out of a selector by their label, and puts where it holds into words. */
export function reach(parts: {
  resources: readonly string[]
  operations: readonly string[]
  onlyNamespaces?: readonly string[]
  exceptNamespaces?: readonly string[]
  namespaceSelector?: string
  narrowed: boolean
}): Reach {
  const named = namesInSelector(parts.namespaceSelector ?? '')
  const only = sorted([...(parts.onlyNamespaces ?? []), ...named.only])
  const except = sorted([...(parts.exceptNamespaces ?? []), ...named.except])
  return {
    resources: sorted(parts.resources),
    operations: sorted(parts.operations),
    namespaces: inWords(only, except, named.rest),
    onlyNamespaces: only,
    exceptNamespaces: except,
    namespaceSelector: named.rest,
    narrowed: parts.narrowed,
  }
}

const NAME_LABEL = 'kubernetes.io/metadata.name'

/** The API server labels each namespace with its name; selecting by that label is the usual way to leave some out. */
function namesInSelector(selector: string): { only: string[]; except: string[]; rest: string } {
  const only: string[] = []
  const except: string[] = []
  const rest: string[] = []
  for (const requirement of splitSelector(selector)) {
    const [, operator, values = ''] = /^kubernetes\.io\/metadata\.name (in|notin) \(([^)]*)\)$/.exec(requirement) ?? []
    if (operator === 'in') only.push(...values.split(','))
    else if (operator === 'notin') except.push(...values.split(','))
    else if (requirement.startsWith(`${NAME_LABEL}=`)) only.push(requirement.slice(NAME_LABEL.length + 1))
    else rest.push(requirement)
  }
  return { only, except, rest: rest.join(',') }
}

function inWords(only: readonly string[], except: readonly string[], selector: string): string {
  const where = only.length > 0 ? `in ${only.join(', ')}` : 'in all namespaces'
  const labelled = selector === '' ? '' : ` with ${selector}`
  return `${where}${labelled}${except.length > 0 ? ` but ${except.join(', ')}` : ''}`
}

export const sorted = (words: readonly string[]): string[] => [...new Set(words)].sort()

/** Warnings and entries in a log keep nobody from anything. */
export function mayRefuse(actions: readonly string[]): boolean {
  return actions.includes('deny') || actions.includes('change')
}

/** What engines call what they do, as facts do: `deny`, `warn`, `audit`. */
export function actionOf(value: unknown): string {
  const word = (text(value) ?? '').toLowerCase()
  const names: Readonly<Record<string, string>> = {
    enforce: 'deny',
    protect: 'deny',
    dryrun: 'audit',
    monitor: 'audit',
  }
  return names[word] ?? word
}
