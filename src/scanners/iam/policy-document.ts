import { JsonError, parseJson } from '../../sources/json-positions.ts'
import { get, type MapNode, moved, type StringNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { findCodeLiterals, mayHoldLiteral } from './code-literals.ts'

/** A policy document found in a file: its statements, and what stands around it. */
export interface FoundDocument {
  readonly node: MapNode
  readonly statements: readonly MapNode[]
  /** Keys that lead to it; list items leave no trace, since their order means nothing. */
  readonly path: readonly string[]
  /** The maps around it, outermost first. */
  readonly around: readonly MapNode[]
}
/** What is known to be a policy but could not be read as one. */
export interface UnreadDocument {
  readonly offset: number
  /** Set where values of several files are put together. */
  readonly file?: string
  readonly class: 'fault' | 'limit'
  readonly reason: string
  readonly detail: string
}
export interface DocumentSearch {
  readonly found: FoundDocument[]
  readonly unread: UnreadDocument[]
}

/** Several times what AWS takes, white space included. What is longer is no policy, and may be made to keep us busy. */
const MAX_LENGTH = 100_000

/** Cheap test before anything is parsed: quotes may be escaped, in a document that is a string of another. */
export function mayHoldPolicy(text: string): boolean {
  return /"Statement\\{0,16}"/i.test(text) && /"Effect\\{0,16}"/i.test(text)
}

/**
 * Finds policy documents anywhere below a value, recognised by shape: a `Statement` whose items have an `Effect` and an
 * `Action` or `NotAction`. Strings are searched for documents, too; `templates` as in {@link parseJson}.
 */
export function findDocuments(root: ValueNode, templates: boolean): DocumentSearch {
  const search: DocumentSearch = { found: [], unread: [] }
  visit(root, [], [], templates, search)
  return search
}

function visit(
  node: ValueNode,
  path: readonly string[],
  around: readonly MapNode[],
  templates: boolean,
  search: DocumentSearch,
): void {
  if (node.type === 'list') for (const item of node.items) visit(item, path, around, templates, search)
  if (node.type === 'expression') for (const part of node.parts) visit(part, path, around, templates, search)
  if (node.type === 'string' && mayHoldPolicy(node.value)) visitText(node, path, around, templates, search)
  if (node.type !== 'map') return
  const statements = statementsOf(get(node, 'Statement'))
  if (statements.some(isStatement)) {
    if (node.end - node.start > MAX_LENGTH) {
      const detail = `a policy of ${node.end - node.start} characters; AWS takes 20,480 at most`
      const file = node.file === undefined ? {} : { file: node.file }
      search.unread.push({ offset: node.start, class: 'limit', reason: 'policy too large', detail, ...file })
      return
    }
    search.found.push({ node, statements: statements.filter(isStatement), path, around })
    return
  }
  for (const { key, value } of node.entries) visit(value, [...path, key], [...around, node], templates, search)
}

function visitText(
  node: StringNode,
  path: readonly string[],
  around: readonly MapNode[],
  templates: boolean,
  search: DocumentSearch,
): void {
  const origin = (offset: number) => node.origins?.[offset] ?? node.start
  try {
    visit(moved(parseJson(node.value, { templates }), origin, node.file), path, around, templates, search)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    // Prose and program text may speak of statements; only what starts like a document is one, or has the shape of one inside.
    if (/^\s*[{[]\s*\\+"/.test(node.value)) visitProgram(node, path, around, search, origin)
    else if (/^\s*[{[]/.test(node.value))
      search.unread.push(placed(unreadDocument(error, node.value, origin(error.offset)), node))
    else if (mayHoldLiteral(node.value)) visitProgram(node, path, around, search, origin)
  }
}

/** With the file that a text was read from, if it is another. */
function placed(unread: UnreadDocument, { file }: StringNode): UnreadDocument {
  return file === undefined ? unread : { ...unread, file }
}

/** A script with a policy in it, as in user data and build steps. */
function visitProgram(
  node: StringNode,
  path: readonly string[],
  around: readonly MapNode[],
  search: DocumentSearch,
  origin: (offset: number) => number,
): void {
  const { documents, unread } = findCodeLiterals(node.value)
  for (const each of documents) visit(moved(each.node, origin, node.file), path, around, true, search)
  for (const { offset, message } of unread) {
    const detail = `a policy that a script puts together (${message})`
    search.unread.push(placed({ offset: origin(offset), class: 'limit', reason: 'policy built by code', detail }, node))
  }
}

/** Template directives (`%{ if … }`) choose lines at run time: that is no mistake of the author. */
export function unreadDocument(error: JsonError, text: string, offset: number): UnreadDocument {
  const template = /%\{|\{\{|<%/.test(text)
  return template
    ? {
        offset,
        class: 'limit',
        reason: 'template',
        detail: `is a template that only a run fills in (${error.message})`,
      }
    : {
        offset,
        class: 'fault',
        reason: 'policy is not JSON',
        detail: `looks like a policy but is no JSON: ${error.message}`,
      }
}

/** IAM takes one statement or a list; in Terraform they may stand inside `concat`, a `for` or a condition. */
function statementsOf(node: ValueNode | undefined): MapNode[] {
  if (node?.type === 'map') return [node]
  if (node?.type === 'list') return node.items.flatMap(statementsOf)
  if (node?.type === 'expression') return node.parts.flatMap(statementsOf)
  return []
}

function isStatement(node: MapNode): boolean {
  return get(node, 'Effect') !== undefined && (get(node, 'Action') ?? get(node, 'NotAction')) !== undefined
}

/** A name for people from the maps around a document: `PolicyName`, `RoleName`, `Name`. */
export function nameAround(document: FoundDocument): string | undefined {
  for (const map of [document.node, ...document.around.toReversed()]) {
    for (const key of ['PolicyName', 'ManagedPolicyName', 'RoleName', 'policy_name', 'Name']) {
      const name = textOf(get(map, key))
      if (name) return name
    }
  }
  return undefined
}
