import { Buffer } from 'node:buffer'
import { postureOf } from '../posture.ts'
import { type Finding, isOpen, type Report, type RuleInfo } from '../report.ts'
import { countBySeverity, groupBy, WORST_FIRST } from './grouping.ts'
import { codeSpan, escapeMarkdown, proseOf } from './markdown-text.ts'
import { describeGap, describeIncomplete, isIncomplete, type NotSeen, notSeen, summariseGaps } from './not-seen.ts'
import { showPlace } from './place.ts'
import { describeGain, describeOverall, describeScore, describeUnknowns, fixesOf, worstOf } from './posture.ts'
import { shorten } from './shorten.ts'
import { stepsOf } from './story.ts'
import { describeAudited, describeHidden, describeNotAudited, describePartial, describeSkips } from './summary.ts'

/** GitHub's limit for the summary of a step; one that is larger is not shown at all. */
const LIMIT = 1 << 20
/** Lines of each list behind the findings, so that those find room. */
const LISTED = 64
const ALSO = 5

/** A summary for a job or a pull request, at most 1 MiB: what does not fit is counted, the least grave first. */
export function renderMarkdown(report: Report, limit = LIMIT): string {
  const open = report.findings.filter(isOpen)
  const unseen = notSeen(report)
  const head = blocks([verdict(open, unseen), table(open), renderPosture(report), renderFirstFixes(report)])
  const tail = renderTail(report, unseen, limit / 2)
  const room = limit - Buffer.byteLength(head) - Buffer.byteLength(tail)
  return head + renderFindings(open, room) + tail
}

/** What was not seen, and the rest; with shorter lists if texts are so long that they would leave no room for findings. */
function renderTail(report: Report, unseen: NotSeen, room: number): string {
  for (let listed = LISTED; ; listed >>= 1) {
    const tail = blocks([...renderNotSeen(unseen, listed), renderRest(report, unseen, listed)])
    if (listed === 0 || Buffer.byteLength(tail) <= room) return tail
  }
}

/** Each followed by an empty line. */
function blocks(parts: readonly (string | undefined)[]): string {
  return parts.map((part) => (part ? `${part}\n\n` : '')).join('')
}

function verdict(open: readonly Finding[], unseen: NotSeen): string {
  const n = open.length
  const found = n === 0 ? 'no findings' : `${n} finding${n === 1 ? '' : 's'}`
  if (!isIncomplete(unseen)) return `## zt-audit: ${found}`
  return `## zt-audit: ${found}, and not everything was seen\n\n**Incomplete:** ${escapeMarkdown(describeIncomplete(unseen))}. What was not seen is not passed.`
}

function table(open: readonly Finding[]): string | undefined {
  if (open.length === 0) return undefined
  const rows = countBySeverity(open).map(({ severity, count }) => `| ${severity} | ${count} |`)
  return ['| severity | findings |', '| --- | ---: |', ...rows].join('\n')
}

function renderPosture(report: Report): string | undefined {
  const posture = postureOf(report)
  const overall = describeOverall(posture)
  if (overall === undefined) return undefined
  const rows = posture.pillars
    .filter(({ rules }) => rules.evaluated + rules.undetermined + rules.notRequested > 0)
    .map((each) => `| ${escapeMarkdown(each.pillar)} | ${describeScore(each.score)} | ${worstOf(each) ?? ''} |`)
  const unseen = describeUnknowns(posture.unknowns).slice(0, 3)
  return [
    `**Posture ${overall}.**`,
    ...(unseen.length > 0 ? [`Not seen: ${escapeMarkdown(unseen.join(', '))}.`] : []),
    '',
    '| pillar | score | worst |',
    '| --- | ---: | --- |',
    ...rows,
  ].join('\n')
}

/** Each in a sentence of bounded length: audited text has no bound of its own. */
function renderFirstFixes(report: Report): string | undefined {
  const fixes = fixesOf(report)
  if (fixes.length === 0) return undefined
  const lines = fixes.map((fix) => `1. **${escapeMarkdown(shorten(fix.what, 400))}** ${describeGain(fix)}`)
  return ['### Fix these first', '', ...lines].join('\n')
}

/** Text that grows as long as it fits. */
class Page {
  #text: string[] = []
  #room: number

  constructor(room: number) {
    this.#room = room
  }

  /** Adds all of it or nothing. */
  add(text: string): boolean {
    const size = Buffer.byteLength(text)
    if (size > this.#room) return false
    this.#room -= size
    this.#text.push(text)
    return true
  }

  toString(): string {
    return this.#text.join('')
  }
}

/** Worst first, by rule. The line that counts the rest has its room before anything is written. */
function renderFindings(open: readonly Finding[], room: number): string {
  const rest = (n: number) =>
    `\n**${n} more finding${n === 1 ? '' : 's'}**, none graver than these; the JSON report lists all.\n\n`
  const page = new Page(room - Buffer.byteLength(rest(open.length)))
  let written = 0
  for (const severity of WORST_FIRST) {
    const group = open.filter((finding) => finding.severity === severity)
    let title = `### ${severity.charAt(0).toUpperCase()}${severity.slice(1)} (${group.length})\n\n`
    for (const [, findings] of groupBy(group, ({ rule }) => rule.id)) {
      let opening = title + renderRule((findings[0] as Finding).rule, findings.length)
      title = ''
      for (const finding of findings) {
        // A rule's heading stands only where one of its findings does.
        if (!page.add(opening + renderFinding(finding))) return `${page}${rest(open.length - written)}`
        opening = ''
        written++
      }
      page.add('\n')
    }
  }
  return page.toString()
}

function renderRule(rule: RuleInfo, count: number): string {
  const see = rule.references
    .filter((url) => /^https?:\/\/[^\s<>]+$/.test(url))
    .map((url) => `- <${url}>`)
    .join('\n')
  return `#### ${proseOf(rule.title)} ${codeSpan(rule.id)}${count > 1 ? ` (${count})` : ''}

<details><summary>Why it matters, and how to fix it</summary>

**Why.** ${proseOf(rule.description)}

**Fix.** ${proseOf(rule.remediation)}
${see && `\n${see}\n`}
</details>

`
}

function renderFinding(finding: Finding): string {
  const lines = [`- ${codeSpan(showPlace(finding.at))} ${escapeMarkdown(finding.message)}`]
  if (finding.also.length > 0) {
    const more = finding.also.length > ALSO ? ` and ${finding.also.length - ALSO} more` : ''
    const also = finding.also.slice(0, ALSO).map((place) => codeSpan(showPlace(place)))
    lines.push(`  - also ${also.join(', ')}${more}`)
  }
  for (const [i, { text, place }] of stepsOf(finding).entries())
    lines.push(`  ${i + 1}. ${escapeMarkdown(text)}${place ? ` ${codeSpan(place)}` : ''}`)
  for (const assumption of finding.assumptions) lines.push(`  - assumed: ${escapeMarkdown(assumption)}`)
  if (finding.fix) lines.push(`  - fix: ${escapeMarkdown(finding.fix.description)}`)
  return `${lines.join('\n')}\n`
}

/** With the weight of findings: what was not seen is not passed. */
function renderNotSeen(unseen: NotSeen, listed: number): string[] {
  const parts: string[] = []
  const { faults, undetermined, limits, inPart } = unseen
  const unreached = unseen.unreached.map(
    ({ kind, name, audited }) => `${kind} ${name} was ${audited ? 'not seen whole' : 'not reached'}`,
  )
  const missing = [...unreached, ...faults.map(describeGap)]
  if (missing.length > 0) parts.push(section(`Not seen (${missing.length})`, missing.map(escapeMarkdown), listed))
  if (undetermined.length > 0) {
    const lines = undetermined.map(({ rule, rows, reasons }) => {
      const more = reasons.length > 2 ? ` and ${reasons.length - 2} more` : ''
      const cases = rows === 1 ? '' : ` (${rows} cases)`
      return `${codeSpan(rule.id)}${cases} because of ${reasons.slice(0, 2).map(escapeMarkdown).join('; ')}${more}`
    })
    parts.push(section(`Undetermined (${undetermined.length})`, lines, listed))
  }
  if (limits.length > 0) {
    const lines = summariseGaps(limits, 2).map(escapeMarkdown)
    parts.push(section(`Not looked into (${limits.length})`, lines, listed))
  }
  if (inPart.length > 0) {
    parts.push(
      section(
        `Decided in part only (${inPart.length})`,
        inPart.map(({ id }) => codeSpan(id)),
        listed,
      ),
    )
  }
  return parts
}

function section(title: string, lines: readonly string[], listed: number): string {
  const shown = lines.slice(0, listed).map((line) => `- ${line}`)
  if (lines.length > listed) shown.push(`- ${lines.length - listed} more`)
  return `### ${title}\n\n${shown.join('\n')}`
}

function renderRest(report: Report, unseen: NotSeen, listed: number): string {
  const hidden = describeHidden(report)
  const missing = describeNotAudited(report)
  const partial = describePartial(report)
  const lines = [`- **audited** ${escapeMarkdown(describeAudited(report))}`]
  if (partial) lines.push(`- **partial** ${escapeMarkdown(partial)}`)
  if (hidden.length > 0) lines.push(`- **not listed** ${hidden.join(', ')}`)
  const skips = describeSkips(report)
  if (skips.length > 0) lines.push(`- **skipped** ${skips.join(', ')}`)
  if (missing) lines.push(`- **not audited** ${escapeMarkdown(missing)}`)
  if (unseen.interrupted) lines.push('- **interrupted** before the end')
  const notices = report.notices.slice(0, listed).map((notice) => `- ${escapeMarkdown(notice)}`)
  if (report.notices.length > listed) notices.push(`- ${report.notices.length - listed} more`)
  return [...(notices.length > 0 ? ['### Notes', '', ...notices, ''] : []), '---', '', ...lines].join('\n')
}
