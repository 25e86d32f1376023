import type { RuleExample, RuleSource } from './engine/rule-schema.ts'

/** A file of an example; undefined: it is not there. */
export interface ExampleFile {
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** One thing wrong, and the same mended. */
export interface Example {
  readonly files: readonly ExampleFile[]
  /** Set if it is no file: the command or setting whose answers `files` (one, of no name) holds. */
  readonly command?: string
  /** Rules of medium or above that fire on what was mended, too. */
  readonly also: readonly string[]
}

/** What an example is taken from: a rule's own, or, for a rule that reads text, the first of its tests that fires. */
export type ExampleSource = Pick<RuleSource, 'example' | 'detect'> & {
  readonly tests: readonly {
    readonly finds: number
    readonly text?: string | undefined
    readonly path?: string | undefined
  }[]
}

/** The example of a rule, samples still unset; undefined if it has none. */
export function exampleOf(source: ExampleSource): Example | undefined {
  if (source.example) return written(source.example)
  const test = source.detect && source.tests.find(({ finds, text }) => finds > 0 && text?.includes(SAMPLE))
  return test?.text === undefined ? undefined : derived(test.text, test.path)
}

function written({ file, files, command, before, after, also = [] }: RuleExample): Example {
  if (!files) return { files: [{ path: file ?? '', before, after }], ...(command && { command }), also }
  return {
    files: Object.entries(files).map(([path, text]) => ({
      path,
      before: text.before,
      after: text.after === undefined ? text.before : text.after === '' ? undefined : text.after,
    })),
    also,
  }
}

const SAMPLE = '{{sample}}'
const PLACE = /\{\{sample(?: ([a-z0-9/-]+))?\}\}/g

/** Gives the value that stands for a sample: of the rule named, else of the rule itself. */
export type SampleValue = (rule: string | undefined) => string

/** The text with values in place of its samples. Values may be secrets to a scanner: made when asked for, never written down. */
export function withSamples(text: string, sampleFor: SampleValue): string {
  return text.replace(PLACE, (_whole, rule?: string) => sampleFor(rule))
}

/** The rules whose samples a text asks for; undefined: its own. */
export function samplesIn(text: string): (string | undefined)[] {
  return [...text.matchAll(PLACE)].map(([, rule]) => rule)
}

/** How a value is read from the environment where a file of the syntax stands. */
interface Syntax {
  readonly file: string
  readonly is: RegExp
  readonly read: (name: string) => string
}

/** By the look of the line that holds the value; the first that fits. Most tests name no file. */
const SYNTAXES: readonly Syntax[] = [
  { file: 'src/client.js', is: /\b(?:const|let|var|new|process)\b|;\s*$/, read: (name) => `process.env.${name}` },
  { file: 'src/settings.py', is: /^\s*[A-Za-z_]\w* = ["']/, read: (name) => `os.environ["${name}"]` },
  { file: '.env', is: /^\s*(?:export )?[A-Za-z_]\w*=/, read: () => '' },
  { file: 'config/app.yml', is: /^\s*(?:- )?["']?[\w.-]+["']?: /, read: (name) => `\${${name}}` },
]
const BY_EXTENSION: Readonly<Record<string, Syntax['read']>> = {
  py: (name) => `os.environ["${name}"]`,
  js: (name) => `process.env.${name}`,
  ts: (name) => `process.env.${name}`,
  php: (name) => `getenv('${name}')`,
  rb: (name) => `ENV.fetch("${name}")`,
  go: (name) => `os.Getenv("${name}")`,
}

/** The rule's own test as an example, mended by reading the value from the environment, or by leaving the line out. */
function derived(text: string, path: string | undefined): Example {
  const lines = text.replace(/\n$/, '').split('\n')
  const at = lines.findIndex((line) => line.includes(SAMPLE))
  const line = lines[at] ?? ''
  const syntax = path === undefined && lines.length === 1 ? SYNTAXES.find(({ is }) => is.test(line)) : undefined
  const file = path ?? syntax?.file ?? 'src/config.txt'
  const read = syntax?.read ?? BY_EXTENSION[file.split('.').at(-1) ?? '']
  const mended = (read && readFrom(line, read)) ?? undefined
  const after = [...lines.slice(0, at), ...(mended === undefined ? [] : [mended]), ...lines.slice(at + 1)]
  return {
    // A file of nothing but the value is gone.
    files: [{ path: file, before: ended(lines), after: after.length > 0 ? ended(after) : undefined }],
    also: [],
  }
}

/** `key = "…{{sample}}…"` with the whole value read from elsewhere; undefined if the line is no assignment. */
function readFrom(line: string, read: Syntax['read']): string | undefined {
  const found =
    /^(?<start>\s*(?:export |const |let |var |- )?["']?(?<key>[\w.-]+)["']?\s*(?:=>|:=|[=:])\s*)(?:"[^"]*"|'[^']*'|`[^`]*`|\S+)(?<end>[;,]?)\s*$/.exec(
      line,
    )?.groups
  if (!found?.key) return undefined
  const name = found.key
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/\W+/g, '_')
    .toUpperCase()
  return `${found.start}${read(name)}${found.end}`
}

function ended(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}
