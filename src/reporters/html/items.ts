import { type Finding, isOpen, type Report, targetOfFinding } from '../../report.ts'
import { isTold } from '../story.ts'
import { targetTitle } from './names.ts'
import type { Comparison, News } from './options.ts'

/** Chains that are drawn; of very many the worst, the rest as lists with their findings. */
const DRAWN = 50

/** A finding as the page lists it. */
export interface Item {
  readonly finding: Finding
  /** Anchor; the same from run to run, since it comes from the fingerprint. */
  readonly id: string
  readonly area: string
  /** Name of its target; `several` if it joins some. */
  readonly target: string
  /** `known`: from the baseline. */
  readonly state: 'open' | 'known' | 'suppressed'
  readonly news?: News
  /** Whether it is a chain, and one that stands in the section of chains. */
  readonly chain?: 'drawn' | 'told'
}

function targetName(finding: Finding, { targets }: Report): string {
  const target = targetOfFinding(finding, targets)
  return target ? targetTitle(target) : 'several'
}

/** All findings of a report in its order. */
export function itemsOf(report: Report, comparison: Comparison | undefined): Item[] {
  const taken = new Map<string, number>()
  let drawn = 0
  return report.findings.map((finding, i) => {
    // Without fingerprints (nobody asked for them) the number has to do.
    const base = `f-${finding.fingerprint.replace(/^v1:/, '').slice(0, 12) || i + 1}`
    const again = taken.get(base) ?? 0
    taken.set(base, again + 1)
    const news = comparison?.news.get(finding.fingerprint)
    const state = isOpen(finding) ? 'open' : finding.suppressed ? 'suppressed' : 'known'
    const chain = isTold(finding) && (state === 'open' && drawn++ < DRAWN ? 'drawn' : 'told')
    return {
      finding,
      id: again === 0 ? base : `${base}-${again}`,
      area: finding.rule.id.split('/')[0] ?? '',
      target: targetName(finding, report),
      state,
      ...(news && { news }),
      ...(chain && { chain }),
    }
  })
}
