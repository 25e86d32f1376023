import type { Buffer } from 'node:buffer'
import type { Detection } from '../../detect/detect.ts'
import { isForeign } from '../../detect/file-kind.ts'
import { secretMatch } from '../../facts/secret.ts'
import type { Fact, Gap, ScanContext, SkipReason, Tree } from '../../model.ts'
import { isArchive } from '../../sources/archive.ts'
import { isPicture } from '../../sources/picture.ts'
import { someOf } from '../some-of.ts'
import { scanArchive } from './archives.ts'
import type { Occurrences } from './occurrences.ts'
import { FileReader } from './read.ts'
import { suppressionFact } from './suppressions.ts'
import { addTreeMatches, recordLimits } from './tree-matches.ts'

/** Milliseconds after which other work (Ctrl-C, progress) gets its turn. */
const TURN = 50

/** Reads every file of a tree; secrets go into `occurrences`, suppression comments are given back. */
export async function scanTree(
  tree: Tree,
  detection: Detection,
  context: ScanContext,
  occurrences: Occurrences,
): Promise<Fact[]> {
  const { changes } = tree
  const files = changes ? tree.files().filter((file) => changes.files.has(file.path)) : tree.files()
  const reader = new FileReader(context.limits.maxFileSize, files)
  const suppressions: Fact[] = []
  const binary: string[] = []
  let turn = performance.now()
  for (const [index, file] of files.entries()) {
    if (performance.now() - turn > TURN) {
      context.progress(`secrets: ${index} of ${files.length} files`)
      await nextTurn()
      turn = performance.now()
      if (context.signal.aborted) break
    }
    const skip = (reason: SkipReason) => context.skip({ scope: tree.scope, path: file.path, reason })
    const look = (buffer: Buffer, length: number) => {
      const inspection = detection.inspect(file.path, buffer, length)
      const place = { file: file.path, committed: tree.isGit ? file.tracked : undefined }
      addTreeMatches(inspection, place, buffer, occurrences)
      for (const comment of inspection.suppressions) suppressions.push(suppressionFact(comment, tree.scope, file.path))
      recordLimits(inspection, tree.scope, file.path, context)
    }
    const reading = reader.read(file)
    if (reading.ok) {
      look(reading.buffer, reading.length)
      if (isForeign(file.path)) skip('provider rules only')
    } else if (reading.why === 'binary') {
      if (context.limits.archives && isArchive(file.path))
        suppressions.push(...scanArchive({ tree, file, bytes: reading.bytes, detection, context, occurrences }))
      else {
        // What of a picture is text can be seen: its descriptions, and what somebody put behind its end.
        if (isPicture(file.path, reading.bytes)) look(reading.bytes, reading.bytes.length)
        else binary.push(file.path)
        skip('binary')
      }
    } else if (reading.why === 'too large') {
      context.gap(fileGap(tree, file.path, 'limit', 'file too large', `${file.size} bytes, over --max-file-size`))
      skip('too large')
    } else {
      context.gap(fileGap(tree, file.path, 'fault', 'unreadable', reading.detail ?? ''))
      skip('unreadable')
    }
  }
  if (binary.length > 0) context.gap(binaryGap(tree.scope, binary))
  return suppressions
}

function fileGap(tree: Tree, path: string, gapClass: Gap['class'], reason: string, detail: string): Gap {
  return {
    kind: secretMatch.kind,
    scope: `${tree.scope}/${path}`,
    class: gapClass,
    reason,
    detail: `${path}: ${detail}`,
  }
}

/** Programs and databases are in many a repository: one gap for all of them. */
function binaryGap(scope: string, paths: readonly string[]): Gap {
  return {
    kind: secretMatch.kind,
    scope,
    class: 'limit',
    reason: 'binary files',
    detail: `${paths.length} binary ${paths.length === 1 ? 'file was' : 'files were'} not read: ${someOf(paths)}`,
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
