/** How far rules of one direction open it, in `anywhere`, `cluster` or empty. */
export interface Opening {
  /** On every port. */
  readonly anyPort: string
  /** On some ports only. */
  readonly somePorts: string
}
export const NO_OPENING: Opening = { anyPort: '', somePorts: '' }

/** What every engine's policy comes down to. */
export interface NetworkRules {
  /** Pods in kubectl's syntax; empty for all; undefined if it cannot be said in it. */
  readonly selector: string | undefined
  /** Namespaces of what is cluster-wide, in the same way. */
  readonly namespaceSelector: string | undefined
  readonly isolatesIngress: boolean
  readonly isolatesEgress: boolean
  readonly ingress: Opening
  readonly egress: Opening
}

type Reach = '' | 'cluster' | 'anywhere'
const ORDER: readonly Reach[] = ['', 'cluster', 'anywhere']

/** The widest of several rules, with and without ports. */
export function widest(rules: readonly { readonly reach: Reach; readonly ports: boolean }[]): Opening {
  const of = (ports: boolean) => {
    const ranks = rules.filter((rule) => rule.ports === ports).map(({ reach }) => ORDER.indexOf(reach))
    return ORDER[Math.max(0, ...ranks)] ?? ''
  }
  return { anyPort: of(false), somePorts: of(true) }
}
