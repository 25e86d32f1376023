import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/detect/sample.ts'
import { composeJwt } from '../../src/detect/validators/jwt.ts'
import { composeCertificate, composeKubeconfig } from '../support/certificates.ts'
import { folderWith, randomText, run } from '../support/program.ts'

const RULE = 'k8s/eks-cluster-admin'
const POLICY = 'arn:aws:eks::aws:cluster-access-policy'

interface Outcome {
  readonly findings: readonly { readonly ruleId: string; readonly message: string; readonly fingerprint: string }[]
  readonly gaps: readonly { readonly kind: string; readonly reason: string }[]
  readonly undetermined: readonly { readonly rule: string; readonly rows: number }[]
}

async function audit(files: Readonly<Record<string, string>>, rule = RULE): Promise<Outcome> {
  const { stdout } = await run([folderWith(files), '--only', rule, '--format', 'json'])
  return JSON.parse(stdout)
}
const messages = ({ findings }: Outcome) => findings.map(({ message }) => message)
const SOMEBODY = 'an identity that only a run knows is administrator of'

describe('administrators of clusters in files', () => {
  it('are told by their place where a template hides who they are', async () => {
    const auth = await audit({
      'aws-auth.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth, namespace: kube-system}\ndata:\n  mapRoles: |\n' +
        ['A', 'B'].map((name) => `    - {rolearn: "\${${name}}", username: x, groups: [system:masters]}\n`).join(''),
    })
    const text = `${SOMEBODY} the cluster of the manifests by the group system:masters in aws-auth`
    expect(messages(auth)).toEqual([text, text])
    expect(new Set(auth.findings.map(({ fingerprint }) => fingerprint)).size).toBe(2)
  })
  it('are told by their place where variables of Terraform hide who they are', async () => {
    const entry = `{ principal_arn = var.admin, policy_associations = { a = { policy_arn = "${POLICY}/AmazonEKSClusterAdminPolicy", access_scope = { type = "cluster" } } } }`
    const found = await audit({
      'main.tf': `variable "admin" {}\nvariable "roles" {}
module "eks" {
  source         = "terraform-aws-modules/eks/aws"
  name           = "prod"
  access_entries = { dev = ${entry} }
}
resource "aws_eks_access_policy_association" "all" {
  for_each      = toset(var.roles)
  cluster_name  = "prod"
  principal_arn = each.value
  policy_arn    = "${POLICY}/AmazonEKSClusterAdminPolicy"
  access_scope { type = "cluster" }
}`,
    })
    const text = `${SOMEBODY} cluster prod by the access policy AmazonEKSClusterAdminPolicy`
    expect(messages(found)).toEqual([text, text])
  })
})

describe('chain/leaked-service-account-token', () => {
  it('shows of the address in a kubeconfig the host, and no password', async () => {
    const signature = createRandom(5).text(43, 'abcdefghijkmnpqrstuvwxyzABCDEFGH23456789')
    const token = composeJwt({ sub: 'system:serviceaccount:shop:web' }, signature)
    const password = randomText(20)
    const kubeconfig = composeKubeconfig('ci', composeCertificate('ci', []))
      .replace(/client-certificate-data: .*\n\s+client-key-data: .*/, `token: ${token}`)
      .replace('https://', `https://admin:${password}@`)
    const root = folderWith({
      'ci.kubeconfig': kubeconfig,
      'rbac.yaml': `apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
`,
    })
    const { stdout } = await run([root, '--only', 'chain/leaked-service-account-token', '--format', 'json'])
    expect(JSON.parse(stdout).findings).toHaveLength(1)
    expect(stdout).toContain('"https://api.example.org:6443"')
    expect(stdout).not.toContain(password)
  })
})
