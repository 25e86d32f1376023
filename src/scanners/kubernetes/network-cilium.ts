import { splitSelector } from '../../reference/kubernetes-labels.ts'
import { isEveryAddress } from '../../reference/networks.ts'
import { type NetworkRules, type Opening, widest } from './network-rules.ts'
import { type Header, list, record, records } from './objects.ts'
import { selectorText, strings } from './selectors.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * A Cilium policy isolates in each direction of which it has rules, unless `enableDefaultDeny` says otherwise. Source:
 * cilium.io/v2 and https://docs.cilium.io/en/stable/security/policy/intro/
 */
export function ciliumPolicies(spec: Json, header: Header): NetworkRules {
  const byDefault = record(spec.enableDefaultDeny)
  const has = (...keys: string[]) => keys.some((key) => list(spec[key]).length > 0)
  const isolates = (direction: 'ingress' | 'egress') =>
    typeof byDefault?.[direction] === 'boolean' ? byDefault[direction] : has(direction, `${direction}Deny`)
  const selector = ciliumSelector(spec.endpointSelector)
  const namespace = header.namespace === '' ? selector.namespaces : ''
  return {
    // A policy of nodes is for none of the pods.
    selector: spec.nodeSelector ? undefined : selector.pods,
    namespaceSelector: spec.nodeSelector ? undefined : namespace,
    isolatesIngress: isolates('ingress'),
    isolatesEgress: isolates('egress'),
    ingress: openingOf(records(spec.ingress), 'from', header),
    egress: openingOf(records(spec.egress), 'to', header),
  }
}

function openingOf(rules: readonly Json[], side: 'from' | 'to', header: Header): Opening {
  return widest(
    rules.map((rule) => ({
      reach: reachOf(rule, side, header),
      ports: list(rule.toPorts).length > 0 || list(rule.icmps).length > 0,
    })),
  )
}

/** An empty rule selects nobody; an empty selector of endpoints those of the policy's namespace, or of the cluster. */
function reachOf(rule: Json, side: 'from' | 'to', { namespace }: Header): '' | 'cluster' | 'anywhere' {
  const entities = strings(rule[`${side}Entities`])
  const networks = [...strings(rule[`${side}CIDR`]), ...cidrSets(rule[`${side}CIDRSet`])]
  if (entities.includes('all') || networks.some(isEveryAddress)) return 'anywhere'
  const isNarrowed = list(rule[`${side}Requires`]).length > 0
  const everyEndpoint = namespace === '' && !isNarrowed && list(rule[`${side}Endpoints`]).some(isEmptySelector)
  if (entities.includes('cluster')) return 'cluster'
  if (entities.includes('world')) return 'anywhere'
  return everyEndpoint ? 'cluster' : ''
}

function isEmptySelector(selector: unknown): boolean {
  return record(selector) !== undefined && selectorText(selector) === ''
}

function cidrSets(value: unknown): string[] {
  return records(value).flatMap(({ cidr, except }) => (list(except).length > 0 ? [] : strings([cidr])))
}

/** Labels of namespaces are among those of endpoints, under names of Cilium's own. */
function ciliumSelector(value: unknown): { pods: string | undefined; namespaces: string | undefined } {
  const pods: string[] = []
  const namespaces: string[] = []
  let unknown = false
  for (const requirement of splitSelector(selectorText(value))) {
    const [, not = '', , key = '', rest = ''] = /^(!?)((?:k8s|any)[:.])?([^\s=]+)(.*)$/.exec(requirement) ?? []
    if (/^(?:reserved|cidr|container|io\.cilium\.k8s\.policy)[:.]/.test(key)) unknown = true
    else if (key === 'io.kubernetes.pod.namespace') namespaces.push(`${not}kubernetes.io/metadata.name${rest}`)
    else if (key.startsWith('io.cilium.k8s.namespace.labels.')) {
      namespaces.push(`${not}${key.slice('io.cilium.k8s.namespace.labels.'.length)}${rest}`)
    } else pods.push(`${not}${key}${rest}`)
  }
  return unknown
    ? { pods: undefined, namespaces: undefined }
    : { pods: pods.join(','), namespaces: namespaces.join(',') }
}
