import { describe, expect, it } from 'vitest'
import { k8sAuditLog, k8sCalls } from '../../../src/facts/kubernetes-log.ts'
import { k8sSharedAccount } from '../../../src/facts/kubernetes-sharing.ts'
import { k8sAccountUse, k8sBindingUse, k8sPermission } from '../../../src/facts/kubernetes-usage.ts'
import { type Fact, fact, type Gap } from '../../../src/model.ts'
import { isApiServerAudience } from '../../../src/reference/kubernetes-audiences.ts'
import { kubernetesScanner } from '../../../src/scanners/kubernetes/index.ts'
import { collect, memoryTree } from '../../support/context.ts'
import { deriveKubernetes } from '../../support/kubernetes.ts'

const AT = { resource: 'k8s://-' }
const account = (name: string) => `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ${name}, namespace: shop}\n`
const bind = (name: string, role = 'view', kind = 'RoleBinding') =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nroleRef: {kind: ClusterRole, name: ${role}}\nsubjects: [{kind: ServiceAccount, name: ${name}, namespace: shop}]\n`
const role = (name: string, rules: string) =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: ${name}}\nrules: [${rules}]\n`
interface Made {
  readonly kind?: string
  readonly labels?: string
  readonly pod?: string
  readonly spec?: string
  readonly meta?: string
  readonly namespace?: string
}
function workload(
  name: string,
  { kind = 'Deployment', labels = '', pod = '', spec = '', meta = '', namespace = 'shop' }: Made = {},
) {
  const template = `{metadata: {${pod}}, spec: {serviceAccountName: app, containers: [{image: x}]${spec && `, ${spec}`}}}`
  const inner = kind === 'CronJob' ? `jobTemplate: {spec: {template: ${template}}}` : `template: ${template}`
  const where = namespace && `, namespace: ${namespace}`
  return `apiVersion: ${kind.endsWith('Job') ? 'batch' : 'apps'}/v1\nkind: ${kind}\nmetadata: {name: ${name}${where}, labels: {${labels}}${meta && `, ${meta}`}}\nspec: {${inner}}\n`
}

async function judge(
  files: Readonly<Record<string, readonly string[]>>,
  log: readonly Fact[] = [],
  gaps: readonly Gap[] = [],
) {
  const texts = Object.fromEntries(Object.entries(files).map(([path, documents]) => [path, documents.join('---\n')]))
  const { facts } = await collect(kubernetesScanner, { trees: [memoryTree(texts)] })
  return deriveKubernetes([...facts, ...log], gaps)
}

/** A log with a call of somebody else on pods. */
function logOf(
  hours: number,
  calls: readonly (readonly [user: string, impersonator?: string])[] = [],
  more: Partial<Record<'reads', boolean>> = {},
): Fact[] {
  return [
    fact(k8sAuditLog, 'k8s:-', AT, {
      cluster: '-',
      files: ['audit.log'],
      events: 10,
      firstEvent: '2026-01-01T00:00:00Z',
      lastEvent: new Date(Date.UTC(2026, 0, 1) + hours * 3_600_000).toISOString(),
      windowHours: hours,
      forms: ['native'],
      coversReads: more.reads ?? true,
      coversWatches: more.reads ?? true,
      showsGroups: true,
      showsImpersonation: true,
      coversAll: more.reads ?? true,
      resources: ['pods', 'nodes'],
      urls: ['/metrics'],
    }),
    ...calls.map(([user, impersonator = '']) =>
      fact(k8sCalls, 'k8s:-', AT, {
        cluster: '-',
        user,
        groups: [],
        impersonator,
        decision: 'allow',
        verb: 'get',
        apiGroup: '',
        resource: 'pods',
        namespace: 'shop',
        names: [],
        namesComplete: true,
        allowedBy: [],
        calls: 1,
        lastSeen: '2026-01-01T00:00:00Z',
      }),
    ),
  ]
}

describe('workloads that share an account', () => {
  const shared = async (...documents: string[]) =>
    (await judge({ 'a.yaml': [bind('app'), ...documents] })).of(k8sSharedAccount).map(({ data }) => data.applications)

  it('are unrelated if nothing says that they belong together', async () => {
    expect(await shared(workload('billing'), workload('mail'))).toEqual([
      ['Deployment shop/billing', 'Deployment shop/mail'],
    ])
    expect(
      await shared(workload('billing', { labels: 'app: one' }), workload('mail', { labels: 'app: two' })),
    ).toHaveLength(1)
  })

  it.each([
    [
      'a label of the workload',
      { labels: 'app.kubernetes.io/part-of: shop' },
      { labels: 'app.kubernetes.io/part-of: shop' },
    ],
    ['a label of its pods', { pod: 'labels: {app: shop}' }, { labels: 'k8s-app: shop' }],
    [
      'a Helm release',
      { meta: 'annotations: {meta.helm.sh/release-name: shop}' },
      { meta: 'annotations: {meta.helm.sh/release-name: shop}' },
    ],
    [
      'an owner',
      { meta: 'ownerReferences: [{kind: Shop, name: s}]' },
      { meta: 'ownerReferences: [{kind: Shop, name: s}]' },
    ],
  ])('are related by %s', async (_, one, two) => {
    expect(await shared(workload('billing', one), workload('mail', { kind: 'CronJob', ...two }))).toEqual([])
  })

  it('are related by their names, and by what a third has in common with both', async () => {
    expect(await shared(workload('web'), workload('web-migrate', { kind: 'Job' }))).toEqual([])
    const third = workload('all', { labels: 'app: mail, release: billing' })
    expect(await shared(workload('billing'), workload('mail'), third)).toEqual([])
  })

  it('are not compared across folders of files without a namespace', async () => {
    const files = {
      'a/x.yaml': [workload('billing', { namespace: '' })],
      'b/x.yaml': [workload('mail', { namespace: '' })],
    }
    expect((await judge(files)).of(k8sSharedAccount)).toEqual([])
  })

  it('share rights only if a binding names the account; unseen bindings are not none', async () => {
    const files = { 'a.yaml': [workload('billing'), workload('mail')] }
    const gap: Gap = { kind: 'k8s.subject', scope: 'k8s:-', class: 'fault', reason: 'x', detail: '' }
    expect((await judge(files)).of(k8sSharedAccount)[0]?.data.granted).toBe(false)
    expect((await judge(files, [], [gap])).of(k8sSharedAccount)[0]?.unknown).toEqual(['granted'])
  })
})

describe('a token', () => {
  it.each([
    ['', true],
    ['https://kubernetes.default.svc', true],
    ['https://kubernetes.default.svc.cluster.local', true],
    ['https://oidc.eks.eu-central-1.amazonaws.com/id/0123', true],
    ['sts.amazonaws.com', false],
    ['api://AzureADTokenExchange', false],
    ['my-project.svc.id.goog', false],
    ['istio-ca', false],
    ['vault', false],
    ['https://issuer.example.com', undefined],
  ])('for the audience "%s" is for the API server: %s', (audience, expected) => {
    expect(isApiServerAudience(audience)).toBe(expected)
  })

  const mounts = async (audience: string, gaps: string[] = []) => {
    const volume = `volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t${audience && `, audience: "${audience}"`}}}]}}]`
    const spec = `automountServiceAccountToken: false, ${volume}`
    const result = await judge({ 'a.yaml': [account('app'), workload('web', { spec })] })
    gaps.push(...result.gaps.filter(({ kind }) => kind === k8sAccountUse.kind).map(({ reason }) => reason))
    return result.of(k8sAccountUse)[0]?.data.mountsToken
  }
  it('that the pod projects is there in spite of automount, if it is for the API server', async () => {
    const gaps: string[] = []
    expect(await mounts('')).toBe(true)
    expect(await mounts('sts.amazonaws.com', gaps)).toBe(false)
    expect(gaps).toEqual([])
    expect(await mounts('https://issuer.example.com', gaps)).toBeUndefined()
    expect(gaps).toEqual(['token not seen'])
  })

  it('is not in a static pod, whose mirror can name no account', async () => {
    const mirror = `apiVersion: v1\nkind: Pod\nmetadata: {name: etcd, namespace: kube-system, annotations: {kubernetes.io/config.mirror: x}}\nspec: {containers: [{image: x}]}\n`
    expect((await judge({ 'a.yaml': [mirror] })).of(k8sAccountUse)).toEqual([])
  })

  it('may be for an agent that logs in elsewhere with it', async () => {
    const vault = workload('web', { pod: 'annotations: {vault.hashicorp.com/agent-inject: "true"}' })
    expect((await judge({ 'a.yaml': [vault] })).of(k8sAccountUse)[0]?.data.agents).toEqual(['Deployment shop/web'])
  })
})

describe('an account is silent', () => {
  const USER = 'system:serviceaccount:shop:app'
  const silent = async (made: Made, log: readonly Fact[], more: readonly string[] = [], gaps: readonly Gap[] = []) => {
    const documents = [account('app'), bind('app', 'own'), workload('web', made), ...more]
    const { of, gaps: all } = await judge({ 'a.yaml': documents }, log, gaps)
    const [use] = of(k8sAccountUse)
    const reasons = all.filter(({ fields }) => fields?.includes('silent')).map(({ detail }) => detail)
    return [use?.data.silent, ...reasons]
  }
  const OWN = role('own', '{apiGroups: [""], resources: [pods], verbs: [get]}')

  it('if a log of a day holds none of its calls; calls of others in its name are not its own', async () => {
    expect(await silent({}, logOf(48), [OWN])).toEqual([true])
    expect(await silent({}, logOf(48, [[USER]]), [OWN])).toEqual([false])
    expect(await silent({}, logOf(48, [[USER, 'admin']]), [OWN])).toEqual([true])
    expect(await silent({}, [], [OWN])).toEqual([false])
  })

  it.each([
    ['the log is short', {}, logOf(3), OWN, 'less than 24 hours'],
    ['the log holds no reads', {}, logOf(48, [], { reads: false }), OWN, 'no reads'],
    ['it runs now and then', { kind: 'CronJob' }, logOf(48), OWN, 'may not have run'],
    ['it ran once', { kind: 'Job' }, logOf(24 * 60), OWN, 'may not have run'],
    [
      'it shows its token to kubelets',
      {},
      logOf(48),
      role('own', '{apiGroups: [""], resources: [nodes/metrics], verbs: [get]}'),
      'kubelets',
    ],
  ])('only if the log would tell, not where %s', async (_, made, log, own, reason) => {
    const [verdict, detail] = await silent(made, log, [own])
    expect(verdict).toBeUndefined()
    expect(detail).toContain(reason)
  })

  it('also of a CronJob, if the log holds a month', async () => {
    expect(await silent({ kind: 'CronJob' }, logOf(24 * 31), [OWN])).toEqual([true])
  })

  it('never where a part of the log was not read: that gap says why', async () => {
    const gap: Gap = { kind: 'k8s.calls', scope: 'k8s:-', class: 'fault', reason: 'truncated', detail: '' }
    expect(await silent({}, logOf(48), [OWN], [gap])).toEqual([undefined])
  })
})

describe('use that no audit log shows', () => {
  /** Kubelets and a proxy ask for the rights of those who call them. */
  const reviews = ['system:node:a', 'system:serviceaccount:monitoring:proxy'].map((user) =>
    fact(k8sCalls, 'k8s:-', AT, {
      cluster: '-',
      user,
      groups: [],
      impersonator: '',
      decision: 'allow',
      verb: 'create',
      apiGroup: 'authorization.k8s.io',
      resource: 'subjectaccessreviews',
      namespace: '',
      names: [],
      namesComplete: true,
      allowedBy: [],
      calls: 1,
      lastSeen: '2026-01-01T00:00:00Z',
    }),
  )

  it('is what kubelets and servers of metrics ask for', async () => {
    const rules =
      '{apiGroups: [""], resources: [nodes/metrics, nodes], verbs: [get]}, {nonResourceURLs: [/metrics, /version], verbs: [get]}'
    const log = [...logOf(24 * 40, [['system:serviceaccount:shop:other']]), ...reviews]
    const documents = [account('app'), role('own', rules), bind('app', 'own', 'ClusterRoleBinding')]
    const { of, gaps } = await judge({ 'a.yaml': documents }, log)
    const verdicts = Object.fromEntries(of(k8sPermission).map(({ data }) => [data.text, data.used]))
    expect(verdicts).toEqual({
      'get nodes/metrics': undefined,
      'get nodes': false,
      'get /metrics': undefined,
      'get /version': undefined,
    })
    expect(gaps.map(({ reason }) => reason)).toContain('not in any audit log')
    expect(of(k8sBindingUse)[0]?.unknown).toEqual(['used'])
  })

  it('leaves open whether one namespace would do', async () => {
    const rules = '{apiGroups: [""], resources: [pods, nodes/metrics], verbs: [get]}'
    const documents = [account('app'), role('own', rules), bind('app', 'own', 'ClusterRoleBinding')]
    const log = [...logOf(24 * 40, [['system:serviceaccount:shop:app']]), ...reviews]
    const { of } = await judge({ 'a.yaml': documents }, log)
    expect(of(k8sBindingUse)[0]?.unknown).toEqual(['onlyNamespace'])
  })
})
