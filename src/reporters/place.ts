import { posix, win32 } from 'node:path'
import type { FileLocation, Location } from '../model.ts'
import { anchorPlace, CONFIG_FILE, type Finding, type TargetSummary } from '../report.ts'

/** A place as people read it: `src/a.ts:3:7`, an ARN, `k8s://…` with the file that declares it. */
export function showPlace(at: Location): string {
  if ('resource' in at) return at.declaredAt ? `${at.resource} (${showPlace(at.declaredAt)})` : at.resource
  const file = at.repository === undefined ? at.file : `${at.repository}/${at.file}`
  const place = [file, at.line, at.column].filter((part) => part !== undefined).join(':')
  return at.commit ? `${place} in commit ${at.commit.slice(0, 10)}` : place
}

/** The same without the column, and of a thing that a file declares the file alone. */
export function showShortPlace(at: Location): string {
  const file = fileOf(at)
  if (!file) return showPlace(at)
  const { column: _, ...rest } = file
  return showPlace(rest)
}

/** The place in a file, or that of the declaration of a thing that is no file. */
export function fileOf(at: Location): FileLocation | undefined {
  return 'file' in at ? at : at.declaredAt
}

/**
 * The same place with a path below the checkout's root, which is how CI systems name files; undefined for what lies outside of it:
 * a further repository is below the root only if it was named by a path that does not leave it.
 */
export function inCheckout(place: FileLocation | undefined): FileLocation | undefined {
  if (place?.repository === undefined) return place
  const { repository, ...rest } = place
  if (posix.isAbsolute(repository) || win32.isAbsolute(repository)) return undefined
  const file = posix.normalize(`${repository}/${place.file}`)
  return file.startsWith('../') ? undefined : { ...rest, file }
}

/**
 * The line of the checkout to which a format that knows only files attaches a finding: its own, the one that declares the thing, else
 * that of its anchor, else line 1 of the config.
 */
export function anchorOf(
  finding: Finding,
  targets: readonly TargetSummary[],
): FileLocation & { readonly line: number } {
  const own = fileOf(finding.at) ?? finding.anchor?.place ?? anchorPlace(finding, targets)
  const place = inCheckout(own) ?? RUN_ANCHOR
  return { ...place, line: Math.max(1, place.line ?? 1) }
}

/** The anchor of what concerns the whole run. */
export const RUN_ANCHOR = { file: CONFIG_FILE, line: 1 } as const

/** Whether a finding joins what several providers told: then its steps are evidence that people want to follow. */
export function isChain({ evidence }: Finding): boolean {
  const facts = Object.values(evidence).flat()
  return new Set(facts.map((fact) => fact.scope.split(':')[0])).size > 1
}
