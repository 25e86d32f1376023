import { readFileSync } from 'node:fs'

/** A block of code in a document. */
export interface CodeBlock {
  readonly language: string
  /** The file that its first line names in a comment; empty if it names none. */
  readonly file: string
  readonly code: string
}

/** The blocks of code of a document, so that tests can run what it shows. */
export function codeBlocks(document: string): CodeBlock[] {
  return [...readFileSync(document, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', code = '']) => ({
      language,
      file: /^(?:\/\/|#) (\S+\.\w+)\n/.exec(code)?.[1] ?? '',
      code,
    }),
  )
}

/** The files that a document shows, by the name in their first line. */
export function shownFiles(document: string): Record<string, string> {
  return Object.fromEntries(
    codeBlocks(document)
      .filter(({ file }) => file !== '')
      .map(({ file, code }) => [file, code]),
  )
}
