import { lstatSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { sourceSuppression } from '../../facts/secret.ts'
import { git } from '../../sources/git.ts'
import { readRemote, readRevision } from '../../sources/revision.ts'
import { openTree } from '../../sources/tree.ts'
import { type Program, programFor } from './program.ts'

/** What `init` finds in a folder. */
export interface Found {
  readonly folder: string
  /** Top folder of the git repository that it is in; undefined outside of one. */
  readonly top?: string
  /** Web address of the remote: https://github.com/acme/shop */
  readonly remote?: string
  /** The branch that pull requests go to, as far as can be told here. */
  readonly branch: string
  /** Texts of files that are there and matter, by path. */
  readonly files: ReadonlyMap<string, string>
  /** Files that are there but are links, or cannot be read as text: they are left alone. */
  readonly closed: ReadonlySet<string>
  /** A year from today, YYYY-MM-DD. */
  readonly nextYear: string
  /** For each live target that something here speaks of, the first file that does. */
  readonly hints: { readonly aws?: string; readonly kubernetes?: string }
  readonly program: Program
}

export const WORKFLOW = '.github/workflows/zt-audit.yml'
export const GITLAB_CI = '.gitlab-ci.yml'
export const GITLAB_OWN = '.gitlab/zt-audit.yml'
export const PRE_COMMIT = '.pre-commit-config.yaml'
export const HUSKY = '.husky/pre-commit'
export const LEFTHOOK = ['lefthook.yml', 'lefthook.yaml', '.lefthook.yml', '.lefthook.yaml']

/** Looks at a folder; nothing of it is run. */
export async function lookAt(folder: string, others: readonly string[]): Promise<Found> {
  const signal = new AbortController().signal
  const [told, remote, revision, head] = await Promise.all([
    git(folder, ['rev-parse', '--show-toplevel'], signal),
    readRemote(folder, signal),
    readRevision(folder, signal),
    git(folder, ['symbolic-ref', '--short', 'refs/remotes/origin/HEAD'], signal),
  ])
  const top = told.ok ? told.stdout.toString('utf8').trim() : undefined
  const known = head.ok
    ? head.stdout
        .toString('utf8')
        .trim()
        .replace(/^origin\//, '')
    : undefined
  const files = new Map<string, string>()
  const closed = new Set<string>()
  for (const path of [...others, WORKFLOW, GITLAB_CI, GITLAB_OWN, PRE_COMMIT, HUSKY, ...LEFTHOOK]) {
    const text = textOf(folder, path)
    if (text === null) closed.add(path)
    else if (text !== undefined) files.set(path, text)
  }
  return {
    folder,
    ...(top && { top: realpathSync(top) }),
    ...(remote && { remote }),
    branch: known ?? revision?.branch ?? 'main',
    files,
    closed,
    nextYear: new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10),
    hints: await hintsIn(folder, signal),
    program: programFor(folder),
  }
}

/** Undefined if there is nothing; null if what is there is no plain file that can be read, or lies behind a link. */
function textOf(folder: string, path: string): string | null | undefined {
  const names = path.split('/')
  for (let depth = 1; depth < names.length; depth++) {
    const status = lstatSync(join(folder, ...names.slice(0, depth)), { throwIfNoEntry: false })
    if (!status) return undefined
    if (!status.isDirectory()) return null
  }
  const file = join(folder, path)
  const status = lstatSync(file, { throwIfNoEntry: false })
  if (!status) return undefined
  if (!status.isFile()) return null
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

const TERRAFORM_AWS = /^\s*(?:provider\s+"aws"|(?:resource|data)\s+"aws_)/m
const TEMPLATE_AWS = /["']?Type["']?\s*:\s*["']?AWS::/
const MANIFEST = /^apiVersion:[^\n]*\n(?:[^\n]*\n){0,5}?kind:/m
/** Files that say it by their name. */
const NAMES = {
  aws: /(?:^|\/)(?:cdk\.json|samconfig\.toml|serverless\.ya?ml)$/,
  kubernetes: /(?:^|\/)(?:Chart\.yaml|kustomization\.ya?ml|skaffold\.yaml|helmfile\.yaml)$/,
}
/** Hints are worth a glance, not an audit. */
const MOST_READ = 300
const LARGEST = 100_000

async function hintsIn(folder: string, signal: AbortSignal): Promise<Found['hints']> {
  const nothing = () => undefined
  const tree = await openTree({
    root: folder,
    scope: 'repo:.',
    maxFileSize: LARGEST,
    excluded: () => false,
    signal,
    gap: nothing,
    skip: nothing,
    kindGap: nothing,
  })
  const hints: { aws?: string; kubernetes?: string } = {}
  const note = (target: 'aws' | 'kubernetes', path: string) => {
    hints[target] ??= path
  }
  const files = tree.files()
  for (const { path } of files)
    for (const target of ['aws', 'kubernetes'] as const) if (NAMES[target].test(path)) note(target, path)
  const readable = files.filter(({ path, size }) => /\.(?:tf|ya?ml|json)$/.test(path) && size <= LARGEST)
  for (const file of readable.slice(0, MOST_READ)) {
    if (hints.aws !== undefined && hints.kubernetes !== undefined) break
    const text = tree.text(file, sourceSuppression) ?? ''
    if (TERRAFORM_AWS.test(text) || TEMPLATE_AWS.test(text)) note('aws', file.path)
    if (MANIFEST.test(text)) note('kubernetes', file.path)
  }
  return hints
}
