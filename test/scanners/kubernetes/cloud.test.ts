import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { k8sCloudIdentity, k8sClusterAccess } from '../../../src/facts/kubernetes-cloud.ts'
import { k8sCertificateRequest } from '../../../src/facts/kubernetes-credentials.ts'
import { readAwsAuth } from '../../../src/scanners/kubernetes/aws-auth.ts'
import { kubernetesScanner } from '../../../src/scanners/kubernetes/index.ts'
import { composeRequest } from '../../support/certificates.ts'
import { collect, memoryTree } from '../../support/context.ts'

const scan = (text: string) => collect(kubernetesScanner, { trees: [memoryTree({ 'all.yaml': text })] })
const account = (annotation: string) =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  namespace: shop\n  annotations:\n    ${annotation}\n`

describe('cloud identities in manifests', () => {
  it.each([
    ['eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/app', 'aws', 'arn:aws:iam::123456789012:role/app'],
    ['iam.gke.io/gcp-service-account: app@p.iam.gserviceaccount.com', 'gcp', 'app@p.iam.gserviceaccount.com'],
    [
      'azure.workload.identity/client-id: 00000000-0000-0000-0000-000000000001',
      'azure',
      '00000000-0000-0000-0000-000000000001',
    ],
  ])('stand in annotations: %s', async (annotation, provider, identity) => {
    const { of } = await scan(account(annotation))
    expect(of(k8sCloudIdentity).map(({ data }) => data)).toMatchObject([
      { cluster: '-', account: 'shop/web', provider, identity, via: 'annotation', source: 'file' },
    ])
  })
  it('that a template or a variable leaves open are not known', async () => {
    for (const value of ['"{{ .Values.role }}"', '"arn:aws:iam::$${ACCOUNT}:role/app"'.replace('$$', '$')]) {
      const { of } = await scan(account(`eks.amazonaws.com/role-arn: ${value}`))
      expect(of(k8sCloudIdentity)[0]?.unknown).toEqual(['identity'])
    }
    expect((await scan(account('eks.amazonaws.com/role-arn: ""'))).of(k8sCloudIdentity)).toEqual([])
  })
  it('stand in objects of the controller of EKS', async () => {
    const { of } = await scan(
      'apiVersion: eks.services.k8s.aws/v1alpha1\nkind: PodIdentityAssociation\nmetadata: {name: a}\nspec: {clusterName: prod, namespace: shop, serviceAccount: web, roleARN: "arn:aws:iam::123456789012:role/app"}\n',
    )
    expect(of(k8sCloudIdentity)[0]?.data).toMatchObject({
      cloudCluster: 'prod',
      account: 'shop/web',
      via: 'pod-identity',
    })
  })
})

describe('aws-auth', () => {
  const roles = '- rolearn: arn:aws:iam::123456789012:role/app\n  username: app\n  groups:\n  - system:masters\n'
  it('tells roles, users and accounts', () => {
    const entries = readAwsAuth({
      mapRoles: roles,
      mapUsers: '- {userarn: "arn:aws:iam::123456789012:user/ann", groups: [dev]}\n- {userarn: x}\n',
      mapAccounts: '- "000123456789"\n- "123456789012"\n',
    })
    expect(entries).toEqual([
      {
        principal: 'arn:aws:iam::123456789012:role/app',
        username: 'app',
        groups: ['system:masters'],
        entry: 'mapRoles/0',
      },
      { principal: 'arn:aws:iam::123456789012:user/ann', username: '', groups: ['dev'], entry: 'mapUsers/0' },
      { principal: 'x', username: '', groups: [], entry: 'mapUsers/1' },
      { principal: '000123456789', username: '', groups: [], entry: 'mapAccounts/0' },
      { principal: '123456789012', username: '', groups: [], entry: 'mapAccounts/1' },
    ])
  })
  it('keeps the names of nodes, which are templates of its own', () => {
    const node =
      '- rolearn: arn:aws:iam::1:role/node\n  username: system:node:{{EC2PrivateDNSName}}\n  groups: [system:nodes]\n'
    expect(readAwsAuth({ mapRoles: node })).toMatchObject([
      { principal: 'arn:aws:iam::1:role/node', groups: ['system:nodes'] },
    ])
  })
  it.each([
    ['a template', '{{ .Values.roles | toYaml }}'],
    ['broken YAML', '- rolearn: [\n'],
    ['no list', '"text"'],
  ])('that cannot be read is not nothing: %s', (_, mapRoles) => {
    const [entry] = readAwsAuth({ mapRoles })
    expect(typeof entry?.principal).toBe('symbol')
    expect(typeof entry?.groups).toBe('symbol')
  })
  it('is a ConfigMap of that name in kube-system; others are not looked at', async () => {
    const map = (name: string, namespace: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata:\n  mapRoles: |\n    ${roles.replaceAll('\n', '\n    ')}\n`
    const { of, gaps } = await scan(
      [map('aws-auth', 'kube-system'), map('aws-auth', 'shop'), map('other', 'kube-system')].join('---\n'),
    )
    expect(of(k8sClusterAccess)).toMatchObject([
      { scope: 'k8s:-/kube-system', data: { cluster: '-', via: 'aws-auth', groups: ['system:masters'] } },
    ])
    expect(gaps).toEqual([])
  })
})

describe('requests for certificates', () => {
  const request = (spec: string) =>
    `apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {name: jane}\nspec:\n  signerName: kubernetes.io/kube-apiserver-client\n  request: ${spec}\n`
  it('tell whom they are for', async () => {
    const encoded = Buffer.from(composeRequest('jane', ['system:masters'])).toString('base64')
    const { of } = await scan(request(encoded))
    expect(of(k8sCertificateRequest)[0]?.data).toMatchObject({
      name: 'jane',
      user: 'jane',
      groups: ['system:masters'],
      state: 'declared',
    })
  })
  it('that cannot be read leave it open', async () => {
    expect((await scan(request('bm90aGluZw=='))).of(k8sCertificateRequest)[0]?.unknown).toEqual(['user', 'groups'])
  })
})
