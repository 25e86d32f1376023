/**
 * Scopes are paths: `aws:123456789012/eu-west-1`, `k8s:prod/shop`, `repo:./main.tf`. The provider stands before the colon,
 * the target (account, cluster, organisation, repository) is the first segment.
 */

export function providerOf(scope: string): string {
  return scope.slice(0, scope.indexOf(':'))
}

/** `k8s:prod/shop` → `k8s:prod`. A repository's root may itself hold slashes (`repo:../other`): its scope is registered whole. */
export function targetOf(scope: string, repositories: readonly string[] = []): string {
  const repository = repositories.find((root) => scope === root || scope.startsWith(`${root}/`))
  if (repository) return repository
  const slash = scope.indexOf('/')
  return slash < 0 ? scope : scope.slice(0, slash)
}

/** Whether one covers the other: equal, or one's path is a prefix of the other's. `aws:` alone is all of AWS. */
export function scopesOverlap(a: string, b: string): boolean {
  return covers(a, b) || covers(b, a)
}

function covers(outer: string, inner: string): boolean {
  return inner === outer || (inner.startsWith(outer) && (outer.endsWith(':') || inner[outer.length] === '/'))
}
