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
  const [document, second] = [...composer.compose(tokens, true, text.length)]
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
  return [...new Composer(options).compose(tokens, false, text.length)]
}

type Token = CST.Token

/** Walks the tokens level by level, without recursion. */
function isTooDeep(token: Token): boolean {
  let level: Token[] = [token]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true
    level = level.flatMap(childrenOf)
  }
  return false
}

function childrenOf(token: Token): Token[] {
  if (token.type === 'document') return token.value ? [token.value] : []
  if (!('items' in token)) return []
  return token.items.flatMap(({ key, value }) => [...(key ? [key] : []), ...(value ? [value] : [])])
}
