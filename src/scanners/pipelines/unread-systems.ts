import { isForeign } from '../../detect/file-kind.ts'
import { classifyPath } from '../../detect/path-class.ts'

/** Pipelines of one system that nobody here reads. */
export interface UnreadPipelines {
  readonly system: string
  /** In the order of the tree, never empty. */
  readonly paths: readonly string[]
  /** Written as GitHub Actions are: what these could hold, they could. */
  readonly likeActions: boolean
}

interface System {
  readonly name: string
  /** Where its files lie in a repository. */
  readonly path: RegExp
  /** The system's own settings name the path, so that any folder may hold one. */
  readonly anywhere?: true
  readonly likeActions?: true
  /** Read where it stands at the root. */
  readonly nestedOnly?: true
}

/** By the names that each system looks for unless told otherwise, from its own documentation. */
const SYSTEMS: readonly System[] = [
  {
    name: 'Jenkins',
    path: /^(?:jenkinsfile(?:[._-](?!md$|txt$|rst$|adoc$)[\w.-]+)?|[\w.-]+\.jenkinsfile)$/i,
    anywhere: true,
  },
  { name: 'CircleCI', path: /^\.circleci\/.+\.ya?ml$/ },
  {
    name: 'Azure Pipelines',
    path: /^(?:\.?azure-pipelines[\w.-]*\.ya?ml|\.vsts-ci\.ya?ml|\.?azure-pipelines\/.+\.ya?ml|\.azuredevops\/.+\.ya?ml)$/,
    anywhere: true,
  },
  { name: 'Bitbucket Pipelines', path: /^bitbucket-pipelines\.ya?ml$/ },
  { name: 'Travis CI', path: /^\.travis\.ya?ml$/ },
  { name: 'Drone', path: /^\.drone\.(?:ya?ml|jsonnet|star)$/ },
  { name: 'Woodpecker', path: /^\.woodpecker(?:[\w.-]*|\/.+)\.ya?ml$/ },
  { name: 'Buildkite', path: /^\.buildkite\/.+\.ya?ml$/ },
  { name: 'Google Cloud Build', path: /^(?:cloudbuild(?:[._-][\w.-]+)?\.ya?ml|cloudbuild\.json)$/, anywhere: true },
  { name: 'AWS CodeBuild', path: /^(?:[\w.-]+[._-])?buildspec(?:[._-][\w.-]+)?\.ya?ml$/, anywhere: true },
  { name: 'AppVeyor', path: /^\.?appveyor\.ya?ml$/ },
  { name: 'Tekton', path: /^\.tekton\/.+\.ya?ml$/ },
  { name: 'Cirrus CI', path: /^\.cirrus\.(?:ya?ml|star)$/ },
  { name: 'Semaphore', path: /^\.semaphore\/.+\.ya?ml$/ },
  { name: 'TeamCity', path: /^\.teamcity\/.+\.kts$/ },
  { name: 'Gitea or Forgejo Actions', path: /^\.(?:gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/, likeActions: true },
  {
    name: 'GitHub Actions of nested repositories',
    path: /^\.github\/workflows\/[^/]+\.ya?ml$/,
    likeActions: true,
    nestedOnly: true,
  },
  { name: 'GitLab CI of nested repositories', path: /^\.gitlab-ci\.yml$/, nestedOnly: true },
]
/** One look at each path of a tree, before the table. */
export const UNREAD = inAnyFolder(SYSTEMS.map(({ path }) => path.source.slice(1)).join('|'), 'i')
const BELOW = new Map(SYSTEMS.map((system) => [system, inAnyFolder(system.path.source.slice(1), system.path.flags)]))

/** Nothing is tried but at the start of a name: there may be a hundred thousand paths. */
function inAnyFolder(source: string, flags: string): RegExp {
  return new RegExp(`(?:^|/)(?:${source})`, flags)
}

/** What a test is fed with, or what a generator copies elsewhere, is nobody's pipeline here. */
const FED =
  /(?:^|\/)(?:__\w+__|src\/test|test[_-]?data|test[_-]?fixtures|test[_-]?resources|fixtures?|mocks?|templates?|scaffolds?|skeletons?)\//i

/**
 * Pipelines of systems that are not read, by system. Most systems look at the root of a repository alone: below it their files count
 * where the folder looks like a repository of its own (a subtree, a repository kept within another).
 */
export function unreadPipelines(paths: readonly string[]): UnreadPipelines[] {
  const candidates = paths.filter((path) => UNREAD.test(path) && !isForeign(path))
  if (candidates.length === 0) return []
  const isRoot = nestedRoots(paths)
  const found = new Map<System, string[]>()
  for (const path of candidates) {
    const system = systemOf(path, isRoot)
    if (!system || isFed(path, system)) continue
    const list = found.get(system)
    if (list) list.push(path)
    else found.set(system, [path])
  }
  return SYSTEMS.flatMap((system) => {
    const own = found.get(system)
    return own ? [{ system: system.name, paths: own, likeActions: system.likeActions === true }] : []
  })
}

function systemOf(path: string, isRoot: (folder: string) => boolean): System | undefined {
  return SYSTEMS.find((system) => {
    if (system.path.test(path)) return !system.nestedOnly
    const at = BELOW.get(system)?.exec(path)?.index
    if (at === undefined) return false
    const folder = path.slice(0, at)
    // A workflow may be called cloudbuild.yaml.
    return system.anywhere ? !/(?:^|\/)\.github(?:\/|$)/.test(folder) : isRoot(folder)
  })
}

/** A folder `templates` of Azure's holds parts of its pipelines. */
function isFed(path: string, { anywhere }: System): boolean {
  if (classifyPath(path) === 'example') return true
  return FED.test(anywhere ? path.replace(/(?:azure-pipelines|\.azuredevops)\/.*$/, '') : path)
}

/** What people put at the root of a repository; two sorts of them in a folder are hardly chance. */
const ROOT_FILES: readonly RegExp[] = [
  /^readme(?:\.\w+)?$/i,
  /^(?:licen[cs]e|copying)(?:[.-][\w.-]+)?$/i,
  /^\.git(?:ignore|attributes|modules)$/,
]

function nestedRoots(paths: readonly string[]): (folder: string) => boolean {
  const sorts = new Map<string, Set<RegExp>>()
  for (const path of paths) {
    const slash = path.lastIndexOf('/')
    const sort = slash < 0 ? undefined : ROOT_FILES.find((pattern) => pattern.test(path.slice(slash + 1)))
    if (!sort) continue
    const folder = path.slice(0, slash)
    sorts.set(folder, (sorts.get(folder) ?? new Set()).add(sort))
  }
  return (folder) => (sorts.get(folder)?.size ?? 0) > 1
}

/** In one line: `Jenkins: 7 files (Jenkinsfile, …); CircleCI: .circleci/config.yml`. */
export function describeUnread(found: readonly UnreadPipelines[]): string {
  return found.map(({ system, paths }) => `${system}: ${named(paths)}`).join('; ')
}

const NAMED = 3

function named(paths: readonly string[]): string {
  if (paths.length === 1) return paths[0] ?? ''
  const shown = paths.slice(0, NAMED).join(', ')
  return `${paths.length} files (${shown}${paths.length > NAMED ? ', …' : ''})`
}
