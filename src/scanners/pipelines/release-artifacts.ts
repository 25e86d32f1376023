import { textOf } from '../../sources/value-node.ts'
import { writtenIn } from './secrets.ts'
import { splitUse } from './structure.ts'
import type { Job } from './workflow.ts'

/** What a job takes from earlier jobs by one step: which artifacts, and into which folder. */
interface Download {
  readonly artifacts: string
  readonly folder: string
}

/** Says which artifacts of the run they are; two jobs that write the same get the same files. */
const WHICH = ['name', 'pattern', 'artifact-ids', 'run-id', 'repository']

function downloadsOf(job: Job): Download[] {
  return job.steps.flatMap((step) => {
    if (splitUse(textOf(step.uses) ?? '').action.toLowerCase() !== 'actions/download-artifact') return []
    const input = (name: string) => writtenIn(step.with.find(({ key }) => key.toLowerCase() === name)?.value).trim()
    return [{ artifacts: JSON.stringify(WHICH.map(input)), folder: plain(input('path')) }]
  })
}

/** `./dist/` and `dist/*` are in `dist`. */
const plain = (path: string) => path.replace(/^(?:\.\/+)+|\/+$/g, '').replace(/^\.$/, '')

/** A job that publishes what lies in a folder, attested. */
export interface Attesting {
  readonly job: Job
  readonly folder: string
}

function artifactsOf({ job, folder }: Attesting): string[] {
  const published = downloadsOf(job).filter((each) => each.folder === '' || each.folder === plain(folder))
  return published.map(({ artifacts }) => artifacts)
}

/**
 * Whether the files of a release are artifacts that another job publishes with an attestation: this names them by their digest, so that
 * whoever has the file of the release can check it, too.
 */
export function attestedElsewhere(job: Job, files: readonly string[], attesting: readonly Attesting[]): boolean {
  const attested = new Set(attesting.flatMap(artifactsOf))
  const folders = downloadsOf(job).filter(({ artifacts }) => attested.has(artifacts))
  // Beside the whole workspace there is no telling what was made since.
  const isAttested = (file: string) =>
    folders.some(({ folder }) => folder !== '' && plain(file).startsWith(`${folder}/`))
  // With further artifacts in the workspace a file may be any of them.
  return files.length > 0 && folders.length === downloadsOf(job).length && files.every(isAttested)
}
