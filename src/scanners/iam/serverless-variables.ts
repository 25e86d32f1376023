import type { OtherFile, SourceFile } from '../../sources/source-file.ts'
import { type StringNode, textOf, type ValueNode } from '../../sources/value-node.ts'
import { exact, filled } from './cloudformation-values.ts'
import { renderAll } from './statement.ts'

/** `${self:a.b}`, `${opt:x, 'y'}`; IAM's own variables are written alike (`${aws:username}`), CloudFormation's have two colons. */
const VARIABLE = /^\s*(?:self|opt|env|file|ssm|cf|s3|param|sls|strToBool|git|custom|aws:(?:accountId|region))\b(?!::)/
const MAX_DEPTH = 10
const MAX_STEPS = 20_000

/** The variables of a service, as far as its files tell. Source: https://www.serverless.com/framework/docs/guides/variables */
export class Variables {
  readonly #root: ValueNode
  readonly #source: SourceFile
  readonly #open: OtherFile
  /** Variables looked up: they may name each other in ever growing numbers. */
  #steps = 0

  constructor(root: ValueNode, source: SourceFile, open: OtherFile) {
    this.#root = root
    this.#source = source
    this.#open = open
  }

  /** The value that a text stands for as a whole, with the file that holds it. */
  target(text: string, source: SourceFile): { node: ValueNode; source: SourceFile } | undefined {
    const content = /^\$\{([^{}]*)\}$/.exec(this.#innerFilled(text))?.[1]
    const [first = ''] = content?.split(',') ?? []
    const own = /^\s*self:([\w.-]+)\s*$/.exec(first)?.[1]
    if (own !== undefined) {
      const node = walk(this.#root, own)
      return node && { node, source: this.#source }
    }
    const [, path, keys] = /^\s*file\(([^()]+)\)(?::([\w.-]+))?\s*$/.exec(first) ?? []
    const other = path === undefined ? undefined : this.#open(beside(source.path, path))
    const node = other && (keys ? walk(other.root, keys) : other.root)
    return node && { node, source: other.source }
  }

  /** A value with its variables filled in; what nobody can tell stands as `${variable …}`. */
  fill(node: ValueNode, depth = 0): ValueNode {
    if (node.type === 'list') return { ...node, items: node.items.map((item) => this.fill(item, depth)) }
    if (node.type === 'map') {
      return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: this.fill(entry.value, depth) })) }
    }
    if (node.type !== 'string' || !node.value.includes('${') || depth > MAX_DEPTH) return node
    const target = this.target(node.value, this.#source)
    if (target && target.node.type !== 'string' && ++this.#steps <= MAX_STEPS) {
      return placedAt(this.fill(target.node, depth + 1), { start: node.start, end: node.end })
    }
    return this.#filledText(node, depth)
  }

  #filledText(node: StringNode, depth: number): ValueNode {
    return filled({ ...node, value: this.#innerFilled(node.value) }, node, (content) => this.#textFor(content, depth))
  }

  /** As {@link fill}, but what stands for more than a text stays: it is read where it stands. */
  fillTexts(node: ValueNode): ValueNode {
    if (node.type === 'list') return { ...node, items: node.items.map((item) => this.fillTexts(item)) }
    if (node.type === 'map') {
      return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: this.fillTexts(entry.value) })) }
    }
    return node.type === 'string' && node.value.includes('${') ? this.#filledText(node, 0) : node
  }

  /** Variables within variables first: `${self:custom.${opt:stage}.name}`. */
  #innerFilled(text: string): string {
    if (!/\$\{[^}]*\$\{/.test(text)) return text
    return text.replace(/\$\{([^{}]*)\}(?=[^{}$]*\})/g, (whole, content: string) => this.#known(content, 0) ?? whole)
  }

  #textFor(content: string, depth: number): string | undefined {
    if (!VARIABLE.test(content)) return undefined
    return this.#known(content, depth) ?? `\${variable ${content.trim()}}`
  }

  /** The first of the alternatives that the files tell: a default is what the author declares. */
  #known(content: string, depth: number): string | undefined {
    for (const part of content.split(',').map((each) => each.trim())) {
      const literal = /^(?:'([^']*)'|"([^"]*)"|(true|false|\d+))$/.exec(part)
      if (literal) return literal[1] ?? literal[2] ?? literal[3]
      const node = /^(?:opt|sls):stage$/.test(part) ? this.#stage() : this.target(`\${${part}}`, this.#source)?.node
      if (!node || depth > MAX_DEPTH || ++this.#steps > MAX_STEPS) continue
      const [text, ...others] = renderAll(this.fill(node, depth + 1))
      if (text !== undefined && others.length === 0 && !text.startsWith('${variable')) return text
    }
    return undefined
  }

  /** `dev` unless the service says otherwise; `stage: ${opt:stage, 'test'}` names itself. */
  #stage(): ValueNode {
    const stage = walk(this.#root, 'provider.stage')
    const text = textOf(stage) ?? 'dev'
    const value = text.includes('${') ? /,\s*'([\w-]+)'\s*\}$/.exec(text)?.[1] : text
    const { start, end } = stage ?? this.#root
    return value === undefined
      ? { type: 'expression', text: 'variable opt:stage', parts: [], start, end }
      : { type: 'string', value, start, end }
  }
}

/** A value that comes from elsewhere stands where it is asked for. */
function placedAt(node: ValueNode, place: { start: number; end: number }): ValueNode {
  if (node.type === 'list') return { ...node, ...place, items: node.items.map((item) => placedAt(item, place)) }
  if (node.type === 'expression') return { ...node, ...place, parts: node.parts.map((part) => placedAt(part, place)) }
  if (node.type !== 'map') return { ...node, ...place }
  const entries = node.entries.map(({ key, value }) => ({ key, keyStart: place.start, value: placedAt(value, place) }))
  return { ...node, ...place, entries }
}

function walk(root: ValueNode, keys: string): ValueNode | undefined {
  let node: ValueNode | undefined = root
  for (const key of keys.split('.')) {
    node = node?.type === 'list' ? node.items[Number(key)] : node && exact(node, key)
  }
  return node
}

/** A path from the folder of a file, without `.` and `..`. */
function beside(file: string, path: string): string {
  const parts = file.split('/').slice(0, -1)
  for (const part of path.trim().split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
