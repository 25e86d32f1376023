import type { Write } from './checkouts-script.ts'

/** Texts of the payload that strangers write, as actions/github-script reads them: `context.payload` is `github.event`. */
const PAYLOAD = /(?:context\.payload|github\.event|\bpayload)((?:\??\.\w+)+)/g
// What may repeat within a line has bounds: a line may be as long as an attacker likes.
const DECLARED =
  /\b(?:const|let|var)\s{1,9}(\w{1,99}|[{[][^=]{0,299}[}\]])\s{0,9}=\s*([^;]*)|^\s*(\w+)\s*\+?=\s*([^=;][^;]*)|\bfor\s{0,9}\(\s{0,9}(?:const|let)\s{1,9}(\w{1,99}|[{[][^=]{0,299}?[}\]])\s{1,9}of\s+([^)]*)/
const WRITES = /core\.(setOutput|exportVariable)\(\s{0,9}([^,]{1,299}),\s*(.*)/
const LITERAL = /^(?:['"][^'"`$]*['"]|true|false|null|\d+)\s*(?:\);?|;)?$/

/** What a script for actions/github-script hands on to later steps. Read line by line, names followed from one to the next. */
export function writesOfJavaScript(script: string): Write[] {
  const variables = new Map<string, readonly string[]>()
  const writes: Write[] = []
  const asksForPulls = /\bpulls\.get\b|\/pulls\//.test(script)
  const references = (text: string): string[] => {
    const paths = [...text.matchAll(PAYLOAD)].map(([, path = '']) => textPath(path.replaceAll('?', '').toLowerCase()))
    const known = [...text.matchAll(/(?<![.\w'"])[A-Za-z_$][\w$]*/g)].flatMap(([name]) => variables.get(name) ?? [])
    const asked = asksForPulls && /\.head\.(?:sha|ref)\b|\bhead(?:Sha|_sha|Ref)\b/.test(text) ? ['pull.head'] : []
    return [...new Set([...paths, ...known, ...asked])]
  }
  for (const line of script.split('\n')) {
    const [, listed = '', parameters = ''] = /^(.*)\.(?:forEach|map)\(\s{0,9}\(?([^=]{0,199})=>/.exec(line) ?? []
    for (const [parameter] of parameters.matchAll(/\w+/g)) variables.set(parameter, references(listed))
    const [, name, value, again, next, each, list] = DECLARED.exec(line) ?? []
    const found = references(value ?? next ?? list ?? '')
    for (const [variable] of (name ?? again ?? each ?? '').matchAll(/\w+/g)) {
      const before = again === undefined ? [] : (variables.get(variable) ?? [])
      variables.set(variable, [...new Set([...before, ...found])])
    }
    // `fields[key] = text` and `list.push(text)` fill what was declared before.
    const [, filled, content] =
      /^\s*(?:if\s*\(.*?\)\s*)?(\w+)(?:\[[^\]]*\]|\.\w+)?(?:\s*=(?!=)|\.(?:push|set)\()(.*)/.exec(line) ?? []
    if (filled !== undefined)
      variables.set(filled, [...new Set([...(variables.get(filled) ?? []), ...references(content ?? '')])])
    const [, by, key = '', rest = ''] = WRITES.exec(line) ?? []
    if (by !== undefined && !LITERAL.test(rest.trim()))
      writes.push({
        ...TEXT,
        file: by === 'setOutput' ? 'output' : 'env',
        name: nameOf(key),
        references: references(rest),
      })
    const returned = /^\s*return\b(.*)/.exec(line)?.[1]
    if (returned !== undefined && !LITERAL.test(returned.trim()))
      writes.push({ ...TEXT, file: 'output', name: 'result', references: references(returned) })
  }
  return writes
}

const TEXT = { content: 'text', command: '' } as const

/** A method or property of a text is still of the text: `.body.trim` → `.body`. */
function textPath(path: string): string {
  return `github.event${path.replace(/\.(?:body|title|ref|message|label)\b.*$/, (tail) => tail.split('.').slice(0, 2).join('.'))}`
}

/** A name that the script makes up is not known. */
function nameOf(key: string): string {
  return /^\s*['"`]([\w-]+)['"`]\s*$/.exec(key)?.[1] ?? ''
}
