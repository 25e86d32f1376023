import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { readChanges, readRanges } from '../../src/sources/changes.ts'
import { Folder } from '../support/repository.ts'

const signal = new AbortController().signal
const ranges = (patch: string) => Object.fromEntries(readRanges(Buffer.from(patch)).ranges)

describe('readRanges', () => {
  it('reads hunks of several files', () => {
    const patch =
      'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n+b\n+c\n@@ -9,0 +11 @@\n+d\ndiff --git a/y b/y\n--- /dev/null\n+++ b/y\n@@ -0,0 +1 @@\n+e\n'
    expect(ranges(patch)).toEqual({
      x: [
        [1, 2],
        [11, 11],
      ],
      y: [[1, 1]],
    })
  })
  it('takes content for content, however it looks', () => {
    const patch =
      'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/evil\n-@@ -1 +1 @@\n+++ b/evil\n+@@ -5 +5 @@\n\\ No newline at end of file\n'
    expect(ranges(patch)).toEqual({ x: [[1, 2]] })
  })
  it('marks where lines were only removed', () => {
    expect(ranges('diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -5,2 +4,0 @@\n-a\n-b\n')).toEqual({ x: [[5, 4]] })
  })
})

describe('readChanges', () => {
  it('knows added, edited, renamed, deleted and binary files', async () => {
    const folder = new Folder({
      edited: 'a\nb\nc\n',
      renamed: 'long enough to be known again\n'.repeat(5),
      gone: 'x\n',
    })
    folder.git('init', '-q')
    folder.commit()
    folder.git('mv', 'renamed', 'new name')
    folder.git('rm', '-q', 'gone')
    folder.write({ edited: 'a\nB\nc\nd\n', 'ü\n"x"': 'y\n', binary: Buffer.from([0, 1, 2]) })
    folder.git('add', '-A')
    const changes = await readChanges(folder.path, { staged: true }, signal)
    expect([...changes.files].sort()).toEqual(
      [
        ['binary', undefined],
        [
          'edited',
          [
            [2, 2],
            [4, 4],
          ],
        ],
        ['new name', []],
        ['ü\n"x"', [[1, 1]]],
      ].sort(),
    )
    expect([...changes.removed].sort()).toEqual(['gone', 'renamed'])
  })
  it('speaks of the folder that is audited only', async () => {
    const folder = new Folder({ 'sub/a': 'x\n', b: 'x\n' })
    folder.git('init', '-q')
    folder.git('add', '-A')
    const changes = await readChanges(`${folder.path}/sub`, { staged: true }, signal)
    expect([...changes.files.keys()]).toEqual(['a'])
  })
})
