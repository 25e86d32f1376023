import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Tree } from '../../src/model.ts'
import { memoryTree } from './context.ts'

/** A tree of text files that exist in a folder, too: for scanners that hand paths to programs. */
export function folderTree(files: Readonly<Record<string, string>>): Tree {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'zt-audit-tree-')))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return { ...memoryTree(files), root }
}
