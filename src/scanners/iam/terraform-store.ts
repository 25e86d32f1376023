import { iamStatement } from '../../facts/iam.ts'
import type { Fact, Gap } from '../../model.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { findDocuments } from './policy-document.ts'
import { kindOf, type PolicyKind, readStatement, statementHash } from './statement.ts'
import { type PlacedStatement, statementFacts } from './statement-facts.ts'
import { isWritten, mergeStatements, readDataStatements, readLambdaPermission } from './terraform-documents.ts'
import { type Instance, targetOf } from './terraform-module.ts'
import { unknownBecause } from './terraform-reasons.ts'
import type { TerraformTree } from './terraform-tree.ts'

interface StoredStatement extends PlacedStatement {
  readonly file: string
  readonly hash: string
}
/** What a document is used for, where that says what it is: the trust of a role, a limit on others, the policy of a resource. */
export interface Use {
  readonly kind: PolicyKind | undefined
  readonly owner: string
}
/** A policy document as one instance of a module has it. */
export interface Document {
  /** Where it is written, as an id: the same for all instances. */
  readonly home: string
  /** The id of this very document. */
  readonly id: string
  readonly name: string
  readonly statements: readonly StoredStatement[]
  /** Documents that it takes over as they are: whoever holds it holds them. */
  readonly sources: readonly Document[]
  readonly uses: Map<string, Use>
  /** Its statements are told as another's. */
  absorbed: boolean
  /** Nothing in the tree makes use of it. */
  unattached?: boolean
}
/** Where a value is written, for the ids of documents in it. */
export interface Origin {
  readonly instance: Instance
  /** What of the instance: `/inline_policy/own`, or nothing. */
  readonly part: string
  readonly name: string
}

const TERRAFORM = /\.(?:tf|tofu)(?:\.json)?$/i
const MERGED = ['source_json', 'source_policy_documents', 'override_json', 'override_policy_documents'] as const

/**
 * The documents of a tree. One that several instances of a module have word for word is one document; where they differ, what
 * they share is one, and the rest is each instance's own.
 */
export class DocumentStore {
  readonly #tree: TerraformTree
  readonly #data = new Map<Instance, Document>()
  readonly #found = new Map<ValueNode, readonly Document[]>()
  readonly #all = new Set<Document>()
  readonly #places = new Set<string>()
  #ids: Map<Document, readonly { id: string; statements: readonly StoredStatement[] }[]> | undefined

  constructor(tree: TerraformTree) {
    this.#tree = tree
  }

  /** Whether all documents in a value belong to somebody already. */
  knowsInside(value: ValueNode): boolean {
    return findDocuments(value, true).found.every(({ node }) => this.#places.has(`${node.file ?? ''}:${node.start}`))
  }

  data(instance: Instance): Document {
    const known = this.#data.get(instance)
    if (known) return known
    const file = instance.placed.file.source.path
    const empty = { home: instance.home, id: instance.id, name: instance.placed.block.labels[1] ?? '' }
    // A document that takes itself over.
    this.#data.set(instance, { ...empty, statements: [], sources: [], uses: new Map(), absorbed: true })
    const own = readDataStatements(instance).map((each) => stored(each, file))
    const document = this.#merge(instance, own, empty)
    this.#data.set(instance, document)
    this.#all.add(document)
    return document
  }

  #merge(instance: Instance, own: StoredStatement[], named: Pick<Document, 'home' | 'id' | 'name'>): Document {
    const [sources, overrides] = [MERGED.slice(0, 2), MERGED.slice(2)].map((names) =>
      names.flatMap((name) => this.#taken(instance, name)),
    )
    const all = [...(sources ?? []), ...(overrides ?? [])]
    const layers = [...(sources ?? []).map(everything), own, ...(overrides ?? []).map(everything)]
    const merged = mergeStatements(layers)
    if (merged.length === layers.flat().length) {
      return { ...named, statements: own, sources: all, uses: new Map(), absorbed: false }
    }
    for (const each of all) each.absorbed = true
    return { ...named, statements: merged, sources: [], uses: new Map(), absorbed: false }
  }

  #taken(instance: Instance, name: string): Document[] {
    const value = instance.value(name)
    if (!value || (value.type === 'plain' && value.value === null)) return []
    return (value.type === 'list' ? value.items : [value]).flatMap((item) => {
      const found = this.of(item, { instance, part: `/${name}`, name: instance.placed.block.labels[1] ?? '' })
      const certain = item.type !== 'expression' || targetOf(item)
      if (certain && (found.length > 0 || (item.type !== 'expression' && item.type !== 'string'))) return found
      if (item.type === 'string' && item.value.trim() === '') return []
      if (!instance.supposed) this.#gap(instance, item, `${name} of ${instance.address}`)
      return found
    })
  }

  #gap(instance: Instance, item: ValueNode, what: string): void {
    const { source } = instance.placed.file
    const written = item.type === 'expression' ? item.text : 'a text that is no policy'
    const reason = item.type === 'expression' ? unknownBecause([item.text]) : 'document known at run time only'
    const detail = `${what} takes over ${written.slice(0, 80)}`
    const { start } = instance.placed.block
    this.#tree.gap(source.gap({ kind: iamStatement.kind, class: 'limit', reason, detail, offset: start }))
  }

  permission(instance: Instance): Document {
    const statement = stored(readLambdaPermission(instance), instance.placed.file.source.path)
    const name = instance.placed.block.labels[1] ?? ''
    return this.#add({ home: instance.home, id: instance.id, name, statements: [statement] })
  }

  #add(document: Pick<Document, 'home' | 'id' | 'name' | 'statements'>): Document {
    const added = { ...document, sources: [], uses: new Map(), absorbed: false }
    this.#all.add(added)
    return added
  }

  /** The documents that a value is, holds or refers to. */
  of(value: ValueNode, origin: Origin): readonly Document[] {
    const target = targetOf(value)
    if (target?.isData && target.type === 'aws_iam_policy_document') return [this.data(target)]
    const known = this.#found.get(value)
    if (known) return known
    const documents = [...this.#inside(value, origin), ...this.#referred(value, origin)]
    this.#found.set(value, documents)
    return documents
  }

  *#inside(value: ValueNode, { instance, part, name }: Origin): Generator<Document> {
    const { found, unread } = findDocuments(value, true)
    for (const { offset, file, ...rest } of unread) {
      const source = this.#tree.source(file ?? '') ?? instance.placed.file.source
      this.#tree.gap(source.gap({ kind: iamStatement.kind, ...rest, offset }))
    }
    for (const { node, statements, path } of found) {
      const file = node.file ?? instance.placed.file.source.path
      const below = path.map((key) => `/${key}`).join('')
      if (!TERRAFORM.test(file)) this.#tree.rendered.add(file)
      this.#places.add(`${file}:${node.start}`)
      yield this.#add({
        home: `${this.#homeOf(file, node.start, instance, part)}${below}`,
        id: `${instance.id}${part}${below}`,
        name,
        statements: statements.flatMap((each) => {
          const statement = readStatement(each)
          if (!isWritten(statement, instance.supposed)) return []
          return [stored({ statement, start: each.start, end: each.end }, each.file ?? file)]
        }),
      })
    }
  }

  #homeOf(file: string, offset: number, instance: Instance, part: string): string {
    const { block, file: own } = instance.placed
    const inside = own.source.path === file && offset >= block.start && offset < block.end
    return inside ? `${instance.home}${part}` : this.#tree.homeOf(file, offset)
  }

  *#referred(value: ValueNode, origin: Origin): Generator<Document> {
    const inner = value.type === 'expression' ? value.parts : value.type === 'list' ? value.items : []
    for (const part of inner) {
      const target = targetOf(part)
      if (target?.isData && target.type === 'aws_iam_policy_document') yield this.data(target)
      else if (part.type === 'expression' || part.type === 'list') yield* this.#referred(part, origin)
    }
  }

  /** The ids under which the facts of a document stand, those that it takes over included. Call it when all documents are in. */
  idsOf(document: Document): string[] {
    this.#ids ??= assignIds(this.#all)
    const own = this.#ids.get(document)?.map(({ id }) => id) ?? [document.home]
    const inherited = document.sources.flatMap((each) => this.idsOf(each))
    return [...new Set([...(document.statements.length > 0 || inherited.length === 0 ? own : []), ...inherited])]
  }

  *facts(gap: (gap: Gap) => void): Generator<Fact> {
    this.#ids ??= assignIds(this.#all)
    for (const document of this.#all) for (const each of document.sources) passOn(document.uses, each)
    const told = new Set<string>()
    for (const document of this.#all) {
      if (document.absorbed && document.uses.size === 0) continue
      for (const { id, statements } of this.#ids.get(document) ?? [])
        yield* this.#told(document, id, statements, told, gap)
    }
  }

  *#told(
    document: Document,
    id: string,
    statements: readonly StoredStatement[],
    told: Set<string>,
    gap: (gap: Gap) => void,
  ): Generator<Fact> {
    const shape = kindOf(everything(document).map(({ statement }) => statement))
    for (const use of document.uses.size > 0 ? document.uses.values() : [{ kind: undefined, owner: '' }]) {
      const kind = use.kind ?? shape
      const owner = kind === 'trust' || kind === 'resource' ? use.owner : ''
      const byFile = groupBy(
        statements.filter(({ hash, file, start }) => isNew(told, [id, hash, kind, owner, file, start].join('|'))),
        ({ file }) => file,
      )
      for (const [file, some] of byFile) {
        const source = this.#tree.source(file)
        const fields = {
          policy: id,
          policyName: document.name,
          policyKind: kind,
          managedBy: 'file',
          accountId: '',
          owner,
          unattached: document.unattached === true,
        }
        if (source) yield* statementFacts(source, fields, some, gap, unknownBecause)
      }
    }
  }
}

function isNew(told: Set<string>, key: string): boolean {
  if (told.has(key)) return false
  told.add(key)
  return true
}

function stored(statement: PlacedStatement, file: string): StoredStatement {
  return { ...statement, file, hash: statementHash(statement.statement) }
}

function everything(document: Document): StoredStatement[] {
  return [...document.statements, ...document.sources.flatMap(everything)]
}

function passOn(uses: ReadonlyMap<string, Use>, document: Document): void {
  for (const [key, use] of uses) {
    if (document.uses.has(key)) continue
    document.uses.set(key, use)
    for (const each of document.sources) passOn(uses, each)
  }
}

type Part = { id: string; statements: readonly StoredStatement[] }

/** What all instances of a document have in common stands under its home; what only some have, under the first of these. */
function assignIds(all: Iterable<Document>): Map<Document, readonly Part[]> {
  const ids = new Map<Document, readonly Part[]>()
  for (const [home, documents] of groupBy(all, (document) => document.home)) {
    const sets = documents.map((document) => new Set(document.statements.map(keyOf)))
    const isShared = (each: StoredStatement) => sets.every((set) => set.has(keyOf(each)))
    const owners = new Map<string, string>()
    for (const document of documents) {
      const shared = document.statements.filter(isShared)
      const rest = document.statements.filter((each) => !isShared(each))
      const content = rest.map(keyOf).sort().join('\n')
      const id = owners.get(content) ?? document.id
      owners.set(content, id)
      const parts: Part[] = rest.length > 0 ? [{ id, statements: rest }] : []
      ids.set(document, shared.length > 0 || rest.length === 0 ? [{ id: home, statements: shared }, ...parts] : parts)
    }
  }
  return ids
}

function groupBy<T>(items: Iterable<T>, key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

function keyOf({ file, start, hash }: StoredStatement): string {
  return `${file}:${start}:${hash}`
}
