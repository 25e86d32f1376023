import type { SkipReason } from '../model.ts'
import { isOpen, type Report } from '../report.ts'
import { countBySeverity } from './grouping.ts'
import { howToAsk } from './not-seen.ts'

/** The sum of an audit in words; what comes from outside is not made printable here. */

/** "2 critical, 5 high" or "no findings". */
export function describeFound(report: Report): string {
  const counts = countBySeverity(report.findings.filter(isOpen))
  return counts.map(({ severity, count }) => `${count} ${severity}`).join(', ') || 'no findings'
}

/** What was found, or could have been, and is not listed. */
export function describeHidden({ hidden, baseline }: Report): string[] {
  const { byConfidence, bySuppression, byBaseline, byPath } = hidden
  return [
    byBaseline > 0 && `${byBaseline} known from the baseline`,
    bySuppression > 0 && `${bySuppression} suppressed`,
    byConfidence > 0 && `${byConfidence} of low confidence (--min-confidence low)`,
    baseline !== undefined &&
      baseline.gone > 0 &&
      `${baseline.gone} of the baseline are gone (zt-audit baseline prune)`,
    byPath > 0 && `${byPath} file${byPath === 1 ? '' : 's'} excluded by config`,
  ].filter((text) => text !== false)
}

const SKIPPED: Readonly<Record<SkipReason, string>> = {
  'provider rules only': 'vendored, generated or lock files (provider rules only)',
  binary: 'binary',
  'binary in history': 'binary in history',
  'too large': 'too large',
  unreadable: 'unreadable',
  'archive entry': 'within archives, beyond a limit, encrypted or corrupt',
  'submodule or nested repository': 'submodules or nested repositories',
  'symbolic link': 'symbolic links (not followed)',
  'special file': 'sockets, pipes or devices',
  'git folder': '.git folders',
  'ignored by git': 'ignored by git',
  'policies in test or vendored code': 'test or vendored programs (policies in them)',
  'policies in rule examples': 'rule files of zt-audit (policies in their examples)',
  'other log': 'other logs beside the audit log (no calls in them)',
  'excluded by config': 'excluded by config',
}

/** "3 binary": what was not read, or read in part, by reason. */
export function describeSkipped({ reason, count }: Report['skipped'][number]): string {
  return `${count} ${SKIPPED[reason]}`
}

/** Without what path filters left out, which `describeHidden` tells. */
export function describeSkips({ skipped }: Report): string[] {
  return skipped.filter(({ reason }) => reason !== 'excluded by config').map(describeSkipped)
}

/** Every path that was skipped, under a line for each reason; of very many the first. */
export function listSkips({ skipped }: Report): { title: string; paths: string[] }[] {
  return skipped.map((each) => {
    const more = each.count - each.paths.length
    return { title: describeSkipped(each), paths: [...each.paths, ...(more > 0 ? [`and ${more} more`] : [])] }
  })
}

export function describeAudited({ targets }: Report): string {
  const audited = targets.filter((target) => target.audited)
  return (
    audited
      .map(({ kind, name, detail }) => [kind, name, detail && `(${detail})`].filter(Boolean).join(' '))
      .join(', ') || 'nothing'
  )
}

/** What was not looked at, with the option that asks for it. */
export function describeNotAudited({ targets }: Report): string {
  return targets
    .filter((target) => !target.audited)
    .map((target) => {
      const how = howToAsk(target)
      return how ? `${target.name} (${how})` : `${target.kind} ${target.name} (not reached)`
    })
    .join(', ')
}

/** Set if only what changed was judged. */
export function describePartial({ partial }: Report): string | undefined {
  if (!partial) return undefined
  const what = partial.by === 'staged' ? 'what is staged' : `what changed since ${partial.ref ?? 'the given commit'}`
  return `only ${what} was judged (${partial.files} file${partial.files === 1 ? '' : 's'}): a finding that is missing here need not be fixed`
}
