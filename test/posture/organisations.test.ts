import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { audit } from '../../src/index.ts'
import { type Posture, postureOf } from '../../src/posture.ts'
import type { AuditRequest } from '../../src/request.ts'
import { awsKeyId, awsSecret, folderWith } from '../support/program.ts'

/** Made-up organisations that are really audited: files on a disk, every built-in rule. docs/posture.md shows their scores. */

const policy = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] })
const binding = (role: string, subject: string) => `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: b }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role} }
subjects: [{ kind: ServiceAccount, name: ${subject}, namespace: shop }]
`
const workflow = (head: string, steps: string) => `on: ${head}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
${steps}`

const GOOD = {
  'iam/policy.json': policy({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::shop-assets/*' }),
  'k8s/shop.yaml': `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { pod-security.kubernetes.io/enforce: restricted } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
`,
  '.github/workflows/test.yml': workflow(
    'push\npermissions: { contents: read }',
    `      - uses: actions/checkout@${'11bd71901bbe5b1630ceea73d27597364c9af683'}\n        with: { persist-credentials: false }\n      - run: npm test\n`,
  ),
  '.github/dependabot.yml':
    'version: 2\nupdates: [{ package-ecosystem: github-actions, directory: /, schedule: { interval: weekly } }]\n',
}
const bad = () => ({
  'iam/policy.json': policy({ Action: '*', Resource: '*' }),
  'k8s/shop.yaml': `${GOOD['k8s/shop.yaml'].split('---')[0]?.replace(/, labels.*/, ' }')}---\n${binding('cluster-admin', 'default')}`,
  '.github/workflows/test.yml': workflow(
    'pull_request_target',
    '      - uses: actions/checkout@v4\n        with: { ref: "${{ github.event.pull_request.head.sha }}" }\n      - run: npm ci && echo "${{ github.event.pull_request.title }}"\n',
  ),
  'app.env': `AWS_ACCESS_KEY_ID=${awsKeyId()}\nAWS_SECRET_ACCESS_KEY=${awsSecret()}\nDATABASE_URL=postgres://shop:${awsSecret().replace(/\W/g, 'x')}@db.shop.internal:5432/shop?sslmode=disable\n`,
})
const postureIn = async (files: Record<string, string>, request: Partial<AuditRequest> = {}) =>
  postureOf(await audit({ paths: [folderWith(files)], ...request } as AuditRequest))

const HIDDEN = { 'zt-audit.yaml': 'exclude: ["iam/**", "k8s/**", "app.env", ".github/**"]\n' }
const organisations: Readonly<Record<string, () => Promise<Posture>>> = {
  'all good': () => postureIn(GOOD),
  'all bad': () => postureIn(bad()),
  'half unseen': () =>
    postureIn({
      ...GOOD,
      'k8s/shop.yaml': '{{ broken',
      'iam/policy.json': '{ "Version": "2012-10-17", "Statement": [',
    }),
  'bad, and excluded': () => postureIn({ ...bad(), ...HIDDEN }),
  'bad, and left out': () => postureIn(bad(), { skip: ['iam', 'k8s', 'ci', 'secrets', 'chain'] }),
  'nothing seen': () => postureIn({}, { only: ['mfa/root-without-mfa', 'mfa/member-without-2fa'] }),
}
const told = ({ overall }: Posture) => (overall ? `${overall.least}–${overall.most}` : 'no score')

describe('made-up organisations', () => {
  const postures = Promise.all(
    Object.entries(organisations).map(async ([name, look]) => [name, await look()] as const),
  ).then((all) => new Map(all))
  const of = async (name: string) => (await postures).get(name)?.overall ?? { least: 0, most: 100 }

  it('score as docs/posture.md tells', { timeout: 300_000 }, async () => {
    const docs = readFileSync(join(import.meta.dirname, '../../docs/posture.md'), 'utf8')
    const table = [...(docs.split('And by hand')[0] ?? '').matchAll(/^\| (.+?) \|.*\| \*\*(.+?)\*\* \|$/gm)].map(
      ([, name, score]) => [name, score],
    )
    const real = [...(await postures)].map(([name, posture]) => [name, told(posture)])
    expect(table.filter(([name]) => name !== undefined && name in organisations)).toEqual(real)
  })
  it('good is better than bad at both ends', async () => {
    expect((await of('all good')).least).toBeGreaterThan((await of('all bad')).least)
    expect((await of('all good')).most).toBeGreaterThan((await of('all bad')).most)
  })
  it('what is not seen is never better for it at the least', async () => {
    expect((await of('half unseen')).least).toBeLessThanOrEqual((await of('all good')).least)
    const { least } = await of('all bad')
    for (const hidden of ['bad, and excluded', 'bad, and left out', 'nothing seen'])
      expect((await of(hidden)).least, hidden).toBeLessThanOrEqual(least)
  })
})
