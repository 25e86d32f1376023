import { k8sAdmission } from '../../../facts/kubernetes-admission.ts'
import { type Fact, isFact } from '../../../model.ts'
import type { Hit } from './holder.ts'

type Admission = Fact<typeof k8sAdmission>

/** What of admission control was seen that looks at a step and may refuse it. Whether it does is not judged. */
export class Guards {
  readonly #admissions: readonly Admission[]

  constructor(facts: readonly Fact[], cluster: string) {
    this.#admissions = facts
      .filter((f) => isFact(k8sAdmission, f))
      .filter(({ data }) => data.cluster === cluster && data.mayRefuse)
  }

  /** Names of the policies and webhooks that see one of the requests. */
  of(hits: readonly Hit[]): string[] {
    if (this.#admissions.length === 0) return []
    const names = hits.flatMap((hit) =>
      this.#admissions.filter(({ data }) => sees(data, hit)).map(({ data }) => data.admission ?? ''),
    )
    return [...new Set(names)].sort()
  }
}

/** Reading and impersonating pass admission by. */
const OPERATIONS: Readonly<Record<string, string>> = { create: 'CREATE', update: 'UPDATE', patch: 'UPDATE' }
const CONNECTIONS = /^pods\/(?:exec|attach|portforward)$|\/proxy$/

function sees(admission: Admission['data'], { permission, verb, rule, scope }: Hit): boolean {
  const resource = permission.slice(verb.length + 1)
  const operation = CONNECTIONS.test(resource) ? 'CONNECT' : OPERATIONS[verb]
  if (!operation || !includes(admission.operations, operation)) return false
  const groups = rule.data.apiGroups ?? []
  const inReach = admission.resources?.some((each) => {
    const [name = '', group = ''] = splitResource(each)
    const sameGroup = group === '*' || groups.includes('*') || groups.includes(group)
    return (
      sameGroup && (name === '*' || name === resource || name === `${resource.replace(/\/.*/, '')}/*` || name === '*/*')
    )
  })
  return Boolean(inReach) && reaches(admission, scope)
}

/** `GROUP/RESOURCE[/SUBRESOURCE]`; the groups of Kubernetes' own that pods and the like stand in have no slash before them. */
function splitResource(text: string): [resource: string, group: string] {
  if (text === '*') return ['*', '*']
  const [, group, resource] = /^([^/]*\.[^/]+|apps|batch|policy|autoscaling|extensions|\*)\/(.+)$/.exec(text) ?? []
  return resource === undefined || group === undefined ? [text, ''] : [resource, group]
}

const includes = (list: readonly string[] | undefined, wanted: string) =>
  list?.some((each) => each === '*' || each === wanted) ?? false

function reaches({ onlyNamespaces = [], exceptNamespaces = [] }: Admission['data'], scope: string): boolean {
  if (scope === '*') return true
  const named = (patterns: readonly string[]) => patterns.some((pattern) => matches(pattern, scope))
  return (onlyNamespaces.length === 0 || named(onlyNamespaces)) && !named(exceptNamespaces)
}

/** `*` and `?` as the policy engines have them. */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(name)
}
