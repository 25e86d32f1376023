import { audit as run } from './audit.ts'
import type { Severity } from './model.ts'
import { loadInstalled, prepare } from './prepare.ts'
import { render as renderFormat, withoutHiddenFields } from './render.ts'
import type { Report } from './report.ts'
import type { AuditRequest } from './request.ts'
import { type ExitCode, exitCodeOf as judge } from './verdict.ts'

/**
 * zt-audit as a library: `import { audit } from 'zt-audit'`. See docs/library.md; docs/plugins.md is about the parts that a plugin
 * needs.
 */

/**
 * Audits repositories and the live targets named with them; nothing is printed, nothing ends the process.
 *
 * What cannot be seen is in the report (`gaps`, `undetermined`), never thrown.
 *
 * @throws {UsageError} the request or the config is wrong, a plugin does not load: nothing was scanned.
 * @throws {RuleError} rules or a config do not load; `defects` lists every one with file, line and column.
 */
export async function audit(request: AuditRequest = {}): Promise<Report> {
  const prepared = await prepare(request)
  const report = await run(prepared.audit)
  return withoutHiddenFields(report, prepared.installed)
}

/** How a report is set, where a format leaves that open. */
export interface RenderOptions {
  /** Colours of `pretty`: none, 16, 256 or all. Default: 0. */
  readonly color?: 0 | 1 | 2 | 3
  /** Columns of `pretty`. Default: 80. */
  readonly width?: number
  /** Let `pretty` show every finding with its code, every gap and suppression. Default: false. */
  readonly verbose?: boolean
  /** Let `html` show the trend, and what is new and fixed: texts of earlier JSON reports and their names, oldest first. */
  readonly earlier?: readonly { readonly name: string; readonly text: string }[]
  /** Plugins with further formats, as in {@link AuditRequest}. */
  readonly plugins?: readonly string[]
}

/**
 * A report as text, as `--format` prints it: one of {@link FORMATS}, or of a plugin.
 *
 * @throws {RangeError} there is no such format.
 * @throws {PluginError} the reporter of a plugin fails.
 * @throws {UsageError} a plugin does not load, or an earlier report is none.
 */
export async function render(report: Report, format: string, options: RenderOptions = {}): Promise<string> {
  const installed = await loadInstalled(options.plugins ?? [])
  const { earlier: texts = [], ...others } = options
  const earlier = texts.length > 0 ? await parseEarlier(texts) : []
  return renderFormat(report, format, { ...others, earlier, ...(installed && { installed }) })
}

async function parseEarlier(texts: NonNullable<RenderOptions['earlier']>) {
  const { parseReport } = await import('./diff.ts')
  return texts.map(({ name, text }) => ({ name, report: parseReport(name, text) }))
}

/** What decides between pass and fail. */
export interface VerdictOptions {
  /** The severity from which findings fail. Default: medium. */
  readonly failOn?: Severity | 'never'
  /** Pass in spite of findings. Default: false. */
  readonly exitZero?: boolean
  /** Pass in spite of what could not be seen. Default: false. */
  readonly allowGaps?: boolean
  /** What was left out by a limit (binary, too large) counts as not seen, too. Default: false. */
  readonly strict?: boolean
}

/** The exit code that the command line gives for a report: 0 clean, 1 findings, 3 incomplete, 4 nothing was scanned. */
export function exitCodeOf(report: Report, options: VerdictOptions = {}): ExitCode {
  return judge(report, { failOn: 'medium', exitZero: false, allowGaps: false, strict: false, ...options })
}

export type { Defect } from './errors.ts'
export { PluginError, RuleError, ScanError, UsageError } from './errors.ts'
export { catalogue } from './facts/catalogue.ts'
export { FORMATS, type Format } from './formats.ts'
export type {
  AwsTarget,
  Confidence,
  DataOf,
  Derivation,
  DerivationSettings,
  Detector,
  Excerpt,
  Fact,
  FactKind,
  Field,
  Fields,
  FieldType,
  FileLocation,
  Gap,
  GithubTarget,
  KubernetesTarget,
  Location,
  Pillar,
  ResourceLocation,
  Revision,
  ScanContext,
  Scanner,
  Seen,
  Severity,
  Skip,
  SkipReason,
  Targets,
  Tree,
  TreeFile,
} from './model.ts'
export { CONFIDENCES, fact, factKind, isFact, PILLARS, SEVERITIES, SKIP_REASONS, UNKNOWN } from './model.ts'
export type { Plugin, Reporter } from './plugin.ts'
export type {
  BaselineState,
  BaselineSummary,
  Coverage,
  Finding,
  Fix,
  Report,
  RuleInfo,
  Skipped,
  Suppressed,
  TargetSummary,
  Undetermined,
} from './report.ts'
export { isOpen } from './report.ts'
export type { AuditRequest } from './request.ts'
export type { ExitCode } from './verdict.ts'
export { VERSION } from './version.ts'
