import {
  Composer,
  type CST,
  type Document,
  type DocumentOptions,
  type ParseOptions,
  Parser,
  type SchemaOptions,
  YAMLParseError,
} from 'yaml'

/** Nothing that people write is nested deeper. */
const DEEPEST = 500

/**
 * Parses one document, as `parseDocument` of the library does, but looks how deep it is before the library walks it recursively.
 * A stack that overflows there cannot be caught: V8 ends the process if it happens to compile a regular expression on the last bit
 * of it. Undefined if it is too deep.
 */
export function parseShallow(
  text: string,
  options: ParseOptions & DocumentOptions & SchemaOptions,
): Document | undefined {
  const { lineCounter } = options
  const tokens = [...new Parser(lineCounter?.addNewLine).parse(text)]
  if (tokens.some(isTooDeep)) return undefined
  const composer = new Composer(options)
  const [document, second] = withoutStacks(() => [...composer.compose(tokens, true, text.length)])
  if (document && second) {
    document.errors.push(
      new YAMLParseError([second.range[0], second.range[1]], 'MULTIPLE_DOCS', 'More than one document'),
    )
  }
  return document
}

/** Parses every document of a stream, each with its own errors, under the same limit; undefined if one is too deep. */
export function parseAllShallow(
  text: string,
  options: ParseOptions & DocumentOptions & SchemaOptions,
): Document[] | undefined {
  const tokens = [...new Parser().parse(text)]
  if (tokens.some(isTooDeep)) return undefined
  return withoutStacks(() => [...new Composer(options).compose(tokens, false, text.length)])
}

type Token = CST.Token

/** Walks the tokens without recursion. */
function isTooDeep(token: Token): boolean {
  const tokens: Token[] = [token]
  const depths: number[] = [0]
  for (let next = tokens.pop(); next; next = tokens.pop()) {
    const depth = depths.pop() ?? 0
    if (depth > DEEPEST) return true
    const add = (child: Token | null | undefined) => {
      if (!child) return
      tokens.push(child)
      depths.push(depth + 1)
    }
    if (next.type === 'document') add(next.value)
    else if ('items' in next)
      for (const { key, value } of next.items) {
        add(key)
        add(value)
      }
  }
  return false
}

/** A template that is no YAML yet has an error in each line; nobody looks at the stacks of these, and they cost more than the parse. */
function withoutStacks<T>(parse: () => T): T {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return parse()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
