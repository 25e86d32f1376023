import { parsePatch, type StructuredPatchHunk } from 'diff'
import type * as Sarif from 'sarif'
import type { Excerpt, FileLocation } from '../../model.ts'
import type { Finding } from '../../report.ts'
import { sentence } from './rules.ts'
import { artifactOf } from './uris.ts'

/**
 * The suggested change of a finding as replacements of lines. None where it is not certain that the diff speaks of this file
 * as it is, or where a line that it writes holds a secret that is masked elsewhere: better no fix than a wrong one.
 */
export function fixesOf(finding: Finding): Sarif.Fix[] | undefined {
  const place = 'file' in finding.at ? finding.at : finding.at.declaredAt
  if (!finding.fix?.diff || !place || place.commit !== undefined) return undefined
  const replacements = replacementsOf(finding.fix.diff, place, finding.excerpt)
  if (!replacements) return undefined
  return [
    {
      description: { text: sentence(finding.fix.description) },
      artifactChanges: [{ artifactLocation: artifactOf(place), replacements }],
    },
  ]
}

function replacementsOf(
  diff: string,
  place: FileLocation,
  excerpt: Excerpt | undefined,
): Sarif.Replacement[] | undefined {
  const hunks = hunksFor(diff, place.file)
  if (!hunks) return undefined
  const blocks = hunks.flatMap(blocksOf)
  if (blocks.length === 0 || !blocks.every((block) => agrees(block, excerpt))) return undefined
  const replacements = blocks.map(toReplacement)
  return replacements.every((each) => each !== undefined) ? replacements : undefined
}

/** The hunks of a diff of one file that stays where it is. */
function hunksFor(diff: string, file: string): readonly StructuredPatchHunk[] | undefined {
  let patches: ReturnType<typeof parsePatch>
  try {
    patches = parsePatch(diff)
  } catch {
    // No unified diff; the library's message says nothing that a reader of the report could use.
    return undefined
  }
  const [patch, ...others] = patches
  if (!patch || others.length > 0 || patch.isRename || patch.isCopy || patch.isCreate || patch.isDelete)
    return undefined
  const names = [patch.oldFileName, patch.newFileName].filter((name) => name !== undefined)
  return names.every((name) => name === file || name.replace(/^[ab]\//, '') === file) ? patch.hunks : undefined
}

/** Lines of the file next to each other that are replaced; `context` is the line before them, if the diff shows it. */
interface Block {
  readonly line: number
  readonly removed: readonly string[]
  readonly added: readonly string[]
  /** The lines around it in the diff, as they stand in the file. */
  readonly known: readonly (readonly [line: number, text: string])[]
  /** Whether the diff says that the file ends here without a line end. */
  readonly unterminated: boolean
}

function blocksOf(hunk: StructuredPatchHunk): Block[] {
  const blocks: Block[] = []
  const known: [number, string][] = []
  let line = hunk.oldStart
  let open: { line: number; removed: string[]; added: string[] } | undefined
  const close = () => {
    if (open) blocks.push({ ...open, known, unterminated: hunk.lines.some((each) => each.startsWith('\\')) })
    open = undefined
  }
  for (const each of hunk.lines) {
    const text = each.slice(1)
    if (each.startsWith('\\')) continue
    if (each.startsWith(' ')) close()
    else open ??= { line, removed: [], added: [] }
    if (each.startsWith('+')) open?.added.push(text)
    else {
      if (each.startsWith('-')) open?.removed.push(text)
      known.push([line++, text])
    }
  }
  close()
  return blocks
}

/** Whether the lines that the diff takes for the file's are those of the excerpt, as far as that shows them unmasked. */
function agrees({ known }: Block, excerpt: Excerpt | undefined): boolean {
  if (!excerpt) return true
  return known.every(([line, text]) => {
    const shown = excerpt.lines[line - excerpt.startLine]
    return shown === undefined || text.replace(/\r$/, '').startsWith(shown)
  })
}

/** Columns count UTF-16 units, and line ends stay as the file has them. */
function toReplacement({ line, removed, added, unterminated }: Block): Sarif.Replacement | undefined {
  const all = [...removed, ...added]
  const crlf = all.some((text) => text.endsWith('\r'))
  // Mixed line ends, or a last line without one: what lines are then is not certain.
  if ((crlf && !all.every((text) => text.endsWith('\r'))) || unterminated) return undefined
  const bare = (text: string) => (crlf ? text.slice(0, -1) : text)
  const eol = crlf ? '\r\n' : '\n'
  const start = { startLine: line, startColumn: 1 }
  if (removed.length === 0) {
    return {
      deletedRegion: { ...start, endLine: line, endColumn: 1 },
      insertedContent: { text: added.map((text) => bare(text) + eol).join('') },
    }
  }
  const last = line + removed.length - 1
  if (added.length === 0) return { deletedRegion: { ...start, endLine: last + 1, endColumn: 1 } }
  return {
    deletedRegion: { ...start, endLine: last, endColumn: bare(removed.at(-1) ?? '').length + 1 },
    insertedContent: { text: added.map(bare).join(eol) },
  }
}
