import { effortOf } from './effort.ts'
import { type Pattern, parseTranslated } from './re2.ts'
import { reachOf, windowOf } from './windows.ts'

/** Steps that one window may cost: about 50 ms. */
const MAX_STEPS = 2 ** 24
/** Milliseconds that the checker may take for one pattern. */
const CHECK_TIMEOUT = 3000

interface Diagnostics {
  readonly status: 'safe' | 'vulnerable' | 'unknown'
  readonly complexity?: { readonly type: string; readonly degree?: number }
  readonly error?: { readonly kind: string }
}
type CheckSync = (source: string, flags: string, parameters: { timeout: number }) => Diagnostics

/**
 * Tells whether a pattern can make the backtracking matcher of JavaScript take too long; undefined if it cannot, else what
 * is wrong and how to mend it.
 *
 * A pattern is only ever tried on a window as long as its longest match (at most 16 kB), so a polynomial is a question of
 * how much: window ^ degree must stay below 2^24 steps. Exponential ones are always refused. Most patterns of credentials
 * have so few choices that this can be told without the checker, which is slow and therefore loaded only when needed.
 */
export async function checkBacktracking(pattern: Pattern, keywords: readonly string[]): Promise<string | undefined> {
  const node = parseTranslated(pattern)
  const window = reachOf(node)
  const starts = windowOf(pattern, keywords).anchored ? 1 : 2 * window
  if (starts * effortOf(node, window).steps <= MAX_STEPS) return undefined
  const checkSync = await loadChecker()
  const { status, complexity, error } = checkSync(pattern.source, pattern.flags, { timeout: CHECK_TIMEOUT })
  if (status === 'safe') return undefined
  if (status === 'unknown') {
    return `could not be shown to match in bounded time (${error?.kind ?? 'unknown reason'}); use fewer or smaller repetitions`
  }
  if (complexity?.type === 'exponential') return 'backtracks exponentially; do not nest repetitions that overlap'
  const degree = complexity?.degree ?? 2
  if (window ** degree <= MAX_STEPS) return undefined
  return `backtracks in polynomial time of degree ${degree} over up to ${window} bytes; bound its repetitions ({0,50} instead of *)`
}

/** The package's main entry starts a process or worker; its browser build runs in place, and can be bundled. */
async function loadChecker(): Promise<CheckSync> {
  const module: { checkSync?: CheckSync; default?: { checkSync?: CheckSync } } = await import('recheck/lib/browser.js')
  const checkSync = module.checkSync ?? module.default?.checkSync
  if (!checkSync) throw new Error('recheck/lib/browser.js has no checkSync')
  return checkSync
}
