import { ciShellEvaluation } from '../../../facts/pipeline-evaluation.ts'
import { type Fact, fact } from '../../../model.ts'
import { type GitlabFile, scriptOf } from './configuration.ts'
import { triggersOf } from './structure.ts'
import { variablesIn } from './variables.ts'

/**
 * Commands that take a text as code: what the first shell fills into it, the second one runs. In single quotes it is the second shell that
 * fills in, as a value.
 */
const EVALUATIONS =
  /(?<![\w-])(eval|(?:ba|da|z)?sh\s+-\w*c|python3?\s+-c|node\s+-e|perl\s+-e|ruby\s+-e|ssh\s+[^\n"']*?)\s+(?:"((?:[^"\\]|\\.)*)"|([^\s"'][^\n;|&]*))/g

/** Scripts that have variables evaluated. */
export function* gitlabEvaluations(files: readonly GitlabFile[]): Generator<Fact> {
  const triggers = triggersOf(files)
  for (const file of files) {
    const owners = [{ name: '', node: file.node }, { name: '', node: file.defaults }, ...file.jobs]
    for (const { name, node } of owners) {
      const told = new Set<string>()
      for (const line of scriptOf(node))
        for (const [, command = '', quoted, bare = ''] of line.text.replace(/^\s*#.*$/gm, '').matchAll(EVALUATIONS)) {
          // A lone word is a value that the interpreter takes as it is: `ssh $HOST`.
          const by = command.split(/\s+/)[0] ?? ''
          const code = quoted ?? (by === 'eval' ? bare : '')
          for (const variable of variablesIn(code)) {
            const key = `${line.section} ${variable}`
            if (told.has(key)) continue
            told.add(key)
            yield fact(ciShellEvaluation, file.source.scope, file.source.location(line.node.start, line.node.end), {
              workflow: file.source.path,
              job: name,
              step: line.section,
              variable,
              by,
              triggers,
            })
          }
        }
    }
  }
}
