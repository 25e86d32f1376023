import { ciRelease, ciSigning } from '../../facts/pipeline-uses.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { textOf } from '../../sources/value-node.ts'
import { type Attesting, attestedElsewhere } from './release-artifacts.ts'
import { type Command, commandsOf } from './scripts.ts'
import { writtenIn } from './secrets.ts'
import { eventsOf, permissionsOfJob, splitUse } from './structure.ts'
import { variablesOf } from './token.ts'
import type { Job, Step } from './workflow.ts'
import type { ActionsFile, ActionsReader, WorkflowFile } from './workflow-file.ts'

/** Steps that publish, and steps that sign or attest. */
export const releaseReader: ActionsReader = {
  emits: [ciRelease, ciSigning],
  *read(file: ActionsFile) {
    if (file.form !== 'workflow') return
    // What pull requests alone start publishes nothing that others install.
    const publishes = !eventsOf(file.workflow).every((event) => event.startsWith('pull_request'))
    for (const job of file.workflow.jobs) {
      const called = splitUse(textOf(job.uses) ?? '').action
      if (SIGNS.test(called)) yield signing(file, job, undefined, called)
      for (const step of job.steps) yield* ofStep(file, job, step, publishes)
    }
  },
}

/** Jobs that publish to PyPI with an attestation. */
function attestingJobs({ workflow }: WorkflowFile): Attesting[] {
  return workflow.jobs.flatMap((job) =>
    job.steps.flatMap((step) => {
      const release = ofAction(splitUse(textOf(step.uses) ?? '').action.toLowerCase(), step)
      if (release?.target !== 'PyPI' || release.attested !== true) return []
      const folder = step.with.find(({ key }) => /^packages[-_]dir$/i.test(key))?.value
      return [{ job, folder: textOf(folder) ?? 'dist' }]
    }),
  )
}

const SIGNS =
  /^(?:actions\/attest|slsa-framework\/|sigstore\/|crazy-max\/ghaction-import-gpg|docker\/github-builder|azure\/(?:trusted-signing|artifact-signing)-action|philips-labs\/slsa|github\/gh-actions-attest|dlemstra\/code-sign-action)/i
const SIGNING_COMMAND =
  /^(?:cosign (?:sign|attest)|gitsign\b|minisign -S|signify|rpm(?:sign|\s+--(?:addsign|resign))|jarsigner|signtool sign|codesign|debsign|rekor-cli upload|notation sign|openssl dgst.* -sign|(?:python3? -m )?sigstore sign|slsa-)/

function* ofStep(file: WorkflowFile, job: Job, step: Step, publishes: boolean): Iterable<Fact> {
  const { action } = splitUse(textOf(step.uses) ?? '')
  if (SIGNS.test(action)) yield signing(file, job, step, action)
  const release = publishes && action !== '' ? ofAction(action.toLowerCase(), step) : undefined
  if (release) yield releaseFact(file, job, step, { ...release, tool: action })
  const seen = new Set<string>()
  for (const command of commandsOf(textOf(step.run) ?? '')) {
    const line = command.words.join(' ')
    if (
      SIGNING_COMMAND.test(line) ||
      (/^gpg2? /.test(line) && /(?:^|\s)(?:-\w*[bs]\b|--(?:detach-|clear-?)?sign)/.test(line))
    ) {
      yield signing(file, job, step, line.slice(0, 40))
    }
    const found = publishes ? ofCommand(command, file, job, step) : undefined
    if (!found || seen.has(found.target)) continue
    seen.add(found.target)
    yield releaseFact(file, job, step, found)
  }
}

function signing({ source }: WorkflowFile, job: Job, step: Step | undefined, tool: string): Fact {
  const { start, end } = step?.node ?? job.node
  return fact(ciSigning, source.scope, source.location(start, end), {
    workflow: source.path,
    job: job.id,
    step: step?.label ?? '',
    tool,
  })
}

interface Release {
  readonly target: string
  readonly tool: string
  /** Of a release of files, as they are named. */
  readonly files?: readonly string[]
  readonly attested: boolean | typeof UNKNOWN
}

function releaseFact(file: WorkflowFile, job: Job, step: Step, { files, ...release }: Release): Fact {
  const { source } = file
  return fact(ciRelease, source.scope, source.location(step.node.start, step.node.end), {
    workflow: source.path,
    job: job.id,
    step: step.label,
    ...release,
    ...(files && attestedElsewhere(job, files, attestingJobs(file)) && { attested: true }),
  })
}

/** Actions that publish, if their inputs say that they do. */
function ofAction(action: string, step: Step): Omit<Release, 'tool'> | undefined {
  const entry = (name: string) => step.with.find(({ key }) => key.toLowerCase() === name)?.value
  const input = (name: string) => {
    const node = entry(name)
    return node?.type === 'plain' ? String(node.value ?? '') : writtenIn(node)
  }
  const files = { target: 'GitHub release', attested: false }
  const named = (list: string) =>
    list ? { ...files, files: list.split(/[\n,]/).flatMap((each) => each.trim() || []) } : undefined
  if (/^(?:softprops\/action-gh-release|svenstaro\/upload-release-action)$/.test(action))
    return named(input('files') || input('file'))
  if (action === 'ncipollo/release-action') return named(input('artifacts') || input('artifact'))
  if (/^(?:actions\/upload-release-asset|alexellis\/upload-assets|wangyoucao577\/go-release-action)$/.test(action))
    return files
  if (action === 'goreleaser/goreleaser-action')
    return /\brelease\b/.test(input('args')) && !/--snapshot|--skip[= ]\S*publish|--skip-publish/.test(input('args'))
      ? files
      : undefined
  if (action === 'pypa/gh-action-pypi-publish') {
    if (/test\.pypi\.org/.test(input('repository-url') + input('repository_url'))) return undefined
    // It attests what it publishes by trusted publishing.
    return { target: 'PyPI', attested: input('password') === '' && input('attestations') !== 'false' }
  }
  if (action === 'docker/build-push-action')
    return pushes(input('push'), input('outputs'))
      ? { target: 'image registry', attested: attests(input('provenance'), input('sbom')) }
      : undefined
  return undefined
}

function pushes(push: string, outputs: string): boolean {
  return (
    push === 'true' || (push.includes('${{') && !/==\s*'never'/.test(push)) || /type=registry|push=true/.test(outputs)
  )
}

/** BuildKit records provenance unless it is told not to. Source: https://docs.docker.com/build/metadata/attestations/slsa-provenance/ */
function attests(provenance: string, sbom: string): boolean | typeof UNKNOWN {
  if (provenance.includes('${{')) return UNKNOWN
  return provenance !== 'false' || sbom === 'true'
}

function ofCommand({ words }: Command, file: WorkflowFile, job: Job, step: Step): Release | undefined {
  const line = words.join(' ')
  // pkg.pr.new keeps previews of a commit; nothing of it gets to npm.
  if (/--dry-run\b|--help\b|\bpkg-pr-new\b/.test(line)) return undefined
  const tool = words.slice(0, 3).join(' ')
  if (/^gh release (?:create|upload)\b/.test(line)) {
    const files = filesOfRelease(words)
    if (words[2] === 'create' && files.length === 0) return undefined
    return { target: 'GitHub release', tool, attested: false, files }
  }
  if (/^(?:npm|pnpm|lerna) (?:\S+ )*publish\b|^yarn npm publish\b|^yarn publish\b/.test(line)) {
    if (/npm\.pkg\.github\.com/.test(line + file.source.text)) return undefined
    return { target: 'npm', tool, attested: npmAttests(line, file, job, step) }
  }
  if (/^(?:python3? -m )?twine upload\b/.test(line) && !/testpypi/.test(line))
    return { target: 'PyPI', tool: 'twine upload', attested: /--attestations\b/.test(line) }
  if (/^(?:uv|poetry|hatch|flit|pdm) publish\b/.test(line)) return { target: 'PyPI', tool, attested: UNKNOWN }
  if (/^(?:docker|podman) (?:image )?push\b/.test(line))
    return { target: 'image registry', tool: 'docker push', attested: false }
  if (/^docker (?:buildx )?build\b/.test(line) && /\s--push\b/.test(line))
    return { target: 'image registry', tool: 'docker build --push', attested: !/--provenance[= ]false/.test(line) }
  return undefined
}

/** The words behind the tag that are no options. */
function filesOfRelease(words: readonly string[]): string[] {
  const valued =
    /^(?:-t|--title|-n|--notes|-F|--notes-file|--target|-R|--repo|--discussion-category|--notes-start-tag)$/
  const plain = words.slice(3).filter((word, i, all) => !word.startsWith('-') && !valued.test(all[i - 1] ?? ''))
  return plain.slice(1)
}

/**
 * npm attests if it is told to, and by itself where a package is published by trusted publishing: without a token, in a job that may
 * ask for an OpenID Connect token. Source: https://docs.npmjs.com/trusted-publishers
 */
function npmAttests(line: string, { workflow }: WorkflowFile, job: Job, step: Step): boolean {
  if (/--provenance\b(?!=false)/.test(line)) return true
  const env = variablesOf(workflow.env, job.env, step.env)
  const setting = env.get('npm_config_provenance')
  if (setting && /true/.test(setting.type === 'plain' ? String(setting.value) : writtenIn(setting))) return true
  const token = [...env.keys()].some((name) => /node_auth_token|npm_token|npm_config_.*auth/.test(name))
  const { permissions } = permissionsOfJob(workflow, job)
  return !token && permissions.form === 'map' && permissions.scopes.get('id-token') === 'write'
}
