import { jsonSchema } from '../src/cli/rules.ts'
import { checkDetect } from '../src/detect/detector.ts'
import { type LoadedRule, loadRules } from '../src/engine/load.ts'
import { catalogue } from '../src/facts/catalogue.ts'
import { createManual } from '../src/manual.ts'
import type { FactKind } from '../src/model.ts'
import { renderManualMarkdown } from '../src/reporters/manual-markdown.ts'
import { textTests } from '../src/text-tests.ts'
import { renderRuleIndex } from './render-rule-index.ts'

/** What is generated as a whole: anything else in it is out of date. */
export const GENERATED = ['docs/rules', 'docs/schema', 'docs/facts.md', 'docs/mappings.md'] as const

/** Every generated document, path → text. A test holds the files against it. */
export async function renderDocs(): Promise<Map<string, string>> {
  const rules = await loadRules('rules', catalogue, checkDetect)
  const pages = new Map<string, string>()
  for (const rule of rules) {
    const manual = await createManual(rule, { catalogue, rules, sampleOf: textTests.sampleOf })
    const root = '../'.repeat(rule.id.split('/').length)
    pages.set(`docs/rules/${rule.id}.md`, renderManualMarkdown(manual, { root }))
  }
  for (const [file, text] of renderRuleIndex(rules)) pages.set(file, text)
  pages.set('docs/mappings.md', renderMappings(rules))
  pages.set('docs/facts.md', renderFacts([...catalogue.values()]))
  for (const name of ['rule', 'config', 'report', 'baseline', 'inventory'])
    pages.set(`docs/schema/${name}.schema.json`, `${JSON.stringify(jsonSchema(name), null, 2)}\n`)
  return pages
}

/** Which rules ask what a benchmark or framework asks: numbers only, the words are theirs. */
function renderMappings(rules: readonly LoadedRule[]): string {
  const infos = rules.map(({ compiled }) => compiled.info)
  const controls = infos.flatMap(({ id, mappings }) =>
    (mappings.cis ?? []).map((control) => {
      const at = control.lastIndexOf(' ')
      return { benchmark: control.slice(0, at), number: control.slice(at + 1), id }
    }),
  )
  const benchmarks = [...new Set(controls.map(({ benchmark }) => benchmark))].sort()
  const tables = benchmarks.map((benchmark) => {
    const own = controls.filter((control) => control.benchmark === benchmark)
    const numbers = [...new Set(own.map(({ number }) => number))].sort((a, b) =>
      a.localeCompare(b, 'en', { numeric: true }),
    )
    const rows = numbers.map((number) => `| ${number} | ${linksTo(own.filter((c) => c.number === number))} |`)
    return `## CIS ${benchmark} Benchmark\n\n| control | rules |\n|---|---|\n${rows.join('\n')}\n`
  })
  // Hundreds of rules for credentials would hide the others.
  const rest = infos.filter(({ id }) => !id.startsWith('secrets/'))
  const rows = rest.map(({ id, pillar, capabilities = [], mappings }) => {
    const tenets = (mappings.nist ?? []).map((tenet) => tenet.replace('tenet ', '')).join(', ')
    return `| ${linksTo([{ id }])} | ${pillar} | ${capabilities.join(', ')} | ${tenets} |`
  })
  return `# Mappings

Generated from \`rules/\`: which rules ask what a benchmark or framework asks. A rule covers what it says, which is often less than the control asks
for; controls that no rule speaks of are not listed. Numbers differ by version, so each version has its table.

${tables.join('\n')}
## CISA Zero Trust Maturity Model 2.0 and NIST SP 800-207

Each rule belongs to one pillar of the model and may be about cross-cutting capabilities, too. The tenets are those of section 2.1 of NIST SP 800-207.
The rules for credentials (\`secrets/\`) are not listed: they are about Identity, but for those of stores of data (Data) and transport (Networks), and
about tenet 6, those of credentials that nobody has to renew about tenet 3, too.

| rule | pillar | capabilities | tenets |
|---|---|---|---|
${rows.join('\n')}
`
}

function linksTo(rules: readonly { readonly id: string }[]): string {
  return rules.map(({ id }) => `[${id}](rules/${id}.md)`).join(', ')
}

function renderFacts(kinds: readonly FactKind[]): string {
  const sections = [...kinds]
    .sort((a, b) => (a.kind < b.kind ? -1 : 1))
    .map((kind) => {
      const rows = Object.entries(kind.fields).map(
        ([name, [type, meaning, sample]]) =>
          `| ${name}${kind.identity.includes(name) ? ' (identity)' : ''} | \`${type}\` | ${cell(meaning)} | ${cell(JSON.stringify(sample))} |`,
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
