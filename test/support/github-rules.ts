import { gzipSync } from 'node:zlib'
import type * as Sarif from 'sarif'

/**
 * What GitHub code scanning refuses, drops or shows wrongly, and the SARIF validator does not see. Sources:
 * https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */

export interface GithubRulesOptions {
  /** Values that must not be anywhere in the file. */
  readonly secrets?: readonly string[]
  /** False for a file of which failed runs are taken out before it is uploaded. */
  readonly upload?: boolean
}

/** Everything wrong with a file, in words; empty if GitHub shows it as it is meant. */
export function githubProblems(text: string, options: GithubRulesOptions = {}): string[] {
  const log = JSON.parse(text) as Sarif.Log
  return [
    ...(options.secrets ?? []).flatMap((secret) => (text.includes(secret) ? ['a secret stands in the file'] : [])),
    ...(gzipSync(text).length > 10_000_000 ? ['more than 10 MB after gzip'] : []),
    ...(log.runs.length > 20 ? ['more than 20 runs'] : []),
    ...repeated(log.runs.map(categoryOf)).map((category) => `category ${category} stands twice`),
    ...log.runs.flatMap((run) =>
      problemsOfRun(run, options).map((problem) => `${run.automationDetails?.id}: ${problem}`),
    ),
  ]
}

/** All but what follows the last slash. */
function categoryOf(run: Sarif.Run): string {
  const id = run.automationDetails?.id ?? ''
  return `${run.tool.driver.name} ${id.slice(0, id.lastIndexOf('/'))}`
}

function problemsOfRun(run: Sarif.Run, { upload = true }: GithubRulesOptions): string[] {
  const rules = run.tool.driver.rules ?? []
  const results = run.results ?? []
  const problems: string[] = []
  const successful = run.invocations?.[0]?.executionSuccessful
  if (typeof successful !== 'boolean') problems.push('does not say whether it was successful')
  if (upload && successful === false) problems.push('failed, so that uploading it would close alerts')
  if (!run.automationDetails?.id?.endsWith('/')) problems.push('has no category')
  if (results.length > 25_000) problems.push('more than 25,000 results')
  if (rules.length > 25_000) problems.push('more than 25,000 rules')
  problems.push(...repeated(rules.map((rule) => rule.id)).map((id) => `rule ${id} stands twice`))
  problems.push(...rules.flatMap((rule) => problemsOfRule(rule).map((problem) => `${rule.id}: ${problem}`)))
  problems.push(
    ...results.flatMap((result) => problemsOfResult(result, rules).map((problem) => `${result.ruleId}: ${problem}`)),
  )
  const tracked = results.map(
    (result) => `${result.ruleId} ${uriOf(result)} ${result.partialFingerprints?.primaryLocationLineHash}`,
  )
  problems.push(...repeated(tracked).map((key) => `two results would be one alert: ${key}`))
  return problems
}

function problemsOfRule(rule: Sarif.ReportingDescriptor): string[] {
  const problems: string[] = []
  if (!rule.name || rule.name.length > 255) problems.push('name missing or longer than 255')
  for (const part of ['shortDescription', 'fullDescription'] as const) {
    const text = rule[part]?.text ?? ''
    if (text === '' || text.length > 1024) problems.push(`${part} missing or longer than 1,024`)
  }
  if (!rule.help?.text || !rule.help.markdown) problems.push('no help')
  const tags: unknown = rule.properties?.tags
  if (!Array.isArray(tags) || tags.length > 20) problems.push('no tags, or more than 20')
  const severity: unknown = rule.properties?.['security-severity']
  if (typeof severity !== 'string') problems.push('security-severity is no string')
  else if (!/^\d+(\.\d+)?$/.test(severity) || Number(severity) <= 0 || Number(severity) > 10)
    problems.push(`security-severity ${severity} is out of range`)
  if (!['very-high', 'high', 'medium', 'low'].includes(String(rule.properties?.precision)))
    problems.push('no precision that GitHub knows')
  return problems
}

function problemsOfResult(result: Sarif.Result, rules: readonly Sarif.ReportingDescriptor[]): string[] {
  const problems: string[] = []
  if (rules[result.ruleIndex ?? -1]?.id !== result.ruleId) problems.push('ruleIndex is that of another rule')
  if (!result.message.text) problems.push('no message')
  if (!result.partialFingerprints?.primaryLocationLineHash) problems.push('no primaryLocationLineHash')
  // GitHub ignores them, and would show the result as open.
  if (result.suppressions) problems.push('suppressed, yet in the file')
  const locations = result.locations ?? []
  if (locations.length === 0 || locations.length > 1000) problems.push('no location, or more than 1,000')
  const steps = (result.codeFlows ?? []).flatMap((flow) => flow.threadFlows.flatMap((thread) => thread.locations))
  if (steps.length > 10_000) problems.push('more than 10,000 steps')
  const all = [...locations, ...(result.relatedLocations ?? []), ...steps.map((step) => step.location ?? {})]
  return [...problems, ...all.flatMap(problemsOfLocation)]
}

function problemsOfLocation({ physicalLocation }: Sarif.Location): string[] {
  const uri = physicalLocation?.artifactLocation?.uri
  if (physicalLocation === undefined || uri === undefined) return ['a location without a file']
  const problems: string[] = []
  if (/^[a-z][a-z0-9+.-]*:|^\/|\\|(^|\/)\.\.(\/|$)|[\s#?]|%(?![0-9A-F]{2})/i.test(uri))
    problems.push(`${uri} is no relative URI inside the checkout`)
  const { startLine, startColumn, endLine, endColumn } = physicalLocation.region ?? {}
  const numbers = [startLine, startColumn, endLine, endColumn].filter((number) => number !== undefined)
  if (startLine === undefined) problems.push('no startLine')
  if (numbers.some((number) => !Number.isInteger(number) || number < 1)) problems.push('a line or column below 1')
  if ((endLine ?? startLine ?? 1) < (startLine ?? 1)) problems.push('the end is before the start')
  const oneLine = endLine === undefined || endLine === startLine
  if (oneLine && endColumn !== undefined && endColumn <= (startColumn ?? 1)) problems.push('an empty region')
  return problems
}

function uriOf(result: Sarif.Result): string | undefined {
  return result.locations?.[0]?.physicalLocation?.artifactLocation?.uri
}

function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>()
  return [...new Set(values.filter((value) => seen.size === seen.add(value).size))]
}
