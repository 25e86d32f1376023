import type { Detection } from '../../detect/detect.ts'
import type { Gap, ScanContext, Tree } from '../../model.ts'
import type { MessageBatch } from './history-messages.ts'
import type { Occurrences } from './occurrences.ts'

/** What the parts of a reading of one repository's history share. */
export interface HistoryReading {
  readonly tree: Tree
  readonly detection: Detection
  readonly context: ScanContext
  readonly occurrences: Occurrences
  readonly messages: MessageBatch
  /** Records that something of the whole repository was not seen. */
  readonly gap: (gapClass: Gap['class'], reason: string, detail: string) => void
}
