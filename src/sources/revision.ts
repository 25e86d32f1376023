import type { Revision } from '../model.ts'
import { git } from './git.ts'

/** What is checked out in a git repository; undefined without a commit. */
export async function readRevision(root: string, signal: AbortSignal): Promise<Revision | undefined> {
  const [head, address] = await Promise.all([
    git(root, ['rev-parse', 'HEAD', '--symbolic-full-name', 'HEAD', '--show-prefix'], signal),
    readRemote(root, signal),
  ])
  if (!head.ok) return undefined
  const [commit = '', ref = '', folder = ''] = head.stdout.toString('utf8').split('\n')
  const branch = ref.replace(/^refs\/heads\//, '')
  return {
    commit,
    ...(branch !== ref && { branch }),
    ...(address && { remote: address }),
    ...(folder !== '' && { folder }),
  }
}

/** Web address of the remote `origin`, which a repository without a commit has, too; undefined without one. */
export async function readRemote(root: string, signal: AbortSignal): Promise<string | undefined> {
  const told = await git(root, ['config', '--get', 'remote.origin.url'], signal)
  return told.ok ? webAddress(told.stdout.toString('utf8').trim()) : undefined
}

/**
 * `git@host:owner/name.git`, `ssh://…`, `https://user:token@host/…` → `https://host/owner/name`: credentials in a remote are as
 * secret as any. Undefined for what is on this machine only.
 */
export function webAddress(remote: string): string | undefined {
  const scp = /^(?:[^@/:]+@)?([A-Za-z0-9.-]+\.[A-Za-z0-9-]+):(?!\/\/)\/*(.+)$/.exec(remote)
  const url = /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/+(.+)$/i.exec(remote)
  const [, host, path] = url ?? scp ?? []
  if (!host || !path) return undefined
  const clean = path
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  return clean === ''
    ? undefined
    : `https://${host.toLowerCase()}/${clean.split('/').map(encodeURIComponent).join('/')}`
}
