import { k8sRoleRule } from '../../facts/kubernetes.ts'
import type { FileLocation, Gap, Tree, TreeFile } from '../../model.ts'
import { type Path, type ReadSlice, readSlice, type Slice, splitDocuments } from '../../sources/yaml-documents.ts'
import { isCustomResource, kindOf, kindsNamed, OBJECT_KINDS, OPEN_GROUPS } from './kinds.ts'
import { type KubernetesObject, listItems, type ObjectKind, record, text } from './objects.ts'

/** An object of a manifest: it stands in a file. */
export interface ManifestObject extends KubernetesObject {
  at(rule?: number): FileLocation
}

/** What could not be read, by kinds of objects; of class limit if it is a Helm template. */
export interface UnreadManifest {
  readonly kinds: readonly ObjectKind[]
  readonly file: string
  readonly line: number
  readonly class: Gap['class']
  readonly message: string
}

const namesOf = (kinds: readonly ObjectKind[]) =>
  [...new Set(kinds.map(({ kind }) => kind))].filter((kind) => kind !== '*').join('|')
const KIND_NAMES = namesOf(OBJECT_KINDS)
/** Kinds of which most objects do not matter are told by something else in the text. */
const MENTIONS = OBJECT_KINDS.flatMap(({ mentions }) => mentions ?? [])
/** Also matches references to such kinds and text in scalars: a filter, not a judgement. */
const MENTIONS_KIND = new RegExp(
  `["']?kind["']?\\s*:\\s*["']?(?:${namesOf(OBJECT_KINDS.filter(({ mentions }) => !mentions))})(?:List)?\\b`,
)
/** Resources of extensions that make pods name the account of these. */
const NAMES_ACCOUNT = /["']?serviceAccountName["']?\s*:/
/** The schema of a resource names fields and kinds, and is large. */
const DEFINITION = /^["']?kind["']?[ \t]*:[ \t]*["']?CustomResourceDefinition\b/m
const KIND_OF_DOCUMENT = new RegExp(`^["']?kind["']?[ \\t]*:[ \\t]*["']?(${KIND_NAMES}|\\w*List)\\b`, 'm')
const EVERY_KIND = new RegExp(`["']?kind["']?\\s*:\\s*["']?(${KIND_NAMES})\\b`, 'g')
const TEMPLATED_KIND = /^kind:.*\{\{.*$/m
/** A whole document that comes from somewhere else. */
const TEMPLATE_CALL = /^\{\{-?\s*(?:include|template)\s/m

/**
 * Finds Kubernetes objects in the YAML and JSON files of a tree. A file is parsed only where its text mentions a kind that
 * matters, document by document. Objects that cannot be read go to `unread`. A file that cannot be read at all is a gap for one
 * kind already and goes to `unseen`: it may have held any.
 */
export function* readManifests(
  tree: Tree,
  files: readonly TreeFile[],
  unread: (manifest: UnreadManifest) => void,
  unseen: (file: TreeFile) => void = () => undefined,
): Generator<ManifestObject> {
  for (const file of files) {
    const content = tree.text(file, k8sRoleRule)
    if (content === undefined) unseen(file)
    else for (const object of readManifest(file.path, content, unread)) yield inTree(object, tree)
  }
}

/** The main tree's files go without a name; a further repository's say where they are. */
export function inTree(object: ManifestObject, tree: Tree): ManifestObject {
  if (tree.scope === 'repo:.') return object
  const repository = tree.scope.slice('repo:'.length)
  return { ...object, at: (rule) => ({ ...object.at(rule), repository }) }
}

/** Names of files that may be manifests. */
export const MANIFEST_FILES = /\.(?:ya?ml|json)$/i
/** With everything that what is rendered may be made of. */
export const MANIFEST_SOURCES = /\.(?:ya?ml|json|tpl)$|(?:^|\/)Kustomization$/i

/** The files of a tree that may be manifests. An API object has at most 1.5 MiB: a large JSON file is something else. */
export function manifestFiles(tree: Tree, maxFileSize: number): TreeFile[] {
  return tree
    .files()
    .filter(({ path, size }) => MANIFEST_FILES.test(path) && (size <= maxFileSize || !/\.json$/i.test(path)))
}

/** The objects of one file. */
export function* readManifest(
  path: string,
  content: string,
  unread: (manifest: UnreadManifest) => void,
): Generator<ManifestObject> {
  const template = isTemplateFile(path) && content.includes('{{')
  if (!mattersIn(content) && !(template && (TEMPLATED_KIND.test(content) || TEMPLATE_CALL.test(content)))) return
  if (/\.json$/i.test(path) && isOtherJson(content)) return
  let found = false
  for (const slice of splitDocuments(content)) {
    if ((!mattersIn(slice.text) && !TEMPLATED_KIND.test(slice.text)) || DEFINITION.test(slice.text)) continue
    const fail = (failure: { line: number; message: string }) => {
      const kinds = mentionedKinds(slice)
      const isTemplate = slice.text.includes('{{')
      if (kinds.length > 0) unread({ kinds, file: path, ...failure, class: isTemplate ? 'limit' : 'fault' })
    }
    found = true
    if (TEMPLATED_KIND.test(slice.text)) {
      fail({ line: slice.line, message: 'template' })
      continue
    }
    const read = readSlice(slice)
    if ('message' in read) fail(read)
    else yield* objectsOf(read, path, slice, fail)
  }
  if (!found && template)
    unread({
      kinds: kindsMentioned(content),
      file: path,
      line: 1,
      class: 'limit',
      message: 'nothing but template calls',
    })
}

/** JSON that is well-formed and holds no object of a kind that matters: OpenAPI descriptions mention them by the thousand. */
function isOtherJson(content: string): boolean {
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    // Broken, or JSON lines: the reader below tells what is wrong, with its line.
    return false
  }
  return [...candidates(value, [])].every((each) => !kindOf(each.value) && !isCustomResource(each.value))
}

function mattersIn(content: string): boolean {
  if (MENTIONS_KIND.test(content) || MENTIONS.some((text) => text.test(content))) return true
  return NAMES_ACCOUNT.test(content) && content.includes('apiVersion')
}

/** The files of a chart: only there braces in a file without a kind mean objects. */
function isTemplateFile(path: string): boolean {
  return /(?:^|\/)templates\//.test(path) && /\.ya?ml$/i.test(path)
}

type Fail = (failure: { line: number; message: string }) => void

function* objectsOf(read: ReadSlice, file: string, slice: Slice, fail: Fail): Generator<ManifestObject> {
  for (const { value, path } of candidates(read.value, [])) {
    const type = kindOf(value)
    if (!type && !isCustomResource(value)) continue
    const object = manifestObject(record(value) ?? {}, type, path, read, file)
    // A template can be good YAML by chance: `name: {{ .Values.name }}` is a mapping with a mapping as its key.
    if (slice.text.includes('{{') && isTemplated(object))
      fail({ line: object.at().line ?? slice.line, message: 'template' })
    else yield object
  }
}

/** A document is an object, a List of them, or (as generators write it) an array of them. */
function* candidates(value: unknown, path: Path): Generator<{ value: unknown; path: Path }> {
  const items = listItems(value)
  if (items) for (const [i, item] of items.entries()) yield* candidates(item, [...path, 'items', i])
  else if (Array.isArray(value)) for (const [i, item] of value.entries()) yield { value: item, path: [...path, i] }
  else yield { value, path }
}

function manifestObject(
  value: Readonly<Record<string, unknown>>,
  type: ObjectKind | undefined,
  path: Path,
  read: ReadSlice,
  file: string,
): ManifestObject {
  const place = (rule?: number) => read.place(rule === undefined ? path : [...path, 'rules', rule])
  return {
    kind: String(value.kind),
    type,
    value,
    at: (rule) => {
      const { line, column } = place(rule)
      return { file, line, column }
    },
  }
}

/** The kinds that a document declares, judged by its text since it cannot be parsed. */
function mentionedKinds(slice: Slice): readonly ObjectKind[] {
  const templated = TEMPLATED_KIND.exec(slice.text)?.[0]
  if (templated) {
    const possible = kindsMentioned(slice.text)
    const named = possible.filter(({ kind }) => kind !== '*' && new RegExp(`\\b${kind}\\b`).test(templated))
    return named.length > 0 ? named : possible
  }
  const own = KIND_OF_DOCUMENT.exec(slice.text)?.[1]
  if (own && kindsNamed(own).length > 0) return kindsNamed(own)
  const open = OPEN_GROUPS.filter(({ mentions }) => mentions?.test(slice.text))
  if (!own && open.length > 0) return open
  // A top level of another kind holds no objects, unless it is a list.
  if (!own && /^kind[ \t]*:/m.test(slice.text)) return []
  return [...new Set([...slice.text.matchAll(EVERY_KIND)].flatMap((match) => kindsNamed(match[1] ?? '')))]
}

/** The kinds that a text may hold: those told by something else only where that stands there. */
function kindsMentioned(text: string): readonly ObjectKind[] {
  return OBJECT_KINDS.filter(({ mentions }) => !mentions || mentions.test(text))
}

/** Whether what facts are made of is still a template. */
function isTemplated({ type, value }: KubernetesObject): boolean {
  const metadata = record(value.metadata)
  // Unquoted, `{{ x }}` is a mapping whose key is a mapping, which becomes text.
  const holds = (part: unknown): boolean => /\{"?\{/.test(JSON.stringify(part ?? null))
  const isNoText = (part: unknown) => part !== undefined && part !== null && text(part) === undefined
  const spec = record(value.spec)
  const template = record(record(record(spec?.jobTemplate)?.spec)?.template) ?? record(spec?.template)
  const pod = record(template?.spec) ?? spec
  return (
    [metadata?.name, metadata?.namespace, metadata?.generateName, pod?.serviceAccountName].some(
      (part) => isNoText(part) || holds(part),
    ) ||
    ['roleRef', 'subjects', 'rules', 'aggregationRule', 'type', 'automountServiceAccountToken']
      .concat(type?.decisive ?? [])
      .some((key) => holds(value[key]))
  )
}
