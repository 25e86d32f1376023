import type { Location } from '../model.ts'
import { type Finding, isOpen, type Report } from '../report.ts'
import { type Effort, type Handle, handlesOf } from './handles.ts'
import { CERTAINTY, WEIGHT } from './score.ts'

/** What to mend first, and what that removes. */
export interface FirstFix {
  /** What to do, in a sentence or two. */
  readonly what: string
  readonly why: string
  /** Where its findings are, each place once: the one of the gravest first. */
  readonly at: readonly Location[]
  /** The ids of the rules whose findings it removes, the gravest first. */
  readonly rules: readonly string[]
  /** The gravest first. */
  readonly findings: readonly Finding[]
  /** How many of them are chains. */
  readonly chains: number
  readonly effort: Effort
}

/** By what the risk that a change removes is divided. */
const COST: Readonly<Record<Effort, number>> = { small: 1, medium: 1.5, large: 3 }
/** Places from which on a remedy is a project. */
const MANY = 12

interface Candidate {
  readonly handle: Handle
  readonly findings: ReadonlySet<Finding>
}

/**
 * The changes that remove most risk for their effort, the best first, as docs/posture.md defines it. No finding is counted twice: what
 * the first removes, the second does not promise again.
 */
export function firstFixes(report: Report, count = 5): FirstFix[] {
  const open = report.findings.filter((finding) => isOpen(finding) && WEIGHT[finding.severity] > 0)
  let candidates = candidatesOf(open)
  const fixes: FirstFix[] = []
  while (fixes.length < count && candidates.length > 0) {
    const best = bestOf(candidates)
    fixes.push(toFix(best))
    candidates = candidates.flatMap(({ handle, findings }) => {
      const left = new Set([...findings].filter((finding) => !best.findings.has(finding)))
      return left.size > 0 ? [{ handle, findings: left }] : []
    })
  }
  return fixes
}

/** The one of most worth; of equal ones what is one change, then by name, so that the order of findings does not matter; keys of credentials are others in each run. */
function bestOf(candidates: readonly Candidate[]): Candidate {
  const ranked = candidates.map((candidate) => ({ candidate, worth: worth(candidate) }))
  return ranked.reduce((a, b) => {
    // Sums of fractions hang by a hair on the order in which they are added.
    const difference = b.worth - a.worth
    if (Math.abs(difference) > 1e-9) return difference > 0 ? b : a
    const [nameOfA, nameOfB] = [a, b].map(({ candidate: { handle } }) => `${isRemedy(handle) ? 1 : 0} ${handle.what}`)
    return (nameOfB as string) < (nameOfA as string) ? b : a
  }).candidate
}

function isRemedy({ key }: Handle): boolean {
  return key.startsWith('rule ')
}

/** One for each thing that can be changed, and one for each rule, whose findings have one remedy. */
function candidatesOf(findings: readonly Finding[]): Candidate[] {
  const groups = new Map<string, { handle: Handle; findings: Set<Finding> }>()
  const add = (handle: Handle, finding: Finding) => {
    const known = groups.get(handle.key)
    if (known) {
      known.findings.add(finding)
      // Two facts may put the same change in two ways.
      if (handle.what < known.handle.what) known.handle = handle
    } else groups.set(handle.key, { handle, findings: new Set([finding]) })
  }
  for (const finding of findings) {
    for (const handle of handlesOf(finding)) add(handle, finding)
    add({ key: `rule ${finding.rule.id}`, what: remedyOf(finding), effort: 'small' }, finding)
  }
  return [...groups.values()]
}

/** "Token with more rights than needed: take it away …": remedies speak of what the title names. */
function remedyOf({ rule }: Finding): string {
  const { title, remediation } = rule
  const isName = /^\S*[^\sa-z]\S*[A-Z]/.test(remediation) || /^\S+[(:_/]/.test(remediation)
  return `${title}: ${isName ? remediation : remediation.charAt(0).toLowerCase() + remediation.slice(1)}`
}

function worth(candidate: Candidate): number {
  return riskOf([...candidate.findings]) / COST[effortOf(candidate)]
}

/** The gravest of each rule in full, the next by half, and so on: ten places of one mistake are not ten mistakes. */
function riskOf(findings: readonly Finding[]): number {
  const byRule = new Map<string, number[]>()
  for (const { rule, severity, confidence } of findings) {
    const risk = WEIGHT[severity] * CERTAINTY[confidence]
    const risks = byRule.get(rule.id)
    if (risks) risks.push(risk)
    else byRule.set(rule.id, [risk])
  }
  return [...byRule.values()].reduce(
    (sum, risks) => sum + risks.sort((a, b) => b - a).reduce((part, risk, i) => part + risk / 2 ** i, 0),
    0,
  )
}

/** A thing that is changed once costs what its handle says; a remedy that is applied in many places costs more with each. */
function effortOf({ handle, findings }: Candidate): Effort {
  if (!isRemedy(handle)) return handle.effort
  if ([...findings].every(({ fix }) => fix?.diff !== undefined)) return findings.size > MANY ? 'medium' : 'small'
  const places = new Set([...findings].map(({ at }) => ('file' in at ? at.file : at.resource))).size
  if (places === 1) return 'small'
  return places <= MANY ? 'medium' : 'large'
}

function toFix(candidate: Candidate): FirstFix {
  // Fingerprints are made for some formats only: by them, the same report would name other places on the terminal than in a file.
  const findings = [...candidate.findings].sort(
    (a, b) =>
      WEIGHT[b.severity] * CERTAINTY[b.confidence] - WEIGHT[a.severity] * CERTAINTY[a.confidence] || byPlace(a, b),
  )
  const gravest = findings[0] as Finding
  return {
    what: candidate.handle.what,
    // What is changed once has a reason of its own kind; a remedy has the reason of its rule.
    why: isRemedy(candidate.handle) ? gravest.rule.description : gravest.message,
    at: [...new Map(findings.map(({ at }) => [nameOfPlace(at), at])).values()],
    rules: [...new Set(findings.map(({ rule }) => rule.id))],
    findings,
    chains: findings.filter(isChain).length,
    effort: effortOf(candidate),
  }
}

function nameOfPlace(at: Location): string {
  return 'file' in at ? `${at.repository ?? ''}:${at.file}:${at.line ?? ''}` : at.resource
}

function byPlace(a: Finding, b: Finding): number {
  const keyOf = ({ at, rule, message, fingerprint }: Finding) => {
    const place =
      'file' in at ? `${at.repository ?? ''}\0${at.file}\0${String(at.line ?? 0).padStart(9, '0')}` : at.resource
    return `${place}\0${rule.id}\0${message}\0${fingerprint}`
  }
  return keyOf(a) < keyOf(b) ? -1 : 1
}

function isChain({ rule }: Finding): boolean {
  return rule.id.startsWith('chain/')
}
