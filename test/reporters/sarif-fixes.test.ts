import type * as Sarif from 'sarif'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/report.ts'
import { fixesOf } from '../../src/reporters/sarif/fixes.ts'
import { testFinding } from '../support/reports.ts'

const FILE = ['one', 'two', 'three', 'four', 'five', '']

function fixOf(diff: string, more: Partial<Finding> = {}): Sarif.Fix | undefined {
  const finding = testFinding(2, {
    at: { file: 'src/a.ts', line: 2 },
    excerpt: { startLine: 1, lines: FILE.slice(0, 3) },
    fix: { description: 'Write it otherwise', diff },
    ...more,
  })
  return fixesOf(finding)?.[0]
}

/** The file after the fix, by the meaning that SARIF gives to replacements. */
function applied(fix: Sarif.Fix | undefined, text: string): string | undefined {
  if (!fix) return undefined
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)]
  const offset = (line = 1, column = 1) => (starts[line - 1] ?? Number.NaN) + column - 1
  let result = text
  for (const { deletedRegion, insertedContent } of [...(fix.artifactChanges[0]?.replacements ?? [])].reverse()) {
    const { startLine, startColumn, endLine, endColumn } = deletedRegion
    result =
      result.slice(0, offset(startLine, startColumn)) +
      (insertedContent?.text ?? '') +
      result.slice(offset(endLine, endColumn))
  }
  return result
}
const HEADER = '--- a/src/a.ts\n+++ b/src/a.ts\n'

describe('a fix', () => {
  it.each([
    ['replaces a line', '@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n', 'one\nTWO\nthree\nfour\nfive\n'],
    ['replaces by more lines', '@@ -2,1 +2,2 @@\n-two\n+2a\n+2b\n', 'one\n2a\n2b\nthree\nfour\nfive\n'],
    ['deletes lines', '@@ -1,4 +1,2 @@\n one\n-two\n-three\n four\n', 'one\nfour\nfive\n'],
    ['inserts lines', '@@ -1,2 +1,3 @@\n one\n+new\n two\n', 'one\nnew\ntwo\nthree\nfour\nfive\n'],
    ['inserts without context', '@@ -2,0 +3,1 @@\n+new\n', 'one\ntwo\nnew\nthree\nfour\nfive\n'],
    [
      'changes several places',
      '@@ -1,5 +1,5 @@\n-one\n+1\n two\n three\n-four\n five\n+six\n',
      '1\ntwo\nthree\nfive\nsix\n',
    ],
    ['has several hunks', '@@ -1,1 +1,1 @@\n-one\n+1\n@@ -5,1 +5,1 @@\n-five\n+5\n', '1\ntwo\nthree\nfour\n5\n'],
  ])('%s', (_, hunks, after) => {
    expect(applied(fixOf(HEADER + hunks), FILE.join('\n'))).toBe(after)
    expect(applied(fixOf(hunks), FILE.join('\n'))).toBe(after)
  })
  it('keeps line ends as the file has them', () => {
    const diff = `${HEADER}@@ -2,1 +2,2 @@\n-two\r\n+2a\r\n+2b\r\n`
    expect(applied(fixOf(diff), FILE.join('\r\n'))).toBe('one\r\n2a\r\n2b\r\nthree\r\nfour\r\nfive\r\n')
  })
  it('says what it does, and in which file', () => {
    expect(fixOf(`${HEADER}@@ -2,1 +2,1 @@\n-two\n+2\n`)).toMatchObject({
      description: { text: 'Write it otherwise.' },
      artifactChanges: [{ artifactLocation: { uri: 'src/a.ts', uriBaseId: 'SRCROOT' } }],
    })
  })
})

describe('no fix', () => {
  const hunk = '@@ -2,1 +2,1 @@\n-two\n+2\n'
  it.each([
    ['text that is no diff', 'use a variable instead'],
    ['a diff without changes', '@@ -1,1 +1,1 @@\n one\n'],
    ['another file', `--- a/src/b.ts\n+++ b/src/b.ts\n${hunk}`],
    ['two files', `${HEADER}${hunk}--- a/x\n+++ b/x\n${hunk}`],
    ['a renamed file', `diff --git a/src/a.ts b/b.ts\nrename from src/a.ts\nrename to b.ts\n${HEADER}${hunk}`],
    ['a new file', `--- /dev/null\n+++ b/src/a.ts\n@@ -0,0 +1,1 @@\n+x\n`],
    ['numbers that do not fit', `${HEADER}@@ -2,3 +2,1 @@\n-two\n+2\n`],
    ['lines that the file does not have', `${HEADER}@@ -2,1 +2,1 @@\n-zwei\n+2\n`],
    ['context that the file does not have', `${HEADER}@@ -1,2 +1,2 @@\n eins\n-two\n+2\n`],
    ['a file without an end of its last line', `${HEADER}@@ -2,1 +2,1 @@\n-two\n\\ No newline at end of file\n+2\n`],
    ['mixed line ends', `${HEADER}@@ -2,1 +2,1 @@\n-two\r\n+2\n`],
  ])('for %s', (_, diff) => {
    expect(fixOf(diff)).toBeUndefined()
  })
  it('for a line with a secret, which the new one might repeat', () => {
    const excerpt = { startLine: 1, lines: ['one', 'key = *****', 'three'] }
    expect(fixOf(`${HEADER}@@ -2,1 +2,1 @@\n-key = hello\n+KEY = hello\n`, { excerpt })).toBeUndefined()
  })
  it('for a place in history', () => {
    expect(fixOf(HEADER + hunk, { at: { file: 'src/a.ts', line: 2, commit: 'c0ffee' } })).toBeUndefined()
  })
})
