import { isEveryAddress } from '../../reference/networks.ts'
import { type NetworkRules, type Opening, widest } from './network-rules.ts'
import { type Header, list, record, records, text } from './objects.ts'
import { strings } from './selectors.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * Without `types` a Calico policy is for ingress, and for egress instead if it has rules of that alone. What no rule of the
 * policies of a pod lets through is dropped. Source: projectcalico.org/v3 NetworkPolicy and GlobalNetworkPolicy.
 */
export function calicoPolicies(spec: Json, header: Header): NetworkRules {
  const ingress = records(spec.ingress)
  const egress = records(spec.egress)
  const given = strings(spec.types)
  const types =
    given.length > 0
      ? given
      : [...(egress.length === 0 || ingress.length > 0 ? ['Ingress'] : []), ...(egress.length > 0 ? ['Egress'] : [])]
  const wide = header.namespace === ''
  const selected = calicoSelector(text(spec.selector) ?? '')
  const within = calicoSelector(wide ? (text(spec.namespaceSelector) ?? '') : '')
  const known = selected && within && !text(spec.serviceAccountSelector)
  const forPods = !wide || (spec.doNotTrack !== true && spec.preDNAT !== true)
  return {
    selector: known && forPods ? selected.pods : undefined,
    namespaceSelector:
      known && forPods ? [selected.namespaces, within.pods, within.namespaces].filter(Boolean).join(',') : undefined,
    isolatesIngress: types.includes('Ingress') && !passes(ingress),
    isolatesEgress: types.includes('Egress') && !passes(egress),
    ingress: openingOf(ingress, 'source'),
    egress: openingOf(egress, 'destination'),
  }
}

/** Hands everything on to what comes after it. */
function passes(rules: readonly Json[]): boolean {
  return rules.some((rule) => text(rule.action) === 'Pass' && isUnconditional(rule))
}

function isUnconditional({ action, ...conditions }: Json): boolean {
  return Object.values(conditions).every(
    (value) => value === undefined || Object.keys(record(value) ?? {}).length === 0,
  )
}

function openingOf(rules: readonly Json[], side: 'source' | 'destination'): Opening {
  const allow = rules.filter((rule) => text(rule.action) === 'Allow')
  return widest(
    allow.map((rule) => {
      const { nets, selector, namespaceSelector, ports, ...other } = record(rule[side]) ?? {}
      const open = strings(nets).length === 0 || strings(nets).some(isEveryAddress)
      const free = Object.keys(other).length === 0 && !text(selector) && open
      const everyPod = free && ['', 'all()', 'global()'].includes(text(namespaceSelector) ?? '')
      const limited =
        list(ports).length > 0 || list(record(rule.destination)?.ports).length > 0 || rule.protocol !== undefined
      return { reach: everyPod ? 'anywhere' : '', ports: limited }
    }),
  )
}

const NAMESPACE_NAME = /^(?:projectcalico\.org\/(?:name|namespace)|kubernetes\.io\/metadata\.name)$/

/**
 * Calico's selectors as far as kubectl's syntax can say them: simple conditions that all must hold. Requirements on the name of the
 * namespace stand apart. Undefined for everything else.
 */
export function calicoSelector(expression: string): { pods: string; namespaces: string } | undefined {
  const pods: string[] = []
  const namespaces: string[] = []
  for (const part of expression.split('&&')) {
    const read = requirementOf(part.trim())
    if (!read) return undefined
    // Every namespace has a name: that it has one only tells pods from hosts.
    if (NAMESPACE_NAME.test(read.key)) {
      if (read.rest !== '') namespaces.push(`kubernetes.io/metadata.name${read.rest}`)
    } else if (read.key !== '') pods.push(`${read.not}${read.key}${read.rest}`)
  }
  return { pods: pods.join(','), namespaces: namespaces.join(',') }
}

function requirementOf(part: string): { key: string; rest: string; not: string } | undefined {
  if (part === '' || part === 'all()') return { key: '', rest: '', not: '' }
  const [, not = '', has] = /^(!?)\s*has\(\s*([\w./-]+)\s*\)$/.exec(part) ?? []
  if (has) return { key: has, rest: '', not }
  const [, key, operator, value] = /^([\w./-]+)\s*(==|!=)\s*["']([^"']*)["']$/.exec(part) ?? []
  if (key) return { key, rest: operator === '==' ? `=${value}` : ` notin (${value})`, not: '' }
  const [, of, negated, set = ''] = /^([\w./-]+)\s+(not\s+)?in\s*\{([^}]*)\}$/.exec(part) ?? []
  if (!of) return undefined
  const values = set.split(',').map((each) => each.trim().replace(/^["']|["']$/g, ''))
  return { key: of, rest: ` ${negated ? 'notin' : 'in'} (${values.join(',')})`, not: '' }
}
