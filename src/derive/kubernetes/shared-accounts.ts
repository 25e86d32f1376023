import { k8sBinding, k8sSubject, k8sWorkload } from '../../facts/kubernetes.ts'
import { k8sSharedAccount } from '../../facts/kubernetes-sharing.ts'
import { type Fact, fact, type Gap, isFact, type Location, UNKNOWN } from '../../model.ts'
import { groupBy } from '../grouping.ts'
import { shorten } from './held.ts'
import { isIncomplete } from './rbac.ts'

type Workload = Fact<typeof k8sWorkload>

/** One fact for each account that workloads of several applications run as. */
export function deriveSharedAccounts(facts: readonly Fact[], gaps: readonly Gap[]): Fact[] {
  const workloads = facts.filter((f) => isFact(k8sWorkload, f))
  const subjects = facts.filter((f) => isFact(k8sSubject, f)).filter(({ data }) => !data.bootstrapping)
  const bindings = groupBy(
    subjects.filter(({ data }) => data.subjectKind === 'ServiceAccount'),
    ({ data }) => `${data.cluster} ${data.subject}`,
  )
  const shared = new Map<string, Fact>()
  for (const own of groupBy(workloads, placeOf).values()) {
    const groups = applicationsOf(own)
    const [first] = own
    if (groups.length < 2 || !first) continue
    const { cluster = '', account = '', source = '' } = first.data
    const key = `${cluster} ${account}`
    const [namespace = '', name = ''] = account.split('/')
    const names = groups.map((group) => group[0]?.data.workload ?? '').sort()
    const granting = bindings.get(key) ?? []
    const unseen = granting.length === 0 && isIncomplete(gaps, [k8sBinding.kind, k8sSubject.kind], cluster)
    if (shared.has(key)) continue
    shared.set(
      key,
      fact(k8sSharedAccount, first.scope, first.at, {
        cluster,
        account,
        namespace,
        name,
        applications: names,
        inWords: shorten(names),
        granted: unseen ? UNKNOWN : granting.length > 0,
        bindings: shorten([...new Set(granting.map(({ data }) => data.binding ?? ''))].sort()),
        source,
      }),
    )
  }
  return [...shared.values()]
}

/** Files whose namespace is given elsewhere (Kustomize, helm template) are installed together only where they lie together. */
function placeOf({ data, at }: Workload): string {
  const apart = data.source === 'file' && !data.namespaceGiven ? folderOf(at) : ''
  return `${data.cluster} ${data.account} ${apart}`
}

function folderOf(at: Location): string {
  const file = 'file' in at ? at.file : (at.declaredAt?.file ?? '')
  return file.slice(0, file.lastIndexOf('/') + 1)
}

/** The workloads by application: those with anything in common, directly or through others, are of one. */
function applicationsOf(workloads: readonly Workload[]): Workload[][] {
  let groups: { readonly members: Workload[]; readonly names: Set<string> }[] = []
  for (const workload of workloads) {
    const names = namesOf(workload)
    const related = groups.filter((group) => [...names].some((name) => group.names.has(name)))
    const merged = {
      members: [...related.flatMap(({ members }) => members), workload],
      names: new Set([...related.flatMap((group) => [...group.names]), ...names]),
    }
    groups = [...groups.filter((group) => !related.includes(group)), merged]
  }
  return groups.map(({ members }) => members)
}

/**
 * By what it may be known to belong to something: values of labels and Helm's annotation, its owner, its name, and the first
 * word of each (`web-migrate` is of `web`).
 */
function namesOf({ data }: Workload): Set<string> {
  const labels = (data.apps ?? []).map((label) => label.slice(label.indexOf('=') + 1))
  const full = [data.name ?? '', ...labels].filter((name) => name !== '')
  const first = full.map((name) => name.split(/[-._]/)[0] ?? name)
  return new Set([...full, ...first, ...(data.owner ? [`owner ${data.owner}`] : [])])
}
