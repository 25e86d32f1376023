import type { k8sWorkload } from '../../facts/kubernetes.ts'
import type { Fact } from '../../model.ts'
import { isApiServerAudience } from '../../reference/kubernetes-audiences.ts'

/** Whether a workload mounts a token for the API server that it asks for itself; undefined where the audience does not tell. */
export function projectsApiToken({ projectedTokens = [] }: Fact<typeof k8sWorkload>['data']): boolean | undefined {
  const verdicts = projectedTokens.map((token) => isApiServerAudience(token.slice(0, token.lastIndexOf('|'))))
  return verdicts.includes(true) || (verdicts.includes(undefined) ? undefined : false)
}
