import { factKind } from '../model.ts'

/** Code of others that a pipeline runs. */
export const ciUse = factKind({
  kind: 'ci.use',
  meaning: 'An action, reusable workflow or image from elsewhere that a step or job uses.',
  identity: ['workflow', 'job', 'step', 'action'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/ci.yml'],
    job: ['string', 'Key of its job; empty in a composite action', 'build'],
    step: ['string', 'Its name; empty where a job calls a reusable workflow', 'acme/deploy'],
    action: ['string', 'What is used, without the version', 'acme/deploy'],
    form: ['string', 'action, workflow or image', 'action'],
    owner: ['string', 'Who owns it, in lower case; empty for an image', 'acme'],
    version: ['string', 'Behind the @, or the tag of an image; empty without one', 'v1'],
    pin: ['string', 'commit, digest, tag, branch or none', 'tag'],
  },
})

/** One action, over the whole tree. */
export const ciUnpinnedAction = factKind({
  kind: 'ci.unpinned-action',
  meaning: 'Code of others that is used by a name which its owner can move.',
  identity: ['action'],
  derivedFrom: ['ci.use'],
  fields: {
    action: ['string', 'What is used, without the version', 'acme/deploy'],
    form: ['string', 'action, workflow or image', 'action'],
    versions: ['list<string>', 'The versions that are not pinned', ['v1']],
    places: ['int', 'How often it is used so', 1],
    branch: ['bool', 'Whether one of them is a branch, or no version at all', false],
    secrets: ['bool', 'Whether a job that runs it is seen to get secrets', false],
    github: ['bool', 'Whether GitHub owns it, or it is an image of Docker’s library', false],
    own: ['bool', 'Whether the owner of the repository owns it; false where that was not seen', false],
    inWords: ['string', 'For a message', 'acme/deploy is used by the tag v1 in 1 place'],
    assumptions: ['list<string>', 'What the judgement rests on', []],
  },
})

/** What of its care for itself a repository shows in files. */
export const ciRepository = factKind({
  kind: 'ci.repository',
  meaning: 'A repository with pipelines: whose it is, and what looks after its dependencies and its security.',
  identity: ['folder'],
  fields: {
    folder: ['string', 'The tree, as it was named', '.'],
    isGit: ['bool', 'Whether it is a git repository', true],
    workflows: ['int', 'Number of its workflows', 1],
    manifests: ['list<string>', 'Files that declare packages it depends on', ['package.json']],
    updates: ['list<string>', 'Files of tools that update dependencies', ['.github/dependabot.yml']],
    scans: [
      'list<string>',
      'Actions and commands of its pipelines that look for security holes',
      ['github/codeql-action/analyze'],
    ],
    signing: ['list<string>', 'Files of release tools that have artefacts signed', []],
    publishing: ['list<string>', 'Files of release tools that publish', []],
  },
})

/** A step that publishes something. */
export const ciRelease = factKind({
  kind: 'ci.release',
  meaning: 'A step that publishes packages, images or files of a release.',
  identity: ['workflow', 'job', 'step', 'target'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/release.yml'],
    job: ['string', 'Key of its job', 'release'],
    step: ['string', 'Its name', 'softprops/action-gh-release'],
    target: [
      'string',
      'Where it goes: GitHub release, npm, PyPI, crates.io, RubyGems, Maven, NuGet, image registry',
      'GitHub release',
    ],
    tool: ['string', 'The action or command', 'softprops/action-gh-release'],
    attested: [
      'bool',
      'Whether the step has provenance or a signature made, or the same files go out with one elsewhere in the workflow; unknown if that hangs on what cannot be seen',
      false,
    ],
  },
})

/** A step that signs or attests. */
export const ciSigning = factKind({
  kind: 'ci.signing',
  meaning: 'A step that signs, or attests where something was built.',
  identity: ['workflow', 'job', 'step'],
  fields: {
    workflow: ['string', 'Path of its file', '.github/workflows/release.yml'],
    job: ['string', 'Key of its job', 'release'],
    step: ['string', 'Its name', 'actions/attest'],
    tool: ['string', 'The action or command', 'actions/attest'],
  },
})
