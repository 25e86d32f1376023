import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type AuditOptions, audit } from './audit.ts'
import type { LoadedRule } from './engine/load.ts'
import { UsageError } from './errors.ts'
import { type FileLocation, SEVERITIES } from './model.ts'
import { prepare } from './prepare.ts'
import type { Finding, Report } from './report.ts'
import { type Example, exampleOf, type SampleValue, samplesIn, withSamples } from './rule-examples.ts'
import { type RunnableRule, toRunnable } from './rule-packs.ts'
import type { RuleTestResult, SampleOf } from './rule-tests.ts'

/** An example and the folder that it stands in while it is audited. */
interface Case {
  readonly rule: LoadedRule
  readonly example: Example
  readonly folder: string
}

/**
 * Audits what examples show, before and after, as files in a repository, with the built-in rules and those given. What stands in no
 * file is not run: the tests by facts show it.
 */
export async function* runExampleTests(
  rules: readonly LoadedRule[],
  sampleOf: SampleOf,
  plugins: readonly string[] = [],
): AsyncGenerator<RuleTestResult> {
  const every = await prepareAll(rules, plugins)
  const auditTree = createAuditor(every)
  const cases = rules.flatMap((rule) => {
    const example = exampleOf(rule.source)
    return example && example.command === undefined ? [{ rule, example, folder: '' }] : []
  })
  const sampleFor = await sampleValues(cases, every.rules, sampleOf)
  // Secrets hang on their own file alone: hundreds of examples stand in one tree, each in its folder.
  const together = cases
    .filter(({ rule }) => rule.source.detect && !rule.source.example)
    .map((each) => ({ ...each, folder: each.rule.id.replaceAll('/', '-') }))
  const alone = cases.filter(({ rule }) => !rule.source.detect || rule.source.example).map((each) => [each])
  for (const group of [...(together.length > 0 ? [together] : []), ...alone]) {
    const before = await auditTree(group, 'before', sampleFor)
    const after = await auditTree(group, 'after', sampleFor)
    for (const each of group) {
      const problems = [...judgeBefore(each, before), ...judgeAfter(each, after)]
      yield { rule: each.rule.id, file: each.rule.file, test: 'example', problems }
    }
  }
}

function judgeBefore(each: Case, report: Report): string[] {
  const own = findingsIn(each, report).filter(({ rule }) => rule.id === each.rule.id)
  if (own.length > 0) return []
  const others = findingsIn(each, report).map(({ rule }) => rule.id)
  const undetermined = report.undetermined.some(({ rule }) => rule.id === each.rule.id)
  return [
    `does not fire on \`before\`${undetermined ? ', it is undetermined' : ''}${others.length > 0 ? `; these do: ${[...new Set(others)].join(', ')}` : ''}`,
  ]
}

function judgeAfter(each: Case, report: Report): string[] {
  const problems: string[] = []
  const findings = findingsIn(each, report)
  const own = findings.find(({ rule }) => rule.id === each.rule.id)
  if (own) problems.push(`fires on \`after\`: ${own.message}`)
  const undetermined = report.undetermined.find(({ rule }) => rule.id === each.rule.id)
  if (undetermined && each.folder === '')
    problems.push(`undetermined on \`after\`: ${undetermined.gaps.map(({ detail }) => detail).join('; ')}`)
  const smells = findings.filter(
    ({ rule, severity, confidence }) =>
      rule.id !== each.rule.id &&
      confidence !== 'low' &&
      SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf('medium') &&
      !each.example.also.includes(rule.id),
  )
  for (const smell of smells) problems.push(`${smell.rule.id} fires on \`after\`: ${smell.message}`)
  return problems
}

function findingsIn({ folder }: Case, report: Report): Finding[] {
  if (folder === '') return report.findings.filter(({ suppressed }) => !suppressed)
  return report.findings.filter(({ at }) => (at as FileLocation).file?.startsWith(`${folder}/`))
}

/** A value for each rule that reads text, its own: the same one in several files would be one finding, of one rule. */
async function sampleValues(cases: readonly Case[], pool: readonly RunnableRule[], sampleOf: SampleOf) {
  const asked = new Set(
    cases.flatMap(({ rule, example }) =>
      example.files.flatMap(({ before = '', after = '' }) => samplesIn(before + after).map((name) => name ?? rule.id)),
    ),
  )
  const known = new Map<string, string>()
  for (const rule of pool)
    if (asked.has(rule.id) && rule.source.detect) known.set(rule.id, await sampleOf(rule, seedOf(rule.id)))
  return (own: string): SampleValue =>
    (named = own) => {
      const value = known.get(named)
      if (value === undefined)
        throw new UsageError(`the example of ${own} asks for a sample of ${named}, which has none`)
      return value
    }
}

/** The same in each run, whatever other rules there are: FNV-1a. */
function seedOf(id: string): number {
  let hash = 0x811c9dc5
  for (const char of id) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0
}

type Moment = 'before' | 'after'
type AuditTree = (cases: readonly Case[], moment: Moment, sampleFor: (rule: string) => SampleValue) => Promise<Report>

/** What audits with the built-in rules and those given; they are loaded once. */
async function prepareAll(rules: readonly LoadedRule[], plugins: readonly string[]): Promise<AuditOptions> {
  const { audit: options } = await prepare({ config: false, baseline: false, plugins, minConfidence: 'low' })
  const known = new Set(options.rules.map(({ id }) => id))
  const added = rules.filter(({ id }) => !known.has(id)).map(toRunnable)
  return { ...options, rules: [...options.rules, ...added], fingerprints: false, views: false }
}

/** Each call writes the files into a new folder, audits that as a repository and removes it. */
function createAuditor(every: AuditOptions): AuditTree {
  return async (cases, moment, sampleFor) => {
    const root = await mkdtemp(join(tmpdir(), 'zt-audit-example-'))
    try {
      await writeEmptyRepository(root)
      for (const { rule, example, folder } of cases) {
        for (const file of example.files) {
          const text = file[moment]
          if (text === undefined) continue
          const path = join(root, folder, file.path)
          await mkdir(dirname(path), { recursive: true })
          await writeFile(path, withSamples(text, sampleFor(rule.id)))
        }
      }
      const hasConfig = cases.some(({ example }) => example.files.some(({ path }) => path === 'zt-audit.yaml'))
      const config = hasConfig ? (await prepare({ paths: root, baseline: false })).audit.config : every.config
      return await audit({ ...every, ...(config && { config }), repositories: [root] })
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  }
}

/** All that git needs to take a folder for a repository (gitrepository-layout(5)); nothing is run for it. */
async function writeEmptyRepository(root: string): Promise<void> {
  for (const folder of ['objects', 'refs']) await mkdir(join(root, '.git', folder), { recursive: true })
  await writeFile(join(root, '.git', 'HEAD'), 'ref: refs/heads/main\n')
  // Trusts of roles name the repository.
  await writeFile(join(root, '.git', 'config'), '[remote "origin"]\n\turl = https://github.com/acme/shop.git\n')
}
