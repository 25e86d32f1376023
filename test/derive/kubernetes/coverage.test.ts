import { describe, expect, it } from 'vitest'
import { k8sSubjectRights } from '../../../src/facts/kubernetes-subject.ts'
import { k8sAccountUse, k8sPermission } from '../../../src/facts/kubernetes-usage.ts'
import { CallCounter } from '../../../src/scanners/kubernetes/calls.ts'
import { kubernetesScanner } from '../../../src/scanners/kubernetes/index.ts'
import { NATIVE } from '../../../src/scanners/kubernetes/log-forms.ts'
import { collect, memoryTree } from '../../support/context.ts'
import { deriveKubernetes } from '../../support/kubernetes.ts'

const RBAC = 'apiVersion: rbac.authorization.k8s.io/v1'
const WEB = 'system:serviceaccount:shop:web'

/** A ClusterRole and its binding to a subject in the whole cluster. */
function grant(subject: string, resource: string, verbs: string): string[] {
  const rule = `{apiGroups: [""], resources: ["${resource}"], verbs: [${verbs}]}`
  return [
    'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n',
    'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: dns, namespace: kube-system}\n',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec: {containers: [{image: x}], serviceAccountName: web}\n',
    `${RBAC}\nkind: ClusterRole\nmetadata: {name: r}\nrules: [${rule}]\n`,
    `${RBAC}\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: r}\nsubjects: [${subject}]\n`,
  ]
}
const account = (name: string, namespace: string) => `{kind: ServiceAccount, name: ${name}, namespace: ${namespace}}`
const user = (name: string) => `{kind: User, name: "${name}"}`
const group = (name: string) => `{kind: Group, name: "${name}"}`

interface Call {
  readonly user?: string
  readonly verb?: string
  readonly resource?: string
  readonly day?: number
}
const event = ({ user: username = 'ann', verb = 'list', resource = 'pods', day = 1 }: Call) => {
  const [plain, subresource] = resource.split('/')
  const time = `2026-01-0${day}T00:00:00Z`
  return {
    stage: 'ResponseComplete',
    verb,
    user: { username, groups: [] },
    objectRef: { resource: plain, subresource, namespace: 'shop' },
    requestReceivedTimestamp: time,
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  }
}
const GKE = { form: 'GKE data_access', hidesGroups: true, hidesImpersonation: true }
const GKE_ADMIN = { ...GKE, form: 'GKE activity', leavesReadsOut: true }
const AKS_ADMIN = { form: 'AKS kube-audit-admin', leavesReadsOut: true }

async function derive(documents: readonly string[], calls: readonly Call[], source = NATIVE) {
  const objects = await collect(kubernetesScanner, { trees: [memoryTree({ 'a.yaml': documents.join('---\n') })] })
  const counter = new CallCounter()
  for (const call of calls) counter.addEvent(event(call), source)
  return deriveKubernetes([...objects.facts, ...counter.facts('-', ['audit.log'])], objects.gaps)
}

/** Permission → used, unused or unknown, and what is said of the unknown ones. */
async function verdicts(documents: readonly string[], calls: readonly Call[], source = NATIVE) {
  const { of, gaps } = await derive(documents, calls, source)
  const word = (used: boolean | undefined) => (used === undefined ? 'unknown' : used ? 'used' : 'unused')
  const said = gaps.filter(({ kind }) => kind === k8sPermission.kind).map(({ detail }) => detail)
  return { of: Object.fromEntries(of(k8sPermission).map(({ data }) => [data.text, word(data.used)])), said }
}

describe('reads', () => {
  const documents = grant(account('web', 'shop'), 'pods', 'get, list, watch, create')

  it('are unknown, and it is said where they are, if the cloud keeps them elsewhere', async () => {
    const reads = { 'get pods': 'unknown', 'list pods': 'unknown', 'watch pods': 'unknown', 'create pods': 'unused' }
    const google = await verdicts(documents, [{ verb: 'create' }], GKE_ADMIN)
    expect(google.of).toEqual(reads)
    expect(google.said[0]).toContain('no event on get, list and watch')
    expect(google.said[0]).toContain('in GKE, reads are in the Data Access logs')
    const azure = await verdicts(documents, [{ verb: 'watch' }], AKS_ADMIN)
    expect(azure.of).toEqual({ ...reads, 'watch pods': 'unused' })
    expect(azure.said[0]).toContain('in AKS, reads are in the category kube-audit')
  })

  it('are not taken for missing where a resource is called like one', async () => {
    const named = grant(account('web', 'shop'), 'getters', 'create')
    const { said } = await verdicts(named, [{ verb: 'create' }], GKE_ADMIN)
    expect(said[0]).toContain('no event on getters')
    expect(said[0]).not.toContain('Data Access')
  })

  it('of data are unknown in a log of GKE that holds no such part, and unused elsewhere', async () => {
    const logs = grant(account('web', 'shop'), 'pods/log', 'get')
    expect((await verdicts(logs, [{}], GKE)).of).toEqual({ 'get pods/log': 'unknown' })
    expect((await verdicts(logs, [{}, { verb: 'get', resource: 'pods/log' }], GKE)).of).toEqual({
      'get pods/log': 'unused',
    })
    expect((await verdicts(logs, [{}])).of).toEqual({ 'get pods/log': 'unused' })
  })
})

describe('a group', () => {
  const member = { user: WEB, verb: 'get' }
  const judge = async (name: string, calls: Call[]) => verdicts(grant(group(name), 'pods', 'get'), calls, GKE)

  it('is judged without names of groups if the names of users tell its members', async () => {
    for (const name of ['system:serviceaccounts:shop', 'system:serviceaccounts', 'system:authenticated']) {
      expect((await judge(name, [{}, member])).of, name).toEqual({ 'get pods': 'used' })
      expect((await judge(name, [{}])).of, name).toEqual({ 'get pods': 'unused' })
    }
    expect((await judge('system:nodes', [{}, { ...member, user: 'system:node:n1' }])).of).toEqual({
      'get pods': 'used',
    })
    expect((await judge('system:serviceaccounts:ops', [{}, member])).of).toEqual({ 'get pods': 'unused' })
  })

  it('of people is unknown in logs of GKE', async () => {
    const { of, said } = await judge('devs', [{}, member])
    expect(of).toEqual({ 'get pods': 'unknown' })
    expect(said).toEqual(['logs of GKE name no groups: whether grants to devs are used cannot be told'])
  })
})

describe('users of the control plane', () => {
  it('are not proven idle by a log that holds none of them', async () => {
    const proxy = grant(user('system:kube-proxy'), 'pods', 'list')
    expect((await verdicts(proxy, [{}])).of).toEqual({ 'list pods': 'unknown' })
    expect((await verdicts(proxy, [{}, { user: 'system:kube-proxy', verb: 'get' }])).of).toEqual({
      'list pods': 'unused',
    })
    const { said } = await verdicts(proxy, [{}])
    expect(said[0]).toContain('the log holds none of these users: whether grants to system:kube-proxy')
  })

  it('nor are accounts of kube-system by a log that holds none of these', async () => {
    const dns = grant(account('dns', 'kube-system'), 'pods', 'list')
    const other = { user: 'system:serviceaccount:kube-system:other', verb: 'get' }
    expect((await verdicts(dns, [{}])).of).toEqual({ 'list pods': 'unknown' })
    expect((await verdicts(dns, [{}, other])).of).toEqual({ 'list pods': 'unused' })
  })

  it('are never proven idle of what policies leave out, but people are', async () => {
    const calls = [{ resource: 'endpoints' }, { user: 'system:kube-proxy', verb: 'get', resource: 'endpoints' }]
    expect((await verdicts(grant(user('system:kube-proxy'), 'endpoints', 'watch, list'), calls)).of).toEqual({
      'watch endpoints': 'unknown',
      'list endpoints': 'unused',
    })
    expect((await verdicts(grant(user('bob'), 'endpoints', 'watch'), calls)).of).toEqual({
      'watch endpoints': 'unused',
    })
  })
})

describe('the right to impersonate', () => {
  const documents = grant(account('web', 'shop'), 'users', 'impersonate')

  it('is unknown where calls in another’s name look like own ones, unless there are no calls at all', async () => {
    expect((await verdicts(documents, [{}, { user: WEB }], GKE)).of).toEqual({ 'impersonate users': 'unknown' })
    expect((await verdicts(documents, [{}], GKE)).of).toEqual({ 'impersonate users': 'unused' })
    expect((await verdicts(documents, [{}, { user: WEB }])).of).toEqual({ 'impersonate users': 'unused' })
  })
})

describe('a token that the kubelet renews', () => {
  it('is a call of the node, and no use by the workload', async () => {
    const documents = grant(account('web', 'shop'), 'serviceaccounts/token', 'create')
    const renewal = { user: 'system:node:n1', verb: 'create', resource: 'serviceaccounts/token' }
    const { of } = await derive(documents, [{}, renewal, { ...renewal, day: 4 }])
    expect(of(k8sPermission).map(({ data }) => data.used)).toEqual([false])
    expect(of(k8sAccountUse).map(({ data }) => data.silent)).toEqual([true])
  })
})

describe('last calls', () => {
  const lastOf = async (subject: string, source = NATIVE) => {
    const { of } = await derive(grant(subject, 'pods', 'list'), [{}], source)
    const found = of(k8sSubjectRights).find(({ data }) => subject.includes(data.subjectKind ?? '-'))
    return [found?.data.lastSeen, found?.unknown.includes('lastSeen')]
  }
  it('of groups are not seen in a log that names no groups', async () => {
    expect(await lastOf(group('devs'), GKE)).toEqual([undefined, true])
    expect(await lastOf(group('devs'))).toEqual(['', false])
  })
  it('of the control plane are not seen in a log that holds none of its calls', async () => {
    expect(await lastOf(user('system:kube-scheduler'))).toEqual([undefined, true])
    expect(await lastOf(user('bob'))).toEqual(['', false])
  })
  it('are told of whoever made them', async () => {
    expect(await lastOf(user('ann'))).toEqual(['2026-01-01T00:00:00.000000Z', false])
  })
})
