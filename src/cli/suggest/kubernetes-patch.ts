import { createTwoFilesPatch } from 'diff'
import type { AccountSuggestion, ClusterSuggestions } from '../../derive/kubernetes/suggest.ts'
import type { ObjectName } from '../../derive/kubernetes/suggest-roles.ts'
import { k8sBinding, k8sRole, k8sRoleRule } from '../../facts/kubernetes.ts'
import { type Fact, type FileLocation, isFact, type Tree } from '../../model.ts'
import { EditedManifest, type ObjectChange } from './kubernetes-change.ts'
import type { Wanted } from './kubernetes-edit.ts'
import { roleDocuments } from './kubernetes-yaml.ts'
import type { FilePatch } from './patch.ts'

type Places = ReadonlyMap<string, readonly FileLocation[]>

/** A change of an object by its id, and what to tell a person who has to make it. */
interface Step {
  readonly id: string
  readonly make: (at: FileLocation) => ObjectChange
  readonly words: string
}

/** The differences to the manifests of the trees that grant more than the suggestions do. */
export function patchManifests(
  suggestions: ClusterSuggestions,
  facts: readonly Fact[],
  trees: readonly Tree[],
): FilePatch[] {
  const places = placesOf(facts, suggestions.cluster)
  const files = new Map<string, { before: string; edited: EditedManifest; byHand: string[] }>()
  const open = ({ file, repository }: FileLocation) => {
    const key = `${repository ?? ''} ${file}`
    const known = files.get(key)
    if (known) return known
    const before = read(file, repository, trees)
    if (before === undefined) return undefined
    const opened = { before, edited: new EditedManifest(before), byHand: [] as string[] }
    files.set(key, opened)
    return opened
  }
  for (const { id, make, words } of stepsOf(suggestions)) {
    const own = places.get(id) ?? []
    const [at] = own
    const file = at && open(at)
    if (!file) continue
    if (own.length === 1 && /\.ya?ml$/i.test(at.file) && file.edited.change(make(at))) continue
    for (const place of own) {
      const each = open(place)
      const why = own.length > 1 ? ` (it is declared in ${own.length} places)` : ''
      each?.byHand.push(`${place.file}:${place.line ?? 1}: ${words}${why}`)
    }
  }
  for (const account of suggestions.accounts) {
    const made = account.roles.filter(({ binding }) => binding)
    if (made.length === 0) continue
    const homes = homesOf(account, places)
    const home = homes.find(({ at, ...wanted }) =>
      canHold(at.file, open(at)?.edited, { ...wanted, line: at.line ?? 1 }),
    )
    const documents = made.flatMap((role) => roleDocuments(role, account, ({ kept }) => kept && `kept: ${kept}`))
    if (home) open(home.at)?.edited.add(documents)
    else if (homes[0]) {
      const { file } = homes[0].at
      const words = `${made.map(idOf).join(', ')} for ${account.subjectKind} ${account.subject}`
      open(homes[0].at)?.byHand.push(`${file}: ${words} cannot be added here; take the YAML`)
    }
  }
  return [...files]
    .map(([key, { before, edited, byHand }]) => {
      const file = key.slice(key.indexOf(' ') + 1)
      const after = edited.result()
      const diff =
        after === before ? '' : createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after, '', '', { context: 3 })
      return { file, diff: diff.replace(/^=+\n/, ''), byHand }
    })
    .filter(({ diff, byHand }) => diff !== '' || byHand.length > 0)
    .sort((a, b) => (a.file < b.file ? -1 : 1))
}

function* stepsOf({ accounts, unneeded }: ClusterSuggestions): Generator<Step> {
  const left = new Map<string, Set<string>>()
  for (const { roles, leaves, subjectKind, subject } of accounts) {
    for (const role of roles) {
      const { kind, name, edits, rules } = role
      if (role.binding) continue
      const id = idOf(role)
      const words = `${id} should have ${rules.length === 1 ? 'one rule' : `${rules.length} rules`}, as in the YAML`
      yield { id, words, make: (at) => ({ kind, name, line: at.line ?? 1, edits }) }
    }
    for (const id of leaves) left.set(id, (left.get(id) ?? new Set()).add(`${subjectKind} ${subject}`))
  }
  for (const [id, subjects] of left) {
    if (unneeded.bindings.includes(id)) continue
    const { kind, namespace, name } = partsOf(id)
    const words = `take ${[...subjects].sort().join(', ')} out of ${id}`
    yield { id, words, make: (at) => ({ kind, name, namespace, line: at.line ?? 1, subjects }) }
  }
  for (const id of [...unneeded.bindings, ...unneeded.roles]) {
    const { kind, name } = partsOf(id)
    yield { id, words: `${id} is not needed`, make: (at) => ({ kind, name, line: at.line ?? 1, gone: true }) }
  }
}

/** New roles stand in a file that granted too much: those, with the object that did. */
function homesOf({ leaves, roles }: AccountSuggestion, places: Places): (ObjectName & { at: FileLocation })[] {
  const narrowed = roles.filter(({ binding }) => !binding)
  return [...leaves.map(partsOf), ...narrowed].flatMap((object) =>
    (places.get(idOf(object)) ?? []).map((at) => ({ ...object, at })),
  )
}

/** Documents can be added where the object stands in plain YAML: in no template, program or settings of Kustomize. */
function canHold(file: string, edited: EditedManifest | undefined, wanted: Wanted & { readonly line: number }) {
  return /\.ya?ml$/i.test(file) && edited?.holds(wanted) === true
}

function placesOf(facts: readonly Fact[], cluster: string): Places {
  const places = new Map<string, FileLocation[]>()
  for (const each of facts) {
    const id = isFact(k8sRole, each) ? each.data.role : isFact(k8sBinding, each) ? each.data.binding : undefined
    const at = 'file' in each.at ? each.at : each.at.declaredAt
    if (id === undefined || !at || (each.data as { cluster?: string }).cluster !== cluster) continue
    places.set(id, [...(places.get(id) ?? []), at])
  }
  return places
}

function read(path: string, repository: string | undefined, trees: readonly Tree[]): string | undefined {
  const scope = repository === undefined ? 'repo:.' : `repo:${repository}`
  for (const tree of trees) {
    if (tree.scope !== scope) continue
    const file = tree.files().find((each) => each.path === path)
    const text = file && tree.text(file, k8sRoleRule)
    if (text !== undefined) return text
  }
  return undefined
}

/** As facts name an object. */
export function idOf({ kind, namespace, name }: ObjectName): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
}

/** `KIND NAMESPACE/NAME` or `KIND NAME`: names of roles hold no slash. */
export function partsOf(id: string): ObjectName {
  const [kind = '', path = ''] = id.split(' ')
  const slash = path.indexOf('/')
  return { kind, namespace: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) }
}
