import type { FileKind } from '../file-kind.ts'

/** A block of code in Markdown; offsets enclose its lines. */
export interface Fence {
  /** The name that a file of this language would have: `block.yaml`. */
  readonly name: string
  readonly start: number
  readonly end: number
}

const FENCE = /^[ \t]{0,12}(?:>[ \t]?)?(`{3,}|~{3,})[ \t]*([^\s`{]{0,40})[^\n`]*$/gm

/** Words behind a fence that are no file extensions. */
const NAMES: Readonly<Record<string, string>> = {
  dotenv: '.env',
  env: '.env',
  dockerfile: 'Dockerfile',
  docker: 'Dockerfile',
  netrc: '.netrc',
  pgpass: '.pgpass',
  bash: 'block.sh',
  shell: 'block.sh',
  console: 'block.sh',
  zsh: 'block.sh',
  sh: 'block.sh',
  javascript: 'block.js',
  typescript: 'block.ts',
  python: 'block.py',
  ruby: 'block.rb',
  golang: 'block.go',
  csharp: 'block.cs',
  kotlin: 'block.kt',
  rust: 'block.rs',
  terraform: 'block.tf',
  hcl: 'block.tf',
  yaml: 'block.yaml',
  properties: 'block.properties',
}

/** The blocks of code of a Markdown text that say their language; one that is never closed goes to the end. */
export function readFences(text: string): Fence[] {
  const fences: Fence[] = []
  const fence = new RegExp(FENCE.source, FENCE.flags)
  let open: { readonly mark: string; readonly name: string; readonly start: number } | undefined
  for (let match = fence.exec(text); match; match = fence.exec(text)) {
    const [whole, mark = '', language = ''] = match
    const behind = Math.min(text.length, match.index + whole.length + 1)
    if (!open) open = { mark, name: nameOf(language.toLowerCase()), start: behind }
    else if (mark.startsWith(open.mark) && language === '') {
      if (open.name !== '') fences.push({ name: open.name, start: open.start, end: match.index })
      open = undefined
    }
  }
  if (open && open.name !== '') fences.push({ name: open.name, start: open.start, end: text.length })
  return fences
}

function nameOf(language: string): string {
  const word = language.replace(/^\.|\W+$/g, '')
  return word === '' ? '' : (NAMES[word] ?? `block.${word}`)
}

/**
 * What a place in a Markdown text is read as: code as its language, all else as prose. Places are asked for in ascending
 * order.
 */
export function kindsIn(text: string, kindOf: (name: string) => FileKind): (at: number) => FileKind {
  const fences = readFences(text)
  let next = 0
  return (at) => {
    while (next < fences.length && (fences[next] as Fence).end <= at) next++
    const fence = fences[next]
    return fence && fence.start <= at ? kindOf(fence.name) : 'prose'
  }
}
