import type { Gap, Severity } from '../../src/model.ts'
import type { Finding, Report, RuleInfo, TargetSummary } from '../../src/report.ts'

/** Reports made by hand, for what a real audit shows only with much effort: hostile text, great numbers, interruptions. */

export function ruleInfo(id: string, more: Partial<RuleInfo> = {}): RuleInfo {
  return {
    id,
    title: `Title of ${id}`,
    severity: 'high',
    confidence: 'high',
    pillar: 'Data',
    description: 'Why it matters.',
    remediation: 'How to fix it.',
    references: ['https://example.com/reference'],
    mappings: { cwe: ['CWE-798'] },
    ...more,
  }
}

let last = 0
export function finding(more: Partial<Finding> & { readonly id?: string } = {}): Finding {
  const { id = 'secrets/test-key', ...rest } = more
  return {
    rule: ruleInfo(id),
    severity: 'high',
    confidence: 'high',
    message: 'Test key in src/a.ts: tk_****',
    at: { file: 'src/a.ts', line: 3, column: 5, endLine: 3, endColumn: 9 },
    also: [],
    scope: 'repo:.',
    evidence: {},
    links: [],
    properties: {},
    assumptions: [],
    fingerprint: `v1:${(++last).toString(16).padStart(64, '0')}`,
    kin: '',
    ...rest,
  }
}

export function findings(count: number, severity: Severity): Finding[] {
  return Array.from({ length: count }, () => finding({ severity }))
}

export const REPOSITORY: TargetSummary = {
  kind: 'repository',
  name: '.',
  audited: true,
  detail: '3 files',
  scope: 'repo:.',
  complete: true,
}
export const NOT_ASKED: TargetSummary = {
  kind: 'aws',
  name: 'AWS account',
  audited: false,
  asked: false,
  detail: 'not audited; ask with --aws',
  scope: '',
  complete: false,
}

export function report(more: Partial<Report> = {}): Report {
  const rules = [...new Map((more.findings ?? []).map(({ rule }) => [rule.id, rule])).values()]
  return {
    tool: { name: 'zt-audit', version: '1.2.3' },
    targets: [REPOSITORY, NOT_ASKED],
    findings: [],
    undetermined: [],
    gaps: [],
    coverage: [],
    rules,
    skipped: [],
    hidden: { byConfidence: 0, bySuppression: 0, byPath: 0, byBaseline: 0 },
    notices: [],
    interrupted: false,
    minConfidence: 'medium',
    ...more,
  }
}

export function fault(detail: string, more: Partial<Gap> = {}): Gap {
  return { kind: 'iam.user', scope: 'aws:123456789012', class: 'fault', reason: 'access denied', detail, ...more }
}

/** An administrator's key that leaked: a finding that joins a repository and an account, about a thing without a file. */
export function chain(): Finding {
  const resource = 'arn:aws:iam::123456789012:user/ann'
  const fact = { kind: 'secret.match', scope: 'repo:.', data: {}, unknown: [], at: { file: '.env', line: 1 } }
  const user = { kind: 'iam.user', scope: 'aws:123456789012', data: {}, unknown: [], at: { resource } }
  return finding({
    id: 'chain/leaked-key',
    severity: 'critical',
    message: '.env leaks a key of ann',
    at: { resource },
    scope: 'aws:123456789012',
    evidence: { leak: [fact], user: [user] },
    links: [
      { name: 'leak', at: { file: '.env', line: 1 }, values: '' },
      { name: 'user', at: { resource }, values: 'mfa disabled' },
    ],
    assumptions: ['service control policies were not asked for'],
  })
}

/** What a tree may hold to be taken for something else than text. */
export const HOSTILE =
  'x\n::error::fake\r\n##[error]fake ]]> <img src=x onerror=1> | @octocat #12 http://evil.example `c` **b** [l](javascript:1) \u202egnp\u0000\u001b[2J\ud800 %0A,: 💥'

/** Findings with hostile text wherever a finding has text. */
export function hostileFindings(): Finding[] {
  const place = { file: `dir/${HOSTILE}`, line: 2, column: 1, endLine: 2, endColumn: 4 }
  const links = [{ name: 'step', at: { resource: HOSTILE, declaredAt: place }, values: HOSTILE }]
  const { evidence } = chain()
  const common = { message: HOSTILE, also: [place], links, evidence: { step: Object.values(evidence).flat() } }
  return [
    finding({ ...common, at: place, assumptions: [HOSTILE] }),
    finding({ ...common, id: 'iam/test', at: { resource: HOSTILE, declaredAt: place }, fix: { description: HOSTILE } }),
    finding({ ...common, id: 'iam/other', at: { resource: HOSTILE } }),
  ]
}
/** A whole report of it, gaps and targets included. */
export function hostileReport(): Report {
  const gaps = [fault(HOSTILE, { reason: HOSTILE }), fault(HOSTILE, { class: 'limit', reason: HOSTILE })]
  const list = hostileFindings()
  return report({
    findings: list,
    gaps,
    undetermined: [{ rule: ruleInfo('mfa/test'), scope: HOSTILE, rows: 2, gaps }],
    rules: [...list.map(({ rule }) => rule), ruleInfo('mfa/test')],
    targets: [{ ...REPOSITORY, name: HOSTILE, detail: HOSTILE, complete: false }, NOT_ASKED],
    notices: [HOSTILE],
  })
}
