import type * as Sarif from 'sarif'
import type { FileLocation } from '../../model.ts'
import { anchorPlace, CONFIG_FILE, type Finding, type TargetSummary } from '../../report.ts'
import { fixesOf } from './fixes.ts'
import { codeFlowOf, logicalOf } from './flows.ts'
import { messageOf, type ResultMessage } from './messages.ts'
import { type Shown, toPhysical } from './regions.ts'
import { LEVEL, SECURITY_SEVERITY } from './rules.ts'

/** Places beside the first that a result lists; GitHub reads no more. */
const MOST_RELATED = 100

/** What a result needs to know beyond its finding. */
export interface ResultContext {
  readonly targets: readonly TargetSummary[]
  readonly ruleIndex: number
  readonly trackingHash: string
  /** Whether the finding joins several targets. */
  readonly chain: boolean
  /** False to save room: no text of files, no steps, no further places, no fix. */
  readonly detailed: boolean
}

export function toResult(finding: Finding, { message }: ResultMessage, context: ResultContext): Sarif.Result {
  const { place, shown } = primaryOf(finding, context.targets)
  const flow = context.chain && context.detailed ? codeFlowOf(finding, place, context.targets) : undefined
  const fixes = context.detailed ? fixesOf(finding) : undefined
  const related = context.detailed ? finding.also.slice(0, MOST_RELATED) : []
  return {
    ruleId: finding.rule.id,
    ruleIndex: context.ruleIndex,
    level: LEVEL[finding.severity],
    message,
    locations: [
      {
        physicalLocation: toPhysical(place, context.detailed ? shown : 'nothing'),
        ...('resource' in finding.at && { logicalLocations: [logicalOf(finding.at.resource)] }),
      },
    ],
    ...(related.length > 0 && { relatedLocations: related.map(toRelated) }),
    ...(flow && { codeFlows: [flow] }),
    ...(fixes && { fixes }),
    partialFingerprints: {
      primaryLocationLineHash: context.trackingHash,
      'ztAuditFinding/v1': finding.fingerprint.replace(/^v\d+:/, ''),
    },
    ...(finding.baseline && { baselineState: finding.baseline }),
    properties: {
      severity: finding.severity,
      confidence: finding.confidence,
      'security-severity': SECURITY_SEVERITY[finding.severity],
      ...('file' in finding.at && finding.at.commit && { commit: finding.at.commit }),
      ...(finding.assumptions.length > 0 && { assumptions: [...finding.assumptions] }),
      ...finding.properties,
    },
  }
}

/** The message of a result; with less detail it names no further places. */
export function resultMessage(finding: Finding, detailed: boolean): ResultMessage {
  return messageOf(finding, detailed ? finding.also.length : 0)
}

/** Where a finding is shown. GitHub refuses a whole upload that holds a result without a file. */
export function primaryOf(finding: Finding, targets: readonly TargetSummary[]): { place: FileLocation; shown: Shown } {
  const file = 'file' in finding.at ? finding.at : finding.at.declaredAt
  if (file) return { place: file, shown: finding.excerpt ?? 'nothing' }
  const { place, excerpt } = finding.anchor ?? { place: anchorPlace(finding, targets) }
  return { place, shown: excerpt ?? (place.file === CONFIG_FILE ? 'no such file' : 'nothing') }
}

function toRelated(place: FileLocation, i: number): Sarif.Location {
  const text = place.commit === undefined ? 'The same is found here.' : `The same was here in commit ${place.commit}.`
  return { id: i + 1, physicalLocation: toPhysical(place), message: { text } }
}
