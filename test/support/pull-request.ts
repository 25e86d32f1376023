import { join, resolve } from 'node:path'
import { addFiles, folderWith, git } from './program.ts'

export const PROGRAM = resolve('bin/zt-audit.js')

export const ADMIN = JSON.stringify(
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  null,
  2,
)
export const SILENCED = 'suppressions:\n  - { rule: iam, path: "**", reason: it is fine }\n'

/** A bare origin whose pull request adds files, and the shallow checkout that actions/checkout makes of its merge. */
export function checkout(
  base: Record<string, string>,
  pull: Record<string, string> = {},
): { workspace: string; temp: string } {
  const work = folderWith(base)
  git(work, 'init', '-q')
  git(work, 'add', '.')
  git(work, 'commit', '-qm', 'base', '--allow-empty')
  git(work, 'checkout', '-qb', 'feature')
  addFiles(work, pull)
  git(work, 'add', '.')
  git(work, 'commit', '-qm', 'pull', '--allow-empty')
  const folder = folderWith({})
  git(folder, 'clone', '-q', '--bare', work, 'origin.git')
  const workspace = join(folder, 'workspace')
  git(folder, 'init', '-q', workspace)
  git(workspace, 'remote', 'add', 'origin', `file://${join(folder, 'origin.git')}`)
  git(workspace, 'fetch', '-q', '--no-tags', '--depth=1', 'origin', '+refs/heads/feature:refs/remotes/pull/7/merge')
  git(workspace, 'checkout', '-q', '--detach', 'refs/remotes/pull/7/merge')
  return { workspace, temp: join(folder, 'temp') }
}
