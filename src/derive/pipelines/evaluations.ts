import { ciShellEvaluation } from '../../facts/pipeline-evaluation.ts'
import { ciInjection } from '../../facts/pipeline-untrusted.ts'
import { type Derivation, fact, isFact } from '../../model.ts'
import { GITLAB_TEXTS } from '../../reference/gitlab-variables.ts'

/** Scripts of GitLab CI that have a text evaluated which others write. */
export const gitlabInjections: Derivation = {
  id: 'gitlab-injections',
  from: [ciShellEvaluation],
  emits: [ciInjection],
  derive: (facts) => ({
    gaps: [],
    facts: facts.flatMap((each) => {
      if (!isFact(ciShellEvaluation, each)) return []
      const { workflow = '', job = '', step = '', variable = '', by = '', triggers = [] } = each.data
      const audience = GITLAB_TEXTS.get(variable)
      if (!audience) return []
      return fact(ciInjection, each.scope, each.at, {
        workflow,
        job,
        step,
        place: 'run',
        expression: variable,
        source: variable,
        way: by,
        audience,
        events: triggers,
        // The variables of the project are within reach of each of its jobs.
        privileged: true,
        guards: [],
      })
    }),
  }),
}
