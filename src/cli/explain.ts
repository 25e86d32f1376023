import { Chalk } from 'chalk'
import { UsageError } from '../errors.ts'
import { catalogue } from '../facts/catalogue.ts'
import { createManual } from '../manual.ts'
import { loadInstalled } from '../prepare.ts'
import { layout } from '../reporters/layout.ts'
import { renderManual } from '../reporters/manual.ts'
import { renderManualMarkdown } from '../reporters/manual-markdown.ts'
import { wideText } from '../reporters/wide-text.ts'
import { didYouMean, namesOf } from '../rule-names.ts'
import { allRules, type RunnableRule, withNotes } from '../rule-packs.ts'
import { textTests } from '../text-tests.ts'
import { colorLevel, terminalWidth } from './output.ts'
import { page } from './pager.ts'

export interface ExplainOptions {
  readonly rules: readonly string[]
  readonly plugin: readonly string[]
  readonly format: 'pretty' | 'json' | 'markdown'
}

/** `zt-audit explain RULE`: the rule as a page of a manual; of an area, its rules. */
export async function explain(name: string, options: ExplainOptions): Promise<void> {
  const installed = await loadInstalled(options.plugin)
  const rules = await withNotes(
    await allRules([...(installed?.ruleFolders ?? []), ...options.rules], installed?.catalogue),
  )
  const inArea = rules.filter(({ id }) => id.startsWith(`${name.replace(/\/$/, '')}/`))
  if (inArea.length > 0) {
    await page(listArea(inArea, options.format))
    return
  }
  const manual = await createManual(findRule(name, rules), {
    catalogue: installed?.catalogue ?? catalogue,
    rules,
    sampleOf: textTests.sampleOf,
  })
  if (options.format === 'json') await page(`${JSON.stringify(manual, null, 2)}\n`)
  else if (options.format === 'markdown') await page(renderManualMarkdown(manual, { root: undefined }))
  else await page(renderManual(manual, layout(terminalWidth(), wideText), colours()))
}

/** By its id, or by the last part of it, if that is one rule's alone. */
function findRule(name: string, rules: readonly RunnableRule[]): RunnableRule {
  const exact = rules.find(({ id }) => id === name)
  if (exact) return exact
  const ending = rules.filter(({ id }) => id.endsWith(`/${name}`))
  const [only] = ending
  if (only && ending.length === 1) return only
  const ids = rules.map(({ id }) => id)
  if (ending.length > 1)
    throw new UsageError(`'${name}' is the end of several rules: ${ending.map(({ id }) => id).join(', ')}`)
  const near = ids.filter((id) => name.length > 2 && id.includes(name.replace(/^.*\//, ''))).slice(0, 5)
  if (near.length > 1)
    throw new UsageError(`there is no rule '${name}'; these have it in their name: ${near.join(', ')}`)
  throw new UsageError(`there is no rule '${name}'${didYouMean(name, namesOf(ids))}`)
}

function listArea(rules: readonly RunnableRule[], format: ExplainOptions['format']): string {
  const infos = rules.map(({ compiled }) => compiled.info)
  if (format === 'json')
    return `${JSON.stringify(
      infos.map(({ id, title, severity }) => ({ id, title, severity })),
      null,
      2,
    )}\n`
  if (format === 'markdown')
    return `| rule | severity | what |\n|---|---|---|\n${infos.map(({ id, title, severity }) => `| ${id} | ${severity} | ${title.replaceAll('|', '\\|')} |\n`).join('')}`
  const chalk = colours()
  const width = Math.max(...infos.map(({ id }) => id.length))
  const set = layout(terminalWidth(), wideText)
  // One layout for all of a list: titles stand below if one of them does not fit beside.
  const beside = infos.every(({ title }) => width + 12 + set.measure.width(title) <= set.width)
  const rows = infos.map(({ id, title, severity }) => {
    const name = id.padEnd(Math.min(width, set.width - 10))
    return beside
      ? `${name}  ${chalk.bold(severity.padEnd(8))}  ${title}`
      : `${name}  ${chalk.bold(severity)}\n${set.wrap(title, 4)}`
  })
  return `${rows.join('\n')}\n\n${infos.length === 1 ? '1 rule' : `${infos.length} rules`}; zt-audit explain RULE tells more of each\n`
}

function colours() {
  return new Chalk({ level: colorLevel('auto', process.stdout) })
}
