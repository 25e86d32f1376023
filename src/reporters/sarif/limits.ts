import { gzipSync } from 'node:zlib'

/** GitHub's limits: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning */
export const MOST_RUNS = 20
const MOST_RESULTS = 25_000
/** GitHub shows no more of a run, the worst first. */
export const SHOWN_RESULTS = 5_000
/** Of the file, after gzip. */
const MOST_BYTES = 10_000_000
/** Of all runs together: more would not fit by far, and the text would be longer than a string can be. */
const MOST_IN_ALL = 50_000

/** How much goes into a log: results of each run, and how many of them with text, steps and fixes. */
export interface Extent {
  readonly results: number
  readonly detailed: number
}

/** Each smaller than the one before: first goes what GitHub would not show, then detail, then results. */
const EXTENTS: readonly Extent[] = [
  { results: MOST_RESULTS, detailed: MOST_RESULTS },
  { results: MOST_RESULTS, detailed: SHOWN_RESULTS },
  { results: MOST_RESULTS, detailed: 0 },
  ...[10_000, 5_000, 2_500, 1_000, 500, 200, 50, 0].map((results) => ({ results, detailed: 0 })),
]

/** The text with as much of the results as GitHub takes; `sizes` are the numbers of results of each run. */
export function renderWithin(sizes: readonly number[], render: (extent: Extent) => string): string {
  let text = ''
  for (const extent of EXTENTS) {
    if (sizes.reduce((sum, size) => sum + Math.min(size, extent.results), 0) > MOST_IN_ALL) continue
    text = render(extent)
    if (fits(text)) break
  }
  return text
}

/** Compressing takes time, so only what could be too large is measured; gzip never makes a text notably longer. */
function fits(text: string): boolean {
  return text.length * 3 < MOST_BYTES || gzipSync(text).length <= MOST_BYTES
}
