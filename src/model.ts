/** The core types. This file imports nothing, so that every room can import it. */
/** The types of fact fields, by CEL's own names: code, rules and documentation share one schema. */
export type FieldType = 'string' | 'int' | 'bool' | 'list<string>'

type ValueOf<T extends FieldType> = T extends 'string'
  ? string
  : T extends 'int'
    ? number
    : T extends 'bool'
      ? boolean
      : readonly string[]

/** Whether a value is of a type; an `int` is a safe integer. */
export function hasType(value: unknown, type: string): boolean {
  if (type === 'int') return Number.isSafeInteger(value)
  if (type === 'list<string>') return Array.isArray(value) && value.every((item) => typeof item === 'string')
  return typeof value === (type === 'bool' ? 'boolean' : type)
}

/** `[type, meaning with unit, sample]`: the sample is what a rule's test facts get where they do not name the field. */
export type Field<T extends FieldType = FieldType> = readonly [type: T, meaning: string, sample: ValueOf<T>]
export type Fields = Readonly<Record<string, FieldDeclaration>>
type FieldDeclaration = Field<'string'> | Field<'int'> | Field<'bool'> | Field<'list<string>'>

/** A kind of fact such as `iam.user`, declared once under `src/facts`. */
export interface FactKind<K extends string = string, F extends Fields = Fields> {
  readonly kind: K
  /** One sentence in the field's terms, for the generated documentation. */
  readonly meaning: string
  /** The fields that make a fact this very one; what a fingerprint is made of. Never a line number or an index. */
  readonly identity: readonly string[]
  readonly fields: F
  /** The kinds it is computed from: their gaps are its gaps. */
  readonly derivedFrom?: readonly string[]
  /** Fields for joins only (per-run digests): never printed. */
  readonly hidden?: readonly string[]
}

/** Declares a fact kind and keeps its literal types. */
export function factKind<const K extends string, const F extends Fields>(
  kind: FactKind<K, F> & { identity: readonly (keyof F)[]; hidden?: readonly (keyof F)[] },
): FactKind<K, F> {
  return kind
}

/** The value of a field that was not seen (a denied call, a column that is absent). The same in every copy of zt-audit. */
export const UNKNOWN: unique symbol = Symbol.for('zt-audit.unknown')

export type DataOf<K extends FactKind> = { readonly [F in keyof K['fields']]?: ValueOf<K['fields'][F][0]> }
/** What a scanner says of one thing: each field has a value or is UNKNOWN; none can be forgotten. */
export type Seen<K extends FactKind> = {
  readonly [F in keyof K['fields']]: ValueOf<K['fields'][F][0]> | typeof UNKNOWN
}

/**
 * One thing that a scanner saw. Immutable, serialisable, free of secret values. A field named in `unknown` was not seen:
 * reading it in a rule, or joining on it, makes that row undetermined; it is never false, "disabled" or empty.
 */
export interface Fact<K extends FactKind = FactKind> {
  readonly kind: K['kind']
  /** A path: `repo:.`, `aws:ACCOUNT/REGION`, `k8s:CLUSTER/NAMESPACE`, `github:OWNER/REPO`. */
  readonly scope: string
  readonly data: DataOf<K>
  readonly unknown: readonly string[]
  readonly at: Location
  /** Further places of the same thing: a secret that stands in several files. */
  readonly also?: readonly FileLocation[]
  /** The lines around `at`, cut where the text was read, every secret in them masked. */
  readonly excerpt?: Excerpt
}

/** Fields that are UNKNOWN move from `data` to the `unknown` list. */
export function fact<K extends FactKind>(
  kind: K,
  scope: string,
  at: Location,
  seen: Seen<K>,
  excerpt?: Excerpt,
): Fact<K> {
  const data: Record<string, unknown> = { ...seen }
  const unknown: string[] = []
  for (const name in data) if (data[name] === UNKNOWN) unknown.push(name)
  for (const name of unknown) delete data[name]
  return { kind: kind.kind, scope, data: data as DataOf<K>, unknown, at, ...(excerpt && { excerpt }) }
}

export function isFact<K extends FactKind>(kind: K, candidate: Fact): candidate is Fact<K> {
  return candidate.kind === kind.kind
}

/** A place in a file: a POSIX path below the root. 1-based; columns count UTF-16 units, `endColumn` is exclusive. */
export interface FileLocation {
  readonly file: string
  readonly line?: number
  readonly column?: number
  readonly endLine?: number
  readonly endColumn?: number
  /** Set if the place is in history only. */
  readonly commit?: string
  /** Set if the file is in a further repository (--repo), as the operator named it. */
  readonly repository?: string
}
/** A thing that is no file: an ARN, `k8s://cluster/ns/Kind/name` or `github://owner/repo`; with the file that declares it, if seen. */
export interface ResourceLocation {
  readonly resource: string
  readonly declaredAt?: FileLocation
}
export type Location = FileLocation | ResourceLocation

/** Lines of a file as shown to people, secrets masked. */
export interface Excerpt {
  /** Number of the first line, 1-based. */
  readonly startLine: number
  readonly lines: readonly string[]
}

/** What could not be seen. `fault`: denied, failed: the audit is incomplete. `limit`: binary, too large, without a value: reported. */
export interface Gap {
  /** The fact kind that would have been emitted. */
  readonly kind: string
  /** Covers its subtree; may end in a file: `repo:./main.tf`. */
  readonly scope: string
  /** Limits the gap to these fields of the kind. */
  readonly fields?: readonly string[]
  readonly class: 'fault' | 'limit'
  /** A few words, the same for gaps of one cause: "access denied", "file too large". */
  readonly reason: string
  /** Names the call or file, and what would help. */
  readonly detail: string
}

/** Why something of a tree was not read, or in part: on purpose, which is no gap by itself, or because of a gap, recorded, too. */
export const SKIP_REASONS = [
  'provider rules only',
  'binary',
  'binary in history',
  'too large',
  'unreadable',
  'archive entry',
  'submodule or nested repository',
  'symbolic link',
  'special file',
  'git folder',
  'ignored by git',
  'policies in test or vendored code',
  'policies in rule examples',
  'other log',
  'excluded by config',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]
/** Something that was skipped; `scope` is that of its tree. */
export interface Skip {
  readonly scope: string
  /** POSIX path below the root; a folder that was skipped as a whole ends in a slash. */
  readonly path: string
  readonly reason: SkipReason
}

/** The `detect:` block of a secrets rule after translation: `pattern` is a JavaScript source, checked against backtracking. */
export interface Detector {
  /** The rule's id. */
  readonly id: string
  readonly by: 'pattern' | 'structure' | 'score'
  /** Source and flags of the translated pattern; group `secret`, else group 1, else the match is the value. */
  readonly pattern?: { readonly source: string; readonly flags: string }
  /** Lower case; one must occur near by, or the pattern is not tried. */
  readonly keywords: readonly string[]
  /** Shannon bits per character; a value below it is no secret. */
  readonly minEntropy: number
  /** A value that matches one of these is no secret. */
  readonly ignore: readonly { readonly source: string; readonly flags: string }[]
  /** Offline check by name, see src/detect/validators.ts. */
  readonly validator?: string
  /** For `structure` and `score`: the syntaxes it reads, and the keys that it judges. */
  readonly syntaxes: readonly string[]
  readonly keys?: { readonly source: string; readonly flags: string }
  /** A value that says it is none ("changeme", "your-secret") counts all the same. */
  readonly acceptPlaceholders: boolean
  /** Guessable values: fingerprints of them are made with scrypt. */
  readonly lowEntropy: boolean
  /** When rules overlap on one value, the higher wins. Provider formats 100, structure 50, generic 10. */
  readonly priority: number
}

export interface TreeFile {
  /** POSIX path below the root, as text; bytes that are not UTF-8 are shown as `\xNN`. */
  readonly path: string
  /** What to open. */
  readonly absolute: string | Buffer
  readonly size: number
  /** Tracked by git; false for a file that is not committed. */
  readonly tracked: boolean
  /** What is read instead of the file: its staged content, where the working copy is another. */
  readonly content?: Buffer
}
/** Lines of a file, 1-based, inclusive. */
export type LineRange = readonly [first: number, last: number]
/** What changed in a repository. */
export interface Changes {
  readonly by: 'since' | 'staged'
  /** As the operator named it. */
  readonly ref?: string
  /** The commit that is compared with; absent for what is staged. */
  readonly base?: string
  /** Files as they are now, with the lines that were added or changed; undefined: the whole file is new. */
  readonly files: ReadonlyMap<string, readonly LineRange[] | undefined>
  /** Paths that are gone, deleted or renamed. */
  readonly removed: readonly string[]
}

/** The files of one repository or folder. */
export interface Tree {
  /** Absolute path of the root. */
  readonly root: string
  /** `repo:.` for the main one, else `repo:PATH`. */
  readonly scope: string
  readonly isGit: boolean
  /** Set if only what changed is judged. */
  readonly changes?: Changes
  files(): readonly TreeFile[]
  /** Whether path filters leave out a path that is not in the tree any more; counted with the files that they left out. */
  leavesOut?(path: string): boolean
  /** The text of a file, decoded (UTF-8, UTF-16 with a byte order mark); undefined, with a gap recorded for `kind`, if it cannot be read. */
  text(file: TreeFile, kind: FactKind): string | undefined
}

/** What is checked out in a git repository. */
export interface Revision {
  /** 40 or 64 hexadecimal digits. */
  readonly commit: string
  /** Absent if HEAD is detached. */
  readonly branch?: string
  /** https address of the remote `origin`, without credentials. */
  readonly remote?: string
  /** Where the audited folder is in the repository, with a slash at its end; absent if it is all of it. */
  readonly folder?: string
}

/** Where a target was named. */
interface NamedTarget {
  /** The line of the config, if it is in the audited tree and not the command line that names the target. */
  readonly declaredAt?: FileLocation
}
export interface AwsTarget extends NamedTarget {
  readonly profile?: string
  readonly endpoint?: string
  /** Where policies of resources are read: names, `all` that are enabled, or `none`. Default: the configured region. */
  readonly regions?: readonly string[]
  /** Account numbers instead of the credentials' own, or `all` of the organisation; in others the role is assumed. */
  readonly accounts?: readonly string[]
  readonly role?: string
  readonly externalId?: string
}
export interface KubernetesTarget extends NamedTarget {
  readonly context?: string
  readonly kubeconfig?: string
}
export interface GithubTarget extends NamedTarget {
  readonly owner: string
  readonly repository?: string
  /** Base of the REST API. */
  readonly url?: string
  readonly token?: string
  /** A GitHub App instead of a token. The key is PEM, and in no output; the installation is looked up where absent. */
  readonly app?: { readonly id: string; readonly privateKey: string; readonly installation?: string }
}
/** Asking providers whether the secrets that were found work. Nothing in an audited tree can ask for it. */
export interface VerifyTarget {
  /** Base addresses that take the place of providers' own, by provider. */
  readonly endpoints: Readonly<Record<string, string>>
}
/** What the operator asked to look at. */
export interface Targets {
  /** Whether the git history is read, too; `deep`: also what only reflogs, or nothing, hold. */
  readonly history: boolean | 'deep'
  readonly aws: readonly AwsTarget[]
  readonly kubernetes: readonly KubernetesTarget[]
  readonly kubernetesDumps: readonly string[]
  readonly auditLogs: readonly string[]
  /** Folders, or files, of CloudTrail events as delivered to S3. */
  readonly cloudtrail: readonly string[]
  readonly github: readonly GithubTarget[]
  /** Absent: no provider is asked. */
  readonly verify?: VerifyTarget
}

export interface ScanContext {
  readonly trees: readonly Tree[]
  readonly targets: Targets
  readonly detectors: readonly Detector[]
  /** `archives`: files within zip, gzip and tar files are read, too. `render`: what charts and kustomizations come to. */
  readonly limits: Readonly<Record<'maxFileSize' | 'timeoutSeconds', number> & { archives?: boolean; render?: boolean }>
  /** What an operator's config tells of the organisation. */
  readonly trustedAccounts: readonly string[]
  readonly breakGlassRoles: readonly string[]
  readonly signal: AbortSignal
  /** The run's clock: ages are counted from it. */
  readonly now: Date
  /** Whether a selected rule needs the kind: no call is made for a rule that is off. */
  wants(kind: FactKind): boolean
  /** What the scanners before this one yielded of a kind. */
  earlier<K extends FactKind>(kind: K): readonly Fact<K>[]
  gap(gap: Gap): void
  /** What of a tree is not read, or read in part: counted and listed, nothing is left out in silence. */
  skip(skip: Skip): void
  /** A few words on what is being done, for the terminal. */
  progress(text: string): void
}

/** Collects facts and judges nothing. */
export interface Scanner {
  readonly id: string
  readonly emits: readonly FactKind[]
  /** Read permissions in the provider's own words (`iam:ListUsers`). */
  readonly needs: readonly string[]
  /** Set if it applies the time limit to each target by itself. */
  readonly timesTargets?: boolean
  /** Whether the run asks for what this scanner looks at; if not, its kinds are "not requested", which is no gap. */
  requested(context: ScanContext): boolean
  /** Yields facts as seen. A denied part → `context.gap(…)` and goes on. Throws ScanError only if nothing at all was seen. */
  scan(context: ScanContext): AsyncIterable<Fact>
}

/** Pure: facts and gaps → further facts. */
export interface Derivation {
  readonly id: string
  /** The kinds it cannot do without: if one is not requested, neither is what it emits. */
  readonly from: readonly FactKind[]
  /** Further kinds that it reads where they were requested. */
  readonly optional?: readonly FactKind[]
  readonly emits: readonly FactKind[]
  derive(facts: readonly Fact[], gaps: readonly Gap[], settings: DerivationSettings): { facts: Fact[]; gaps: Gap[] }
}
/** `now`: the run's clock, for conditions on time; the present where absent. */
export interface DerivationSettings extends Pick<ScanContext, 'trustedAccounts' | 'breakGlassRoles'> {
  readonly now?: Date
}

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]
export const CONFIDENCES = ['low', 'medium', 'high'] as const
export type Confidence = (typeof CONFIDENCES)[number]
/** How long a credential holds if nobody ends it. */
export const LIFETIMES = ['until-revoked', 'long-lived', 'days', 'hours', 'by-claim'] as const
export type Lifetime = (typeof LIFETIMES)[number]
export const PILLARS = ['Identity', 'Devices', 'Networks', 'Applications & Workloads', 'Data'] as const
export type Pillar = (typeof PILLARS)[number]
export const CAPABILITIES = ['Visibility & Analytics', 'Automation & Orchestration', 'Governance'] as const
export type Capability = (typeof CAPABILITIES)[number]
