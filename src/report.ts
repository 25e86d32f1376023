import type {
  Capability,
  Confidence,
  Excerpt,
  Fact,
  FileLocation,
  Gap,
  Lifetime,
  Location,
  Pillar,
  Revision,
  Severity,
  SkipReason,
} from './model.ts'
import type { Table } from './table.ts'

/** What an audit found and could not see: all that reporters get. */

/** What people and reporters need to know of a rule. */
export interface RuleInfo {
  /** Its path: `rules/iam/full-admin.yaml` is `iam/full-admin`. */
  readonly id: string
  readonly title: string
  /** Set if it is not built in: of a folder of rules, or a plugin. */
  readonly added?: true
  readonly severity: Severity
  /** The gravest that a finding of it can be, where that hangs on the case. */
  readonly gravest?: Severity
  readonly confidence: Confidence
  readonly pillar: Pillar
  /** The cross-cutting capabilities of the same model that it is about, too. */
  readonly capabilities?: readonly Capability[]
  /** Why it matters, in a sentence or two. */
  readonly description: string
  readonly remediation: string
  /** Of a rule for a credential of one provider. */
  readonly credential?: {
    readonly lifetime: Lifetime
    /** What it opens, in a line. */
    readonly opens: string
    /** Where its provider says how it is revoked. */
    readonly revoke: string
  }
  readonly references: readonly string[]
  readonly mappings: {
    readonly cwe?: readonly string[]
    readonly cis?: readonly string[]
    readonly nist?: readonly string[]
  }
}

/** A change that would remove the finding; `diff` is a unified diff against the file of the finding. */
export type Fix = { readonly description: string; readonly diff?: string }

export interface Suppressed {
  /** `foreign`: a marker of another tool (`gitleaks:allow`), which needs no reason. */
  readonly by: 'inline' | 'config' | 'foreign'
  readonly reason: string
  /** YYYY-MM-DD. */
  readonly expires?: string
  /** Where the suppression stands: `src/a.ts:3`. */
  readonly at: string
}

/**
 * How a finding stands to the baseline. `unchanged`: known, at the places where it was; it does not fail the run.
 * `updated`: known, and now at a further place, which stands first in the finding. `new`: not known.
 */
export type BaselineState = 'new' | 'unchanged' | 'updated'

/**
 * A message as the words of the rule and the values between them: `literals` has one item more than `values`. Where others
 * format or translate messages (SARIF), they can tell the two apart.
 */
export interface Phrase {
  readonly literals: readonly string[]
  readonly values: readonly string[]
}

/**
 * The place in a file under which services that know nothing but files can show a finding about a thing without one, so
 * that it stays the same from run to run.
 */
export interface Anchor {
  readonly place: FileLocation
  /** The lines around it, if the file is there. */
  readonly excerpt?: Excerpt
}

/** A step of the join: binding, place, and the values that the rule went by. */
export interface Link {
  readonly name: string
  readonly at: Location
  readonly values: string
  /** What it tells a reader, in the words of the rule: one sentence for each thing that follows from the one before. */
  readonly says?: readonly string[]
  /** How it hangs together with earlier steps: its `field` equals `fromField` of the step `from`. No value of hidden fields. */
  readonly joins?: readonly {
    readonly field: string
    readonly from: string
    readonly fromField: string
    readonly value?: string
  }[]
}

export interface Finding {
  readonly rule: RuleInfo
  readonly severity: Severity
  readonly confidence: Confidence
  readonly message: string
  /** The message in parts. */
  readonly phrase?: Phrase
  readonly at: Location
  readonly also: readonly FileLocation[]
  readonly scope: string
  /** By binding name: the facts of every row that was merged into this finding. */
  readonly evidence: Readonly<Record<string, readonly Fact[]>>
  /** The steps of the join, in its order. */
  readonly links: readonly Link[]
  readonly properties: Readonly<Record<string, unknown>>
  /** What the judgement rests on that was not seen. */
  readonly assumptions: readonly string[]
  /** `v1:` and 64 hexadecimal digits. */
  readonly fingerprint: string
  /** Made like the fingerprint, but equal for the same thing in a file of another name: finds a renamed file again. */
  readonly kin: string
  readonly excerpt?: Excerpt
  /** Set if no file holds or declares what was found. */
  readonly anchor?: Anchor
  /** GitHub's primaryLocationLineHash of the primary line, if it is in a file of the tree. */
  readonly lineHash?: string
  readonly fix?: Fix
  readonly suppressed?: Suppressed
  /** Set if the run was held against a baseline. */
  readonly baseline?: BaselineState
}

/** Whether a finding is to be dealt with: neither suppressed nor known from the baseline. Only open ones fail a run. */
export function isOpen(finding: Finding): boolean {
  return finding.suppressed === undefined && finding.baseline !== 'unchanged'
}

/** Rows of a rule in a scope that could not be decided, and the gaps that are why. */
export interface Undetermined {
  readonly rule: RuleInfo
  readonly scope: string
  readonly rows: number
  readonly gaps: readonly Gap[]
}
export interface Coverage {
  readonly rule: string
  readonly scope: string
  readonly status: 'evaluated' | 'undetermined' | 'not-requested'
  /** Of what was not requested: the options that would ask for it; none: there is nothing of the kind in the trees. */
  readonly ask?: readonly string[]
  /** Rows decided, and rows that could not be. */
  readonly rows: number
  readonly undetermined: number
}

/** Rules that `--only` or `--skip` took out, and findings below the confidence asked for. */
export interface LeftOut {
  readonly rules: readonly RuleInfo[]
  readonly findings: readonly Pick<Finding, 'rule' | 'severity' | 'confidence'>[]
}

/** What of the trees was not read, or read in part, for one reason. */
export interface Skipped {
  readonly reason: SkipReason
  readonly count: number
  /** The first of them; a folder that was skipped as a whole ends in a slash. */
  readonly paths: readonly string[]
}

export interface Report {
  readonly tool: { readonly name: string; readonly version: string }
  /** ISO 8601; only if SOURCE_DATE_EPOCH fixes the clock, so that two runs give the same bytes. */
  readonly startedAt?: string
  readonly targets: readonly TargetSummary[]
  /** Worst first; suppressed and known ones are kept, see `isOpen`. */
  readonly findings: readonly Finding[]
  readonly undetermined: readonly Undetermined[]
  readonly gaps: readonly Gap[]
  readonly coverage: readonly Coverage[]
  /** The rules that took part, by id. */
  readonly rules: readonly RuleInfo[]
  /** Findings below it are only counted. */
  readonly minConfidence: Confidence
  readonly hidden: {
    readonly byConfidence: number
    readonly bySuppression: number
    readonly byPath: number
    readonly byBaseline: number
  }
  /** What the operator left out of the report; what hides there counts for the posture all the same. */
  readonly leftOut?: LeftOut
  /** What was not read, or read in part, by reason. What may hide something that was asked for is among the gaps, too. */
  readonly skipped: readonly Skipped[]
  /** The baseline that the findings were held against. */
  readonly baseline?: BaselineSummary
  /** Set if only what changed was judged: a finding that is missing need not be fixed. */
  readonly partial?: { readonly by: 'since' | 'staged'; readonly ref?: string; readonly files: number }
  /** Identities and credentials that were seen, for formats that show them; absent if nobody asked for them. */
  readonly views?: readonly Table[]
  /** Things to know that are no findings: unused suppressions, settings that were ignored. */
  readonly notices: readonly string[]
  /** Ctrl-C, a time limit or a full disk ended it early. */
  readonly interrupted: boolean
}
/** How many entries of a baseline were found again, are gone, and could not be judged since their target was not seen. */
export interface BaselineSummary {
  readonly file: string
  readonly known: number
  readonly gone: number
  readonly unseen: number
}

export interface TargetSummary {
  /** repository, history, aws, kubernetes or github. */
  readonly kind: string
  readonly name: string
  readonly audited: boolean
  /** False if the operator did not ask for it. */
  readonly asked?: boolean
  /** How to ask for it, or what was read ("1,204 files"). */
  readonly detail: string
  /** What the scopes of its findings begin with (`repo:.`, `aws:123456789012`); empty if it was not reached or not asked for. */
  readonly scope: string
  /** Whether all of it was seen, but for single files; if not, a finding that is missing need not be fixed. */
  readonly complete: boolean
  /** What is checked out, of a git repository. */
  readonly revision?: Revision
  /** The line of the config that names the target. */
  readonly declaredAt?: FileLocation
}
/**
 * The target that a finding belongs to: the one whose scope holds it, else the first repository (manifests in files have
 * the scope of a cluster). Undefined if the finding joins several targets.
 */
export function targetOfFinding(finding: Finding, targets: readonly TargetSummary[]): TargetSummary | undefined {
  const scopes = new Set([
    finding.scope,
    ...Object.values(finding.evidence).flatMap((facts) => facts.map((f) => f.scope)),
  ])
  const found = new Set([...scopes].map((scope) => targetOfScope(scope, targets)))
  return found.size === 1 ? [...found][0] : undefined
}

/** What an anchor is where nothing else is known: the file in which targets can be named, whether it exists or not. */
export const CONFIG_FILE = 'zt-audit.yaml'

/**
 * Where a finding about a thing without a file is anchored: the line of the config that names its target, which no change
 * of the account or the code moves; else the file that made us look; else the first line of the config.
 */
export function anchorPlace(finding: Finding, targets: readonly TargetSummary[]): FileLocation {
  const declared = targetOfScope(finding.scope, targets)?.declaredAt
  if (declared) return declared
  const facts = Object.values(finding.evidence).flat()
  const places = [...finding.links.map((link) => link.at), ...facts.map((fact) => fact.at)].flatMap((at) =>
    'file' in at ? at : (at.declaredAt ?? []),
  )
  // A file that is in history only cannot be shown.
  return places.find((place) => place.commit === undefined) ?? places[0] ?? { file: CONFIG_FILE, line: 1 }
}

/** The target whose scope holds a scope; else the first repository. */
export function targetOfScope(scope: string, targets: readonly TargetSummary[]): TargetSummary | undefined {
  const holds = (target: TargetSummary) =>
    target.scope !== '' && (scope === target.scope || scope.startsWith(`${target.scope}/`))
  return targets.find(holds) ?? targets.find((target) => target.kind === 'repository')
}
