import { k8sAdmissionBinding, k8sAdmissionPolicy } from '../../facts/kubernetes-admission.ts'
import { type Fact, fact } from '../../model.ts'
import { ENGINE_KINDS } from './admission-engines.ts'
import { mayRefuse, type Reach, reachOfRules } from './admission-reach.ts'
import {
  type Header,
  type KubernetesObject,
  type ObjectKind,
  type Origin,
  objectId,
  record,
  records,
  scopeOf,
  text,
} from './objects.ts'
import { strings } from './selectors.ts'

/** A ValidatingAdmissionPolicy: what it does with a request is said by its bindings. */
function parsePolicy(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const spec = record(object.value.spec)
  const constraints = record(spec?.matchConstraints)
  const reach = reachOfRules(constraints?.resourceRules, {
    ...constraints,
    matchConditions: spec?.matchConditions,
  })
  const data = {
    cluster,
    ...identityOf(header),
    part: '',
    engine: 'Kubernetes',
    ...reach,
    actions: [],
    mayRefuse: false,
    failurePolicy: text(spec?.failurePolicy) ?? 'Fail',
    source,
  }
  return [fact(k8sAdmissionPolicy, scopeOf(cluster), object.at(), data)]
}

function parseBinding(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const spec = record(object.value.spec)
  const match = record(spec?.matchResources)
  const actions = strings(spec?.validationActions).map((action) => action.toLowerCase())
  const data = {
    cluster,
    binding: header.name,
    policy: text(spec?.policyName) ?? '',
    actions,
    // Without rules of its own a binding leaves those of its policy as they are.
    ...reachOfRules(match?.resourceRules, match ?? {}),
    source,
  }
  return [fact(k8sAdmissionBinding, scopeOf(cluster), object.at(), data)]
}

/** Policy engines by the names that their webhooks and services go under. */
const ENGINES: readonly [engine: string, name: RegExp][] = [
  ['Kyverno', /kyverno/i],
  ['Gatekeeper', /gatekeeper/i],
  ['Kubewarden', /kubewarden/i],
  ['Open Policy Agent', /(?:^|[.-])opa(?:[.-]|$)|openpolicyagent/i],
  ['jsPolicy', /jspolicy/i],
  ['Polaris', /polaris/i],
  ['Sigstore policy controller', /policy\.sigstore\.dev|cosigned/i],
  ['Connaisseur', /connaisseur/i],
]

/** A fact for each webhook: they differ in what they look at. */
function parseWebhooks(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const changes = header.kind === 'MutatingWebhookConfiguration'
  const seen = new Set<string>()
  return records(object.value.webhooks).flatMap((webhook) => {
    const part = text(webhook.name) ?? ''
    if (seen.has(part)) return []
    seen.add(part)
    const service = record(record(webhook.clientConfig)?.service)
    const called = [header.name, part, text(service?.namespace) ?? '', text(service?.name) ?? '']
    const engine = ENGINES.find(([, name]) => called.some((each) => name.test(each)))?.[0] ?? ''
    const actions = [changes ? 'change' : 'deny']
    const data = {
      cluster,
      ...identityOf(header),
      part,
      engine,
      ...reachOfRules(webhook.rules, webhook),
      actions,
      // A webhook that changes objects may refuse them as well: the answer has one form.
      mayRefuse: true,
      failurePolicy: text(webhook.failurePolicy) ?? 'Fail',
      source,
    }
    return [fact(k8sAdmissionPolicy, scopeOf(cluster), object.at(), data)]
  })
}

function identityOf({ kind, namespace, name }: Header) {
  return { admission: objectId(kind, namespace, name), admissionKind: kind, namespace, name }
}

const EVERYTHING: Reach = {
  resources: ['pods'],
  operations: ['CREATE', 'UPDATE'],
  namespaces: 'in all namespaces',
  onlyNamespaces: [],
  exceptNamespaces: [],
  namespaceSelector: '',
  narrowed: false,
}

/** Older than pod security admission (PodSecurityPolicy, gone with 1.25), or OpenShift's own: each pod has to fit one of them. */
function parsePodConstraints(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const data = {
    cluster,
    ...identityOf(header),
    part: '',
    engine: header.kind === 'PodSecurityPolicy' ? 'Kubernetes' : 'OpenShift',
    ...EVERYTHING,
    // Which of them a pod may use is a matter of its account's rights.
    narrowed: true,
    actions: ['deny'],
    mayRefuse: mayRefuse(['deny']),
    failurePolicy: 'Fail',
    source,
  }
  return [fact(k8sAdmissionPolicy, scopeOf(cluster), object.at(), data)]
}

const registration = { groups: ['admissionregistration.k8s.io'], clusterWide: true }
const webhooks = { ...registration, emits: [k8sAdmissionPolicy], parse: parseWebhooks }

/** What refuses or changes requests: the API server's own policies, webhooks, and the policies of engines behind these. */
export const ADMISSION_KINDS: readonly ObjectKind[] = [
  {
    ...registration,
    kind: 'ValidatingAdmissionPolicy',
    resource: 'validatingadmissionpolicies',
    // Stable since 1.30: an older server has none, or a version of it that nobody turned on.
    extension: true,
    alternatives: ['admissionregistration.k8s.io/v1beta1'],
    emits: [k8sAdmissionPolicy],
    parse: parsePolicy,
  },
  {
    ...registration,
    kind: 'ValidatingAdmissionPolicyBinding',
    resource: 'validatingadmissionpolicybindings',
    extension: true,
    alternatives: ['admissionregistration.k8s.io/v1beta1'],
    emits: [k8sAdmissionBinding],
    parse: parseBinding,
  },
  { kind: 'ValidatingWebhookConfiguration', resource: 'validatingwebhookconfigurations', ...webhooks },
  { kind: 'MutatingWebhookConfiguration', resource: 'mutatingwebhookconfigurations', ...webhooks },
  {
    kind: 'PodSecurityPolicy',
    groups: ['policy', 'extensions'],
    version: 'v1beta1',
    resource: 'podsecuritypolicies',
    clusterWide: true,
    extension: true,
    emits: [k8sAdmissionPolicy],
    parse: parsePodConstraints,
  },
  {
    kind: 'SecurityContextConstraints',
    groups: ['security.openshift.io'],
    resource: 'securitycontextconstraints',
    clusterWide: true,
    extension: true,
    emits: [k8sAdmissionPolicy],
    parse: parsePodConstraints,
  },
  ...ENGINE_KINDS,
]
