import { nearest } from './nearest.ts'

/** Ids of rules, and the areas that they lie in: what --only, --skip and suppressions can name. */
export function namesOf(ids: readonly string[]): string[] {
  const areas = ids.flatMap((id) =>
    id
      .split('/')
      .slice(0, -1)
      .map((_, i, parts) => parts.slice(0, i + 1).join('/')),
  )
  return [...new Set([...areas, ...ids])]
}

/** The name that was meant: one within a few edits, or the only one that ends (`full-admin`) or begins (`iam/full`) like it. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known)
  if (near !== undefined) return near
  const end = nearest(name, [...new Set(known.map(lastPart))])
  const ends = known.filter((candidate) => end !== undefined && lastPart(candidate) === end)
  if (ends.length === 1) return ends[0]
  const beginnings = known.filter((candidate) => candidate.length > name.length)
  const begin = nearest(
    name,
    beginnings.map((candidate) => candidate.slice(0, name.length)),
  )
  const begins = beginnings.filter((candidate) => candidate.slice(0, name.length) === begin)
  return begins.length === 1 ? begins[0] : undefined
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** The end of an error on a name that is not known. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearestName(name, known)
  return near ? `, did you mean '${near}'?` : ' (zt-audit rules list shows all)'
}
