import { ciCheckout, ciExecution, ciGitUse, ciPermissionCheck, ciTransfer, ciWrite } from '../../facts/pipeline-flow.ts'
import { type Fact, type FileLocation, fact, UNKNOWN } from '../../model.ts'
import {
  CHECKOUT_ACTIONS,
  FOREIGN_DOWNLOADS,
  GIT_ACTIONS,
  PERMISSION_CHECKS,
  refusesForks,
  runsFolder,
} from '../../reference/untrusted-actions.ts'
import { get, type MapEntry, textOf } from '../../sources/value-node.ts'
import { commandsOf, runsWhat } from './checkouts-commands.ts'
import { writesOfJavaScript } from './checkouts-javascript.ts'
import { type Write, writesOf } from './checkouts-script.ts'
import { referencesIn } from './expressions-flow.ts'
import { splitUse } from './structure.ts'
import type { Step } from './workflow.ts'
import { type ActionsFile, type ActionsReader, stepsOf } from './workflow-file.ts'

/** Code and files that come into a job, what runs them, and what goes out of it. */
export const checkoutReader: ActionsReader = {
  emits: [ciCheckout, ciExecution, ciGitUse, ciPermissionCheck, ciTransfer, ciWrite],
  *read(file) {
    for (const { step, job } of stepsOf(file)) {
      const place = placeOf(file, step, job?.id ?? '')
      if (talksGit(step)) yield fact(ciGitUse, ...at(place), place.names)
      if (checksRights(step)) yield fact(ciPermissionCheck, ...at(place), place.names)
      if (step.uses) yield* ofAction(place)
      else if (step.run) yield* ofScript(place)
    }
  },
}

/** A step, and what every fact of it says. */
interface Place {
  readonly file: ActionsFile
  readonly step: Step
  readonly names: { readonly workflow: string; readonly job: string; readonly step: string }
  readonly folder: string
}

function placeOf(file: ActionsFile, step: Step, job: string): Place {
  const names = { workflow: file.source.path, job, step: step.label }
  return { file, step, names, folder: textOf(get(step.node, 'working-directory')) ?? '' }
}

function at({ file: { source }, step }: Place): [scope: string, location: FileLocation] {
  return [source.scope, source.location(step.node.start, step.node.end)]
}

/** An action that is known for it, or a call of the API that tells rights, teams or members. */
const ASKS =
  /collaborators\/\S+\/permission|CollaboratorPermission|checkCollaborator|MembershipForUser|\/memberships\/|author_association/

function checksRights(step: Step): boolean {
  const script = textOf(step.run) ?? input(step.with, 'script')
  return PERMISSION_CHECKS.has(splitUse(textOf(step.uses) ?? '').action.toLowerCase()) || ASKS.test(script)
}

function* ofAction(place: Place): Generator<Fact> {
  const { step, names, file } = place
  const uses = textOf(step.uses) ?? ''
  const { action, version } = splitUse(uses)
  const name = action.toLowerCase()
  const [scope, location] = at(place)
  if (CHECKOUT_ACTIONS.has(name)) yield checkoutFact(place, name, version, commentBehind(file, step))
  const inputs = step.with.map(({ key }) => key.toLowerCase())
  const context = input(step.with, 'context')
  const isRemote =
    name === 'docker/build-push-action' && /^(?:https?:|git@|\$\{\{ *(?:github\.server|steps))/.test(context)
  if (action.startsWith('./') || (runsFolder(action, inputs) && !isRemote))
    yield fact(ciExecution, scope, location, {
      ...names,
      what: action,
      folder: context.replace(/^\.\/?/, '') || input(step.with, 'working-directory'),
    })
  const upload = /^actions\/upload-(?:pages-)?artifact$/.test(name)
  if (upload) {
    const paths = input(step.with, 'path')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
    const hidden = input(step.with, 'include-hidden-files') === 'true' || /^v[12](?:\.|$)/.test(version)
    yield fact(ciTransfer, scope, location, { ...names, direction: 'upload', paths, hidden, otherRun: false })
  }
  const otherRun = FOREIGN_DOWNLOADS.has(name) || (name === 'actions/download-artifact' && inputs.includes('run-id'))
  if (name === 'actions/download-artifact' || otherRun)
    yield fact(ciTransfer, scope, location, {
      ...names,
      direction: 'download',
      paths: [input(step.with, 'path')],
      hidden: false,
      otherRun,
    })
  if (name === 'actions/github-script') yield* ofJavaScript(place, input(step.with, 'script'))
}

function checkoutFact(place: Place, by: string, version: string, comment: string): Fact {
  const { step, names } = place
  const [scope, location] = at(place)
  const ref = input(step.with, 'ref')
  const repository = input(step.with, 'repository')
  const persist = input(step.with, 'persist-credentials')
  const token = `${input(step.with, 'token')}${input(step.with, 'ssh-key')}`
  const major = majorOf(version) ?? majorOf(comment)
  const pulls = /\bpull\//.test(ref) ? ['pull'] : []
  return fact(ciCheckout, scope, location, {
    ...names,
    by,
    ref: ref || repository,
    repository: /^\$\{\{\s*github\.repository\s*\}\}$/.test(repository) ? '' : repository,
    references: [...new Set([...pulls, ...referencesIn(`${ref} ${repository}`)])],
    ofFork: /head|fork|inputs|outputs|env\./.test(repository),
    refuses:
      by === 'actions/checkout' &&
      refusesForks(version, comment) &&
      input(step.with, 'allow-unsafe-pr-checkout').toLowerCase() !== 'true',
    path: input(step.with, 'path'),
    persists: persist.includes('${{') ? UNKNOWN : by === 'actions/checkout' && persist.toLowerCase() !== 'false',
    ownToken: token !== '' && !/github\.token|secrets\.github_token/i.test(token),
    tokenPlace: major === undefined ? UNKNOWN : major >= 6 ? 'temp' : 'git',
  })
}

/** Since version 6 the token lies outside of the folder. Source: https://github.com/actions/checkout/releases/tag/v6.0.0. */
function majorOf(version: string): number | undefined {
  const written = /^v?(\d+)(?:\.|$)/.exec(version)?.[1]
  return written === undefined ? undefined : Number(written)
}

/** The version that a comment behind a commit says. */
function commentBehind({ source }: ActionsFile, step: Step): string {
  const end = step.uses?.end ?? 0
  const line = source.text.indexOf('\n', end)
  return /#\s*(?:tag[=:]\s*)?(v?\d[\w.]*)/.exec(source.text.slice(end, line < 0 ? undefined : line))?.[1] ?? ''
}

const GIT_COMMANDS =
  /\bgit\s+(?:-\S+\s+(?:[^-\s=][^\s=]*=\S+\s+)?){0,9}(?:push|fetch|pull|clone|ls-remote|submodule|lfs|remote)\b|\bsemantic-release\b|\blerna\s+(?:publish|version)|\bgh\s+(?:repo|pr)\b/

/** One’s own action may push: it counts as if it did, as does one that commits by its name. */
function talksGit(step: Step): boolean {
  const action = splitUse(textOf(step.uses) ?? '').action.toLowerCase()
  return (
    action.startsWith('./') ||
    GIT_ACTIONS.has(action) ||
    /commit/.test(action) ||
    GIT_COMMANDS.test(textOf(step.run) ?? '')
  )
}

/** Text of an input of an action; a boolean is written without quotes. */
function input(entries: readonly MapEntry[], name: string): string {
  const node = entries.find(({ key }) => key.toLowerCase() === name)?.value
  return node?.type === 'plain' ? String(node.value ?? '') : (textOf(node) ?? '')
}

function* ofScript(place: Place): Generator<Fact> {
  const { step, names } = place
  const script = textOf(step.run) ?? ''
  const [scope, location] = at(place)
  const fetched = fetchOf(script)
  if (fetched)
    yield fact(ciCheckout, scope, location, {
      ...names,
      by: 'script',
      repository: '',
      ...fetched,
      ofFork: fetched.references.some((reference) => /repo|clone_url/.test(reference)),
      refuses: false,
      path: '',
      persists: false,
      ownToken: false,
      tokenPlace: '',
    })
  let folder = place.folder
  const seen = new Set<string>()
  for (const command of commandsOf(script)) {
    folder = /^cd\s+["']?([^\s"'&]+)/.exec(command)?.[1] ?? folder
    const what = runsWhat(command)
    if (what === undefined || seen.has(what)) continue
    seen.add(what)
    yield fact(ciExecution, scope, location, { ...names, what, folder: folder.replace(/^\.\/?/, '') })
  }
  if (/\bgh\s+run\s+download\b|actions\/artifacts\/|actions\/runs\/[^\s]*artifacts/.test(script))
    yield fact(ciTransfer, scope, location, {
      ...names,
      direction: 'download',
      paths: [whereUnpacked(script)],
      hidden: false,
      otherRun: true,
    })
  if (!isReadable(step.shell)) yield* unreadWrites(place, script)
  else yield* writeFacts(place, writesOf(script))
}

/** Shells of POSIX and PowerShell; what a template starts is another language as a rule. */
function isReadable(shell: string): boolean {
  return shell === '' || /^(?:bash|sh|dash|zsh|pwsh|powershell)\b/.test(shell)
}

/** A script in another language that names a file of the runner: what it writes there is not read, only what it has at hand. */
function* unreadWrites({ names, ...place }: Place, script: string): Generator<Fact> {
  const file = /\bGITHUB_(ENV|PATH)\b/.exec(script)?.[1]?.toLowerCase()
  if (file === undefined) return
  const [scope, location] = at({ names, ...place })
  const references = [...referencesIn(script), ...place.step.env.map(({ key }) => `env.${key.toLowerCase()}`)]
  const unread = { name: '', content: 'unread', command: place.step.shell }
  yield fact(ciWrite, scope, location, { ...names, file, references, ...unread })
}

/** Where a script unpacks: the folder of the job if it says so by saying nothing. */
function whereUnpacked(script: string): string {
  if (/\bgh\s+run\s+download\b(?!.*\s(?:-D|--dir))/.test(script)) return ''
  return /\bunzip\s+(?!.*\s?-d)/.test(script) ? '' : 'another folder'
}

const PULLS =
  /\b(?:gh|hub)\s+(?:(?:-R|--repo)[\s=]\S+\s+)?pr\s+checkout\b|\bgit\s+(?:-\S+\s+){0,9}(?:fetch|pull)\b.*\bpull\//
/** The change itself, for `git apply`. */
const PATCHES = /\bgh\s+pr\s+diff\b|\.(?:patch|diff)_url\b|\/pull\/\S+\.(?:patch|diff)\b/
const GITS =
  /\bgit\s+(?:-\S+\s+\S+\s+){0,9}(?:fetch|pull|checkout|switch|clone|reset|merge|worktree add|remote add)\s(.*)|\b(?:tarball|zipball|archive)(\/.*)/

/** `gh pr checkout`, or git that fetches what an expression or variable names. */
function fetchOf(script: string): { ref: string; references: string[] } | undefined {
  const references = new Set<string>()
  let ref = ''
  const applies = /\bgit\s+(?:am|apply)\b|\bpatch\s+-p/.test(script)
  for (const line of script.replace(/\\\n/g, ' ').split('\n')) {
    if (line.trim().startsWith('#')) continue
    const pull = PULLS.exec(line) ?? (applies ? PATCHES.exec(line) : null)
    const git = GITS.exec(line)
    if (!pull && !git) continue
    if (pull) references.add('pull')
    for (const path of referencesIn(git?.[1] ?? git?.[2] ?? '')) references.add(path)
    const plain = (git?.[1] ?? git?.[2] ?? '').replace(/\$\{\{(?:(?!\$\{\{).)*?\}\}/g, '')
    for (const [, name = ''] of plain.matchAll(/\$\{?([A-Za-z_]\w*)/g)) references.add(`env.${name.toLowerCase()}`)
    if (references.size > 0 && ref === '') ref = (pull?.[0] ?? git?.[0] ?? '').trim().slice(0, 80)
  }
  return references.size > 0 ? { ref, references: [...references] } : undefined
}

/** The payload as actions/github-script names it, which is `github.event`. */
function* ofJavaScript(place: Place, script: string): Generator<Fact> {
  const { names } = place
  const [scope, location] = at(place)
  if (/\bdownloadArtifact\b/.test(script))
    yield fact(ciTransfer, scope, location, {
      ...names,
      direction: 'download',
      paths: [whereUnpacked(script)],
      hidden: false,
      otherRun: true,
    })
  yield* writeFacts(place, writesOfJavaScript(script))
}

function* writeFacts(place: Place, writes: readonly Write[]): Generator<Fact> {
  const [scope, location] = at(place)
  const merged = new Map<string, Write>()
  for (const write of writes) {
    const key = `${write.file} ${write.name}`
    const earlier = merged.get(key)
    // Set in two branches of a script: either may hold.
    const content = earlier && earlier.content !== 'text' ? earlier : write
    const references = [...new Set([...(earlier?.references ?? []), ...write.references])]
    merged.set(key, { ...content, references })
  }
  for (const { file, name, references, content, command } of merged.values())
    yield fact(ciWrite, scope, location, {
      ...place.names,
      file,
      name,
      references,
      content,
      command,
    })
}
