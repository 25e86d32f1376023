import { randomBytes, randomInt } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from '../errors.ts'
import { NOTHING_REPEATED, type ScanOptions } from './options.ts'
import { scan } from './scan.ts'

/**
 * `zt-audit demo`: a small leaky repository with freshly made-up credentials, audited on the spot. Nothing in it is real,
 * and no value is written in this file: it would look like a leak to every scanner, ours included.
 */
export async function demo(options: { readonly keep?: boolean }): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'zt-audit-demo-')).catch((error: Error) => {
    throw new UsageError(`the demo needs a folder for temporary files: ${error.message}`)
  })
  for (const [path, text] of Object.entries(demoFiles())) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  process.stderr.write(`A small repository with made-up credentials is in ${root}\n\n`)
  try {
    await scan(root, DEMO_OPTIONS)
  } finally {
    if (options.keep) process.stderr.write(`\nkept: ${root}\n`)
    else await rm(root, { recursive: true, force: true })
  }
  process.stderr.write(
    `\nNext: run zt-audit in a repository of your own.\nzt-audit --help shows how to add AWS, Kubernetes and GitHub.\n`,
  )
  // The findings are the point of the demo, not its failure.
  process.exitCode = 0
}

const DEMO_OPTIONS: ScanOptions = {
  ...NOTHING_REPEATED,
  format: 'pretty',
  maxFileSize: 1 << 20,
  timeout: 60,
  color: 'auto',
  progress: false,
}

const UPPER_BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function demoFiles(): Record<string, string> {
  const letters = (count: number, alphabet: string) =>
    Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('')
  // The characters behind the prefix hold the account number: behind an R it is always a possible one.
  const keyId = `AKIAR${letters(15, UPPER_BASE32)}`
  const keySecret = randomBytes(30).toString('base64')
  const password = randomBytes(12).toString('base64url')
  return {
    '.env': `AWS_ACCESS_KEY_ID=${keyId}\nAWS_SECRET_ACCESS_KEY=${keySecret}\nDATABASE_URL=postgres://shop:${password}@db.internal:5432/shop\n`,
    'app/settings.py': `import os\n\nDEBUG = False\nSECRET_KEY = '${randomBytes(24).toString('base64url')}'\nMAIL_PASSWORD = os.environ['MAIL_PASSWORD']\n`,
    'infra/ci.tf': TERRAFORM,
    // zt-audit: ignore iam/full-admin until 2028-12-31 -- the made-up repository that the demo audits
    'infra/deploy-policy.json': `${JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }, null, 2)}\n`,
    'deploy/rbac.yaml': RBAC,
    'README.md': '# shop\n\nA made-up shop that trusts too much.\n',
  }
}

const TERRAFORM = `data "aws_iam_policy_document" "ci_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "ci" {
  name               = "ci"
  assume_role_policy = data.aws_iam_policy_document.ci_trust.json
}
`

const RBAC = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: shop
  namespace: shop
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: shop-admin
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin
subjects:
- kind: ServiceAccount
  name: shop
  namespace: shop
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: shop
spec:
  selector:
    matchLabels: {app: shop}
  template:
    metadata:
      labels: {app: shop}
    spec:
      serviceAccountName: shop
      containers:
      - name: shop
        image: example.invalid/shop:1
`
