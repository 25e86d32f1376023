import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { readDocument } from '../document.ts'
import { type Defect, RuleError } from '../errors.ts'
import type { FactKind } from '../model.ts'
import { type CompiledRule, compileRule } from './compile.ts'
import { type RuleSource, ruleSchema } from './rule-schema.ts'

/** A rule with its source: tests run on both. */
export interface LoadedRule {
  readonly id: string
  readonly file: string
  readonly source: RuleSource
  readonly compiled: CompiledRule
}

/** Checks what the engine cannot know of: that a pattern translates, that a validator exists. Gives messages. */
export type DetectCheck = (
  detect: NonNullable<RuleSource['detect']>,
) => Promise<readonly { path: string; message: string }[]>

/**
 * Reads every rule below a folder; a rule's id is its path. `prefix` names a pack: its rules are `prefix/area/id`.
 * Throws RuleError with every defect of every file, or if there is no rule at all.
 */
export async function loadRules(
  folder: string,
  catalogue: ReadonlyMap<string, FactKind>,
  checkDetect: DetectCheck,
  taken: ReadonlySet<string> = new Set(),
): Promise<LoadedRule[]> {
  const defects: Defect[] = []
  const rules: LoadedRule[] = []
  const files = await ruleFiles(folder, defects)
  for (const file of files) {
    const id = relative(folder, file)
      .split(sep)
      .join('/')
      .replace(/\.ya?ml$/, '')
    const shown = file
    const fail = (message: string) => defects.push({ file: shown, line: 1, column: 1, message })
    if (!/^[a-z0-9-]+(\/[a-z0-9-]+)+$/.test(id))
      fail(`a rule's path below the rules folder is its id, such as 'area/my-rule'; '${id}' is none`)
    if (taken.has(id)) fail(`the id '${id}' is taken by another rule`)
    const document = readDocument(shown, await readFile(file, 'utf8'), ruleSchema, defects)
    if (!document) continue
    const compiled = compileRule(id, document.value, { catalogue, file: shown, document, defects })
    for (const { path, message } of document.value.detect ? await checkDetect(document.value.detect) : []) {
      defects.push({
        file: shown,
        ...document.position(['detect', ...path.split('.')]),
        message: `detect.${path}: ${message}`,
      })
    }
    rules.push({ id, file: shown, source: document.value, compiled })
  }
  if (files.length === 0 && defects.length === 0)
    defects.push({ file: folder, line: 1, column: 1, message: 'holds no rule (*.yaml)' })
  if (defects.length > 0) throw new RuleError(defects)
  return rules
}

async function ruleFiles(folder: string, defects: Defect[]): Promise<string[]> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error('is no folder')
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  } catch (error) {
    defects.push({ file: folder, line: 1, column: 1, message: `cannot be read: ${(error as Error).message}` })
    return []
  }
}
