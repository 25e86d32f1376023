import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateClusterCommand, EKSClient } from '@aws-sdk/client-eks'
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { eksCluster, k8sCloudIdentity, k8sClusterAccess } from '../../src/facts/kubernetes-cloud.ts'
import { audit } from '../../src/index.ts'
import type { Report } from '../../src/report.ts'
import { awsEksScanner } from '../../src/scanners/aws/eks.ts'
import { composeCertificate, composeKubeconfig } from '../support/certificates.ts'
import { collect, NO_TARGETS } from '../support/context.ts'
import { type AwsStandIn, jsonAnswer, type StandInAnswer, startAwsStandIn } from './servers/aws-stand-in.ts'
import { liveOrSkip } from './servers/installed.ts'
import { type KubeServer, startKube } from './servers/kube.ts'
import { type MotoServer, startMoto } from './servers/moto.ts'
import { temporaryFolder } from './servers/process.ts'

// Read when the SDK is loaded.
vi.hoisted(() => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
})

const ACCOUNT = '123456789012'
const ARN = `arn:aws:iam::${ACCOUNT}:role`
const ISSUER = 'oidc.eks.eu-west-1.amazonaws.com/id/ABC'
const workload = (name: string, annotation = '') => `
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: shop${annotation && `, annotations: {eks.amazonaws.com/role-arn: "${annotation}"}`}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {serviceAccountName: ${name}, containers: [{name: main, image: "example.org/app:1"}]}
---`
const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---${workload('web', `${ARN}/app`)}${workload('reader', `${ARN}/limited`)}${workload('foreign', `${ARN}/app`)}${workload('jobs')}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapRoles: |
    - {rolearn: "${ARN}/limited", username: deployer, groups: [system:masters]}
    - {rolearn: "${ARN}/node", username: "system:node:{{EC2PrivateDNSName}}", groups: [system:bootstrappers, system:nodes]}
`
const document = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const trusting = (account: string) => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRoleWithWebIdentity',
  Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}` },
  Condition: { StringEquals: { [`${ISSUER}:sub`]: `system:serviceaccount:shop:${account}` } },
})
const PODS = {
  Effect: 'Allow',
  Action: ['sts:AssumeRole', 'sts:TagSession'],
  Principal: { Service: 'pods.eks.amazonaws.com' },
}

/** What moto does not know of EKS. */
const EKS: Readonly<Record<string, StandInAnswer>> = {
  'eks:DescribeCluster': () =>
    jsonAnswer({
      cluster: {
        name: 'live',
        arn: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/live`,
        identity: { oidc: { issuer: `https://${ISSUER}` } },
        accessConfig: { authenticationMode: 'API_AND_CONFIG_MAP', bootstrapClusterCreatorAdminPermissions: false },
      },
    }),
  'eks:ListAccessEntries': ({ path }) =>
    path.includes('nextToken')
      ? jsonAnswer({ accessEntries: [`${ARN}/limited`] })
      : jsonAnswer({ accessEntries: [`${ARN}/app`], nextToken: 'more' }),
  'eks:DescribeAccessEntry': () =>
    jsonAnswer({ accessEntry: { kubernetesGroups: [], type: 'STANDARD', username: 'x' } }),
  'eks:ListAssociatedAccessPolicies': ({ path }) =>
    jsonAnswer({
      associatedAccessPolicies: path.includes('limited')
        ? [
            {
              policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy',
              accessScope: { type: 'namespace', namespaces: ['shop'] },
            },
          ]
        : [
            {
              policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
              accessScope: { type: 'cluster' },
            },
          ],
    }),
  'eks:ListPodIdentityAssociations': () =>
    jsonAnswer({
      associations: [{ associationId: 'a-1', associationArn: 'arn:x', namespace: 'shop', serviceAccount: 'jobs' }],
    }),
  'eks:DescribePodIdentityAssociation': () => jsonAnswer({ association: { roleArn: `${ARN}/pods` } }),
}

liveOrSkip('a real kube-apiserver beside AWS (moto)', ['etcd', 'kube-apiserver', 'moto'], () => {
  const folder = temporaryFolder('kubernetes-cloud')
  let kube: KubeServer
  let moto: MotoServer
  let server: AwsStandIn
  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    ;[kube, moto] = await Promise.all([startKube(), startMoto()])
    server = await startAwsStandIn(EKS, moto.url)
    await kube.apply(OBJECTS)
    await declareRoles(moto.url)
    mkdirSync(join(folder.path, 'deploy'))
    writeFileSync(join(folder.path, 'deploy', 'ci.env'), `CLUSTER_TOKEN=${await kube.token('shop', 'web')}\n`)
    writeFileSync(join(folder.path, 'deploy', 'reader.env'), `CLUSTER_TOKEN=${await kube.token('shop', 'reader')}\n`)
    const admin = composeKubeconfig('kubernetes-admin', composeCertificate('kubernetes-admin', ['system:masters']))
    writeFileSync(join(folder.path, 'deploy', 'admin.conf'), admin)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await Promise.all([kube?.stop(), moto?.stop(), server?.stop()])
    folder.remove()
  })

  async function run(only: string[]): Promise<Report> {
    const targets = { kubernetes: [{ kubeconfig: kube.kubeconfig }], aws: [{ endpoint: server.url }] }
    return audit({ paths: folder.path, targets, only, config: false, baseline: false, fingerprints: false })
  }
  const messages = ({ findings }: Report) => findings.map(({ severity, message }) => `${severity} ${message}`).sort()

  it('leads from workloads to the administrators of the account, and nowhere else', async () => {
    const report = await run(['chain/workload-to-cloud-admin'])
    expect(messages(report)).toEqual([
      'critical Deployment shop/jobs → ServiceAccount shop/jobs → AWS role pods, which is administrator by everything',
      'critical Deployment shop/web → ServiceAccount shop/web → AWS role app, which is administrator by everything',
    ])
    // The issuer that EKS names is the one that the role trusts, and the cluster has its name.
    expect(report.undetermined).toEqual([])
  })

  it('leads from a leaked token to what its account may do, in the cluster and beyond', async () => {
    const report = await run(['chain/leaked-service-account-token'])
    expect(messages(report)).toEqual([
      'critical deploy/ci.env leaks the token of ServiceAccount shop/web, which may do everything in the cluster by ClusterRoleBinding web; it can take AWS role app, which is administrator by everything',
    ])
  })

  it('names who is administrator of the cluster outside RBAC', async () => {
    const report = await run(['k8s/eks-cluster-admin', 'k8s/system-masters-credential'])
    expect(messages(report)).toEqual([
      'critical deploy/admin.conf holds a client certificate of system:masters (user kubernetes-admin): it may do everything, and no RBAC takes that away',
      'critical role app is administrator of cluster live by the access policy AmazonEKSClusterAdminPolicy (in AWS it is administrator by everything)',
      'critical role limited is administrator of cluster live by the group system:masters in aws-auth (no administrator in AWS)',
    ])
  })

  it('says of a cluster of EKS that its entries were not seen, where AWS was not asked', async () => {
    const name = `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/live`
    const kubeconfig = join(folder.path, 'eks.kubeconfig')
    writeFileSync(kubeconfig, readFileSync(kube.kubeconfig, 'utf8').replace(/\blive\b/g, JSON.stringify(name)))
    const kubernetes = [{ kubeconfig }]
    const report = await audit({
      paths: join(folder.path, 'deploy'),
      targets: { kubernetes },
      only: ['k8s/eks-cluster-admin'],
      config: false,
      baseline: false,
    })
    expect(report.findings.map(({ message }) => message)).toEqual([
      'role limited is administrator of cluster live by the group system:masters in aws-auth',
    ])
    expect(report.gaps.filter(({ kind }) => kind === 'k8s.cluster-access')).toMatchObject([
      { class: 'limit', reason: 'EKS not asked' },
    ])
  })

  it('reads entries page by page, and takes what is denied for a gap of what it hides', async () => {
    const targets = { ...NO_TARGETS, aws: [{ endpoint: server.url }] }
    const whole = await collect(awsEksScanner, { targets })
    expect(whole.of(eksCluster).map(({ data }) => [data.name, data.issuer, data.authenticationMode])).toEqual([
      ['live', ISSUER, 'API_AND_CONFIG_MAP'],
    ])
    expect(whole.of(k8sClusterAccess).map(({ data }) => [data.principal, data.policies])).toEqual([
      [`${ARN}/app`, ['AmazonEKSClusterAdminPolicy']],
      [`${ARN}/limited`, ['AmazonEKSViewPolicy in shop']],
    ])
    expect(whole.gaps.map(({ reason }) => reason)).toEqual(['region not visited'])
    const strict = await startAwsStandIn(
      { ...EKS, 'eks:DescribePodIdentityAssociation': denyAll, 'eks:ListAccessEntries': denyAll },
      moto.url,
    )
    const partly = await collect(awsEksScanner, { targets: { ...NO_TARGETS, aws: [{ endpoint: strict.url }] } })
    await strict.stop()
    expect(partly.of(k8sCloudIdentity)[0]?.unknown).toEqual(['identity'])
    const faults = partly.gaps.filter((gap) => gap.class === 'fault')
    expect(faults.map(({ kind }) => kind).sort()).toEqual(['k8s.cloud-identity', 'k8s.cluster-access'])
  })
})

const denyAll: StandInAnswer = () => ({
  status: 403,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' },
  body: JSON.stringify({ message: 'not authorized' }),
})

async function declareRoles(endpoint: string): Promise<void> {
  const settings = { endpoint, region: 'eu-west-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
  const iam = new IAMClient(settings)
  const everything = await iam.send(
    new CreatePolicyCommand({
      PolicyName: 'everything',
      PolicyDocument: document({ Effect: 'Allow', Action: '*', Resource: '*' }),
    }),
  )
  const role = (RoleName: string, ...trust: object[]) =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document(...trust) }))
  await role('app', trusting('web'))
  await role('pods', PODS)
  await role('limited', trusting('reader'))
  for (const RoleName of ['app', 'pods'])
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: everything.Policy?.Arn ?? '' }))
  const read = document({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::shop/*' })
  await iam.send(new PutRolePolicyCommand({ RoleName: 'limited', PolicyName: 'read', PolicyDocument: read }))
  await new EKSClient(settings).send(
    new CreateClusterCommand({ name: 'live', roleArn: `${ARN}/eks`, resourcesVpcConfig: { subnetIds: [] } }),
  )
}
