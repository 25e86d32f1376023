import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { type AddedLines, HistoryParser } from '../../../src/scanners/secrets/history-parser.ts'
import { unquotePath } from '../../../src/sources/git-path.ts'

interface Seen {
  readonly added: (Omit<AddedLines, 'buffer' | 'length'> & { text: string })[]
  readonly messages: string[]
  readonly binary: string[]
  readonly tooLarge: string[]
}

function parse(stream: string, chunkSize = stream.length, maxSize = 10_000): Seen {
  const seen: Seen = { added: [], messages: [], binary: [], tooLarge: [] }
  const parser = new HistoryParser(
    {
      added: ({ buffer, length, ...rest }) =>
        seen.added.push({ ...rest, hunks: [...rest.hunks], text: buffer.toString('utf8', 0, length) }),
      message: ({ buffer, length }) => seen.messages.push(buffer.toString('utf8', 0, length)),
      wanted: (path) => path !== 'unwanted',
      binary: (path) => seen.binary.push(path),
      tooLarge: (path = 'message') => seen.tooLarge.push(path),
    },
    maxSize,
  )
  const bytes = Buffer.from(stream)
  for (let at = 0; at < bytes.length; at += chunkSize) parser.push(bytes.subarray(at, at + chunkSize))
  parser.end()
  return seen
}

const STREAM = `\0aaaa 100 refs/heads/main
First

diff --git a/no b/no
@@ -0,0 +1 @@
+no

\0

diff --git a/x.txt b/x.txt
index 1..2 100644
--- a/x.txt
+++ b/x.txt
@@ -1,0 +2,2 @@ context
+one
+++ two
@@ -9 +12 @@
-old
+three
\\ No newline at end of file
diff --git a/gone.txt b/gone.txt
deleted file mode 100644
--- a/gone.txt
+++ /dev/null
@@ -1 +0,0 @@
-x
\0bbbb 50 refs/heads/main
Second

\0

diff --cc m.txt
index 1,2..3
--- a/m.txt
+++ b/m.txt
@@@ -1,1 -1,1 +1,4 @@@
- ours
 -theirs
++both
+ from one side
++more
diff --git a/p.png b/p.png
Binary files /dev/null and b/p.png differ
`

describe('HistoryParser', () => {
  const expected = [
    {
      commit: { id: 'aaaa', time: 100, source: 'refs/heads/main' },
      path: 'x.txt',
      hunks: [
        [1, 2],
        [3, 12],
      ],
      text: 'one\n++ two\nthree\n',
    },
    {
      commit: { id: 'bbbb', time: 50, source: 'refs/heads/main' },
      path: 'm.txt',
      hunks: [[1, 1]],
      text: 'both\nmore\n',
    },
  ]

  const messages = ['First\n\ndiff --git a/no b/no\n@@ -0,0 +1 @@\n+no\n', 'Second\n']

  it('takes added lines only, of merges those that are in no parent', () => {
    expect(parse(STREAM)).toEqual({ added: expected, messages, binary: ['p.png'], tooLarge: [] })
  })

  it('reads the same however the stream is cut', () => {
    for (const size of [1, 2, 3, 7, 50])
      expect(parse(STREAM, size)).toEqual({ added: expected, messages, binary: ['p.png'], tooLarge: [] })
  })

  it('is not fooled by added lines that look like headers', () => {
    const stream =
      '\0aaaa 1\n\0\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1,3 @@\n+diff --git a/y b/y\n+@@ -1 +1 @@\n+\0cccc 9\n'
    expect(parse(stream).added).toMatchObject([
      { commit: { id: 'aaaa' }, path: 'x', text: 'diff --git a/y b/y\n@@ -1 +1 @@\n\0cccc 9\n' },
    ])
  })

  it('gives up a file beyond the limit, and reads the next', () => {
    const stream = `\0aaaa 1\n\0\n\ndiff --git a/x b/x\n+++ b/x\n@@ -0,0 +1,1 @@\n+${'x'.repeat(5000)}\ndiff --git a/y b/y\n+++ b/y\n@@ -0,0 +1 @@\n+ok\n`
    for (const size of [100, 100_000]) {
      const { added, tooLarge } = parse(stream, size, 1000)
      expect(tooLarge).toEqual(['x'])
      expect(added).toMatchObject([{ path: 'y', text: 'ok\n' }])
    }
  })
})

describe('HistoryParser, further', () => {
  const file = (path: string, lines: string) =>
    `diff --git a/${path} b/${path}\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n${lines}`

  it('passes over files that are not wanted, and reads the next', () => {
    const { added, binary } = parse(
      `\0aaaa 1\n\0\n\n${file('unwanted', '+one\n')}${file('x', '+two\n')}Binary files a/unwanted and b/unwanted differ\n`,
    )
    expect(added).toMatchObject([{ path: 'x', text: 'two\n', hunks: [[1, 1]] }])
    expect(binary).toEqual([])
  })

  it('takes a removed line that looks like a header, or like a commit, for what it is', () => {
    const { added } = parse(`\0aaaa 1\n\0\n\n${file('x', '--- a/y\n-\0bbbb 3\n+one\n')}`)
    expect(added).toMatchObject([{ commit: { id: 'aaaa' }, path: 'x', text: 'one\n' }])
  })

  it('gives up a message beyond the limit, and reads what its commit added', () => {
    const { added, messages, tooLarge } = parse(
      `\0aaaa 1\n${'m'.repeat(5000)}\nmore\n\0\n\n${file('x', '+one\n')}`,
      100,
      1000,
    )
    expect([messages, tooLarge]).toEqual([[], ['message']])
    expect(added).toMatchObject([{ path: 'x', text: 'one\n' }])
  })

  it('begins anew after an end in the middle of anything', () => {
    const whole = `\0aaaa 1\nmessage\n\0\n\n${file('x', '+one\n')}`
    for (let cut = 1; cut < whole.length; cut++) {
      const seen: string[] = []
      const none = () => undefined
      const parser = new HistoryParser(
        { added: ({ path }) => seen.push(path), message: none, wanted: () => true, binary: none, tooLarge: none },
        1000,
      )
      parser.push(Buffer.from(whole.slice(0, cut)))
      parser.end()
      seen.length = 0
      parser.push(Buffer.from(whole))
      parser.end()
      expect(seen).toEqual(['x'])
    }
  })
})

describe('unquotePath', () => {
  it.each([
    ['b/plain.txt', 'plain.txt'],
    ['b/with space.txt\t', 'with space.txt'],
    ['"b/\\303\\274.txt"', 'ü.txt'],
    ['"b/a\\nb\\t\\"c\\"\\\\.txt"', 'a\nb\t"c"\\.txt'],
    ['"b/\\377.txt"', '\\xff.txt'],
  ])('%s', (quoted, path) => {
    expect(unquotePath(Buffer.from(quoted, 'latin1'))).toBe(path)
  })
})
