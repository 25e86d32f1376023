import { Buffer } from 'node:buffer'
import { createDetection } from './detect/detect.ts'
import { SUPPRESSION_KEYWORDS } from './detect/suppression.ts'
import { UsageError } from './errors.ts'
import { sourceSuppression } from './facts/secret.ts'
import { type Fact, isFact, type Tree } from './model.ts'
import { suppressionFact } from './scanners/secrets/suppressions.ts'
import { git } from './sources/git.ts'
import { unquotePath } from './sources/git-path.ts'

/**
 * Suppression comments as they stand at another commit. With --config-from only these count: a pull request must not silence
 * what it brings.
 */

/** Every suppression comment of a commit's files. Throws UsageError if git cannot read them. */
export async function readBaseComments(root: string, ref: string, signal: AbortSignal): Promise<Fact[]> {
  const patterns = SUPPRESSION_KEYWORDS.flatMap((keyword) => ['-e', keyword])
  const options = ['--no-textconv', '--no-color', '-I', '-i', '-z', '-F', '--threads=1']
  const found = await git(root, ['grep', ...options, ...patterns, ref, '--', '.'], signal)
  if (!found.ok) {
    // 1: there are none.
    if (found.code === 1) return []
    throw new UsageError(`--config-from: git grep failed at ${ref}: ${found.reason}`)
  }
  const detection = createDetection([])
  return found.stdout
    .toString('latin1')
    .split('\n')
    .flatMap((line) => {
      const end = line.indexOf('\0')
      if (end < 0) return []
      const path = unquotePath(Buffer.from(`b/${line.slice(ref.length + 1, end)}`, 'latin1'))
      const text = Buffer.from(line.slice(end + 1), 'latin1')
      return detection
        .inspect(path, text, text.length)
        .suppressions.map((comment) => suppressionFact(comment, 'repo:.', path))
    })
}

/**
 * Parts comments into those that stood at the base as well, in the same file or in one that has gone since (a renamed one), and
 * those that are new. Each of the base's counts once.
 */
export function partComments(
  facts: readonly Fact[],
  base: readonly Fact[],
  tree: Tree,
): { kept: Fact[]; added: Fact[] } {
  const here = new Set(tree.files().map((file) => file.path))
  const budget = new Map<string, number>()
  const spend = (key: string) => {
    const left = budget.get(key) ?? 0
    if (left > 0) budget.set(key, left - 1)
    return left > 0
  }
  for (const fact of base) {
    const path = pathOf(fact)
    const key = here.has(path) ? keyOf(fact, path) : keyOf(fact, '')
    budget.set(key, (budget.get(key) ?? 0) + 1)
  }
  const kept: Fact[] = []
  const added: Fact[] = []
  for (const fact of facts) {
    const known = !isMain(fact) || spend(keyOf(fact, pathOf(fact))) || spend(keyOf(fact, ''))
    ;(known ? kept : added).push(fact)
  }
  return { kept, added }
}

/** Further repositories have a base of their own, which nobody named. */
function isMain({ at }: Fact): boolean {
  return 'file' in at && at.repository === undefined
}

function pathOf(fact: Fact): string {
  return isFact(sourceSuppression, fact) ? (fact.data.path ?? '') : ''
}

function keyOf(fact: Fact, path: string): string {
  if (!isFact(sourceSuppression, fact)) throw new Error(`${fact.kind} is no suppression comment`)
  const { rules, reason, expires, style } = fact.data
  return JSON.stringify([path, style, rules, reason, expires])
}
