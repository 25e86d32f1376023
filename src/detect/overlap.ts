import type { Candidate } from './candidate.ts'

/**
 * One secret value is one finding. Where candidates overlap, the rule of higher priority wins, then the longer value;
 * settings and aspects of a secret (a token without expiry) claim nothing and stay. Gives candidates in order of the text.
 */
export function resolveOverlaps(candidates: readonly Candidate[]): Candidate[] {
  const claiming = candidates.filter(claims).sort(byStrength)
  const taken: Candidate[] = []
  for (const candidate of claiming) {
    const at = firstEndingAfter(taken, candidate.start)
    const next = taken[at]
    if (!next || next.start >= candidate.end) taken.splice(at, 0, candidate)
  }
  const others = new Map(
    candidates
      .filter((candidate) => !claims(candidate))
      .map((candidate) => [`${candidate.source.detector.id} ${candidate.start} ${candidate.end}`, candidate]),
  )
  return [...taken, ...others.values()].sort((a, b) => a.start - b.start || a.end - b.end || compareIds(a, b))
}

function claims({ source }: Candidate): boolean {
  return source.validator === undefined || source.validator.about === 'secret'
}

function byStrength(a: Candidate, b: Candidate): number {
  return (
    b.source.detector.priority - a.source.detector.priority ||
    Number(b.validated) - Number(a.validated) ||
    b.end - b.start - (a.end - a.start) ||
    a.start - b.start ||
    compareIds(a, b)
  )
}

function compareIds(a: Candidate, b: Candidate): number {
  return a.source.detector.id < b.source.detector.id ? -1 : a.source.detector.id > b.source.detector.id ? 1 : 0
}

/** Index of the first taken candidate that ends behind an offset; they are sorted and do not overlap. */
function firstEndingAfter(taken: readonly Candidate[], offset: number): number {
  let low = 0
  let high = taken.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((taken[middle] as Candidate).end > offset) high = middle
    else low = middle + 1
  }
  return low
}
