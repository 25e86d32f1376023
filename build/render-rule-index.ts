import type { LoadedRule } from '../src/engine/load.ts'
import { SEVERITIES } from '../src/model.ts'
import { groupBy } from '../src/reporters/grouping.ts'

/** What the rules of an area are about; a new area needs its line here. */
const AREAS: Readonly<Record<string, string>> = {
  chain: 'What joins facts of several areas: a leaked key, its user, what that user may do, and no MFA.',
  ci: 'Pipelines and the settings of GitHub: what strangers can make run, what tokens may do, what is deployed without review.',
  iam: 'AWS: who may do what, who can make itself administrator, who is trusted from outside, what nobody uses.',
  k8s: 'Kubernetes: what accounts may do and do, paths to cluster administrator, networks, pods.',
  mfa: 'Who signs in without a second factor, and what nobody has to confirm with one.',
  secrets: 'Credentials in files, history and archives: what each opens, and where it is revoked.',
  suppression: 'Accepted findings that nobody will look at again.',
}

/** So many rules are listed by their first letter. */
const MANY = 100

/** The index of all rules, and one of each area: path → text. */
export function renderRuleIndex(rules: readonly LoadedRule[]): Map<string, string> {
  const areas = groupBy(rules, ({ id }) => id.slice(0, id.indexOf('/')))
  const pages = new Map([['docs/rules/README.md', overview(areas, rules.length)]])
  for (const [area, own] of areas) pages.set(`docs/rules/${area}/README.md`, areaPage(area, own))
  return pages
}

function overview(areas: ReadonlyMap<string, readonly LoadedRule[]>, total: number): string {
  const rows = [...areas].map(([area, own]) => {
    const counts = SEVERITIES.map((severity) => own.filter((rule) => severityOf(rule) === severity).length || '')
    return `| [${area}](${area}/README.md) | ${own.length} | ${counts.join(' | ')} | ${meaningOf(area)} |`
  })
  const sections = [...areas].map(([area, own]) =>
    own.length > MANY
      ? `## ${area}\n\n${own.length} rules, by their first letter: [${area}](${area}/README.md).\n`
      : `## ${area}\n\n${table(own, `${area}/`)}\n`,
  )
  return `# Rules

${total} rules, generated from \`rules/\`. \`zt-audit explain RULE\` shows the same in the terminal, \`zt-audit rules list\` lists them.

| area | rules | ${SEVERITIES.join(' | ')} | about |
|---|---|${'---|'.repeat(SEVERITIES.length)}---|
${rows.join('\n')}

${sections.join('\n')}`
}

function areaPage(area: string, own: readonly LoadedRule[]): string {
  const title = `# Rules: ${area}\n\n${meaningOf(area)}\n\n`
  if (own.length <= MANY) return `${title}${table(own, '')}\n`
  const letters = groupBy(own, (rule) => nameOf(rule).charAt(0).toUpperCase())
  const jump = [...letters.keys()].map((letter) => `[${letter}](#${letter.toLowerCase()})`).join(' · ')
  const sections = [...letters].map(([letter, some]) => `## ${letter}\n\n${table(some, '')}\n`)
  return `${title}${own.length} rules: ${jump}\n\n${sections.join('\n')}`
}

function table(rules: readonly LoadedRule[], folder: string): string {
  const rows = rules.map(
    (rule) =>
      `| [${nameOf(rule)}](${folder}${nameOf(rule)}.md) | ${severityOf(rule)} | ${rule.compiled.info.title.replaceAll('|', '\\|')} |`,
  )
  return `| rule | severity | what |\n|---|---|---|\n${rows.join('\n')}`
}

function meaningOf(area: string): string {
  const meaning = AREAS[area]
  if (meaning === undefined) throw new Error(`build/render-rule-index.ts says nothing of the area ${area}`)
  return meaning
}

function nameOf({ id }: LoadedRule): string {
  return id.slice(id.indexOf('/') + 1)
}

function severityOf({ compiled }: LoadedRule): string {
  return compiled.info.severity
}
