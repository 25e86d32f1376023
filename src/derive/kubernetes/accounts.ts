import { k8sBinding, k8sServiceAccount, k8sSubject, k8sWorkload } from '../../facts/kubernetes.ts'
import { k8sAccountUse } from '../../facts/kubernetes-usage.ts'
import { type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { groupBy } from '../grouping.ts'
import { impliedGroups } from './calls.ts'
import { shorten } from './held.ts'
import { projectsApiToken } from './projected-tokens.ts'
import { isIncomplete } from './rbac.ts'
import { Silence } from './silence.ts'

type Workload = Fact<typeof k8sWorkload>
type Account = Fact<typeof k8sServiceAccount>
type Tri = boolean | typeof UNKNOWN

/** One fact for each service account that a workload runs as. */
export function deriveAccountUse(facts: readonly Fact[], gaps: readonly Gap[]): { facts: Fact[]; gaps: Gap[] } {
  const workloads = facts.filter((f) => isFact(k8sWorkload, f))
  const accounts = new Map(
    facts.filter((f) => isFact(k8sServiceAccount, f)).map((f) => [`${f.data.cluster} ${f.data.account}`, f]),
  )
  const granted = new Set(
    facts
      .filter((f) => isFact(k8sSubject, f))
      .filter(({ data }) => !data.bootstrapping)
      .map(({ data }) => `${data.cluster} ${data.subject}`),
  )
  const silence = new Silence(facts, gaps)
  const unseen: string[] = []
  const derived = [...groupBy(workloads, ({ data }) => `${data.cluster} ${data.account}`)].map(([key, own]) => {
    const account = accounts.get(key)
    const { cluster = '', account: id = '', source = '' } = own[0]?.data ?? {}
    const [namespace = '', name = ''] = id.split('/')
    const mounting = own.map((workload) => mountsToken(workload, account, gaps))
    const some = own.filter((_, i) => mounting[i] === true)
    const open = some.length === 0 && mounting.includes(UNKNOWN)
    if (open) unseen.push(id)
    const hasGrant = [id, ...impliedGroups(`system:serviceaccount:${namespace}:${name}`)].some((subject) =>
      granted.has(`${cluster} ${subject}`),
    )
    return fact(k8sAccountUse, own[0]?.scope ?? '', account?.at ?? own[0]?.at ?? { resource: id }, {
      cluster,
      account: id,
      namespace,
      name,
      workloads: namesOf(own),
      mounting: open ? UNKNOWN : namesOf(some),
      inWords: shorten(namesOf(some.length > 0 ? some : own)),
      mountsToken: open ? UNKNOWN : some.length > 0,
      granted: hasGrant || (isIncomplete(gaps, [k8sBinding.kind, k8sSubject.kind], cluster) ? UNKNOWN : false),
      silent: some.length > 0 ? silence.of(cluster, id, some) : false,
      agents: namesOf(own.filter(({ data }) => (data.tokenAgents?.length ?? 0) > 0)),
      windowHours: silence.windowHours(cluster),
      assumptions: silence.assumptions(cluster),
      source,
    })
  })
  return { facts: derived, gaps: [...(unseen.length > 0 ? [unseenTokens(unseen)] : []), ...silence.gaps()] }
}

function namesOf(workloads: readonly Workload[]): string[] {
  return [...new Set(workloads.map(({ data }) => data.workload ?? ''))].sort()
}

/** Whether a token for the API server is in the pod. One that it projects itself is there whatever automount says. */
export function mountsToken(workload: Workload, account: Account | undefined, gaps: readonly Gap[]): Tri {
  const projected = projectsApiToken(workload.data)
  if (projected) return true
  const automatic = automounts(workload, account, gaps)
  return automatic === false && projected === undefined ? UNKNOWN : automatic
}

/** The pod's word counts before the account's; without either the token is mounted. */
function automounts({ data }: Workload, account: Account | undefined, gaps: readonly Gap[]): Tri {
  const { automount, cluster = '', source, account: id = '' } = data
  if (automount) return automount === 'true'
  if (account) return account.data.automount !== 'false'
  // Nobody writes manifests of default accounts; another one's may lie anywhere.
  if (source === 'file') return id.endsWith('/default') ? true : UNKNOWN
  return isIncomplete(gaps, [k8sServiceAccount.kind], cluster) ? UNKNOWN : true
}

function unseenTokens(ids: readonly string[]): Gap {
  return {
    kind: k8sAccountUse.kind,
    scope: 'k8s:',
    fields: ['mountsToken', 'mounting'],
    class: 'limit',
    reason: 'token not seen',
    detail: `whether pods of ${shorten([...ids].sort())} mount a token for the API server is written in accounts that were not seen, or hangs on an audience that may be the API server’s`,
  }
}
