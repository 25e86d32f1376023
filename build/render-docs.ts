import { jsonSchema } from '../src/cli/rules.ts'
import { checkDetect } from '../src/detect/detector.ts'
import { type LoadedRule, loadRules } from '../src/engine/load.ts'
import { catalogue } from '../src/facts/catalogue.ts'
import type { FactKind } from '../src/model.ts'
import { describeLifetime } from '../src/reporters/lifetime.ts'

/** What is generated as a whole: anything else in it is out of date. */
export const GENERATED = ['docs/rules', 'docs/schema', 'docs/facts.md'] as const

/** Every generated document, path → text. A test holds the files against it. */
export async function renderDocs(): Promise<Map<string, string>> {
  const rules = await loadRules('rules', catalogue, checkDetect)
  const pages = new Map<string, string>()
  for (const rule of rules) pages.set(`docs/rules/${rule.id}.md`, renderRule(rule))
  pages.set('docs/rules/README.md', renderIndex(rules))
  pages.set('docs/facts.md', renderFacts([...catalogue.values()]))
  for (const name of ['rule', 'config', 'report', 'baseline', 'inventory'])
    pages.set(`docs/schema/${name}.schema.json`, `${JSON.stringify(jsonSchema(name), null, 2)}\n`)
  return pages
}

function renderIndex(rules: readonly LoadedRule[]): string {
  const areas = [...new Set(rules.map((rule) => rule.id.split('/')[0] ?? ''))]
  const sections = areas.map((area) => {
    const rows = rules
      .filter((rule) => rule.id.startsWith(`${area}/`))
      .map(({ id, compiled }) => `| [${id}](${id}.md) | ${compiled.info.severity} | ${cell(compiled.info.title)} |`)
    return `## ${area}\n\n| rule | severity | what |\n|---|---|---|\n${rows.join('\n')}\n`
  })
  return `# Rules\n\n${rules.length} rules, generated from \`rules/\`. \`zt-audit explain RULE\` shows the same in the terminal.\n\n${sections.join('\n')}`
}

function renderRule({ id, source, compiled }: LoadedRule): string {
  const { info } = compiled
  const severity =
    typeof source.severity === 'string'
      ? source.severity
      : `${source.severity.default}${source.severity.when.map((w) => `; ${w.is} if \`${w.if}\``).join('')}`
  const { cwe = [], cis = [], nist = [] } = info.mappings
  const controls = [
    ...cwe,
    ...cis.map((control) => `CIS ${control}`),
    ...nist.map((tenet) => `NIST SP 800-207 ${tenet}`),
  ]
  const parts = [
    `# ${info.title}`,
    `| | |\n|---|---|\n| rule | \`${id}\` |\n| severity | ${severity} |\n| confidence | ${info.confidence} |\n| pillar | ${info.pillar} |${controls.length > 0 ? `\n| controls | ${controls.join(', ')} |` : ''}`,
    `## Why it matters\n\n${info.description.trim()}`,
    info.credential
      ? `## The credential\n\n- Opens ${info.credential.opens}.\n- Holds ${describeLifetime(info.credential.lifetime)}.\n- [How to revoke it](${info.credential.revoke})`
      : '',
    `## How to fix it\n\n${info.remediation.trim()}`,
    renderClauses(source.match, 'Looks at'),
    renderClauses(source.unless, 'Unless there is'),
    `## Examples\n\n${source.tests.map((test) => `- ${test.finds > 0 ? '**fires**' : (test.undetermined ?? 0) > 0 ? 'undetermined' : 'silent'}: ${test.name}${test.because ? ` (${test.because})` : ''}`).join('\n')}`,
    info.references.length > 0 ? `## References\n\n${info.references.map((url) => `- <${url}>`).join('\n')}` : '',
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function renderClauses(clauses: LoadedRule['source']['match'], title: string): string {
  const rows = Object.entries(clauses ?? {}).map(([name, { fact, on, where }]) => {
    const join = Object.entries(on ?? {}).map(([field, from]) => `\`${field}\` = \`${from}\``)
    return `- \`${name}\`: [${fact}](${'../'.repeat(2)}facts.md#${fact.replace('.', '')})${join.length > 0 ? ` with ${join.join(', ')}` : ''}${where ? ` where \`${where}\`` : ''}`
  })
  return rows.length > 0 ? `## ${title}\n\n${rows.join('\n')}` : ''
}

function renderFacts(kinds: readonly FactKind[]): string {
  const sections = [...kinds]
    .sort((a, b) => (a.kind < b.kind ? -1 : 1))
    .map((kind) => {
      const rows = Object.entries(kind.fields).map(
        ([name, [type, meaning, sample]]) =>
          `| ${name}${kind.identity.includes(name) ? ' (identity)' : ''} | ${type} | ${cell(meaning)} | ${cell(JSON.stringify(sample))} |`,
      )
      const derived = kind.derivedFrom
        ? `\n\nDerived from ${kind.derivedFrom.join(', ')}: their gaps are its gaps.`
        : ''
      return `## ${kind.kind}\n\n${kind.meaning}${derived}\n\n| field | type | meaning | sample |\n|---|---|---|---|\n${rows.join('\n')}`
    })
  return `# Facts\n\nWhat rules can speak of, generated from \`src/facts\`. A field that was not seen makes the row of a rule that reads it undetermined.\n\n${sections.join('\n\n')}\n`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
