import { describe, expect, it } from 'vitest'
import { deriveClusterAdmins } from '../../../src/derive/kubernetes/cluster-admins.ts'
import { iamRole } from '../../../src/facts/iam.ts'
import { iamPrivileged } from '../../../src/facts/iam-escalation.ts'
import { k8sSubject } from '../../../src/facts/kubernetes.ts'
import { eksCluster, k8sClusterAccess, k8sClusterAdmin } from '../../../src/facts/kubernetes-cloud.ts'
import { k8sPrivileged } from '../../../src/facts/kubernetes-escalation.ts'
import { type DataOf, type Fact, type FactKind, isFact } from '../../../src/model.ts'

function make<K extends FactKind>(kind: K, data: DataOf<K> = {}, unknown: string[] = []): Fact<K> {
  const samples = Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample])
  const values = Object.fromEntries(samples.filter(([name]) => !unknown.includes(name as string)))
  return {
    kind: kind.kind,
    scope: 'k8s:prod',
    at: { resource: 'x' },
    unknown,
    data: { ...values, ...data } as DataOf<K>,
  }
}
const auth = (data: DataOf<typeof k8sClusterAccess>, unknown: string[] = []) =>
  make(k8sClusterAccess, { cluster: 'prod', groups: [], ...data }, unknown)
const entry = (policies: string[], data: DataOf<typeof k8sClusterAccess> = {}) =>
  make(k8sClusterAccess, { cluster: '', cloudCluster: 'prod', via: 'access-entry', groups: [], policies, ...data })
const admins = (facts: Fact[], breakGlassRoles: string[] = []) =>
  deriveClusterAdmins(facts, [], { trustedAccounts: [], breakGlassRoles }).facts.filter((each) =>
    isFact(k8sClusterAdmin, each),
  )

describe('administrators by aws-auth', () => {
  it('are members of system:masters', () => {
    const role = make(iamRole, { arn: 'arn:aws:iam::123456789012:role/app' })
    expect(admins([auth({ groups: ['system:masters'] }), role])[0]?.data).toMatchObject({
      principalName: 'role app',
      admin: true,
      how: 'by the group system:masters in aws-auth',
      clusterWide: true,
      standing: ' (no administrator in AWS)',
      expected: '',
    })
  })
  it('are members of a group that is bound to cluster-admin', () => {
    const group = make(k8sPrivileged, {
      cluster: 'prod',
      subjectKind: 'Group',
      subject: 'ops',
      because: 'may do everything',
    })
    expect(admins([auth({ groups: ['ops'] }), group])[0]?.data.how).toBe('by aws-auth: as ops it may do everything')
  })
  it('are not nodes, nor members of a group with few rights', () => {
    const group = make(k8sPrivileged, { cluster: 'prod', subjectKind: 'Group', subject: 'dev', privileged: false })
    const nodes = auth({ principal: 'arn:aws:iam::1:role/node', groups: ['system:bootstrappers', 'system:nodes'] })
    expect(admins([auth({ groups: ['dev'] }), nodes, group])).toEqual([])
  })
  it('are not members of a group that a live cluster binds nowhere', () => {
    const bound = make(k8sSubject, { cluster: 'prod', source: 'cluster' })
    expect(admins([auth({ groups: ['dev'] }), bound])).toEqual([])
  })
  it('stay open where only manifests tell what a group may do, and where a template hides the groups', () => {
    const files = auth({ cluster: '-', groups: ['dev'] })
    expect(admins([files])[0]?.unknown).toEqual(['admin'])
    expect(admins([auth({}, ['groups'])])[0]?.unknown).toEqual(['admin'])
  })
})

describe('user names in aws-auth', () => {
  it('stay open where only manifests tell what they may do', () => {
    expect(admins([auth({ cluster: '-', username: 'ann' })])[0]?.unknown).toEqual(['admin'])
  })
  it.each(['system:node:{{EC2PrivateDNSName}}', 'arn:aws:sts::123456789012:assumed-role/app/{{SessionName}}'])(
    'that AWS gives are no question: %s',
    (username) => {
      expect(admins([auth({ cluster: '-', username })])).toEqual([])
    },
  )
  it('are no question where a live cluster binds them nowhere', () => {
    const bound = make(k8sSubject, { cluster: 'prod', source: 'cluster' })
    expect(admins([auth({ username: 'ann' }), bound])).toEqual([])
  })
})

describe('aws-auth of a cluster that the API alone lets in', () => {
  const masters = auth({ groups: ['system:masters'] })
  const bound = make(k8sSubject, { cluster: 'prod', source: 'cluster' })
  const eks = (authenticationMode: string, scope: string, name = 'prod') => ({
    ...make(eksCluster, { name, authenticationMode }),
    scope,
  })
  const live = 'aws:123456789012/eu-west-1'
  it('gives nobody anything', () => {
    expect(admins([masters, bound, eks('API', live)])).toEqual([])
  })
  it('counts where the mode takes both', () => {
    expect(admins([masters, bound, eks('API_AND_CONFIG_MAP', live)])[0]?.data.admin).toBe(true)
  })
  it('is judged by what AWS tells, not by what files want', () => {
    expect(admins([masters, bound, eks('API', 'repo:.'), eks('CONFIG_MAP', live)])).toHaveLength(1)
    expect(admins([masters, bound, eks('CONFIG_MAP', 'repo:.'), eks('API', live)])).toEqual([])
  })
  it('stays open where that cluster is but taken for this one, or its mode is not known', () => {
    expect(admins([masters, bound, eks('API', 'repo:.', 'main')])[0]?.unknown).toEqual(['admin'])
    const hidden = { ...make(eksCluster, { name: 'prod' }, ['authenticationMode']), scope: live }
    expect(admins([masters, bound, hidden])[0]?.unknown).toEqual(['admin'])
  })
  it('leaves access entries alone', () => {
    expect(admins([entry(['AmazonEKSClusterAdminPolicy']), bound, eks('API', live)])).toHaveLength(1)
  })
})

describe('administrators by access entries', () => {
  it('have the policy for the whole cluster', () => {
    const privileged = make(iamPrivileged, { principalArn: 'arn:aws:iam::123456789012:role/app' })
    expect(admins([entry(['AmazonEKSClusterAdminPolicy']), privileged])[0]?.data).toMatchObject({
      clusterName: 'cluster prod',
      how: 'by the access policy AmazonEKSClusterAdminPolicy',
      where: '',
      standing: ' (in AWS it is administrator by AdministratorAccess)',
    })
  })
  it('have it for namespaces, which is less', () => {
    expect(admins([entry(['AmazonEKSClusterAdminPolicy in shop,web'])])[0]?.data).toMatchObject({
      where: ' in shop, web',
      clusterWide: false,
    })
  })
  it('have the policy of namespace administrators in kube-system', () => {
    expect(admins([entry(['AmazonEKSAdminPolicy in kube-*'])])[0]?.data.clusterWide).toBe(true)
    expect(admins([entry(['AmazonEKSEditPolicy'])])[0]?.data.clusterWide).toBe(true)
    expect(admins([entry(['AmazonEKSEditPolicy in shop'])])).toEqual([])
    expect(admins([entry(['AmazonEKSAdminPolicy in shop']), entry(['AmazonEKSViewPolicy'])])).toEqual([])
  })
  it('are told once where two resources make them', () => {
    expect(admins([entry([]), entry(['AmazonEKSClusterAdminPolicy'])])).toHaveLength(1)
  })
  it('may be expected: people, and emergencies', () => {
    const principal =
      'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef'
    expect(admins([entry(['AmazonEKSClusterAdminPolicy'], { principal })])[0]?.data.expected).toBe('sso')
    expect(admins([entry(['AmazonEKSClusterAdminPolicy'])], ['app'])[0]?.data.expected).toBe('break-glass')
  })
})
