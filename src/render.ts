import { PluginError } from './errors.ts'
import type { FactKind } from './model.ts'
import type { Installed } from './plugin.ts'
import type { Finding, Report } from './report.ts'
import type { EarlierReport } from './trend.ts'
import type { ExitCode, VerdictOptions } from './verdict.ts'

/** Which reporter makes which format. Reporters are loaded when they are called. */

/** How a report is set, where a format leaves that open. */
export interface RenderOptions {
  /** Colours of `pretty`: none, 16, 256 or all. Default 0. */
  readonly color?: 0 | 1 | 2 | 3
  /** Columns of `pretty`. Default 80. */
  readonly width?: number
  /** Let `pretty` link places, rules and addresses (OSC 8): the folder that was audited. Default no links. */
  readonly linkFrom?: string
  /** Let `pretty` show every finding with its code, every gap and suppression. */
  readonly verbose?: boolean
  /** Let `html` say how the run ends. */
  readonly verdict?: { readonly code: ExitCode; readonly failOn: VerdictOptions['failOn'] }
  /** Let `html` show the trend, and what is new and fixed: earlier reports, oldest first. */
  readonly earlier?: readonly EarlierReport[]
  /** For the formats and hidden fields of plugins. */
  readonly installed?: Installed
}

/** A report as text. Throws PluginError if the reporter of a plugin fails, RangeError if there is no such format. */
export async function render(report: Report, format: string, options: RenderOptions = {}): Promise<string> {
  switch (format) {
    case 'pretty': {
      const { renderPretty } = await import('./reporters/pretty.ts')
      const { color = 0, width = 80, verbose = false, linkFrom } = options
      const links = linkFrom !== undefined && (await import('./reporters/hyperlink.ts')).hyperlinks(linkFrom)
      return renderPretty(report, { color, width, verbose, ...(links && { links }) })
    }
    case 'json':
      return (await import('./reporters/json.ts')).renderJson(report, hiddenFields(await kindsOf(options.installed)))
    case 'sarif':
      return (await import('./reporters/sarif.ts')).renderSarif(report)
    case 'github':
      return (await import('./reporters/github.ts')).renderGithub(report)
    case 'gitlab-sast':
      return (await import('./reporters/gitlab-sast.ts')).renderGitlabSast(report)
    case 'gitlab-secrets':
      return (await import('./reporters/gitlab-secrets.ts')).renderGitlabSecrets(report)
    case 'codequality':
      return (await import('./reporters/codequality.ts')).renderCodequality(report)
    case 'junit':
      return (await import('./reporters/junit.ts')).renderJunit(report)
    case 'markdown':
      return (await import('./reporters/markdown.ts')).renderMarkdown(report)
    case 'html': {
      const { renderHtml } = await import('./reporters/html.ts')
      const shown = await withoutHiddenFields(report, options.installed)
      const { verdict, earlier = [] } = options
      const comparison = earlier.length > 0 && (await compareWith(earlier, report, options))
      return renderHtml(shown, { ...(verdict && { verdict }), ...(comparison && { comparison }) })
    }
    default:
      return renderByPlugin(report, format, options)
  }
}

/** The run of today as a JSON report, too: only like can be compared with like. */
async function compareWith(earlier: readonly EarlierReport[], report: Report, options: RenderOptions) {
  const { comparisonOf } = await import('./trend.ts')
  return comparisonOf(earlier, await render(report, 'json', options))
}

async function renderByPlugin(report: Report, format: string, options: RenderOptions): Promise<string> {
  const reporter = options.installed?.reporters.get(format)
  if (!reporter) throw new RangeError(`there is no format '${format}'`)
  let text: unknown
  try {
    text = await reporter(await withoutHiddenFields(report, options.installed))
  } catch (error) {
    throw new PluginError(`the reporter ${format} failed: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (typeof text !== 'string') throw new PluginError(`the reporter ${format} gave a ${typeof text}, not a string`)
  return text
}

type Kinds = ReadonlyMap<string, FactKind>

async function kindsOf(installed: Installed | undefined): Promise<Kinds> {
  return installed?.catalogue ?? (await import('./facts/catalogue.ts')).catalogue
}

function hiddenFields(catalogue: Kinds): Map<string, readonly string[]> {
  return new Map([...catalogue].map(([kind, { hidden }]) => [kind, hidden ?? []]))
}

/** The report for foreign eyes: fields for joins only (digests keyed for this run) are left out of the evidence. */
export async function withoutHiddenFields(report: Report, installed?: Installed): Promise<Report> {
  const hidden = hiddenFields(await kindsOf(installed))
  const shown = (evidence: Finding['evidence']): Finding['evidence'] =>
    Object.fromEntries(
      Object.entries(evidence).map(([binding, facts]) => [
        binding,
        facts.map((fact) => {
          const omit = hidden.get(fact.kind) ?? []
          const data = Object.fromEntries(Object.entries(fact.data).filter(([field]) => !omit.includes(field)))
          return omit.length > 0 ? { ...fact, data } : fact
        }),
      ]),
    )
  return { ...report, findings: report.findings.map((each) => ({ ...each, evidence: shown(each.evidence) })) }
}
