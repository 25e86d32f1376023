import { BASELINE_FILE } from '../../baseline.ts'
import { CONFIG_FILE } from '../../report.ts'
import { type Found, GITLAB_CI, GITLAB_OWN, HUSKY, LEFTHOOK, PRE_COMMIT, WORKFLOW } from './look.ts'
import { addHook, newConfig } from './pre-commit.ts'
import { CONFIG, githubWorkflow, gitlabJob } from './templates.ts'

export const CI_SYSTEMS = ['github', 'gitlab', 'none'] as const
export type CiSystem = (typeof CI_SYSTEMS)[number]

/** What is wanted. */
export interface Choices {
  readonly ci: CiSystem
  readonly preCommit: boolean
  readonly baseline: boolean
}

/** A file to be written; `before` is what stands there now. */
export interface Change {
  readonly path: string
  readonly before?: string
  readonly after: string
}

export interface Plan {
  readonly changes: readonly Change[]
  /** What is there and differs from what would be written: it is shown and left alone. */
  readonly proposals: readonly Change[]
  readonly notes: readonly string[]
}

/** What to write for these choices. Pure; nothing that is there is replaced, only `repos` of pre-commit gets an entry more. */
export function planOf(found: Found, { ci, preCommit, baseline }: Choices): Plan {
  const changes: Change[] = []
  const proposals: Change[] = []
  const notes: string[] = []
  const create = (path: string, after: string) => {
    const before = found.files.get(path)
    if (found.closed.has(path)) notes.push(`${path} is left alone: a link, or no file that can be read`)
    else if (before === undefined) changes.push({ path, after })
    else if (before === after) notes.push(`${path} is there already`)
    else proposals.push({ path, before, after })
  }
  // What somebody made of the config is no news.
  if (found.files.has(CONFIG_FILE)) notes.push(`${CONFIG_FILE} is there already and is left alone`)
  else create(CONFIG_FILE, CONFIG)
  if (ci === 'github') create(WORKFLOW, githubWorkflow(found.branch))
  if (ci === 'gitlab') planGitlab(found, create, proposals, notes)
  if (preCommit) planHook(found, { create, changes, proposals, notes })
  if (baseline && found.files.has(BASELINE_FILE))
    notes.push(`${BASELINE_FILE} is there already: zt-audit baseline update brings it up to date`)
  return { changes, proposals, notes }
}

type Create = (path: string, after: string) => void

/** A pipeline that is there only needs to include the job, which is up to its owner. */
function planGitlab({ files, nextYear }: Found, create: Create, proposals: Change[], notes: string[]): void {
  const before = files.get(GITLAB_CI)
  const job = gitlabJob(nextYear)
  if (before === undefined) create(GITLAB_CI, job)
  else if (before.includes('zt-audit')) notes.push(`${GITLAB_CI} speaks of zt-audit already`)
  else {
    create(GITLAB_OWN, job)
    const entry = `- local: ${GITLAB_OWN}`
    // How the list of another include is written is its owner's.
    if (/^include:/m.test(before)) notes.push(`${GITLAB_CI} is yours: add "${entry}" to its include`)
    else proposals.push({ path: GITLAB_CI, before, after: `include:\n  ${entry}\n\n${before}` })
  }
}

function planHook(
  { files, closed, program }: Found,
  { create, changes, proposals, notes }: { create: Create; changes: Change[]; proposals: Change[]; notes: string[] },
): void {
  const before = files.get(PRE_COMMIT)
  const husky = files.get(HUSKY)
  const lefthook = LEFTHOOK.find((path) => files.has(path))
  if (before !== undefined) {
    const edited = addHook(before, program.command)
    if ('unchanged' in edited) notes.push(`${PRE_COMMIT} is left alone: ${edited.unchanged}`)
    else changes.push({ path: PRE_COMMIT, before, after: edited.text })
  } else if (husky !== undefined) {
    if (husky.includes('zt-audit')) notes.push(`${HUSKY} runs zt-audit already`)
    else
      proposals.push({
        path: HUSKY,
        before: husky,
        after: `${husky.trimEnd()}\n${program.command} --staged\n`.trimStart(),
      })
  } else if (lefthook !== undefined && !closed.has(lefthook)) {
    const text = files.get(lefthook) ?? ''
    if (text.includes('zt-audit')) notes.push(`${lefthook} runs zt-audit already`)
    else notes.push(`${lefthook} is yours: add the command "${program.command} --staged" under pre-commit`)
  } else create(PRE_COMMIT, newConfig(program.command))
  if (!program.found)
    notes.push(
      'The hook runs the zt-audit on PATH, and there is none yet: npm install --global, of the package or of a clone',
    )
}

/** What is taken unless somebody says otherwise. */
export function suggested(found: Found): Choices {
  const gitlab = found.files.has(GITLAB_CI) || /^https:\/\/[^/]*gitlab/.test(found.remote ?? '')
  const isTop = atTop(found)
  const hooks = [PRE_COMMIT, HUSKY, ...LEFTHOOK]
  return {
    ci: !isTop ? 'none' : gitlab ? 'gitlab' : githubName(found) !== undefined ? 'github' : 'none',
    preCommit: isTop && hooks.some((path) => found.files.has(path)),
    baseline: false,
  }
}

/** CI and hooks are read at the top of a repository, and nowhere else. */
export function atTop({ top, folder }: Found): boolean {
  return top !== undefined && top === folder
}

/** OWNER/NAME at GitHub. */
export function githubName({ remote }: Found): string | undefined {
  return /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+)$/.exec(remote ?? '')?.[1]
}

/** Commands that would see more, each with what speaks for it. */
export function liveTargets(found: Found): { command: string; because: string }[] {
  const { aws, kubernetes } = found.hints
  const name = githubName(found)
  return [
    ...(aws ? [{ command: 'zt-audit --aws', because: `the account behind ${aws}` }] : []),
    ...(kubernetes ? [{ command: 'zt-audit --k8s', because: `the cluster behind ${kubernetes}` }] : []),
    ...(name ? [{ command: `zt-audit --github ${name}`, because: 'settings, members and secrets at GitHub' }] : []),
    ...(found.top ? [{ command: 'zt-audit --history', because: 'what was committed and removed' }] : []),
  ]
}
