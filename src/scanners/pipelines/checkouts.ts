import { ciCheckout, ciExecution, ciPermissionCheck, ciTransfer, ciWrite } from '../../facts/pipeline-flow.ts'
import { type Fact, type FileLocation, fact, UNKNOWN } from '../../model.ts'
import {
  CHECKOUT_ACTIONS,
  FOREIGN_DOWNLOADS,
  PERMISSION_CHECKS,
  runsFolder,
} from '../../reference/untrusted-actions.ts'
import { get, type MapEntry, textOf } from '../../sources/value-node.ts'
import { commandsOf, runsWhat } from './checkouts-commands.ts'
import { type Write, writesOf } from './checkouts-script.ts'
import { referencesIn } from './expressions-flow.ts'
import { splitUse } from './structure.ts'
import type { Step } from './workflow.ts'
import { type ActionsFile, type ActionsReader, stepsOf } from './workflow-file.ts'

/** Code and files that come into a job, what runs them, and what goes out of it. */
export const checkoutReader: ActionsReader = {
  emits: [ciCheckout, ciExecution, ciPermissionCheck, ciTransfer, ciWrite],
  *read(file) {
    for (const { step, job } of stepsOf(file)) {
      const place = placeOf(file, step, job?.id ?? '')
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
  if (CHECKOUT_ACTIONS.has(name)) yield checkoutFact(place, name, major(version, file, step))
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

function checkoutFact(place: Place, by: string, version: number | undefined): Fact {
  const { step, names } = place
  const [scope, location] = at(place)
  const ref = input(step.with, 'ref')
  const repository = input(step.with, 'repository')
  const persist = input(step.with, 'persist-credentials')
  const token = `${input(step.with, 'token')}${input(step.with, 'ssh-key')}`
  const pulls = /\bpull\//.test(ref) ? ['pull'] : []
  return fact(ciCheckout, scope, location, {
    ...names,
    by,
    ref: ref || repository,
    references: [...new Set([...pulls, ...referencesIn(`${ref} ${repository}`)])],
    path: input(step.with, 'path'),
    persists: persist.includes('${{') ? UNKNOWN : by === 'actions/checkout' && persist.toLowerCase() !== 'false',
    ownToken: token !== '' && !/github\.token|secrets\.github_token/i.test(token),
    tokenPlace: version === undefined ? UNKNOWN : version >= 6 ? 'temp' : 'git',
  })
}

/** `v5`, or what a comment behind a commit says. */
function major(version: string, { source }: ActionsFile, step: Step): number | undefined {
  const written = /^v?(\d+)(?:\.|$)/.exec(version)?.[1]
  if (written !== undefined) return Number(written)
  const end = step.uses?.end ?? 0
  const comment = /#\s*v?(\d+)/.exec(source.text.slice(end, source.text.indexOf('\n', end)))?.[1]
  return comment === undefined ? undefined : Number(comment)
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
      ...fetched,
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
      paths: [''],
      hidden: false,
      otherRun: true,
    })
  yield* writeFacts(place, writesOf(script))
}

/** `gh pr checkout`, or git that fetches what an expression or variable names. */
function fetchOf(script: string): { ref: string; references: string[] } | undefined {
  const references = new Set<string>()
  let ref = ''
  for (const line of script.replace(/\\\n/g, ' ').split('\n')) {
    if (line.trim().startsWith('#')) continue
    const pull = /\b(?:gh|hub)\s+pr\s+checkout\b|\bgit\s+(?:-\S+\s+)*(?:fetch|pull)\b.*\bpull\//.exec(line)
    const git = /\bgit\s+(?:-\S+\s+\S+\s+)*(?:fetch|pull|checkout|switch|clone|reset|merge|worktree add)\s(.*)/.exec(
      line,
    )
    if (!pull && !git) continue
    if (pull) references.add('pull')
    for (const path of referencesIn(git?.[1] ?? '')) references.add(path)
    const plain = (git?.[1] ?? '').replace(/\$\{\{.*?\}\}/g, '')
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
      paths: [''],
      hidden: false,
      otherRun: true,
    })
  const found = [...script.matchAll(/core\.(setOutput|exportVariable)\(\s*['"`]([\w-]+)['"`]\s*,([^\n]*)/g)].map(
    ([, by, name = '', value = '']) => ({
      file: by === 'setOutput' ? ('output' as const) : ('env' as const),
      name,
      value,
    }),
  )
  const returned = [...script.matchAll(/^\s*return\b([^\n]*)/gm)].map(([, value = '']) => ({
    file: 'output' as const,
    name: 'result',
    value,
  }))
  yield* writeFacts(
    place,
    [...found, ...returned].map(({ file, name, value }) => ({
      file,
      name,
      references: payloadIn(value, script),
      content: 'text' as const,
      command: '',
    })),
  )
}

function payloadIn(value: string, script: string): string[] {
  const paths = [...value.matchAll(/(?:context\.payload|github\.event)((?:\??\.\w+)+)/g)].map(
    ([, path = '']) => `github.event${path.replace(/\?/g, '').toLowerCase()}`,
  )
  const asked = /\bpulls\.get\b|\/pulls\//.test(script) && /\.head\.(?:sha|ref)\b|\bhead(?:Sha|_sha|Ref)\b/.test(value)
  return [...new Set([...paths, ...(asked ? ['pull'] : [])])]
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
