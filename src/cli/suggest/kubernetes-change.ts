import { isMap, type Node, type YAMLMap } from 'yaml'
import { fieldsOf } from '../../derive/kubernetes/narrow-rules.ts'
import type { PolicyRule } from '../../derive/kubernetes/replay.ts'
import type { RuleEdit } from '../../derive/kubernetes/suggest-roles.ts'
import { type Slice, splitDocuments } from '../../sources/yaml-documents.ts'
import { applySplices, editList, findObject, ruleText, type Splice, type Wanted } from './kubernetes-edit.ts'

/** What is to be done with an object of a manifest. */
export type ObjectChange = Wanted & { readonly line: number } & (
    | { readonly edits: readonly RuleEdit[] }
    /** Subjects to take out, each `KIND NAME` or `ServiceAccount NAMESPACE/NAME`; `namespace` is the binding's. */
    | { readonly subjects: ReadonlySet<string>; readonly namespace: string }
    | { readonly gone: true }
  )

/** A manifest's text that is changed object by object. What cannot be changed safely is left as it is. */
export class EditedManifest {
  readonly #text: string
  readonly #slices: readonly Slice[]
  readonly #offsets: readonly number[]
  readonly #splices: Splice[] = []
  readonly #gone = new Set<Slice>()
  readonly #added: string[] = []

  constructor(text: string) {
    this.#text = text
    this.#slices = splitDocuments(text)
    this.#offsets = lineOffsets(text)
  }

  /** Whether the object stands there in a way that can be changed, so that others can stand beside it. */
  holds(wanted: Wanted & { readonly line: number }): boolean {
    return this.#find(wanted) !== undefined
  }

  #find(wanted: Wanted & { readonly line: number }) {
    const slice = this.#slices.findLast(({ line }) => line <= wanted.line)
    if (!slice || /^\s*[{[]/.test(slice.text)) return undefined
    const found = findObject(slice.text, wanted)
    return found && { slice, found }
  }

  /** The items of the list that one of them is cut from; of a document that is none, itself. */
  #listOf(slice: Slice): readonly Slice[] {
    const ends = (each: Slice) => each.line + each.text.split('\n').length - 1
    const at = this.#slices.indexOf(slice)
    const isItem = (each: Slice | undefined) => each?.text.startsWith('- ') === true
    let [first, last] = [at, at]
    const follows = (before: Slice | undefined, after: Slice | undefined) =>
      before !== undefined && after !== undefined && isItem(before) && isItem(after) && ends(before) === after.line
    while (follows(this.#slices[first - 1], this.#slices[first])) first--
    while (follows(this.#slices[last], this.#slices[last + 1])) last++
    return this.#slices.slice(first, last + 1)
  }

  /** False if a person has to make the change. */
  change(change: ObjectChange): boolean {
    const at = this.#find(change)
    if (!at) return false
    const { slice, found } = at
    if ('gone' in change) {
      // A list of nothing is no list that kubectl takes.
      const isItem = slice.text.startsWith('- ')
      if (isItem && this.#listOf(slice).every((each) => each === slice || this.#gone.has(each))) return false
    }
    const splices = splicesFor(slice.text, found, change)
    if (!splices || !isRight(slice.text, splices, found.object, change)) return false
    if ('gone' in change) this.#gone.add(slice)
    const bom = slice.line === 1 && this.#text.charCodeAt(0) === 0xfeff ? 1 : 0
    const offset = (this.#offsets[slice.line - 1] ?? 0) + slice.indent + bom
    const newline = this.#text.includes('\r\n') ? '\r\n' : '\n'
    for (const { start, end, text } of splices) {
      this.#splices.push({ start: start + offset, end: end + offset, text: text.replace(/\r?\n/g, newline) })
    }
    return true
  }

  /** Adds documents at the end. */
  add(documents: readonly string[]): void {
    this.#added.push(...documents)
  }

  result(): string {
    const changed = applySplices(this.#text, this.#splices)
    if (this.#added.length === 0) return changed
    const newline = this.#text.includes('\r\n') ? '\r\n' : '\n'
    const end = changed === '' || changed.endsWith('\n') ? '' : newline
    return changed + end + this.#added.map((text) => `---\n${text}`.replace(/\n/g, newline)).join('')
  }
}

function splicesFor(text: string, found: { object: YAMLMap; isWhole: boolean }, change: ObjectChange) {
  if ('gone' in change) return found.isWhole ? [{ start: 0, end: text.length, text: '' }] : undefined
  // Each change must meet what it is for: a file that says something else than the facts is not understood.
  const met = new Set<string>()
  if ('subjects' in change) {
    const splices = editList(text, found.object, 'subjects', (item) => {
      const id = subjectId(item, change.namespace)
      if (!change.subjects.has(id)) return undefined
      met.add(id)
      return []
    })
    return met.size === change.subjects.size ? splices : undefined
  }
  const edits = new Map(change.edits.map(({ before, after }) => [canonical(before.data), after]))
  const splices = editList(text, found.object, 'rules', (item, style) => {
    const own = canonical(ruleOf(item))
    const after = edits.get(own)
    if (after) met.add(own)
    return after?.map((rule) => ruleText(rule, style))
  })
  return met.size === edits.size ? splices : undefined
}

/** Reads the changed text again: it must say what was wanted, and nothing else must have changed. */
function isRight(text: string, splices: readonly Splice[], object: YAMLMap, change: ObjectChange): boolean {
  if ('gone' in change) return true
  const after = findObject(applySplices(text, splices), change)
  if (!after) return false
  const rest = (map: YAMLMap, without: string) =>
    JSON.stringify(Object.entries(map.toJSON() as object).filter(([key]) => key !== without))
  if ('subjects' in change) {
    const wanted = itemsOf(object, 'subjects').map((item) => subjectId(item, change.namespace))
    const left = itemsOf(after.object, 'subjects').map((item) => subjectId(item, change.namespace))
    const isLeft = wanted.filter((id) => !change.subjects.has(id)).join('\n') === left.join('\n')
    return isLeft && rest(object, 'subjects') === rest(after.object, 'subjects')
  }
  const edits = new Map(change.edits.map(({ before, after: rules }) => [canonical(before.data), rules]))
  const wanted = itemsOf(object, 'rules').flatMap((item) => {
    const own = canonical(ruleOf(item))
    return edits.get(own)?.map(canonical) ?? [own]
  })
  const left = itemsOf(after.object, 'rules').map((item) => canonical(ruleOf(item)))
  return wanted.join('\n') === left.join('\n') && rest(object, 'rules') === rest(after.object, 'rules')
}

function itemsOf(object: YAMLMap, key: string): Node[] {
  const list = object.get(key, true) as { items?: unknown[] } | undefined
  return (list?.items ?? []).filter((item): item is Node => isMap(item))
}

function ruleOf(item: Node): PolicyRule {
  const value = (item.toJSON() ?? {}) as Record<string, unknown>
  const strings = (key: string) => (Array.isArray(value[key]) ? value[key].map(String) : [])
  return {
    apiGroups: strings('apiGroups'),
    resources: strings('resources'),
    resourceNames: strings('resourceNames'),
    verbs: strings('verbs'),
    nonResourceUrls: strings('nonResourceURLs'),
  }
}

function canonical(rule: PolicyRule): string {
  return JSON.stringify(fieldsOf(rule).map(([key, values]) => [key, [...new Set(values)].sort()]))
}

/** As facts name a subject. */
function subjectId(item: Node, home: string): string {
  const { kind, name, namespace } = (item.toJSON() ?? {}) as Record<string, unknown>
  const [, other, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(String(name)) ?? []
  if (kind === 'User' && other && account) return `ServiceAccount ${other}/${account}`
  return kind === 'ServiceAccount' ? `ServiceAccount ${namespace || home || 'default'}/${name}` : `${kind} ${name}`
}

function lineOffsets(text: string): number[] {
  const offsets = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) offsets.push(at + 1)
  return offsets
}
