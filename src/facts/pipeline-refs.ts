import { factKind } from '../model.ts'

/** Jobs of GitLab CI choose their branches and tags themselves; for workflows of GitHub `ci.trigger` says it. */
export const ciRefFilter = factKind({
  kind: 'ci.ref-filter',
  meaning: 'Which branches, or which tags, a job of GitLab CI with an ID token runs for, as its rules say.',
  identity: ['workflow', 'job', 'refType'],
  fields: {
    workflow: ['string', 'Path of its file', '.gitlab-ci.yml'],
    job: ['string', 'Its key', 'deploy'],
    refType: ['string', 'branch or tag', 'branch'],
    names: ['list<string>', 'Names that are written; empty with `all`, or with the default branch alone', ['main']],
    all: ['bool', 'Whether it runs for all of them', false],
    defaultBranch: ['bool', 'Whether it runs for the default branch, whatever that is called', false],
    certain: ['bool', 'Whether names decide alone; false where a pattern or another value of the run decides', true],
  },
})
