import type * as Sarif from 'sarif'
import type { FileLocation } from '../../model.ts'
import { type Finding, type TargetSummary, targetOfScope } from '../../report.ts'
import { printableText } from '../printable.ts'
import { toPhysical } from './regions.ts'

/** The steps of a chain, in the order in which the rule joins them: GitHub shows them as paths of the alert. */
export function codeFlowOf(
  finding: Finding,
  primary: FileLocation,
  targets: readonly TargetSummary[],
): Sarif.CodeFlow | undefined {
  if (finding.links.length < 2) return undefined
  const locations = finding.links.map(({ name, at, values, says }, i): Sarif.ThreadFlowLocation => {
    const resource = 'resource' in at ? at.resource : undefined
    const place = 'file' in at ? at : (at.declaredAt ?? declarationOf(finding, name, targets) ?? primary)
    const told = says ? says.join('; ') : values
    const what = [resource, told].filter((part) => part !== undefined && part !== '').join(': ')
    return {
      executionOrder: i + 1,
      location: {
        physicalLocation: toPhysical(place),
        ...(resource !== undefined && { logicalLocations: [logicalOf(resource)] }),
        message: { text: `Step ${i + 1}, ${name}${what === '' ? '' : `: ${printableText(what)}`}.` },
      },
    }
  })
  return { threadFlows: [{ locations }] }
}

/** Every step needs a file, or GitHub refuses it: of a live thing the line that names its target. */
function declarationOf(finding: Finding, link: string, targets: readonly TargetSummary[]): FileLocation | undefined {
  const scope = finding.evidence[link]?.[0]?.scope
  return scope === undefined ? undefined : targetOfScope(scope, targets)?.declaredAt
}

/** A thing that is no file: an ARN, `k8s://…`, `github://…`. */
export function logicalOf(resource: string): Sarif.LogicalLocation {
  const name = resource.split(/[/:]/).findLast((part) => part !== '') ?? resource
  return { name: printableText(name), fullyQualifiedName: printableText(resource), kind: 'resource' }
}
