import { toJsonSchema } from '@valibot/to-json-schema'
import { Chalk } from 'chalk'
import { baselineSchema } from '../baseline.ts'
import { configSchema } from '../config.ts'
import { checkDetect } from '../detect/detector.ts'
import { type LoadedRule, loadRules } from '../engine/load.ts'
import { ruleSchema } from '../engine/rule-schema.ts'
import { namesRule } from '../engine/triage.ts'
import { UsageError } from '../errors.ts'
import { runExampleTests } from '../example-tests.ts'
import { catalogue } from '../facts/catalogue.ts'
import type { FactKind } from '../model.ts'
import { loadInstalled } from '../prepare.ts'
import { reportSchema } from '../reporters/json-schema.ts'
import { inventorySchema } from '../reporters/tables/json-schema.ts'
import { didYouMean, namesOf } from '../rule-names.ts'
import { allRules, BUILT_IN_RULES } from '../rule-packs.ts'
import { type RuleTestResult, runRuleTests } from '../rule-tests.ts'
import { textTests } from '../text-tests.ts'
import { colorLevel } from './output.ts'

/** `zt-audit rules list`. */
export async function listRules(options: {
  readonly format: string
  readonly rules: readonly string[]
  readonly plugin: readonly string[]
}): Promise<void> {
  const installed = await loadInstalled(options.plugin)
  const rules = await allRules([...(installed?.ruleFolders ?? []), ...options.rules], installed?.catalogue)
  const infos = rules.map((rule) => rule.compiled.info).sort((a, b) => (a.id < b.id ? -1 : 1))
  if (options.format === 'json') {
    process.stdout.write(`${JSON.stringify(infos, null, 2)}\n`)
    return
  }
  const chalk = new Chalk({ level: colorLevel('auto', process.stdout) })
  const width = Math.max(...infos.map((info) => info.id.length))
  for (const info of infos)
    process.stdout.write(`${info.id.padEnd(width)}  ${info.severity.padEnd(8)}  ${chalk.dim(info.title)}\n`)
}

/** `zt-audit rules test [DIR]`: the rules of DIR, else those of the plugins named, else ours. Exit 1 if a test does not hold. */
export async function testRules(
  folder: string | undefined,
  options: { readonly only: readonly string[]; readonly plugin: readonly string[] },
): Promise<void> {
  const installed = await loadInstalled(options.plugin)
  const kinds = installed?.catalogue ?? catalogue
  const folders = folder !== undefined ? [folder] : (installed?.ruleFolders ?? [BUILT_IN_RULES])
  const rules = (await Promise.all(folders.map((each) => loadRules(each, kinds, checkDetect)))).flat()
  const selected = rules.filter((rule) => namesRule(options.only, rule.id))
  const known = namesOf(rules.map((rule) => rule.id))
  const missing = options.only.find((name) => !known.includes(name))
  if (missing !== undefined) throw new UsageError(`there is no rule or area '${missing}'${didYouMean(missing, known)}`)
  if (selected.length === 0) throw new UsageError(`${folder ?? BUILT_IN_RULES} holds no rule`)
  let passed = 0
  let failed = 0
  for await (const result of allTests(selected, kinds, options.plugin)) {
    if (result.problems.length === 0) passed++
    else {
      failed++
      process.stdout.write(
        `FAIL ${result.rule} (${result.file}): ${result.test}\n${result.problems.map((problem) => `  ${problem}\n`).join('')}`,
      )
    }
  }
  process.stdout.write(`${selected.length} rules: ${passed} tests passed, ${failed} failed\n`)
  if (failed > 0) process.exitCode = 1
}

/** The tests by facts and texts, then the examples. */
async function* allTests(
  rules: readonly LoadedRule[],
  kinds: ReadonlyMap<string, FactKind>,
  plugins: readonly string[],
): AsyncGenerator<RuleTestResult> {
  yield* runRuleTests(rules, { catalogue: kinds, ...textTests })
  yield* runExampleTests(rules, textTests.sampleOf, plugins)
}

/** `zt-audit rules schema`. */
export function printSchema(options: { readonly of: string }): void {
  process.stdout.write(`${JSON.stringify(jsonSchema(options.of), null, 2)}\n`)
}

/** JSON Schema (draft 7) of a form. Throws UsageError for another name. */
export function jsonSchema(of: string): object {
  const schema = {
    rule: ruleSchema,
    config: configSchema,
    report: reportSchema,
    baseline: baselineSchema,
    inventory: inventorySchema,
  }[of]
  if (!schema) throw new UsageError(`--of '${of}' is not one of rule, config, report, baseline, inventory`)
  // Checks that JSON Schema cannot say (a rule needs a firing test) are left to the loader.
  return { title: `zt-audit ${of}`, ...toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'input' }) }
}
