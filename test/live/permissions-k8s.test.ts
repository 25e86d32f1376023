import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { type ReadRule, readRules, renderClusterRoles } from '../../src/cli/permissions/kubernetes.ts'
import { kubernetesNeeds } from '../../src/cli/permissions.ts'
import { kubernetesScanner } from '../../src/scanners/kubernetes/index.ts'
import { OBJECT_KINDS } from '../../src/scanners/kubernetes/kinds.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import { folderWith, run } from '../support/program.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type KubeServer, startKube } from './servers/kube.ts'
import { temporaryFolder, waitUntil } from './servers/process.ts'

const ROLES = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
const USER = 'system:serviceaccount:default:auditor'
const NAMES = ['zt-audit', 'zt-audit-token-secrets'] as const
const { read, secrets } = readRules(kubernetesNeeds())
/** Of what a server does not serve it denies nothing; kubernetes-network.test.ts has servers with extensions. */
const EXTENSIONS = new Set(
  OBJECT_KINDS.filter(({ extension, groups }) => extension && groups[0] !== '').flatMap(({ groups, resource }) =>
    groups.map((group) => `${group}/${resource}`),
  ),
)
/** Each resource that is read and served by every cluster, with its role and rule. */
const PARTS = [read, secrets].flatMap((rules, i) =>
  rules.flatMap((rule) =>
    rule.resources
      .filter((resource) => !rule.apiGroups.some((group) => EXTENSIONS.has(`${group}/${resource}`)))
      .map((resource) => ({ role: NAMES[i] ?? '', rules, rule, resource })),
  ),
)
const ACCOUNT = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: auditor, namespace: default}\n'
const bindingOf = (name: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'auditor' }],
})

liveOrSkip('the ClusterRoles that zt-audit permissions k8s prints', ['etcd', 'kube-apiserver'], () => {
  const folder = temporaryFolder('permissions')
  const kubeconfig = join(folder.path, 'auditor.yaml')
  let kube: KubeServer
  beforeAll(async () => {
    kube = await startKube()
    await kube.apply(
      [ACCOUNT, renderClusterRoles(kubernetesNeeds()), ...NAMES.map((name) => stringify(bindingOf(name)))].join(
        '\n---\n',
      ),
    )
    const token = await kube.token('default', 'auditor')
    writeFileSync(kubeconfig, readFileSync(kube.kubeconfig, 'utf8').replace(/token: .*/, `token: ${token}`), {
      mode: 0o600,
    })
    for (const part of PARTS) await settle(part.rule, part.resource, true)
  })
  afterAll(async () => {
    await kube?.stop()
    folder.remove()
  })

  /** Waits until the authoriser has seen a change. */
  async function settle({ apiGroups: [group], verbs }: ReadRule, resource: string, allowed: boolean): Promise<void> {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: USER, resourceAttributes: { group, resource, verb: verbs[0] } },
    }
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
    const answers = async () =>
      ((await kube.request('POST', path, { body: review })).body as { status: { allowed: boolean } }).status.allowed
    await waitUntil(`access to ${resource}`, async () => (await answers()) === allowed, [], 10_000)
  }

  async function put(role: string, rules: readonly ReadRule[]): Promise<void> {
    const body = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: role }, rules }
    const { status } = await kube.request('PUT', `${ROLES}/${role}`, { body })
    expect(status).toBe(200)
  }

  const scan = () => collect(kubernetesScanner, { targets: { ...NO_TARGETS, kubernetes: [{ kubeconfig }] } })

  it('are stored by the server as they are printed', async () => {
    for (const document of parseAllDocuments(renderClusterRoles(kubernetesNeeds()))) {
      const printed = document.toJS() as { metadata: { name: string }; rules: unknown } | null
      if (!printed) continue
      const { status, body } = await kube.request('GET', `${ROLES}/${printed.metadata.name}`)
      expect(status).toBe(200)
      expect((body as { rules: unknown }).rules).toEqual(printed.rules)
    }
  })

  it('are enough: a whole audit sees everything', async () => {
    const { stdout, stderr } = await run(
      [folderWith({}), '--k8s', '--kubeconfig', kubeconfig, '--format', 'json', '--exit-zero'],
      {},
    )
    expect(stderr).toBe('')
    const { gaps, targets } = JSON.parse(stdout)
    expect(gaps).toEqual([])
    expect(targets).toContainEqual(expect.objectContaining({ kind: 'kubernetes', audited: true, complete: true }))
  })

  describe.each(PARTS)('without $resource of $role', ({ role, rules, rule, resource }) => {
    it('the gap names it, and the rest is seen', async () => {
      // Another name in its place, so that the number of rules stays.
      const without = rule.resources.map((name) => (name === resource ? 'nothing' : name))
      const rest = rules.map((each) => (each === rule ? { ...each, resources: without } : each))
      const whole = await scan()
      await put(role, rest)
      await settle(rule, resource, false)
      const { gaps, facts } = await scan()
      await put(role, rules)
      await settle(rule, resource, true)
      const [group] = rule.apiGroups
      const name = group === '' ? resource : `${group}/${resource}`
      expect(whole.gaps).toEqual([])
      expect(gaps.length).toBeGreaterThan(0)
      for (const gap of gaps) {
        expect(gap).toMatchObject({ class: 'fault', reason: 'access denied', scope: 'k8s:live' })
        expect(gap.detail).toContain(`grant the verb list on ${name}`)
      }
      const hidden = new Set(gaps.map(({ kind }) => kind))
      const others = ({ kind }: { readonly kind: string }) => !hidden.has(kind)
      expect(facts.filter(others).map(({ kind }) => kind)).toEqual(whole.facts.filter(others).map(({ kind }) => kind))
    })
  })
})
