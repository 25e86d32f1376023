import { describe, expect, it } from 'vitest'
import { folderWith, run } from './support/program.ts'

/**
 * Fingerprints are in people's baselines, suppressions and code scanning alerts. If a test here fails, the change belongs into
 * a major release, or it is wrong. Values are composed, so that no file holds anything key-shaped.
 */
const password = ['q7', 'Rk', '2m', 'Xw', '9t', 'Lz'].join('')
const hex = Array.from({ length: 32 }, (_, i) => ((i * 7 + 3) % 16).toString(16)).join('')

async function fingerprints(files: Record<string, string>, only: string): Promise<string[]> {
  const { stdout } = await run([folderWith(files), '--format', 'json', '--only', only, '--min-confidence', 'low'])
  const { findings } = JSON.parse(stdout) as { findings: { ruleId: string; fingerprint: string; kin: string }[] }
  return findings.map(({ ruleId, fingerprint, kin }) => `${ruleId} ${fingerprint.slice(0, 19)} ${kin.slice(0, 19)}`)
}

describe('fingerprints are frozen', () => {
  it('of secrets', async () => {
    expect(
      await fingerprints({ 'a.py': `DB = "mysql://app:${password}@db.internal/x"\n` }, 'secrets'),
    ).toMatchInlineSnapshot(`
      [
        "secrets/connection-string-password v1:0c03a9d45f177c58 v1:f4202b5736c6b985",
      ]
    `)
    expect(
      await fingerprints({ 'b.py': `jwt.encode(claims, "${hex}", algorithm="HS256")\n` }, 'secrets'),
    ).toMatchInlineSnapshot(`
      [
        "secrets/hardcoded-signing-key v1:df82316262096aef v1:a862f823953ccbdf",
      ]
    `)
  })
  it('of policies in JSON and Terraform', async () => {
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
    expect(await fingerprints({ 'p.json': JSON.stringify(policy) }, 'iam/full-admin')).toMatchInlineSnapshot(`
      [
        "iam/full-admin v1:b2936c7251097ac8 v1:026f8a31b25bf648",
      ]
    `)
    const terraform = `resource "aws_iam_role_policy" "p" {\n  role = "r"\n  policy = jsonencode(${JSON.stringify(policy).replaceAll('":', '" =')})\n}\n`
    expect(await fingerprints({ 'infra/main.tf': terraform }, 'iam/full-admin')).toMatchInlineSnapshot(`
      [
        "iam/full-admin v1:d0efecdd0079497e v1:d566c6dc1a4a359b",
      ]
    `)
  })
  it('of manifests', async () => {
    const binding = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: shop-admin }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
subjects: [{ kind: ServiceAccount, name: shop, namespace: shop }]
`
    expect(await fingerprints({ 'rbac.yaml': binding }, 'k8s/cluster-admin')).toMatchInlineSnapshot(`
      [
        "k8s/cluster-admin v1:39939243b610150c v1:a98b98e3bc629ae9",
      ]
    `)
  })
  it('of suppressions without an end', async () => {
    const comment = `# zt-audit${': ignore'} iam/full-admin -- a sandbox\n`
    expect(await fingerprints({ 'x.tf': comment }, 'suppression')).toMatchInlineSnapshot(`
      [
        "suppression/without-expiry v1:c0992177af756cd4 v1:f559134699d6e460",
      ]
    `)
  })
})
