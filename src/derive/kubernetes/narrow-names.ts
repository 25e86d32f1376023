import { mayBeUnnamed } from './replay.ts'

/** More names than that are no list that somebody keeps. */
const MOST_NAMES = 5

/**
 * Resources whose objects people name, each `GROUP/RESOURCE` (core: RESOURCE). Pods, jobs, events, nodes and volumes come and go
 * under names that are made up.
 */
const NAMED_BY_PEOPLE = new Set([
  'configmaps',
  'groups',
  'namespaces',
  'secrets',
  'serviceaccounts',
  'services',
  'users',
  'admissionregistration.k8s.io/mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/validatingadmissionpolicies',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/validatingwebhookconfigurations',
  'apiextensions.k8s.io/customresourcedefinitions',
  'apiregistration.k8s.io/apiservices',
  'apps/daemonsets',
  'apps/deployments',
  'apps/statefulsets',
  'batch/cronjobs',
  'coordination.k8s.io/leases',
  'networking.k8s.io/ingresses',
  'networking.k8s.io/networkpolicies',
  'rbac.authorization.k8s.io/clusterrolebindings',
  'rbac.authorization.k8s.io/clusterroles',
  'rbac.authorization.k8s.io/rolebindings',
  'rbac.authorization.k8s.io/roles',
])
/** Locks are created once, under the name that is then renewed. */
const LOCKS = new Set(['coordination.k8s.io/leases'])

/** What the API server's name generator writes (no vowels, no 0, 1, 3), hashes, UUIDs, times, versions of Helm releases, addresses. */
const GENERATED = [
  /-[bcdfghjklmnpqrstvwxz2456789]{5}$/,
  /-(?=[a-f0-9]*\d)[a-f0-9]{8,}(?:-[a-z0-9]{5})?$/,
  /[0-9a-f]{8}-[0-9a-f]{4}-/,
  /(?:^|-)\d{6,}$/,
  /\.v\d+$/,
  /\d+-\d+-\d+-\d+/,
]

/** What a name can be limited by. */
export interface NamedUse {
  readonly verb: string
  readonly apiGroup: string
  /** RESOURCE or RESOURCE/SUBRESOURCE. */
  readonly resource: string
  readonly names: ReadonlySet<string>
  /** Whether `names` holds all. */
  readonly complete: boolean
}

/**
 * Whether a permission can be limited to the objects that it was used on: few, with names that stay. `creates` tells whether the
 * same subject creates objects of a resource: the next ones have other names.
 */
export function canBeNamed(use: NamedUse, creates: (apiGroup: string, resource: string) => boolean): boolean {
  const { verb, apiGroup, resource, names, complete } = use
  if (!complete || names.size === 0 || names.size > MOST_NAMES || mayBeUnnamed(verb, resource)) return false
  const base = resource.replace(/\/.*/, '')
  const id = apiGroup === '' ? base : `${apiGroup}/${base}`
  if (!NAMED_BY_PEOPLE.has(id) || (creates(apiGroup, base) && !LOCKS.has(id))) return false
  return ![...names].some((name) => GENERATED.some((pattern) => pattern.test(name)))
}
