import { describe, expect, it } from 'vitest'
import { eksCluster, gcpGrant, k8sCloudIdentity, k8sClusterAccess } from '../../../src/facts/kubernetes-cloud.ts'
import type { Gap } from '../../../src/model.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'

const scan = (files: Readonly<Record<string, string>>) => collect(iamFilesScanner, { trees: [memoryTree(files)] })
const ROLE = 'arn:aws:iam::123456789012:role/app'

describe('EKS in Terraform', () => {
  it('gives accounts roles by Pod Identity', async () => {
    const { of, gaps } = await scan({
      'main.tf': `
resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = "{}"
}
resource "aws_eks_cluster" "main" { name = "prod" }
resource "aws_eks_pod_identity_association" "web" {
  cluster_name    = aws_eks_cluster.main.name
  namespace       = "shop"
  service_account = "web"
  role_arn        = aws_iam_role.app.arn
}`,
    })
    expect(of(k8sCloudIdentity).map(({ data, at }) => [data, at])).toMatchObject([
      [
        {
          cluster: '',
          cloudCluster: 'prod',
          account: 'shop/web',
          identity: 'file:main.tf#aws_iam_role.app',
          via: 'pod-identity',
        },
        { file: 'main.tf', line: 7 },
      ],
    ])
    expect(of(eksCluster)[0]?.data).toMatchObject({
      name: 'prod',
      authenticationMode: 'CONFIG_MAP',
      creatorIsAdmin: true,
    })
    expect(gaps.filter(({ kind }) => kind.startsWith('k8s.'))).toMatchObject([
      { kind: 'k8s.cluster-access', class: 'limit', reason: 'creator of the cluster not seen' },
    ])
  })
  it('has no creator who is administrator where it says so', async () => {
    const { of, gaps } = await scan({
      'main.tf': `
resource "aws_eks_cluster" "main" {
  name = "prod"
  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }
}`,
    })
    expect(of(eksCluster)[0]?.data.creatorIsAdmin).toBe(false)
    expect(gaps.filter(({ kind }) => kind.startsWith('k8s.'))).toEqual([])
  })
  it('is read with every instance of for_each and count', async () => {
    const { of } = await scan({
      'main.tf': `
locals {
  roles = { a = "arn:aws:iam::123456789012:role/a", b = "arn:aws:iam::123456789012:role/b" }
}
resource "aws_eks_access_entry" "all" {
  for_each      = local.roles
  cluster_name  = "prod"
  principal_arn = each.value
}
resource "aws_eks_pod_identity_association" "all" {
  for_each        = local.roles
  cluster_name    = "prod"
  namespace       = "shop"
  service_account = each.key
  role_arn        = each.value
}
resource "kubernetes_service_account" "all" {
  count = 2
  metadata {
    name        = "web-\${count.index}"
    namespace   = "shop"
    annotations = { "eks.amazonaws.com/role-arn" = "${ROLE}" }
  }
}`,
    })
    expect(of(k8sClusterAccess).map(({ data }) => data.principal)).toEqual([
      'arn:aws:iam::123456789012:role/a',
      'arn:aws:iam::123456789012:role/b',
    ])
    expect(of(k8sCloudIdentity).map(({ data }) => data.account)).toEqual([
      'shop/a',
      'shop/b',
      'shop/web-0',
      'shop/web-1',
    ])
  })
  it('gives accounts the target role alone, through the first', async () => {
    const { of } = await scan({
      'main.tf': `
resource "aws_eks_pod_identity_association" "web" {
  cluster_name    = "prod"
  namespace       = "shop"
  service_account = "web"
  role_arn        = "arn:aws:iam::123456789012:role/first"
  target_role_arn = "${ROLE}"
}`,
    })
    expect(of(k8sCloudIdentity).map(({ data }) => [data.identity, data.through])).toEqual([
      [ROLE, 'arn:aws:iam::123456789012:role/first'],
    ])
  })
  it('says what only a run knows: once for a file', async () => {
    const association = (name: string) => `
resource "aws_eks_pod_identity_association" "${name}" {
  cluster_name    = var.cluster
  namespace       = "shop"
  service_account = "${name}"
  role_arn        = var.role
}`
    const { of, gaps } = await scan({
      'main.tf': `variable "role" {}\nvariable "cluster" {}\n${association('a')}${association('b')}`,
    })
    expect(of(k8sCloudIdentity).map(({ data, unknown }) => [data.cloudCluster, unknown])).toEqual([
      ['${var.cluster}', ['identity']],
      ['${var.cluster}', ['identity']],
    ])
    expect(gaps.filter(({ kind }) => kind === 'k8s.cloud-identity')).toMatchObject([
      { class: 'limit', scope: 'repo:./main.tf', reason: 'value known at run time only' },
    ])
  })
  it('lets roles in by access entries and their policies', async () => {
    const { of } = await scan({
      'main.tf': `
resource "aws_eks_access_entry" "ci" {
  cluster_name      = "prod"
  principal_arn     = "${ROLE}"
  kubernetes_groups = ["deployers"]
}
resource "aws_eks_access_policy_association" "ci" {
  cluster_name  = "prod"
  principal_arn = "${ROLE}"
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy"
  access_scope {
    type       = "namespace"
    namespaces = ["shop", "web"]
  }
}`,
    })
    expect(of(k8sClusterAccess).map(({ data }) => [data.principal, data.groups, data.policies, data.type])).toEqual([
      [ROLE, ['deployers'], [], 'STANDARD'],
      [ROLE, [], ['AmazonEKSAdminPolicy in shop,web'], ''],
    ])
  })
  it('lets roles in by the arguments of the public module, old and new', async () => {
    const { of } = await scan({
      'main.tf': `
module "eks" {
  source = "terraform-aws-modules/eks/aws"
  name   = "prod"
  access_entries = {
    ci = {
      principal_arn = "${ROLE}"
      policy_associations = {
        admin = {
          policy_arn   = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
          access_scope = { type = "cluster" }
        }
      }
    }
  }
  aws_auth_roles = [{ rolearn = "${ROLE}", username = "x", groups = ["system:masters"] }]
}`,
    })
    expect(of(k8sClusterAccess).map(({ data }) => [data.cloudCluster, data.via, data.policies, data.groups])).toEqual([
      ['prod', 'access-entry', ['AmazonEKSClusterAdminPolicy'], []],
      ['prod', 'aws-auth', [], ['system:masters']],
    ])
  })
  it('has objects of the cluster: annotated accounts, and aws-auth', async () => {
    const { of } = await scan({
      'main.tf': `
resource "kubernetes_service_account_v1" "web" {
  metadata {
    name        = "web"
    namespace   = "shop"
    annotations = { "eks.amazonaws.com/role-arn" = "${ROLE}" }
  }
}
resource "kubernetes_config_map_v1_data" "auth" {
  metadata {
    name      = "aws-auth"
    namespace = "kube-system"
  }
  data = {
    mapRoles = yamlencode([{ rolearn = "${ROLE}", groups = ["system:masters"] }, { rolearn = var.node, groups = ["system:nodes"] }])
  }
}
variable "node" {}`,
    })
    expect(of(k8sCloudIdentity).map(({ data }) => [data.cluster, data.account, data.identity])).toEqual([
      ['-', 'shop/web', ROLE],
    ])
    expect(of(k8sClusterAccess).map(({ data, unknown }) => [data.principal, data.groups, unknown])).toEqual([
      [ROLE, ['system:masters'], []],
      [undefined, ['system:nodes'], ['principal']],
    ])
  })
  it('knows Google’s side of Workload Identity', async () => {
    const { of } = await scan({
      'main.tf': `
resource "google_service_account" "app" {
  account_id = "app"
  project    = "p"
}
resource "google_service_account_iam_member" "web" {
  service_account_id = google_service_account.app.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:p.svc.id.goog[shop/web]"
}
resource "google_service_account_iam_member" "other" {
  service_account_id = google_service_account.app.name
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:p.svc.id.goog[shop/db]"
}`,
    })
    expect(of(k8sCloudIdentity).map(({ data }) => [data.provider, data.account, data.identity])).toEqual([
      ['gcp', 'shop/web', 'app@p.iam.gserviceaccount.com'],
    ])
  })
})

describe('Google Cloud in Terraform', () => {
  it('gives everything to service accounts, and to accounts of a cluster themselves', async () => {
    const principal =
      'principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p.svc.id.goog/subject/ns/shop/sa/web'
    const { of } = await scan({
      'main.tf': `
resource "google_service_account" "app" {
  account_id = "app"
  project    = "p"
}
resource "google_project_iam_member" "a" {
  role   = "roles/owner"
  member = "serviceAccount:\${google_service_account.app.email}"
}
resource "google_project_iam_binding" "b" {
  role    = "roles/editor"
  members = ["serviceAccount:ci@p.iam.gserviceaccount.com", "user:ann@example.org"]
}
resource "google_folder_iam_member" "c" {
  role   = "roles/owner"
  member = "${principal}"
}
resource "google_project_iam_member" "d" {
  role   = "roles/viewer"
  member = "serviceAccount:ci@p.iam.gserviceaccount.com"
}`,
    })
    expect(of(gcpGrant).map(({ data }) => [data.identity, data.role, data.on])).toEqual([
      ['app@p.iam.gserviceaccount.com', 'roles/owner', 'project'],
      ['ci@p.iam.gserviceaccount.com', 'roles/editor', 'project'],
      [principal, 'roles/owner', 'folder'],
    ])
    expect(of(k8sCloudIdentity).map(({ data }) => [data.account, data.identity])).toEqual([['shop/web', principal]])
  })
})

describe('what Google Cloud gives sets of accounts', () => {
  const pool = 'principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p.svc.id.goog'
  const grant = (member: string) =>
    scan({
      'main.tf': `resource "google_project_iam_member" "a" {\n  role   = "roles/owner"\n  member = "${member}"\n}`,
    })
  // That the rights themselves are not judged is another gap.
  const ofIdentities = (gaps: readonly Gap[]) => gaps.filter(({ kind }) => kind === k8sCloudIdentity.kind)
  it('is a grant to the set', async () => {
    const { of, gaps } = await grant(`${pool}/namespace/shop`)
    expect(of(gcpGrant).map(({ data }) => data.identity)).toEqual([`${pool}/namespace/shop`])
    expect(ofIdentities(gaps)).toEqual([])
  })
  it('is a gap where only a run knows whom', async () => {
    const open = await grant('serviceAccount:${var.account}')
    expect(ofIdentities(open.gaps)).toMatchObject([{ class: 'limit' }])
    expect(ofIdentities((await grant('user:${var.ann}')).gaps)).toEqual([])
  })
})

describe('EKS in CloudFormation', () => {
  it('gives accounts roles and lets roles in', async () => {
    const { of } = await scan({
      'stack.yaml': `
Resources:
  Main:
    Type: AWS::EKS::Cluster
    Properties: {Name: prod, AccessConfig: {AuthenticationMode: API, BootstrapClusterCreatorAdminPermissions: false}}
  Web:
    Type: AWS::EKS::PodIdentityAssociation
    Properties: {ClusterName: !Ref Main, Namespace: shop, ServiceAccount: web, RoleArn: "${ROLE}"}
  Ci:
    Type: AWS::EKS::AccessEntry
    Properties:
      ClusterName: prod
      PrincipalArn: "${ROLE}"
      AccessPolicies:
        - PolicyArn: arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy
          AccessScope: {Type: cluster}
`,
    })
    expect(of(eksCluster).map(({ data }) => [data.name, data.authenticationMode, data.creatorIsAdmin])).toEqual([
      ['prod', 'API', false],
    ])
    expect(of(k8sCloudIdentity).map(({ data }) => [data.cloudCluster, data.account, data.identity])).toEqual([
      ['prod', 'shop/web', ROLE],
    ])
    expect(of(k8sClusterAccess).map(({ data }) => [data.principal, data.policies])).toEqual([
      [ROLE, ['AmazonEKSClusterAdminPolicy']],
    ])
  })
})
