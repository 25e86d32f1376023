import { factKind } from '../model.ts'

/** A variable of the platform that a script has evaluated as code. */
export const ciShellEvaluation = factKind({
  kind: 'ci.shell-evaluation',
  meaning:
    'A script of GitLab CI hands the text of a variable to a second shell or interpreter, which reads it as code.',
  identity: ['workflow', 'job', 'step', 'variable'],
  fields: {
    workflow: ['string', 'Path of its file', '.gitlab-ci.yml'],
    job: ['string', 'Its job or template; empty for the defaults', 'notify'],
    step: ['string', 'before_script, script or after_script', 'script'],
    variable: ['string', 'The variable', 'CI_COMMIT_MESSAGE'],
    by: ['string', 'The command that evaluates it', 'eval'],
    triggers: ['list<string>', 'What starts the pipeline', ['push']],
  },
})
