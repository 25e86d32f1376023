import { ciLeftToken } from '../../facts/pipeline-untrusted.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import type { Analysis } from './injection.ts'
import { executionAfter, type Fetch } from './untrusted-code.ts'
import type { PipelineFile, PipelineFiles } from './untrusted-files.ts'
import { actionOf, ofJob, positionOf } from './untrusted-index.ts'

/** Tokens that a checkout leaves where an artifact or a stranger's code gets them. */
export function leftTokensOf(
  file: PipelineFile,
  fetches: readonly Fetch[],
  { reaches, files }: Analysis,
): Fact<typeof ciLeftToken>[] {
  const told = new Set<string>()
  return file.checkouts.flatMap((checkout) => {
    const { job = '', step = '', persists, ownToken, tokenPlace, path = '' } = checkout.data
    const declared = ofJob(file.jobs, job)[0]?.data
    if (persists === false || !declared) return []
    const mayWrite = ownToken ? true : writes(declared)
    if (mayWrite === false) return []
    const at = positionOf(file, job, step)
    const later = (other: string) => positionOf(file, job, other) > at
    const known: boolean | typeof UNKNOWN = persists === undefined ? UNKNOWN : mayWrite
    const common = { workflow: file.path, job, step }
    const upload = ofJob(file.transfers, job).find(
      ({ data }) =>
        data.direction === 'upload' && data.hidden && later(data.step ?? '') && takesAlong(data.paths ?? [], path),
    )
    if (upload && tokenPlace !== 'temp')
      return fact(ciLeftToken, checkout.scope, checkout.at, {
        ...common,
        mayWrite: known,
        reader: `the artifact of ${upload.data.step}`,
        form: 'artifact',
        events: reaches.ofJob(file, job).map(({ event }) => event),
      })
    // Code of strangers that was there before this checkout has run already.
    const after = (fetch: Fetch) => positionOf(file, job, fetch.step) >= at
    const taken = fetches.find((fetch) => fetch.job === job && after(fetch) && executionAfter(file, fetch) !== '')
    if (taken && told.has(job)) return []
    if (taken) told.add(job)
    if (taken)
      return fact(ciLeftToken, checkout.scope, checkout.at, {
        ...common,
        mayWrite: known,
        reader: executionAfter(file, taken),
        form: 'code',
        events: taken.events,
      })
    if (!isWorthwhile(declared, ownToken === true)) return []
    const builds = ofJob(file.executions, job).find(
      ({ data }) => later(data.step ?? '') && takesInOthers(file, job, data.what ?? '', files),
    )
    // Who talks to the server later needs the token.
    const needed = ofJob(file.gitUses, job).some(
      ({ data }) => later(data.step ?? '') && needsToken(file, job, data.step ?? '', files),
    )
    if (!builds || needed) return []
    return fact(ciLeftToken, checkout.scope, checkout.at, {
      ...common,
      mayWrite: known,
      reader: `${builds.data.what}, which needs none`,
      form: 'build',
      events: reaches.ofJob(file, job).map(({ event }) => event),
    })
  })
}

/** The token by default is a setting that files do not show. */
function writes(job: {
  readonly permissionsAt?: string
  readonly permissions?: readonly string[]
}): boolean | typeof UNKNOWN {
  if (job.permissionsAt === 'none') return UNKNOWN
  return (job.permissions ?? []).some((each) => each === 'write-all' || each.endsWith(': write'))
}

/** Rights with which a dependency that turned bad changes code, releases or what others install. */
function isWorthwhile(job: { readonly permissions?: readonly string[] }, ownToken: boolean): boolean {
  return (
    ownToken ||
    (job.permissions ?? []).some((each) => /^(?:write-all|(?:contents|packages|actions): write)$/.test(each))
  )
}

/** Whether an upload has the folder `.git` of a checkout in it. */
function takesAlong(paths: readonly string[], checkout: string): boolean {
  const folder = checkout.replace(/^\.\/|\/$/g, '')
  const plain = paths.map((path) => path.replace(/\$\{\{\s*github\.workspace\s*\}\}/, '.').replace(/^\.\/|\/$/g, ''))
  if (plain.some((path) => /^!.*\.git/.test(path))) return false
  return plain.some(
    (path) => path === '.' || path === '' || path === '**' || path === '*' || (folder !== '' && path === folder),
  )
}

/** Whether something that runs brings in code of others. A script of one’s own is one’s own; a container’s build sees no files but its own. */
function takesInOthers(file: PipelineFile, job: string, what: string, files: PipelineFiles): boolean {
  if (/^\.{1,2}\//.test(what))
    return /^\.\/(?:mvnw|gradlew)\b/.test(what) || localAction(file, job, what, files) === 'foreign'
  if (/^(?:docker|docker-compose|podman|buildah)[\s/]/.test(what)) return false
  return !/^(?:python[\d.]*|node|ruby|perl|php|bash|sh|zsh|pwsh|powershell|Rscript|julia|lua|groovy|source|\.)\s(?!-m)/.test(
    what,
  )
}

/** Whether a step that may talk to the server does: an action of one’s own is looked into. */
function needsToken(file: PipelineFile, job: string, step: string, files: PipelineFiles, depth = 0): boolean {
  const action = actionOf(file, job, step)
  if (!action.startsWith('./')) return true
  const called = localAction(file, job, action, files)
  if (called === 'foreign') return false
  // An action in JavaScript or a container is not read.
  if (called === undefined || depth > 5) return true
  return called.gitUses.some(({ data }) => needsToken(called, data.job ?? '', data.step ?? '', files, depth + 1))
}

/** The action of the tree that `./PATH` names; `foreign` if a checkout put another repository there. */
function localAction(
  file: PipelineFile,
  job: string,
  action: string,
  files: PipelineFiles,
): PipelineFile | 'foreign' | undefined {
  const own = files.called(file, action)
  if (own) return own
  for (const { data } of ofJob(file.checkouts, job)) {
    const folder = (data.path ?? '').replace(/^\.\//, '').replace(/\/$/, '')
    if (folder === '' || !`${action}/`.startsWith(`./${folder}/`)) continue
    if (data.repository !== '') return 'foreign'
    return files.called(file, `./${action.slice(folder.length + 3)}`)
  }
  return undefined
}
