import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A repository as many are: thirty files, some of each syntax that has a reader of its own, nothing to be found. */
export function composeSmallRepository(root) {
  for (const [path, text] of Object.entries(files())) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const git = (...args) => execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args])
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'all')
  return root
}

function files() {
  const numbered = (count, path, text) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [path.replace('#', i), text.replaceAll('{i}', i)]))
  const code = Array.from({ length: 60 }, (_, j) => `export const f${j} = (a: number) => process.env.HOME?.repeat(a)\n`)
  return {
    ...numbered(12, 'src/m#.ts', code.join('')),
    ...numbered(4, 'docs/p#.md', `# Page {i}\n\n${'Some words that say how it is used.\n'.repeat(40)}`),
    ...numbered(4, 'deploy/d#.yaml', DEPLOYMENT),
    'deploy/rbac.yaml': RBAC,
    '.env.example': 'DB_HOST=localhost\nDB_PASSWORD=changeme\nAPI_KEY=your-api-key\n',
    'config/.env': 'DB_HOST=localhost\nLOG_LEVEL=debug\nPORT=8080\n',
    'infra/main.tf': TERRAFORM,
    'infra/variables.tf': 'variable "region" {\n  default = "eu-west-1"\n}\n',
    'infra/policy.json': `${JSON.stringify({ Version: '2012-10-17', Statement: [STATEMENT] }, null, 2)}\n`,
    'package.json': '{ "name": "shop", "version": "1.0.0", "license": "MIT" }\n',
    'compose.yaml': `services:\n  web:\n    image: example.invalid/web:1\n    environment:\n      DB_PASSWORD: \${DB_PASSWORD}\n`,
    Dockerfile: 'FROM node:24\nWORKDIR /app\nCOPY . .\nCMD ["node", "a.js"]\n',
    '.github/workflows/ci.yaml': WORKFLOW,
  }
}

const STATEMENT = { Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::shop/*' }
const WORKFLOW = `on: push
permissions: {}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: npm ci
`
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: d{i}
  namespace: shop
  labels: { app.kubernetes.io/part-of: shop }
spec:
  selector:
    matchLabels: { app: d{i} }
  template:
    metadata:
      labels: { app: d{i} }
    spec:
      serviceAccountName: shop
      containers:
        - name: app
          image: example.invalid/app:1
`
const RBAC = `apiVersion: v1
kind: ServiceAccount
metadata: { name: shop, namespace: shop }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: shop }
rules:
  - { apiGroups: [""], resources: [configmaps], verbs: [get] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects:
  - { kind: ServiceAccount, name: shop, namespace: shop }
`
const TERRAFORM = `resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::shop/*" }]
  })
}
`
