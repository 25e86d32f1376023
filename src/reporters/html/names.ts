import type { Report, TargetSummary } from '../../report.ts'

/** How people call a target: by the account or cluster that it turned out to be, not by the credentials that led there. */
export function targetTitle({ kind, name, scope, revision, asked }: TargetSummary): string {
  // Its name says what it would be.
  if (asked === false) return name
  const id = scope.replace(/^[^:]*:/, '')
  if (kind === 'aws') return id === '' ? `AWS by ${name}` : `AWS account ${id}`
  if (kind === 'kubernetes') return id === '' ? `Kubernetes, ${name}` : `Kubernetes cluster ${id}`
  if (kind === 'github') return `GitHub ${name || id}`
  if (kind === 'repository')
    return remoteName(revision?.remote) ?? (name === '.' ? 'this repository' : folderName(name))
  return name
}

/** `aws:123456789012`: AWS account 123456789012. */
export function scopeTitle(scope: string): string {
  return scope.replace(/^aws:/, 'AWS account ').replace(/^k8s:/, 'Kubernetes cluster ')
}

/** What was audited, in a few words: the repository, or whatever stands first. */
export function reportName({ targets }: Report): string {
  const asked = targets.filter((target) => target.asked !== false)
  const first = asked.find(({ audited }) => audited) ?? asked[0]
  return first ? targetTitle(first) : 'nothing'
}

/** `https://github.com/acme/shop.git`: acme/shop. */
function remoteName(remote: string | undefined): string | undefined {
  const path = remote?.replace(/^[a-z+]+:\/\/[^/]*\//i, '').replace(/\/+$|\.git\/*$/g, '')
  return path && !path.startsWith('/') ? path : undefined
}

/** A path of a machine tells nobody else anything, and something of the machine. */
function folderName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path
}
