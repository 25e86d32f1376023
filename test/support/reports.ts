import type { Fact } from '../../src/model.ts'
import type { Finding, Report, RuleInfo, TargetSummary } from '../../src/report.ts'
import { NOT_ASKED as ACCOUNT_NOT_ASKED, finding, REPOSITORY as PLAIN_REPOSITORY } from './report.ts'

/** Reports made by hand, for reporters. */

export const TEST_RULE: RuleInfo = {
  id: 'secrets/test-key',
  title: 'Test key in the source',
  severity: 'high',
  confidence: 'high',
  pillar: 'Data',
  description: 'Whoever reads the repository can use it, and nobody can tell who did.',
  remediation: 'Revoke it and load it from the environment.',
  references: ['https://example.com/keys'],
  mappings: { cwe: ['CWE-798'] },
}

export const REPOSITORY: TargetSummary = {
  ...PLAIN_REPOSITORY,
  revision: { commit: 'a'.repeat(40), branch: 'main', remote: 'https://github.com/acme/app' },
}
export const ACCOUNT: TargetSummary = {
  kind: 'aws',
  name: 'default credentials',
  audited: true,
  detail: '',
  scope: 'aws:123456789012',
  complete: true,
}
export const NOT_ASKED: TargetSummary = {
  ...ACCOUNT_NOT_ASKED,
  kind: 'kubernetes',
  name: 'Kubernetes cluster',
  detail: 'not audited; ask with --k8s',
}

/** A finding in the repository, the n-th of its kind. */
export function testFinding(n: number, more: Partial<Finding> = {}): Finding {
  return finding({
    rule: TEST_RULE,
    message: `Test key in src/a.ts: tk_****`,
    phrase: { literals: ['Test key in ', ': ', ''], values: ['src/a.ts', 'tk_****'] },
    at: { file: 'src/a.ts', line: n, column: 10, endLine: n, endColumn: 17 },
    scope: 'repo:./src/a.ts',
    fingerprint: `v1:${n.toString(16).padStart(16, '0').padEnd(64, '0')}`,
    excerpt: {
      startLine: Math.max(1, n - 1),
      lines: ['// above', "const k='*******' // end", ''].slice(n > 1 ? 0 : 1),
    },
    lineHash: `${(0xabc000 + n).toString(16)}:1`,
    ...more,
  })
}

/** A finding about a thing in the AWS account, which stands in no file. */
export function accountFinding(n: number, more: Partial<Finding> = {}): Finding {
  const { excerpt, lineHash, ...rest } = testFinding(n)
  return {
    ...rest,
    rule: { ...TEST_RULE, id: 'mfa/test-user', title: 'User without a second factor' },
    message: `user${n} has no MFA`,
    phrase: { literals: ['', ' has no MFA'], values: [`user${n}`] },
    at: { resource: `arn:aws:iam::123456789012:user/user${n}` },
    scope: 'aws:123456789012',
    ...more,
  }
}

export function testFact(scope: string, at: Fact['at'], kind = 'secret.match'): Fact {
  return { kind, scope, data: {}, unknown: [], at }
}

/** A leaked key and whom it belongs to: a finding that joins the repository and the account. */
export function chainFinding(n: number): Finding {
  const leak = { file: 'deploy/.env', line: n } as const
  const user = { resource: `arn:aws:iam::123456789012:user/user${n}` } as const
  return testFinding(n, {
    rule: { ...TEST_RULE, id: 'chain/test', title: 'Leaked key of a user' },
    severity: 'critical',
    message: `deploy/.env leaks the key of user${n}`,
    phrase: { literals: ['', ' leaks the key of ', ''], values: ['deploy/.env', `user${n}`] },
    at: leak,
    scope: 'repo:./deploy/.env',
    evidence: {
      leak: [testFact('repo:./deploy/.env', leak)],
      user: [testFact('aws:123456789012', user, 'iam.user')],
    },
    links: [
      { name: 'leak', at: leak, values: 'paired true' },
      { name: 'user', at: user, values: 'mfa disabled' },
    ],
  })
}

export function testReport(findings: readonly Finding[], more: Partial<Report> = {}): Report {
  return {
    tool: { name: 'zt-audit', version: '0.1.0' },
    targets: [REPOSITORY, NOT_ASKED],
    findings,
    undetermined: [],
    gaps: [],
    coverage: [],
    rules: [...new Map([TEST_RULE, ...findings.map(({ rule }) => rule)].map((rule) => [rule.id, rule])).values()],
    skipped: [],
    hidden: { byConfidence: 0, bySuppression: 0, byPath: 0, byBaseline: 0 },
    notices: [],
    interrupted: false,
    minConfidence: 'medium',
    ...more,
  }
}
