import { githubMember } from '../../src/facts/github.ts'
import { iamUser } from '../../src/facts/iam.ts'
import { iamUnusedPermission } from '../../src/facts/iam-usage.ts'
import { type Fact, fact, UNKNOWN } from '../../src/model.ts'
import type { Finding, Report } from '../../src/report.ts'
import { reportTables } from '../../src/views/report.ts'
import { chain, fault, finding, HOSTILE, hostileFindings, REPOSITORY, report, ruleInfo } from './report.ts'

/** Reports for the page: everything that it can show, and thousands of findings. */

const USER = 'arn:aws:iam::123456789012:user/'
const AT = { resource: 'arn:aws:iam::123456789012:root' }

function user(name: string, mfa: 'enabled' | 'disabled' | typeof UNKNOWN): Fact {
  return fact(iamUser, 'aws:123456789012', AT, {
    arn: `${USER}${name}`,
    name,
    accountId: '123456789012',
    mfa,
    mfaKinds: mfa === 'enabled' ? ['webauthn'] : [],
    hasPassword: true,
    passwordLastUsedDays: 1,
    createdDays: 100,
    reportHours: -1,
  })
}

const USAGE = fact(iamUnusedPermission, 'aws:123456789012', AT, {
  principalArn: `${USER}ci`,
  principalName: 'ci',
  principalKind: 'user',
  policy: 'p',
  policyName: 'p',
  unusedServices: ['s3'],
  unusedActions: [],
  undetermined: [],
  usedCount: 3,
  unusedCount: 6,
  undeterminedCount: 1,
  windowDays: 90,
  window: '90 days of CloudTrail to 2026-03-31',
  expected: '',
  summary: 's3',
})
const MEMBER = fact(githubMember, 'github:acme', AT, {
  organization: 'acme',
  login: HOSTILE,
  role: 'owner',
  hasTwoFactor: false,
  twoFactor: 'disabled',
})

/** A chain of four steps as the engine makes it. */
export function fourSteps(): Finding {
  const base = chain()
  const arn = `${USER}ann`
  return {
    ...base,
    links: [
      { name: 'leak', at: { file: '.env', line: 1 }, values: 'publicId AKIA0, paired true' },
      {
        name: 'key',
        at: { resource: `${arn}/key` },
        values: 'id AKIA0, status Active',
        joins: [{ field: 'id', from: 'leak', fromField: 'publicId', value: 'AKIA0' }],
      },
      {
        name: 'user',
        at: { resource: arn },
        values: `arn ${arn}, mfa disabled`,
        joins: [{ field: 'arn', from: 'key', fromField: 'userArn', value: arn }],
      },
      {
        name: 'rights',
        at: { resource: arn },
        values: 'privileged true',
        joins: [
          { field: 'principalArn', from: 'user', fromField: 'arn', value: arn },
          { field: 'digest', from: 'leak', fromField: 'digest' },
        ],
      },
    ],
  }
}

/** Everything that the page can show, with hostile text in most of it. */
export function everything(): Report {
  const gaps = [
    fault('iam:ListUsers'),
    fault(HOSTILE, { reason: 'forbidden' }),
    fault('x.bin', { class: 'limit', reason: 'binary' }),
  ]
  const framed = finding({
    id: 'iam/framed',
    severity: 'medium',
    excerpt: { startLine: 2, lines: ['before </code>', 'key = "********"', 'after'] },
    fix: {
      description: 'Take it `out`.',
      diff: '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-key = "********"\n+key = env("KEY")\n',
    },
  })
  return report({
    findings: [
      fourSteps(),
      chain(),
      ...hostileFindings(),
      framed,
      finding({ id: 'k8s/low', severity: 'low', message: 'Pods may reach each other' }),
      finding({ id: 'k8s/known', baseline: 'unchanged', message: 'Known for long' }),
      finding({ suppressed: { by: 'inline', reason: 'a test key', at: 'src/a.ts:2' }, message: 'Suppressed one' }),
    ],
    gaps,
    undetermined: [{ rule: ruleInfo('mfa/x'), scope: 'aws:123456789012', rows: 2, gaps: gaps.slice(0, 1) }],
    targets: [
      { ...REPOSITORY, name: 'shop' },
      { ...REPOSITORY, kind: 'aws', name: 'default credentials', scope: 'aws:123456789012', complete: false },
    ],
    views: reportTables([user('ann', 'disabled'), user('bo', 'enabled'), user('ci', UNKNOWN), USAGE, MEMBER], gaps),
    notices: [HOSTILE],
    hidden: { byConfidence: 1, bySuppression: 1, byPath: 0, byBaseline: 1 },
  })
}

/** So many findings of ten rules, some with code. */
export function thousands(count: number): Report {
  const severities = ['critical', 'high', 'medium', 'low', 'info'] as const
  const found = severities.flatMap((severity, s) =>
    Array.from({ length: count / severities.length }, (_, i) =>
      finding({
        id: `${i % 2 === 0 ? 'iam' : 'k8s'}/rule-${s}-${i % 10}`,
        severity,
        message: `Finding number ${s * 10_000 + i} of service ${i % 7}`,
        at: { file: `services/${i % 7}/main-${i}.ts`, line: 3, column: 5, endLine: 3, endColumn: 9 },
        excerpt: { startLine: 1, lines: ['one', 'two', 'key ********', 'four', 'five'] },
      }),
    ),
  )
  return report({ findings: found })
}
