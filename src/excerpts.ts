import { createDetection, type Detection } from './detect/detect.ts'
import { secretMatch } from './facts/secret.ts'
import type { Detector, Excerpt, FileLocation, Tree } from './model.ts'
import { anchorPlace, type Finding, type TargetSummary } from './report.ts'
import { lineHashes } from './reporters/line-hash.ts'

/** Lines before and after the one that is meant. */
const AROUND = 1
/** A statement may be long; what is more is not read by people either. */
const MOST_LINES = 7
/** Longer lines are cut in the frame; minified code is no reading matter. */
const MOST_COLUMNS = 400

/**
 * Adds to findings in files of the tree what a reader needs to recognise the place: the lines around it, secrets masked
 * wherever they stand in them, and GitHub's hash of the line. A finding without a file gets an anchor.
 */
export async function addExcerpts(
  findings: readonly Finding[],
  trees: readonly Tree[],
  detectors: readonly Detector[],
  targets: readonly TargetSummary[],
): Promise<Finding[]> {
  // Made when the first frame is cut: preparing it costs as much as a small scan.
  let prepared: Detection | undefined
  const detection = () => {
    prepared ??= createDetection(detectors)
    return prepared
  }
  const byFile = new Map<string, { tree: Tree; file: string; findings: Finding[] }>()
  const result: Finding[] = []
  for (const unanchored of findings) {
    const finding = fileOf(unanchored)
      ? unanchored
      : { ...unanchored, anchor: { place: anchorPlace(unanchored, targets) } }
    const place = placeOf(finding)
    const tree = treeOf(place, trees)
    if (place.commit || !tree) {
      result.push(finding)
      continue
    }
    const key = `${tree.scope}\u0000${place.file}`
    const group = byFile.get(key) ?? { tree, file: place.file, findings: [] }
    byFile.set(key, group)
    group.findings.push(finding)
  }
  for (const { tree, file, findings: group } of byFile.values()) {
    const text = readAgain(tree, file)
    if (text === undefined) {
      result.push(...group)
      continue
    }
    const shown = group.filter((finding) => !finding.excerpt).map((finding) => placeOf(finding))
    const masked = shown.length > 0 ? maskShown(file, text, shown, detection()) : ''
    const lines = masked.split(/\r\n|\n|\r/)
    const hashes = lineHashes(text, new Set(group.map((finding) => placeOf(finding).line ?? 1)))
    for (const finding of group) {
      const place = placeOf(finding)
      const excerpt = finding.excerpt ?? cutExcerpt(lines, place)
      if (finding.anchor) {
        result.push({ ...finding, anchor: { place, excerpt } })
        continue
      }
      const lineHash = hashes.get(place.line ?? 1)
      result.push({ ...finding, excerpt, ...(lineHash && { lineHash }) })
    }
  }
  return result
}

/** The main tree, or the further repository that the place names. */
function treeOf(place: FileLocation, trees: readonly Tree[]): Tree | undefined {
  const { repository } = place
  return repository === undefined ? trees[0] : trees.find((tree) => tree.scope === `repo:${repository}`)
}

function fileOf(finding: Finding): FileLocation | undefined {
  return 'file' in finding.at ? finding.at : finding.at.declaredAt
}

/** Where the finding is shown. */
function placeOf(finding: Finding): FileLocation {
  const place = fileOf(finding) ?? finding.anchor?.place
  if (!place) throw new Error(`a finding of ${finding.rule.id} has no place`)
  return place
}

/** The file was read before; that it has gone since only costs the frame. */
function readAgain(tree: Tree, path: string): string | undefined {
  const file = tree.files().find((candidate) => candidate.path === path)
  return file && tree.text(file, secretMatch)
}

/** Documents of a stream of YAML know nothing of each other: in a large one only those that are shown from are looked through. */
const LARGE_STREAM = 256 << 10

function maskShown(file: string, text: string, places: readonly FileLocation[], detection: Detection): string {
  if (text.length < LARGE_STREAM || !/\.ya?ml$/i.test(file)) return maskSpans(text, detection.mask(file, text))
  const ranges = places.map(({ line = 1 }) => [line - AROUND, line + MOST_LINES] as const)
  let line = 1
  const parts = text.split(/^(?=---(?:[ \t\r\n]|$))/m).map((part) => {
    const first = line
    line += part.split(/\r\n|\n|\r/).length - 1
    const isShown = ranges.some(([from, to]) => from <= line && to >= first)
    return isShown ? maskSpans(part, detection.mask(file, part)) : part
  })
  return parts.join('')
}

/** Replaces each span by asterisks of the same length, so that columns stay true. */
function maskSpans(text: string, spans: readonly { readonly start: number; readonly end: number }[]): string {
  let result = ''
  let at = 0
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    if (end <= at) continue
    const from = Math.max(start, at)
    result += text.slice(at, from) + text.slice(from, end).replace(/[^\r\n]/g, '*')
    at = end
  }
  return result + text.slice(at)
}

function cutExcerpt(lines: readonly string[], place: FileLocation): Excerpt {
  const line = place.line ?? 1
  const startLine = Math.max(1, line - AROUND)
  const endLine = Math.min(lines.length, Math.max((place.endLine ?? line) + AROUND, line), startLine + MOST_LINES - 1)
  return { startLine, lines: lines.slice(startLine - 1, endLine).map((each) => each.slice(0, MOST_COLUMNS)) }
}
