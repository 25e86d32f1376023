import { ciAppToken } from '../../facts/pipeline-rights.ts'
import { fact } from '../../model.ts'
import { textOf } from '../../sources/value-node.ts'
import { writtenIn } from './secrets.ts'
import { splitUse } from './structure.ts'
import type { Step } from './workflow.ts'
import { type ActionsFile, type ActionsReader, stepsOf } from './workflow-file.ts'

/**
 * Actions that make tokens of Apps, with the inputs that narrow them. Sources:
 * https://github.com/actions/create-github-app-token#permission-permission-name, https://github.com/tibdex/github-app-token#readme
 */
const MAKERS: ReadonlyMap<string, RegExp> = new Map([
  ['actions/create-github-app-token', /^permission-/i],
  ['tibdex/github-app-token', /^permissions$/i],
])

/** Steps that make tokens of GitHub Apps. */
export const appTokenReader: ActionsReader = {
  emits: [ciAppToken],
  *read(file: ActionsFile) {
    for (const { step, job } of stepsOf(file)) {
      const { action } = splitUse(textOf(step.uses) ?? '')
      const narrows = MAKERS.get(action.toLowerCase())
      if (!narrows) continue
      yield fact(ciAppToken, file.source.scope, file.source.location(step.node.start, step.node.end), {
        workflow: file.source.path,
        job: job?.id ?? '',
        step: step.label,
        action,
        scoped: step.with.some(({ key }) => narrows.test(key)),
        repositories: repositoriesOf(step),
      })
    }
  },
}

/** With an owner and no names, all repositories that the App is installed in; with neither, the one of the run. */
function repositoriesOf({ with: inputs }: Step): 'own' | 'named' | 'all' {
  const given = (name: RegExp) =>
    inputs.some(
      ({ key, value }) => name.test(key) && (value.type !== 'plain' || value.value !== null) && writtenIn(value) !== '',
    )
  if (given(/^(?:repositories|repository)$/i)) return 'named'
  return given(/^(?:owner|installation_retrieval_payload)$/i) ? 'all' : 'own'
}
