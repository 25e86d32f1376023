import { describe, expect, it } from 'vitest'
import { deriveCloudAccess } from '../../../src/derive/kubernetes/cloud.ts'
import { CloudClusters } from '../../../src/derive/kubernetes/cloud-clusters.ts'
import { reachOf, readRoleTrust } from '../../../src/derive/kubernetes/cloud-trust.ts'
import { iamRole, iamStatement } from '../../../src/facts/iam.ts'
import { iamPrivileged } from '../../../src/facts/iam-escalation.ts'
import { k8sServiceAccount, k8sWorkload } from '../../../src/facts/kubernetes.ts'
import { eksCluster, gcpGrant, k8sCloudAccess, k8sCloudIdentity } from '../../../src/facts/kubernetes-cloud.ts'
import { type DataOf, type Fact, type FactKind, type Gap, isFact } from '../../../src/model.ts'

/** A fact with the samples of its kind, but for what is named. */
function make<K extends FactKind>(kind: K, data: DataOf<K> = {}, scope = 'repo:.', unknown: string[] = []): Fact<K> {
  const samples = Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample])
  const values = Object.fromEntries(samples.filter(([name]) => !unknown.includes(name as string)))
  return { kind: kind.kind, scope, at: { resource: 'x' }, unknown, data: { ...values, ...data } as DataOf<K> }
}

const ROLE = 'arn:aws:iam::123456789012:role/app'
const ISSUER = 'oidc.eks.eu-west-1.amazonaws.com/id/ABC'
const trust = (conditions: string[], data: DataOf<typeof iamStatement> = {}) =>
  make(iamStatement, {
    policyKind: 'trust',
    owner: ROLE,
    actions: ['sts:AssumeRoleWithWebIdentity'],
    principals: [`Federated:arn:aws:iam::123456789012:oidc-provider/${ISSUER}`],
    conditions: [`StringEquals|${ISSUER}:aud|sts.amazonaws.com`, ...conditions],
    ...data,
  })
const named = trust([`StringEquals|${ISSUER}:sub|system:serviceaccount:shop:web`])
const account = make(k8sServiceAccount, { cluster: '-', account: 'shop/web' })
const workload = make(k8sWorkload, { cluster: '-', account: 'shop/web' })
const annotated = make(k8sCloudIdentity, { cluster: '-' })
const role = make(iamRole, { arn: ROLE, name: 'app' }, 'aws:123456789012')
const admin = make(iamPrivileged, { principalArn: ROLE }, 'aws:123456789012')

function access(facts: Fact[], gaps: Gap[] = []) {
  const derived = deriveCloudAccess(facts, gaps)
  return { gaps: derived.gaps, of: derived.facts.filter((each) => isFact(k8sCloudAccess, each)) }
}

describe('roles that accounts get', () => {
  it('are those that the account names and that let it in', () => {
    const { of, gaps } = access([account, annotated, role, admin, named])
    expect(of.map(({ data }) => data)).toMatchObject([
      {
        cluster: '-',
        account: 'shop/web',
        identity: ROLE,
        identityName: 'AWS role app',
        trusted: true,
        privileged: true,
      },
    ])
    expect(of[0]?.data.because).toBe('is administrator by AdministratorAccess')
    expect(gaps).toEqual([])
  })
  it('are none where the trust names another account', () => {
    const other = trust([`StringEquals|${ISSUER}:sub|system:serviceaccount:shop:db`])
    expect(access([account, annotated, role, admin, other]).of[0]?.data.trusted).toBe(false)
  })
  it('are none where the trust is not of a cluster', () => {
    const conditions = ['StringLike|token.actions.githubusercontent.com:sub|repo:a/b:*']
    const principals = ['Federated:arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com']
    const github = trust([], { conditions, principals })
    expect(access([account, annotated, role, admin, github]).of[0]?.data.trusted).toBe(false)
  })
  it('stay open where the trust was not seen, or hangs on what only a run knows', () => {
    const open = trust([`StringEquals|${ISSUER}:sub|system:serviceaccount:\${var.namespace}:web`])
    for (const facts of [
      [account, annotated, role, admin],
      [account, annotated, role, admin, open],
    ])
      expect(access(facts).of[0]?.unknown).toContain('trusted')
  })
  it('are no administrators where the role was seen and nothing makes it one', () => {
    expect(access([account, annotated, role, named]).of[0]?.data.privileged).toBe(false)
  })
  it('stay open where policies of the account were denied, or the role was not seen', () => {
    const denied: Gap = {
      kind: 'iam.statement',
      scope: 'aws:123456789012',
      class: 'fault',
      reason: 'denied',
      detail: '',
    }
    expect(access([account, annotated, role, named], [denied]).of[0]?.unknown).toContain('privileged')
    const { of, gaps } = access([account, annotated, named])
    expect(of[0]?.unknown).toContain('privileged')
    expect(gaps).toMatchObject([{ class: 'limit', reason: 'role not seen' }])
  })
  it('are found by name in the files, which is said', () => {
    const id = 'file:main.tf#aws_iam_role.app'
    const facts = [
      make(iamRole, { arn: id, name: 'app', accountId: '' }),
      make(iamPrivileged, { principalArn: id }),
      trust([`StringEquals|${ISSUER}:sub|system:serviceaccount:shop:web`], { owner: id }),
    ]
    const [found] = access([account, annotated, ...facts]).of
    expect(found?.data).toMatchObject({ identity: id, trusted: true, privileged: true })
    expect(found?.data.assumptions).toContain('app is taken for main.tf#aws_iam_role.app by its name')
  })
  it('are not guessed among several of one name', () => {
    const facts = ['a.tf', 'b.tf'].map((file) => make(iamRole, { arn: `file:${file}#aws_iam_role.app`, name: 'app' }))
    expect(access([account, annotated, ...facts]).of[0]?.data.identity).toBe(ROLE)
  })
  it('of Google and Azure have rights that were not seen', () => {
    const google = make(k8sCloudIdentity, { cluster: '-', provider: 'gcp', identity: 'a@p.iam.gserviceaccount.com' })
    const { of, gaps } = access([account, google])
    expect(of[0]?.unknown).toContain('privileged')
    expect(gaps).toMatchObject([{ reason: 'rights in Google Cloud not evaluated' }])
  })
  it('of Google may be given everything by files, and need both sides', () => {
    const identity = 'a@p.iam.gserviceaccount.com'
    const google = make(k8sCloudIdentity, { cluster: '-', provider: 'gcp', identity })
    const bound = make(k8sCloudIdentity, { cluster: '-', provider: 'gcp', identity, via: 'workload-identity' })
    const grant = make(gcpGrant, { identity })
    expect(access([account, google, grant]).of[0]?.unknown).toEqual(['trusted'])
    const { of, gaps } = access([account, google, bound, grant])
    expect(of[0]?.data).toMatchObject({
      trusted: true,
      privileged: true,
      because: 'has roles/owner on the project by main.tf',
    })
    expect(gaps).toEqual([])
  })
})

describe('issuers', () => {
  const elsewhere = 'oidc.eks.eu-west-1.amazonaws.com/id/other'
  const live = { cluster: 'prod' }
  const own = make(eksCluster, { name: 'prod', issuer: elsewhere }, 'aws:123456789012/eu-west-1')
  const facts = [make(k8sServiceAccount, live), make(k8sCloudIdentity, live), make(k8sWorkload, live), role, admin]
  it('other than that which EKS tells of the cluster let nobody of it in', () => {
    expect(access([...facts, named]).of[0]?.data.trusted).toBe(true)
    expect(access([...facts, named, own]).of[0]?.data.trusted).toBe(false)
    expect(access([...facts, trust([])]).of.map(({ data }) => data.via)).toContain('trust')
    expect(access([...facts, trust([]), own]).of.map(({ data }) => data.via)).toEqual(['annotation'])
  })
  it('that are the cluster’s own leave nothing to assume', () => {
    const same = make(eksCluster, { name: 'prod', issuer: ISSUER }, 'aws:123456789012/eu-west-1')
    expect(access([...facts, named, same]).of[0]?.data).toMatchObject({ trusted: true, assumptions: [] })
  })
  it('that only a run knows may be the cluster’s own', () => {
    const hidden = trust([], {
      conditions: ['StringEquals|${local.issuer}:sub|system:serviceaccount:shop:web'],
      principals: ['Federated:${aws_iam_openid_connect_provider.eks.arn}'],
    })
    expect(access([...facts, hidden, own]).of[0]?.data.trusted).not.toBe(false)
  })
})

describe('sets of accounts of Google', () => {
  const pool = 'principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p.svc.id.goog'
  const other = make(k8sWorkload, { cluster: '-', account: 'ops/x', workload: 'Pod ops/x' })
  const google = make(k8sCloudIdentity, { cluster: '-', provider: 'gcp', identity: 'a@p.iam.gserviceaccount.com' })
  const reached = (identity: string, facts: Fact[] = [account, workload, other]) =>
    access([...facts, google, make(gcpGrant, { identity })])
      .of.filter(({ data }) => data.via === 'trust')
      .map(({ data }) => [data.account, data.reach, data.privileged])
  it('give what they have to every workload of the namespace, or of the cluster', () => {
    expect(reached(`${pool}/namespace/shop`)).toEqual([['shop/web', 'shop/*', true]])
    const cluster = `${pool}/kubernetes.cluster/https://container.googleapis.com/v1/projects/p/locations/l/clusters/c`
    expect(reached(cluster)).toEqual([
      ['shop/web', '*/*', true],
      ['ops/x', '*/*', true],
    ])
  })
  it('are a gap where nobody can tell which cluster is meant', () => {
    const identity = `${pool}/namespace/shop`
    const facts = ['a', 'b'].map((cluster) => make(k8sWorkload, { cluster, account: 'shop/web' }))
    expect(reached(identity, facts)).toEqual([])
    expect(access([...facts, make(gcpGrant, { identity })]).gaps).toMatchObject([
      { reason: 'rights in Google Cloud not evaluated' },
    ])
  })
})

describe('target roles of EKS Pod Identity', () => {
  const first = 'arn:aws:iam::123456789012:role/first'
  const association = (data: DataOf<typeof k8sCloudIdentity>, unknown: string[] = []) =>
    make(k8sCloudIdentity, { cluster: '', cloudCluster: 'prod', via: 'pod-identity', ...data }, 'repo:.', unknown)
  const pods = trust([], {
    owner: first,
    principals: ['Service:pods.eks.amazonaws.com'],
    actions: ['sts:AssumeRole'],
    conditions: [],
  })
  const lets = (principals: string[], conditions: string[] = []) => trust([], { principals, conditions })
  const trusted = (facts: Fact[]) => access([account, association({ through: first }), role, admin, ...facts]).of[0]
  it('are reached by the first role, which lets the account in and is let in', () => {
    const found = trusted([pods, lets([`AWS:${first}`])])
    expect(found?.data).toMatchObject({ identity: ROLE, trusted: true, privileged: true })
  })
  it('are not reached where the first role lets others in', () => {
    const others = trust([], { owner: first, principals: ['Service:ec2.amazonaws.com'] })
    expect(trusted([others, lets([`AWS:${first}`])])?.data.trusted).toBe(false)
  })
  it('stay open where the target’s trust does not plainly name the first role, or was not seen', () => {
    for (const facts of [
      [pods],
      [pods, lets(['AWS:arn:aws:iam::123456789012:root'])],
      [pods, lets([`AWS:${first}`], ['StringEquals|sts:ExternalId|x'])],
    ])
      expect(trusted(facts)?.unknown).toContain('trusted')
    const hidden = association({}, ['through'])
    expect(access([account, hidden, role, admin, pods, lets([`AWS:${first}`])]).of[0]?.unknown).toContain('trusted')
  })
  it('refer to the first role as Terraform does', () => {
    const [from, to] = ['file:infra/a.tf#aws_iam_role.first', 'file:infra/b.tf#aws_iam_role.target']
    const facts = [
      make(iamRole, { arn: to, name: 'target' }),
      make(iamRole, { arn: from, name: 'first' }),
      { ...pods, data: { ...pods.data, owner: from } },
      trust([], { owner: to, principals: ['AWS:${aws_iam_role.first.arn}'], conditions: [] }),
    ]
    expect(access([account, association({ identity: to, through: from }), ...facts]).of[0]?.data.trusted).toBe(true)
  })
})

describe('EKS Pod Identity', () => {
  const association = make(k8sCloudIdentity, { cluster: '', cloudCluster: 'prod', via: 'pod-identity' })
  const pods = (conditions: string[] = []) =>
    trust([], { principals: ['Service:pods.eks.amazonaws.com'], actions: ['sts:AssumeRole'], conditions })
  it('takes the only cluster for the one that it names, and says so', () => {
    const [found] = access([account, association, role, admin, pods()]).of
    expect(found?.data).toMatchObject({ cluster: '-', trusted: true, privileged: true })
    expect(found?.data.assumptions).toContain('EKS cluster prod is taken for the audited cluster')
  })
  it('heeds the tags that the trust asks for', () => {
    const other = pods(['StringEquals|aws:RequestTag/kubernetes-namespace|ops'])
    expect(access([account, association, role, admin, other]).of[0]?.data.trusted).toBe(false)
  })
  it('needs a role that trusts it', () => {
    expect(access([account, association, role, admin, named]).of[0]?.data.trusted).toBe(false)
  })
  it('leaves open which of several clusters is meant', () => {
    const second = make(k8sServiceAccount, { cluster: 'b' })
    const first = make(k8sServiceAccount, { cluster: 'a' })
    const { of, gaps } = access([first, second, association, role, admin, pods()])
    expect(of).toEqual([])
    expect(gaps).toMatchObject([{ reason: 'cluster not told', kind: 'k8s.cloud-access' }])
  })
  it('finds the cluster by the ARN in kubeconfig', () => {
    const names = ['arn:aws:eks:eu-west-1:123456789012:cluster/prod', 'arn:aws:eks:eu-west-1:123456789012:cluster/dev']
    const accounts = names.map((cluster) => make(k8sServiceAccount, { cluster }))
    const [found] = access([...accounts, association, role, admin, pods()]).of
    expect(found?.data).toMatchObject({ cluster: names[0], assumptions: [] })
  })
})

describe('trusts that name no account', () => {
  it('lead every workload to the role', () => {
    const { of } = access([
      account,
      workload,
      make(k8sCloudIdentity, { account: 'ops/x', cluster: '-' }),
      role,
      admin,
      trust([]),
    ])
    const open = of.filter(({ data }) => data.via === 'trust')
    expect(open.map(({ data }) => data)).toMatchObject([
      { account: 'shop/web', reach: '*/*', how: 'any service account of the cluster', privileged: true },
    ])
  })
  it('lead those of a namespace to it', () => {
    const ofShop = trust([`StringLike|${ISSUER}:sub|system:serviceaccount:shop:*`])
    const other = make(k8sWorkload, { cluster: '-', account: 'ops/x', workload: 'Pod ops/x' })
    const { of } = access([account, workload, other, annotated, role, admin, ofShop])
    expect(of.filter(({ data }) => data.via === 'trust').map(({ data }) => data.account)).toEqual(['shop/web'])
  })
  it('with StringEquals and an asterisk let nobody in', () => {
    const { byToken } = readRoleTrust([trust([`StringEquals|${ISSUER}:sub|system:serviceaccount:*`])])
    expect(byToken.map((way) => [way.lets('shop/web'), reachOf(way, 'shop/web')])).toEqual([[false, undefined]])
  })
  it('are no finding where a Deny stands beside them', () => {
    const { byToken } = readRoleTrust([trust([]), trust([], { effect: 'Deny' })])
    expect(byToken.map((way) => way.lets('shop/web'))).toEqual(['unknown'])
  })
})

describe('clusters', () => {
  it('are told by the issuer that EKS names', () => {
    const eks = make(eksCluster, { name: 'prod', issuer: ISSUER })
    const clusters = new CloudClusters([
      make(k8sServiceAccount, { cluster: 'prod' }),
      make(k8sServiceAccount, { cluster: 'dev' }),
      eks,
    ])
    expect(clusters.ofIssuer(ISSUER.toLowerCase())).toEqual({ counterpart: { cluster: 'prod', assumption: '' } })
    expect(clusters.ofIssuer('oidc.eks.eu-west-1.amazonaws.com/id/other')).toBeUndefined()
  })
  it('are told by the name that eksctl gives', () => {
    const clusters = new CloudClusters([make(k8sServiceAccount, { cluster: 'prod.eu-west-1.eksctl.io' })])
    expect(clusters.counterpart('prod')?.assumption).toBe('')
    expect(clusters.counterpart('dev')).toBeUndefined()
  })
  it('of EKS that AWS did not tell of are a gap, once AWS was asked', () => {
    const name = 'arn:aws:eks:eu-west-1:123456789012:cluster/prod'
    const audited = make(k8sServiceAccount, { cluster: name }, `k8s:${name.replaceAll('/', '%2F')}`)
    expect(new CloudClusters([audited]).unmatched([])).toEqual([])
    const other = make(eksCluster, { name: 'dev' }, 'aws:123456789012/eu-west-1')
    expect(new CloudClusters([audited, other]).unmatched([])).toMatchObject([{ reason: 'cluster not seen in AWS' }])
    const own = make(eksCluster, { name: 'prod' }, 'aws:123456789012/eu-west-1')
    expect(new CloudClusters([audited, own]).unmatched([])).toEqual([])
  })
})
