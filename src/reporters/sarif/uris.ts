import type * as Sarif from 'sarif'
import type { FileLocation, Revision } from '../../model.ts'
import type { TargetSummary } from '../../report.ts'

/** What paths are relative to: the audited folder of the main repository, and of each further one. */
export const SOURCE_ROOT = 'SRCROOT'

/**
 * A path as relative URI. Whatever a path holds (a drive letter, backslashes, `..`, a colon that reads as a scheme), it stays
 * one: GitHub refuses a whole upload for an absolute URI that does not match the checkout. Bytes that are not UTF-8 stand
 * in paths as `\xNN` and stay so; any other backslash separates.
 */
export function toUri(path: string): string {
  return path
    .replace(/^[A-Za-z]:(?=[\\/])/, '')
    .split(/\/|\\(?!x[0-9a-f]{2})/)
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
    .map(encode)
    .join('/')
}

export function artifactOf(place: FileLocation): Sarif.ArtifactLocation {
  return { uri: toUri(place.file), uriBaseId: baseOf(place.repository) }
}

/** One name for each repository, as the operator named them. */
function baseOf(repository: string | undefined): string {
  return repository === undefined ? SOURCE_ROOT : `${SOURCE_ROOT}_${encode(repository)}`
}

/** Half of a surrogate pair has no encoding. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
}

/** What the URIs of a run are relative to, and which revision of which repository that is. */
export interface Roots {
  readonly originalUriBaseIds: Record<string, Sarif.ArtifactLocation>
  readonly versionControlProvenance?: Sarif.VersionControlDetails[]
}

/**
 * The roots of the repositories (undefined: the main one) that a run speaks of. If the audited folder is a part of its
 * repository, its root is given relative to that of the repository. Provenance is given for all of them or none: half of it would
 * let readers look for files in the wrong repository.
 */
export function rootsOf(repositories: Iterable<string | undefined>, targets: readonly TargetSummary[]): Roots {
  const originalUriBaseIds: Roots['originalUriBaseIds'] = {}
  const provenance: Sarif.VersionControlDetails[] = []
  const names = [...new Set(repositories)]
  for (const name of names) {
    const base = baseOf(name)
    const what = name === undefined ? 'the audited repository' : name
    const revision = targets.find((each) => each.kind === 'repository' && repositoryOf(each) === name)?.revision
    if (revision?.folder) {
      const top = `REPOSITORY${base.slice(SOURCE_ROOT.length)}`
      originalUriBaseIds[top] = { description: { text: `Root of the repository that holds ${what}.` } }
      originalUriBaseIds[base] = {
        uri: `${toUri(revision.folder)}/`,
        uriBaseId: top,
        description: { text: 'The audited folder of it.' },
      }
      provenance.push(...provenanceOf(revision, top))
    } else {
      originalUriBaseIds[base] = { description: { text: `Root of ${what}.` } }
      if (revision) provenance.push(...provenanceOf(revision, base))
    }
  }
  return { originalUriBaseIds, ...(provenance.length === names.length && { versionControlProvenance: provenance }) }
}

function repositoryOf(target: TargetSummary): string | undefined {
  return target.scope === 'repo:.' ? undefined : target.scope.slice('repo:'.length)
}

/**
 * SARIF wants an absolute address. Where a repository has none (no remote), its commit is named by its Software Heritage
 * identifier, which says just what was audited and tells nothing of this machine.
 */
function provenanceOf({ commit, branch, remote }: Revision, uriBaseId: string): Sarif.VersionControlDetails[] {
  const repositoryUri = remote ?? (/^[0-9a-f]{40}$/.test(commit) ? `swh:1:rev:${commit}` : undefined)
  if (repositoryUri === undefined) return []
  return [{ repositoryUri, revisionId: commit, ...(branch !== undefined && { branch }), mappedTo: { uriBaseId } }]
}
