import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { checkDetect, toDetector } from './detect/detector.ts'
import { type CompiledRule, compileRule } from './engine/compile.ts'
import { type LoadedRule, loadRules } from './engine/load.ts'
import type { RuleSource, RuleTest } from './engine/rule-schema.ts'
import { catalogue } from './facts/catalogue.ts'
import type { Detector, FactKind } from './model.ts'

/** A rule as an audit runs it. */
export interface RunnableRule {
  readonly id: string
  readonly compiled: CompiledRule
  readonly detector?: Detector
  /** As written. Of bundled rules it lacks tests and example until `withNotes` adds them. */
  readonly source: RuleSource
}

/** How the built-in rules stand in the bundle: checked, patterns translated. */
export interface BundledRule {
  readonly id: string
  readonly source: RuleSource
  readonly detector?: Detector
}

/** What only `explain` shows of a rule: it stands in a file of its own, so that an audit does not read it. */
export type RuleNotes = Pick<RuleSource, 'example'> & {
  readonly tests: readonly Pick<
    RuleTest,
    'name' | 'finds' | 'because' | 'undetermined' | 'severity' | 'text' | 'path'
  >[]
}

declare const __BUNDLED__: boolean | undefined
const bundled = typeof __BUNDLED__ !== 'undefined'

/** The folder of the built-in rules, from source and in the installed package alike. */
export const BUILT_IN_RULES: string = fileURLToPath(new URL('../rules', import.meta.url))

/** The built-in rules: from the bundle that the build checked, or, in development, from `rules/`. */
export async function builtInRules(): Promise<RunnableRule[]> {
  if (!bundled) return (await loadRules(BUILT_IN_RULES, catalogue, checkDetect)).map(toRunnable)
  const text = await readFile(new URL('./rules.json', import.meta.url), 'utf8')
  const rules = JSON.parse(text) as BundledRule[]
  return rules.map(({ id, source, detector }) => ({
    id,
    source,
    compiled: compileRule(id, source, { catalogue, file: `rules/${id}.yaml`, defects: [] }),
    ...(detector && { detector }),
  }))
}

/** The rules with what `explain` shows of them. */
export async function withNotes(rules: readonly RunnableRule[]): Promise<RunnableRule[]> {
  if (!bundled) return [...rules]
  const text = await readFile(new URL('./rule-notes.json', import.meta.url), 'utf8')
  const notes = new Map(Object.entries(JSON.parse(text) as Record<string, RuleNotes>))
  return rules.map((rule) => {
    const added = notes.get(rule.id)
    return added ? { ...rule, source: { ...rule.source, ...added } as RuleSource } : rule
  })
}

/** The built-in rules, and those of folders, fully checked. Throws RuleError with every defect of a folder. */
export async function allRules(
  folders: readonly string[],
  kinds: ReadonlyMap<string, FactKind> = catalogue,
): Promise<RunnableRule[]> {
  const rules = await builtInRules()
  const taken = new Set(rules.map((rule) => rule.id))
  for (const folder of folders) {
    for (const rule of await loadRules(folder, kinds, checkDetect, taken)) {
      const runnable = toRunnable(rule)
      const info = { ...runnable.compiled.info, added: true } as const
      rules.push({ ...runnable, compiled: { ...runnable.compiled, info } })
      taken.add(rule.id)
    }
  }
  return rules
}

export function toRunnable(rule: LoadedRule): RunnableRule {
  const detector = rule.source.detect ? toDetector(rule.id, rule.source.detect) : undefined
  return { id: rule.id, compiled: rule.compiled, source: rule.source, ...(detector && { detector }) }
}
