import { describe, expect, it } from 'vitest'
import { k8sAdmission, k8sAdmissionPolicy } from '../../../src/facts/kubernetes-admission.ts'
import { memoryTree } from '../../support/context.ts'
import { auditKubernetes } from '../../support/kubernetes.ts'

const audit = (text: string) => auditKubernetes({ trees: [memoryTree({ 'all.yaml': text })] })
/** One line for each thing in effect. */
async function inEffect(text: string): Promise<string[]> {
  const { of, gaps } = await audit(text)
  expect(gaps).toEqual([])
  return of(k8sAdmission).map(({ data }) => {
    const { admission, part, engine, resources, operations, namespaces, actions, mayRefuse, narrowed } = data
    const what = `${operations?.join()} ${resources?.join()} ${namespaces}${narrowed ? ', some' : ''}`
    return `${admission}${part && ` ${part}`} (${engine}): ${what}: ${actions?.join()}${mayRefuse ? '!' : ''}`
  })
}

const VAP = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: pods}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
  validations: [{expression: "true"}]
`
const binding = (spec: string) => `
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: pods-bound}
spec: {policyName: pods, ${spec}}
`

describe('a ValidatingAdmissionPolicy', () => {
  it('is in effect by its binding, which says what happens and where', async () => {
    expect(await inEffect(VAP)).toEqual([])
    const selector =
      '{matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system, ops]}]}'
    expect(
      await inEffect(
        VAP + binding(`validationActions: [Deny, Audit], matchResources: {namespaceSelector: ${selector}}`),
      ),
    ).toEqual([
      'ValidatingAdmissionPolicy pods pods-bound (Kubernetes): CREATE,UPDATE apps/deployments,pods in all namespaces but kube-system, ops: deny,audit!',
    ])
  })

  it('that only warns or audits is no guard', async () => {
    expect(await inEffect(VAP + binding('validationActions: [Audit, Warn]'))).toEqual([
      expect.stringMatching(/: audit,warn$/),
    ])
  })

  it('holds in the namespaces of its binding', async () => {
    const { of } = await audit(
      VAP + binding('validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {tier: prod}}}'),
    )
    expect(of(k8sAdmission)[0]?.data).toMatchObject({
      namespaces: 'in all namespaces with tier=prod',
      namespaceSelector: 'tier=prod',
      onlyNamespaces: [],
      failurePolicy: 'Fail',
    })
  })
})

describe('a webhook', () => {
  it('is one of a policy engine by the name of its service, and each of a configuration stands for itself', async () => {
    const rules = '[{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"]}]'
    const text = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: policies}
webhooks:
- {name: a.example.com, failurePolicy: Ignore, rules: ${rules}, clientConfig: {service: {name: gatekeeper-webhook-service, namespace: gatekeeper-system}}}
- {name: b.example.com, rules: ${rules}, matchConditions: [{name: x, expression: "true"}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector}
webhooks:
- {name: c, rules: [{apiGroups: [""], operations: [CREATE], resources: [pods]}], namespaceSelector: {matchLabels: {istio-injection: enabled}}}
`
    expect(await inEffect(text)).toEqual([
      'ValidatingWebhookConfiguration policies a.example.com (Gatekeeper): * */* in all namespaces: deny!',
      'ValidatingWebhookConfiguration policies b.example.com (): * */* in all namespaces, some: deny!',
      'MutatingWebhookConfiguration istio-sidecar-injector c (): CREATE pods in all namespaces with istio-injection=enabled: change!',
    ])
  })
})

describe('policies of engines', () => {
  const kyverno = (rule: string, spec = '') => `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: host}
spec: {${spec} rules: [{name: r, ${rule}}]}
`
  it('of Kyverno refuse if they enforce', async () => {
    const match = 'match: {any: [{resources: {kinds: [Pod, apps/v1/Deployment, Pod/exec]}}]}'
    const exclude = 'exclude: {any: [{resources: {namespaces: [kube-system]}}]}'
    const is = (end: string, some = '') => [
      `ClusterPolicy host r (Kyverno): * apps/deployments,pods,pods/exec in all namespaces${some}: ${end}`,
    ]
    expect(await inEffect(kyverno(`${match}, validate: {pattern: {}}`))).toEqual(is('audit'))
    expect(
      await inEffect(kyverno(`${match}, ${exclude}, validate: {pattern: {}}`, 'validationFailureAction: enforce,')),
    ).toEqual(is('deny!', ' but kube-system'))
    expect(await inEffect(kyverno(`${match}, validate: {failureAction: Enforce}`))).toEqual(is('deny!'))
    expect(await inEffect(kyverno(`${match}, exclude: {clusterRoles: [admin]}, mutate: {}`))).toEqual(
      is('change!', ', some'),
    )
    expect(await inEffect(kyverno(`${match}, generate: {kind: NetworkPolicy}`))).toEqual([])
  })

  it('of Kyverno keep their variables, which are no Helm template', async () => {
    const rule = 'match: {resources: {kinds: [Pod], namespaces: [shop]}}, validate: {message: "{{request.namespace}}"}'
    expect(await inEffect(kyverno(rule, 'validationFailureAction: Enforce,'))).toEqual([
      'ClusterPolicy host r (Kyverno): * pods in shop: deny!',
    ])
  })

  it('of Gatekeeper are known by their group, whatever their kind', async () => {
    const constraint = (spec: string) => `
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sPSPPrivilegedContainer
metadata: {name: none}
spec: {${spec}}
`
    const match = 'match: {kinds: [{apiGroups: [""], kinds: [Pod]}], excludedNamespaces: ["kube-*"]}'
    const line = 'K8sPSPPrivilegedContainer none (Gatekeeper): CREATE,UPDATE pods in all namespaces but kube-*'
    expect(await inEffect(constraint(match))).toEqual([`${line}: deny!`])
    expect(await inEffect(constraint(`${match}, enforcementAction: dryrun`))).toEqual([`${line}: audit`])
    expect(
      await inEffect(constraint(`${match}, enforcementAction: scoped, scopedEnforcementActions: [{action: deny}]`)),
    ).toEqual([`${line}: deny!`])
    const { of } = await audit(constraint(match))
    expect(of(k8sAdmissionPolicy)[0]?.at).toMatchObject({ resource: 'k8s://-/K8sPSPPrivilegedContainer/none' })
  })

  it('of Kyverno’s newer form and of Kubewarden', async () => {
    const rules = '[{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]'
    expect(
      await inEffect(`
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: labels}
spec: {validationActions: [Audit], matchConstraints: {resourceRules: ${rules}}}
---
apiVersion: policies.kubewarden.io/v1
kind: AdmissionPolicy
metadata: {name: priv, namespace: shop}
spec: {mode: protect, rules: ${rules}}
---
apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata: {name: watch}
spec: {mode: monitor, rules: ${rules}}
`),
    ).toEqual([
      'ValidatingPolicy labels (Kyverno): CREATE apps/deployments in all namespaces: audit',
      'AdmissionPolicy shop/priv (Kubewarden): CREATE apps/deployments in shop: deny!',
      'ClusterAdmissionPolicy watch (Kubewarden): CREATE apps/deployments in all namespaces: audit',
    ])
  })

  it('that cannot be read are a gap of their kind', async () => {
    const { gaps } = await audit(
      'apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sX\nmetadata: {name: [}\nspec: {}\n',
    )
    expect(gaps.map(({ kind, class: gapClass }) => [kind, gapClass])).toEqual([[k8sAdmissionPolicy.kind, 'fault']])
  })
})

it('takes what is malformed for as little as it says', async () => {
  const text = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: odd}
webhooks: [1, null, {name: 3, rules: x, namespaceSelector: [], clientConfig: 4}, {rules: [{resources: pods}]}]
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: odd}
spec: {rules: [{match: [], validate: 1}, 7]}
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: Odd
metadata: {name: odd}
spec: {match: {kinds: [1], namespaces: 3}}
`
  expect(await inEffect(text)).toEqual([
    'ValidatingWebhookConfiguration odd 3 ():   in all namespaces: deny!',
    'ValidatingWebhookConfiguration odd ():   in all namespaces: deny!',
    'ClusterPolicy odd (Kyverno):   in all namespaces: audit',
    'Odd odd (Gatekeeper): CREATE,UPDATE * in all namespaces: deny!',
  ])
})
