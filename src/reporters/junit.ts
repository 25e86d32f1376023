import { postureOf } from '../posture.ts'
import { type Finding, isOpen, type Report, type RuleInfo } from '../report.ts'
import { countBySeverity, groupBy } from './grouping.ts'
import { describeGap, type NotSeen, notSeen, type UndeterminedRule } from './not-seen.ts'
import { showPlace } from './place.ts'
import { describeScore } from './posture.ts'
import { printableText } from './printable.ts'
import { shorten } from './shorten.ts'
import { stepsOf } from './story.ts'
import { describeAudited, describeFound, describeHidden, describeNotAudited, describePartial } from './summary.ts'
import { element, escapeXml } from './xml.ts'

/** Findings of one rule that are listed; further ones are counted. */
const LISTED = 1000

type Outcome = 'passed' | 'failure' | 'error' | 'skipped'
interface TestCase {
  readonly outcome: Outcome
  readonly xml: string
}

/** JUnit XML: a suite for each area, a case for each rule. A case passes only if its rule was decided everywhere. */
export function renderJunit(report: Report): string {
  const unseen = notSeen(report)
  const areas = groupBy(report.rules, ({ id }) => areaOf(id))
  const judge = judgeOf(report, unseen)
  const suites = [...areas]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([area, rules]) => suite(`zt-audit.${area}`, rules.map(judge), report))
  const missing = unseen.faults.map((gap) =>
    testCase('zt-audit.not-seen', describeGap(gap), 'error', gap.reason, printableText(describeGap(gap))),
  )
  if (unseen.interrupted)
    missing.unshift(testCase('zt-audit.not-seen', 'the whole run', 'error', 'interrupted', INTERRUPTED))
  if (missing.length > 0) suites.push(suite('zt-audit.not-seen', missing, report))
  const total = (key: 'tests' | 'failures' | 'errors') => suites.reduce((sum, { counts }) => sum + counts[key], 0)
  const root = element(
    'testsuites',
    { name: 'zt-audit', tests: total('tests'), failures: total('failures'), errors: total('errors') },
    ['\n', ...suites.map(({ xml }) => `${xml}\n`)],
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}

const INTERRUPTED = 'The audit was interrupted: what was not found until then may be there.'

/** How each rule came out, over all scopes. A finding wins, then what was not seen; a pass is what is left. */
function judgeOf(report: Report, unseen: NotSeen): (rule: RuleInfo) => TestCase {
  const findings = groupBy(report.findings.filter(isOpen), ({ rule }) => rule.id)
  const undetermined = new Map(unseen.undetermined.map((item) => [item.rule.id, item]))
  const inPart = new Set(unseen.inPart.map(({ id }) => id))
  const coverage = groupBy(report.coverage, (item) => item.rule)
  return (rule) => {
    const known = undetermined.get(rule.id)
    const open = findings.get(rule.id)
    const result = (outcome: Outcome, message = '', text = '') =>
      testCase(`zt-audit.${areaOf(rule.id)}`, `${rule.id}: ${rule.title}`, outcome, message, text)
    if (open) return result('failure', headline(rule, open), listFindings(rule, open, known))
    if (known) return result('error', `undetermined in ${known.scopes.join(', ')}`, describeUndetermined(known))
    if (inPart.has(rule.id))
      return result('skipped', 'decided in part only: something it needs was left out by a limit')
    if (unseen.interrupted) return result('error', 'interrupted', INTERRUPTED)
    const statuses = (coverage.get(rule.id) ?? []).map(({ status }) => status)
    // No gap is known for it: an undetermined rule without one is still no pass.
    if (statuses.includes('undetermined')) return result('error', 'undetermined')
    // A rule without any entry was asked for, and there was nothing of the kind to judge: that was seen.
    if (statuses.length > 0 && !statuses.includes('evaluated'))
      return result('skipped', 'not evaluated: what it needs was not asked for')
    return result('passed')
  }
}

function headline(rule: RuleInfo, open: readonly Finding[]): string {
  const counts = countBySeverity(open).map(({ severity, count }) => `${count} ${severity}`)
  return `${rule.title}: ${counts.join(', ')}`
}

function listFindings(rule: RuleInfo, open: readonly Finding[], known: UndeterminedRule | undefined): string {
  const places = open
    .slice(0, LISTED)
    .flatMap((finding) => [
      printableText(`${finding.severity}: ${showPlace(finding.at)}: ${shorten(finding.message, 2000)}`),
      ...finding.also.slice(0, LISTED).map((place) => printableText(`  also ${showPlace(place)}`)),
      ...stepsOf(finding).map(({ text, place }) => printableText(`  - ${text}${place ? `: ${place}` : ''}`)),
      ...finding.assumptions.map((assumption) => printableText(`  assumed: ${assumption}`)),
    ])
  const more = open.length > LISTED ? [`${open.length - LISTED} more`] : []
  const rest = known ? ['', describeUndetermined(known)] : []
  return ['', ...places, ...more, '', `Why: ${rule.description}`, `Fix: ${rule.remediation}`, ...rest, ''].join('\n')
}

function describeUndetermined({ rows, scopes, reasons }: UndeterminedRule): string {
  const cases = `${rows} case${rows === 1 ? '' : 's'}`
  const why = reasons.slice(0, 20).map((reason) => `\n- ${printableText(shorten(reason, 2000))}`)
  const more = reasons.length > 20 ? `\n- ${reasons.length - 20} more` : ''
  return `Not decided, which is no pass: ${cases} in ${printableText(scopes.join(', '))}, because of${why.join('')}${more}`
}

function testCase(classname: string, name: string, outcome: Outcome, message: string, text: string): TestCase {
  const attributes = { name: printableText(shorten(name, 1000)), classname, time: 0 }
  if (outcome === 'passed') return { outcome, xml: element('testcase', attributes) }
  const detail = element(
    outcome,
    { message: printableText(shorten(message, 1000)), type: outcome },
    text === '' ? [] : [escapeXml(text)],
  )
  return { outcome, xml: element('testcase', attributes, [detail]) }
}

function suite(name: string, cases: readonly TestCase[], report: Report) {
  const of = (outcome: Outcome) => cases.filter((item) => item.outcome === outcome).length
  const counts = { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') }
  const attributes = { name, ...counts, time: 0, timestamp: report.startedAt?.slice(0, 19) }
  const properties = element(
    'properties',
    {},
    propertiesOf(report).map(([key, value]) => element('property', { name: key, value })),
  )
  return {
    counts,
    xml: element('testsuite', attributes, ['\n', properties, '\n', ...cases.map(({ xml }) => `${xml}\n`)]),
  }
}

function propertiesOf(report: Report): [string, string][] {
  const { overall, pillars } = postureOf(report)
  const scores = overall
    ? [
        ['posture', describeScore(overall)] as [string, string],
        ...pillars.map(({ pillar, score }): [string, string] => [`posture: ${pillar}`, describeScore(score)]),
      ]
    : []
  const list: [string, string | undefined][] = [
    ['version', report.tool.version],
    ['found', describeFound(report)],
    ['not listed', describeHidden(report).join(', ')],
    ['audited', describeAudited(report)],
    ['not audited', describeNotAudited(report)],
    ['partial', describePartial(report)],
    ...scores,
  ]
  return list.flatMap(([key, value]) => (value ? [[key, printableText(value)]] : []))
}

function areaOf(id: string): string {
  return id.split('/').slice(0, -1).join('.') || 'rules'
}
