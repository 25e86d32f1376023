import type { Buffer } from 'node:buffer'
import type { Detection } from '../../detect/detect.ts'
import { isForeign } from '../../detect/file-kind.ts'
import { secretMatch } from '../../facts/secret.ts'
import type { Fact, ScanContext, SkipReason, Tree, TreeFile } from '../../model.ts'
import { ARCHIVE_LIMITS, readArchive } from '../../sources/archive.ts'
import { isPicture } from '../../sources/picture.ts'
import type { Occurrences } from './occurrences.ts'
import { toText } from './read.ts'
import { suppressionFact } from './suppressions.ts'
import { addTreeMatches, recordLimits } from './tree-matches.ts'

/** An archive of a tree, and what looking through it needs. */
export interface ArchiveTask {
  readonly tree: Tree
  readonly file: TreeFile
  readonly bytes: Buffer
  readonly detection: Detection
  readonly context: Pick<ScanContext, 'gap' | 'skip' | 'limits' | 'signal'>
  readonly occurrences: Occurrences
}

/**
 * Looks through the files within an archive; a place in one is named `app.jar!/config/app.properties`. Secrets go into
 * `occurrences`, suppression comments are given back: in an archive of the tree they count as in its files.
 */
export function scanArchive({ tree, file, bytes, detection, context, occurrences }: ArchiveTask): Fact[] {
  const suppressions: Fact[] = []
  let binary = 0
  const gap = (gapClass: 'fault' | 'limit', reason: string, detail: string) =>
    context.gap({ kind: secretMatch.kind, scope: `${tree.scope}/${file.path}`, class: gapClass, reason, detail })
  for (const entry of readArchive(file.path, bytes, { ...ARCHIVE_LIMITS, entry: context.limits.maxFileSize })) {
    if (context.signal.aborted) return suppressions
    const path = `${file.path}!/${entry.name}`
    const skip = (reason: SkipReason) => context.skip({ scope: tree.scope, path, reason })
    if (!('bytes' in entry)) {
      gap(entry.class, entry.reason, `${path}: ${entry.detail}`)
      skip('archive entry')
      continue
    }
    const reading = toText(entry.bytes, entry.bytes.length)
    if (!reading.ok) {
      skip('binary')
      if (!isPicture(entry.name, entry.bytes)) {
        binary++
        continue
      }
    }
    const { buffer, length } = reading.ok ? reading : { buffer: entry.bytes, length: entry.bytes.length }
    const inspection = detection.inspect(path, buffer, length)
    const committed = tree.isGit ? file.tracked : undefined
    addTreeMatches(inspection, { file: path, committed }, buffer, occurrences)
    for (const comment of inspection.suppressions) suppressions.push(suppressionFact(comment, tree.scope, path))
    recordLimits(inspection, tree.scope, path, context)
    if (isForeign(path)) skip('provider rules only')
  }
  if (binary > 0) gap('limit', 'binary files', `${file.path}: ${binary} binary within it not read`)
  return suppressions
}
