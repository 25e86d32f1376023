import type * as Sarif from 'sarif'
import { type Confidence, SEVERITIES, type Severity } from '../../model.ts'
import type { RuleInfo } from '../../report.ts'
import { describeLifetime } from '../lifetime.ts'
import { DOCUMENTATION } from '../links.ts'

/** Numbers in GitHub's bands: over 9.0 critical, 7.0–8.9 high, 4.0–6.9 medium, 0.1–3.9 low. */
export const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '1.0',
}
export const LEVEL: Readonly<Record<Severity, Sarif.Result.level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
}
const PRECISION: Readonly<Record<Confidence, string>> = { high: 'very-high', medium: 'high', low: 'low' }
/** GitHub's limits. */
const MOST_TAGS = 20
const LONGEST_NAME = 255
const LONGEST_DESCRIPTION = 1024

/** A rule as it was used in a run. */
export interface UsedRule {
  readonly rule: RuleInfo
  /** Of its findings in this run. */
  readonly severities: ReadonlySet<Severity>
  /** Its message strings, by id. */
  readonly messages: ReadonlyMap<string, string>
}

/**
 * GitHub shows `security-severity` of the rule, never of the result. A finding may be more or less severe than its rule by default
 * (a secret in test files, a policy that opens IAM), so the rule has that of its worst finding in the run: an alert is shown
 * too high rather than too low, and a check that stops critical alerts misses none. The result has its own beside it.
 */
export function toRule({ rule, severities, messages }: UsedRule): Sarif.ReportingDescriptor {
  const worst = SEVERITIES.findLast((severity) => severities.has(severity)) ?? rule.severity
  return {
    id: rule.id,
    name: nameOf(rule.id),
    shortDescription: { text: shorten(sentence(rule.title)) },
    fullDescription: { text: shorten(sentence(rule.description)) },
    help: { text: helpText(rule), markdown: helpMarkdown(rule) },
    helpUri: `${DOCUMENTATION}/blob/main/docs/rules/${rule.id}.md`,
    defaultConfiguration: { level: LEVEL[rule.severity] },
    ...(messages.size > 0 && {
      messageStrings: Object.fromEntries(
        [...messages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, text]) => [id, { text }]),
      ),
    }),
    properties: {
      tags: tagsOf(rule),
      precision: PRECISION[rule.confidence],
      'security-severity': SECURITY_SEVERITY[worst],
    },
  }
}

function tagsOf(rule: RuleInfo): string[] {
  const pillar = rule.pillar.toLowerCase().replace(/[^a-z]+/g, '-')
  const weaknesses = (rule.mappings.cwe ?? []).map(
    (cwe) => `external/cwe/cwe-${cwe.replace(/\D+/g, '').padStart(3, '0')}`,
  )
  return [...new Set(['security', 'zero-trust', pillar, ...weaknesses])].slice(0, MOST_TAGS)
}

function helpText(rule: RuleInfo): string {
  return `${sentence(rule.description)} Fix: ${sentence(rule.remediation)} To accept a finding, write above its line: ${example(rule)}`
}

function helpMarkdown(rule: RuleInfo): string {
  const references = rule.references.map((url) => `- <${url}>`)
  return [
    `## ${rule.title}`,
    `**Why it matters.** ${sentence(rule.description)}`,
    `**Fix.** ${sentence(rule.remediation)}`,
    ...(rule.credential
      ? [
          `**The credential** opens ${rule.credential.opens}, and holds ${describeLifetime(rule.credential.lifetime)}. How to revoke it: <${rule.credential.revoke}>`,
        ]
      : []),
    ...(references.length > 0 ? ['**References**', references.join('\n')] : []),
    '**Accept it.** With a reason, in the line above the finding, or under `suppressions` in `zt-audit.yaml`:',
    `\`\`\`\n${example(rule)}\n\`\`\``,
    `\`zt-audit explain ${rule.id}\` tells more.\n`,
  ].join('\n\n')
}

/** Put together here, so that this file does not ask to leave anything out. */
function example(rule: RuleInfo): string {
  return `# ${'zt-audit'}: ignore ${rule.id} until YYYY-MM-DD -- why it is no risk here`
}

/** In PascalCase as SARIF's validator has it: words of two characters or more, and another word than the id. */
function nameOf(id: string): string {
  const words = id.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
  const name = words.join('').slice(0, LONGEST_NAME)
  const pascal = name.replace(/[A-Z](?![a-z0-9])/g, (letter, at: number) => (at === 0 ? letter : letter.toLowerCase()))
  return /^[A-Z][a-z0-9]/.test(pascal) && pascal.toLowerCase() !== id.toLowerCase() ? pascal : `Rule${pascal}`
}

/** SARIF wants texts to end with a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}

function shorten(text: string): string {
  return text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION - 2).trimEnd()}….`
}
