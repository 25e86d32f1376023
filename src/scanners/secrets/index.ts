import { Buffer } from 'node:buffer'
import { createDetection, type Detection } from '../../detect/detect.ts'
import { secretKubernetesCredential } from '../../facts/kubernetes-credentials.ts'
import { secretMatch, sourceSuppression } from '../../facts/secret.ts'
import type { Detector, Fact, Gap, ScanContext, Scanner, Tree } from '../../model.ts'
import { scanHistory } from './history.ts'
import { Occurrences } from './occurrences.ts'
import { FileReader } from './read.ts'
import { suppressionFact } from './suppressions.ts'
import { addTreeMatches, recordLimits } from './tree-matches.ts'
import { scanTree } from './working-tree.ts'

export { identify } from './vault.ts'

/** Looks for secrets in the files of the audited trees and, if asked to, in their git history. */
export const secretsScanner: Scanner = {
  id: 'secrets',
  emits: [secretMatch, secretKubernetesCredential, sourceSuppression],
  needs: [],
  requested: (context) => context.trees.length > 0,
  async *scan(context) {
    const detection = createDetection(context.detectors)
    for (const tree of context.trees) yield* scanRepository(tree, detection, context)
  },
}

async function* scanRepository(tree: Tree, detection: Detection, context: ScanContext): AsyncIterable<Fact> {
  const occurrences = new Occurrences(tree.scope, context.now, context.wants(secretKubernetesCredential))
  const suppressions = await scanTree(tree, detection, context, occurrences)
  const readsHistory = context.targets.history && context.wants(secretMatch) && !context.signal.aborted
  const historyWasRead = readsHistory && (await scanHistory(tree, detection, context, occurrences))
  if (context.signal.aborted) {
    context.gap({
      kind: secretMatch.kind,
      scope: tree.scope,
      class: 'fault',
      reason: 'interrupted',
      detail: 'the scan for secrets was ended early; what was found so far is reported',
    })
  }
  yield* suppressions
  yield* occurrences.facts(historyWasRead)
  if (context.wants(secretKubernetesCredential)) yield* occurrences.credentials()
}

/** The suppression comments of files that were not looked through, since they have not changed. */
export function suppressionsIn(tree: Tree, paths: ReadonlySet<string>, maxFileSize: number): Fact[] {
  const files = tree.files().filter((file) => paths.has(file.path))
  const reader = new FileReader(maxFileSize, files)
  const detection = createDetection([])
  return files.flatMap((file) => {
    const reading = reader.read(file)
    // What cannot be read holds no comment that counts.
    if (!reading.ok) return []
    const { suppressions } = detection.inspect(file.path, reading.buffer, reading.length)
    return suppressions.map((comment) => suppressionFact(comment, tree.scope, file.path))
  })
}

/** Looks for secrets in one text as if it were a tracked file: for the tests inside rules. */
export function scanText(
  detectors: readonly Detector[],
  path: string,
  text: string,
  scope = 'repo:.',
  now: Date = new Date(),
): { facts: Fact[]; gaps: Gap[] } {
  const gaps: Gap[] = []
  const buffer = Buffer.from(text, 'utf8')
  const inspection = createDetection(detectors).inspect(path, buffer, buffer.length)
  const occurrences = new Occurrences(scope, now)
  addTreeMatches(inspection, { file: path, committed: true }, buffer, occurrences)
  recordLimits(inspection, scope, path, { gap: (gap) => void gaps.push(gap) })
  const suppressions = inspection.suppressions.map((comment) => suppressionFact(comment, scope, path))
  return { facts: [...suppressions, ...occurrences.facts(false), ...occurrences.credentials()], gaps }
}
