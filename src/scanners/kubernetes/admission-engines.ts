import { k8sAdmissionPolicy } from '../../facts/kubernetes-admission.ts'
import { type Fact, fact } from '../../model.ts'
import { resourceScope } from '../../reference/kubernetes-resources.ts'
import { actionOf, mayRefuse, type Reach, reach, reachOfRules, sorted } from './admission-reach.ts'
import {
  type Header,
  type KubernetesObject,
  list,
  type ObjectKind,
  type Origin,
  objectId,
  record,
  records,
  scopeOf,
  text,
} from './objects.ts'
import { selectorText, strings } from './selectors.ts'

type Json = Readonly<Record<string, unknown>>

interface Policy {
  readonly part: string
  readonly engine: string
  readonly reach: Reach
  readonly actions: readonly string[]
  readonly failurePolicy: string
}

function policyFact(object: KubernetesObject, header: Header, origin: Origin, policy: Policy): Fact {
  const { cluster, source } = origin
  const { kind, namespace, name } = header
  return fact(k8sAdmissionPolicy, scopeOf(cluster, namespace), object.at(), {
    cluster,
    admission: objectId(kind, namespace, name),
    admissionKind: kind,
    namespace,
    name,
    part: policy.part,
    engine: policy.engine,
    ...policy.reach,
    actions: policy.actions,
    mayRefuse: mayRefuse(policy.actions),
    failurePolicy: policy.failurePolicy,
    source,
  })
}

/** Kyverno's rules that validate, verify images or change objects. Source: kyverno.io/v1, ClusterPolicy and Policy. */
function parseKyverno(object: KubernetesObject, header: Header, origin: Origin): Fact[] {
  const spec = record(object.value.spec)
  const seen = new Set<string>()
  return records(spec?.rules).flatMap((rule) => {
    const part = text(rule.name) ?? ''
    const actions = kyvernoActions(rule, spec ?? {})
    if (actions.length === 0 || seen.has(part)) return []
    seen.add(part)
    const failurePolicy = text(spec?.failurePolicy) ?? 'Fail'
    return [
      policyFact(object, header, origin, {
        part,
        engine: 'Kyverno',
        reach: kyvernoReach(rule, header),
        actions,
        failurePolicy,
      }),
    ]
  })
}

/** What a rule says goes before what the policy says; the default is to report only. */
function kyvernoActions(rule: Json, spec: Json): string[] {
  if (rule.mutate) return ['change']
  const images = records(rule.verifyImages)
  if (!rule.validate && images.length === 0) return []
  const own = [...records([rule.validate]), ...images].flatMap((each) => text(each.failureAction) ?? [])
  const base = own.length > 0 ? own : [text(spec.validationFailureAction) ?? 'Audit']
  const overrides = [record(rule.validate)?.failureActionOverrides, spec.validationFailureActionOverrides]
  const other = overrides.flatMap(records).flatMap((each) => text(each.action) ?? [])
  return sorted([...base, ...other].map(actionOf))
}

function kyvernoReach(rule: Json, header: Header): Reach {
  const filters = kyvernoFilters(rule.match)
  const excluded = kyvernoFilters(rule.exclude)
  const namespacesOnly = (filter: Json) => Object.keys(filter).every((key) => key === 'namespaces' || key === 'kinds')
  const everyNames = filters.length > 0 && filters.every((filter) => list(filter.namespaces).length > 0)
  const [first] = filters
  return reach({
    resources: filters.flatMap((filter) => strings(filter.kinds).map(resourceOfKind)),
    operations: operationsOf(filters),
    onlyNamespaces: header.namespace
      ? [header.namespace]
      : everyNames
        ? filters.flatMap((f) => strings(f.namespaces))
        : [],
    exceptNamespaces: excluded.filter(namespacesOnly).flatMap((filter) => strings(filter.namespaces)),
    namespaceSelector: filters.length === 1 ? selectorText(first?.namespaceSelector) : '',
    narrowed:
      rule.preconditions !== undefined ||
      list(rule.celPreconditions).length > 0 ||
      excluded.some((filter) => !namespacesOnly(filter)) ||
      filters.some((filter) => Object.keys(filter).some((key) => NARROWING.has(key))) ||
      (filters.length > 1 && filters.some((filter) => filter.namespaceSelector || (!everyNames && filter.namespaces))),
  })
}

const NARROWING = new Set(['selector', 'names', 'name', 'annotations', 'subjects', 'roles', 'clusterRoles'])

/** `match.any`, `match.all` and the old form without either; who makes the request is beside the resources. */
function kyvernoFilters(match: unknown): Json[] {
  const own = record(match)
  if (!own) return []
  const filters: Json[] = [...records(own.any), ...records(own.all), own]
  return filters.flatMap(({ resources, any, all, ...people }) => {
    const filter = { ...record(resources), ...people }
    return Object.keys(filter).length > 0 ? [filter] : []
  })
}

/** Without a word of operations a rule looks at all of them. */
function operationsOf(filters: readonly Json[]): string[] {
  if (filters.some((filter) => list(filter.operations).length === 0)) return ['*']
  return filters.flatMap((filter) => strings(filter.operations))
}

const GROUPS = [
  '',
  'apps',
  'batch',
  'networking.k8s.io',
  'rbac.authorization.k8s.io',
  'policy',
  'admissionregistration.k8s.io',
]

/**
 * Kyverno and Gatekeeper name kinds, RBAC and admission name resources: `Pod`, `apps/v1/Deployment`, `v1/Pod`, `Pod/exec`,
 * `Pod.status`, `*`.
 */
function resourceOfKind(written: string): string {
  const parts = written.split('/')
  const version = parts.findIndex((part) => /^(?:v\d\w*|\*)$/.test(part))
  const named = version >= 0 && version < parts.length - 1
  const given = named && version > 0 ? parts[version - 1] : undefined
  const [kind = '', ...dotted] = (named ? parts.slice(version + 1) : parts).join('.').split('.')
  if (kind === '*') return '*'
  const resource = pluralOf(kind)
  const group = given && given !== '*' ? given : (GROUPS.find((each) => resourceScope(each, resource)) ?? '')
  const path = [resource, ...dotted].join('/')
  return group === '' ? path : `${group}/${path}`
}

/** By the rule after which Kubernetes names its own resources. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase()
  if (/(?:s|x|ch)$/.test(word)) return word === 'endpoints' ? word : `${word}es`
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`
}

/** Kyverno's newer policies have the form of a ValidatingAdmissionPolicy and need no binding. */
function parseValidatingPolicy(object: KubernetesObject, header: Header, origin: Origin): Fact[] {
  const spec = record(object.value.spec)
  const constraints = record(spec?.matchConstraints)
  const own = reachOfRules(constraints?.resourceRules, { ...constraints, matchConditions: spec?.matchConditions })
  const within = header.namespace === '' ? own : reach({ ...own, onlyNamespaces: [header.namespace] })
  const actions = strings(spec?.validationActions).map(actionOf)
  const changes = header.kind.endsWith('MutatingPolicy')
  const policy = {
    part: '',
    engine: 'Kyverno',
    reach: within,
    // Deny is what the schema fills in.
    actions: changes ? ['change'] : actions.length > 0 ? actions : ['deny'],
    failurePolicy: text(spec?.failurePolicy) ?? 'Fail',
  }
  return [policyFact(object, header, origin, policy)]
}

/** A Gatekeeper constraint, of whatever kind its template made. Source: constraints.gatekeeper.sh/v1beta1. */
function parseConstraint(object: KubernetesObject, header: Header, origin: Origin): Fact[] {
  const spec = record(object.value.spec)
  const match = record(spec?.match)
  const kinds = records(match?.kinds).flatMap((entry) =>
    strings(entry.kinds).flatMap((kind) => strings(entry.apiGroups).map((group) => resourceIn(group, kind))),
  )
  const action = text(spec?.enforcementAction) ?? 'deny'
  const scoped = records(spec?.scopedEnforcementActions).flatMap((each) => text(each.action) ?? [])
  const own = reach({
    // Without kinds it looks at everything that Gatekeeper's webhook is sent.
    resources: kinds.length > 0 ? kinds : ['*'],
    operations: ['CREATE', 'UPDATE'],
    onlyNamespaces: strings(match?.namespaces),
    exceptNamespaces: strings(match?.excludedNamespaces),
    namespaceSelector: selectorText(match?.namespaceSelector),
    narrowed: selectorText(match?.labelSelector) !== '' || match?.name !== undefined,
  })
  const actions = (action === 'scoped' ? scoped : [action]).map(actionOf)
  return [
    policyFact(object, header, origin, {
      part: '',
      engine: 'Gatekeeper',
      reach: own,
      actions,
      failurePolicy: 'Ignore',
    }),
  ]
}

function resourceIn(group: string, kind: string): string {
  if (kind === '*') return '*'
  return group === '' || group === '*' ? resourceOfKind(kind) : `${group}/${pluralOf(kind)}`
}

/** Source: policies.kubewarden.io/v1, ClusterAdmissionPolicy and AdmissionPolicy. */
function parseKubewarden(object: KubernetesObject, header: Header, origin: Origin): Fact[] {
  const spec = record(object.value.spec) ?? {}
  const own = reachOfRules(spec.rules, spec)
  const within = header.namespace === '' ? own : reach({ ...own, onlyNamespaces: [header.namespace] })
  const mode = actionOf(text(spec.mode) ?? 'protect')
  const actions = boolean(spec.mutating) ? [mode, 'change'] : [mode]
  const failurePolicy = text(spec.failurePolicy) ?? 'Fail'
  return [policyFact(object, header, origin, { part: '', engine: 'Kubewarden', reach: within, actions, failurePolicy })]
}

const boolean = (value: unknown) => value === true

/**
 * What a constraint's kind is called: a cluster is not asked for kinds that it makes itself, so that a template seen there
 * means that constraints may be unseen.
 */
function parseTemplate(object: KubernetesObject, header: Header, origin: Origin): Fact[] {
  if (origin.source !== 'cluster') return []
  const own = reach({ resources: [], operations: [], narrowed: true })
  return [
    policyFact(object, header, origin, {
      part: '',
      engine: 'Gatekeeper',
      reach: own,
      actions: [],
      failurePolicy: 'Ignore',
    }),
  ]
}

const engine = (
  kind: string,
  group: string,
  resource: string,
  parse: ObjectKind['parse'],
  more: Partial<ObjectKind> = {},
): ObjectKind => ({ kind, groups: [group], resource, extension: true, emits: [k8sAdmissionPolicy], parse, ...more })

const wide = { clusterWide: true }
const KYVERNO = 'policies.kyverno.io'
const newer = { ...wide, alternatives: [`${KYVERNO}/v1beta1`, `${KYVERNO}/v1alpha1`] }

/** Policies of the engines that stand behind webhooks. */
export const ENGINE_KINDS: readonly ObjectKind[] = [
  engine('ClusterPolicy', 'kyverno.io', 'clusterpolicies', parseKyverno, wide),
  engine('Policy', 'kyverno.io', 'policies', parseKyverno, { mentions: /kyverno\.io\// }),
  engine('ValidatingPolicy', KYVERNO, 'validatingpolicies', parseValidatingPolicy, newer),
  engine('MutatingPolicy', KYVERNO, 'mutatingpolicies', parseValidatingPolicy, newer),
  engine('ConstraintTemplate', 'templates.gatekeeper.sh', 'constrainttemplates', parseTemplate, wide),
  engine('*', 'constraints.gatekeeper.sh', '*', parseConstraint, {
    ...wide,
    mentions: /constraints\.gatekeeper\.sh\//,
    files: true,
  }),
  engine('ClusterAdmissionPolicy', 'policies.kubewarden.io', 'clusteradmissionpolicies', parseKubewarden, wide),
  engine('AdmissionPolicy', 'policies.kubewarden.io', 'admissionpolicies', parseKubewarden),
]
