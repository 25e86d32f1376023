import { Buffer } from 'node:buffer'
import { UsageError } from '../errors.ts'
import type { Changes, LineRange, Tree } from '../model.ts'
import { git, gitWithoutFilters } from './git.ts'
import { unquotePath } from './git-path.ts'

/** Which part of a repository is asked for. */
export type ChangeRequest = { readonly staged: true } | { readonly since: string }

/** Whether a tree is judged as a whole, or something that changed in it has such a name: else nobody needs to look. */
export function concerns({ changes }: Tree, names: RegExp): boolean {
  return !changes || [...changes.files.keys(), ...changes.removed].some((path) => names.test(path))
}

const DIFF = [
  'diff',
  '--no-textconv',
  '--no-ext-diff',
  '--no-color',
  '--ignore-submodules=all',
  '--find-renames',
  '--relative',
  '--src-prefix=a/',
  '--dst-prefix=b/',
]

/**
 * What is staged, or what has changed in the working tree since HEAD left a ref. Throws UsageError if there is no such ref or
 * no common commit, since "nothing changed" would be a pass.
 */
export async function readChanges(root: string, request: ChangeRequest, signal: AbortSignal): Promise<Changes> {
  const run = async (args: readonly string[], hint = '') => {
    const result = await gitWithoutFilters(root, args, signal)
    if (!result.ok) throw new UsageError(`git ${args[0]} failed in ${root}: ${result.reason}${hint}`)
    return result.stdout
  }
  const staged = 'staged' in request
  const base = staged ? undefined : await baseOf(root, request.since, signal)
  const against = base === undefined ? ['--cached'] : [base]
  const [names, patch, untracked] = await Promise.all([
    run([...DIFF, ...against, '--name-status', '-z', '--']),
    run([...DIFF, ...against, '--unified=0', '--inter-hunk-context=0', '--']),
    staged ? Buffer.alloc(0) : run(['ls-files', '-z', '--others', '--exclude-standard']),
  ])
  const { present, removed } = readNames(names)
  const { ranges, binary } = readRanges(patch)
  const files = new Map<string, readonly LineRange[] | undefined>()
  // Without a line of its own a file was only renamed, or its mode changed.
  for (const path of present) files.set(path, binary.has(path) ? undefined : (ranges.get(path) ?? []))
  for (const path of splitPaths(untracked)) files.set(path, undefined)
  return {
    by: staged ? 'staged' : 'since',
    ...(!staged && { ref: request.since }),
    ...(base !== undefined && { base }),
    files,
    removed,
  }
}

/** The commit at which HEAD left the ref. */
async function baseOf(root: string, ref: string, signal: AbortSignal): Promise<string> {
  const commit = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], signal)
  if (!commit.ok) throw new UsageError(`--since: there is no commit '${ref}' in ${root}; fetch it first?`)
  const base = await git(root, ['merge-base', commit.stdout.toString('latin1').trim(), 'HEAD'], signal)
  if (!base.ok) {
    throw new UsageError(
      `--since: HEAD and '${ref}' have no common commit here; in a shallow clone fetch more of the history (git fetch --unshallow)`,
    )
  }
  return base.stdout.toString('latin1').trim()
}

function splitPaths(list: Buffer): string[] {
  return list
    .toString('latin1')
    .split('\0')
    .filter((path) => path !== '')
    .map((path) => asText(path))
}

/** `M\0path\0`, `R100\0old\0new\0`: paths that are there now, and paths that are gone. */
function readNames(list: Buffer): { present: string[]; removed: string[] } {
  const present: string[] = []
  const removed: string[] = []
  const words = list.toString('latin1').split('\0')
  for (let i = 0; i + 1 < words.length; ) {
    const status = words[i++] ?? ''
    const path = asText(words[i++] ?? '')
    if (status.startsWith('D')) removed.push(path)
    else if (/^[RC]/.test(status)) {
      if (status.startsWith('R')) removed.push(path)
      present.push(asText(words[i++] ?? ''))
    } else present.push(path)
  }
  return { present, removed }
}

function asText(raw: string): string {
  return unquotePath(Buffer.from(`b/${raw}`, 'latin1'))
}

const NEWLINE = 10
const PLUS = 43
const MINUS = 45
const AT = 64
const CAPITAL_B = 66

/** The lines that a patch adds or changes, by path. Lines that were removed leave an empty range where they were. */
export function readRanges(patch: Buffer): { ranges: Map<string, LineRange[]>; binary: Set<string> } {
  const ranges = new Map<string, LineRange[]>()
  const binary = new Set<string>()
  let current: LineRange[] = []
  // Lines of the hunk still to come: a removed line may look like a header.
  let pending = 0
  for (let start = 0; start < patch.length; ) {
    const end = patch.indexOf(NEWLINE, start)
    const stop = end < 0 ? patch.length : end
    const first = patch[start]
    const line = () => patch.toString('latin1', start, stop)
    if (pending > 0) {
      if (first === PLUS || first === MINUS) pending--
    } else if (first === PLUS && line().startsWith('+++ ')) {
      current = []
      ranges.set(unquotePath(patch.subarray(start + 4, stop)), current)
    } else if (first === AT) {
      const [, removed = '1', from = '1', added = '1'] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line()) ?? []
      pending = Number(removed) + Number(added)
      current.push([Number(added) > 0 ? Number(from) : Number(from) + 1, Number(from) + Math.max(Number(added) - 1, 0)])
    } else if (first === CAPITAL_B) {
      const name = /^Binary files .* and (.*) differ$/.exec(line())?.[1]
      if (name !== undefined) binary.add(unquotePath(Buffer.from(name, 'latin1')))
    }
    start = stop + 1
  }
  return { ranges, binary }
}
