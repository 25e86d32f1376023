import { Chalk } from 'chalk'
import { UsageError } from '../errors.ts'
import { loadInstalled } from '../prepare.ts'
import { layout } from '../reporters/layout.ts'
import { describeLifetime } from '../reporters/lifetime.ts'
import { wideText } from '../reporters/wide-text.ts'
import { didYouMean } from '../rule-names.ts'
import { allRules } from '../rule-packs.ts'
import { colorLevel, terminalWidth } from './output.ts'

/** `zt-audit explain RULE`: the rule as a page of a manual. */
export async function explain(
  id: string,
  options: { readonly rules: readonly string[]; readonly plugin: readonly string[] },
): Promise<void> {
  const installed = await loadInstalled(options.plugin)
  const rules = await allRules([...(installed?.ruleFolders ?? []), ...options.rules], installed?.catalogue)
  const rule = rules.find((candidate) => candidate.id === id)
  if (!rule) {
    const ids = rules.map((candidate) => candidate.id)
    throw new UsageError(`there is no rule '${id}'${didYouMean(id, ids)}`)
  }
  const { info } = rule.compiled
  const chalk = new Chalk({ level: colorLevel('auto', process.stdout) })
  const page = layout(terminalWidth(), wideText)
  const heading = (text: string) => `\n${chalk.bold(text.toUpperCase())}`
  const out = [
    `${chalk.bold(info.id)}: ${info.title}`,
    chalk.dim(
      `severity ${describeSeverity(rule.source.severity)} · confidence ${info.confidence} · pillar ${info.pillar}`,
    ),
  ]
  out.push(
    heading('Why it matters'),
    page.wrap(info.description, 2),
    heading('How to fix it'),
    page.wrap(info.remediation, 2),
  )
  if (info.credential)
    out.push(
      heading('The credential'),
      page.item('-', `opens ${info.credential.opens}`),
      page.item('-', `holds ${describeLifetime(info.credential.lifetime)}`),
      page.item('-', `how to revoke it: ${info.credential.revoke}`),
    )
  const firing = rule.source.tests?.filter((test) => test.finds > 0) ?? []
  const silent = rule.source.tests?.filter((test) => test.finds === 0 && test.because) ?? []
  if (firing.length > 0) out.push(heading('Fires on'), ...firing.map((test) => page.item('-', test.name)))
  if (silent.length > 0)
    out.push(heading('Is silent on'), ...silent.map((test) => page.item('-', `${test.name} (${test.because})`)))
  if (rule.source.match)
    out.push(
      heading('Looks at'),
      ...Object.entries(rule.source.match).map(([name, clause]) =>
        page.item('-', `${name}: ${clause.fact}${clause.where ? ` where ${clause.where}` : ''}`),
      ),
    )
  const { cwe = [], cis = [], nist = [] } = info.mappings
  const mapped = [...cwe, ...cis.map((control) => `CIS ${control}`), ...nist.map((tenet) => `NIST SP 800-207 ${tenet}`)]
  if (mapped.length > 0) out.push(heading('Controls'), page.wrap(mapped.join(', '), 2))
  if (info.references.length > 0) out.push(heading('See'), ...info.references.map((url) => `  ${url}`))
  out.push(
    heading('To leave it out'),
    page.wrap(`# zt-audit: ignore ${info.id} -- why this is no risk here`, 2),
    page.wrap('in the line, or above it; or a suppression in zt-audit.yaml', 2),
  )
  process.stdout.write(`${out.join('\n')}\n`)
}

function describeSeverity(severity: string | { default: string; when: readonly { is: string; if: string }[] }): string {
  if (typeof severity === 'string') return severity
  return `${severity.default} (${severity.when.map((item) => `${item.is} if ${item.if}`).join(', ')})`
}
