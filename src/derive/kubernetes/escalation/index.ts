import { k8sServiceAccount, k8sTokenSecret, k8sWorkload } from '../../../facts/kubernetes.ts'
import { k8sEscalation, k8sPrivileged } from '../../../facts/kubernetes-escalation.ts'
import { k8sNamespace } from '../../../facts/kubernetes-network.ts'
import { k8sPrivilege } from '../../../facts/kubernetes-rights.ts'
import { type Fact, fact, type Gap, isFact, UNKNOWN } from '../../../model.ts'
import { groupBy } from '../../grouping.ts'
import { isDefault } from '../grants.ts'
import { shorten } from '../held.ts'
import { isIncomplete, type Rbac, readRbac } from '../rbac.ts'
import { isKnown } from './built-in-roles.ts'
import type { Ways } from './graph.ts'
import { Guards } from './guards.ts'
import type { Hit, Holder } from './holder.ts'
import { type ClusterPaths, findPaths } from './paths.ts'
import { ADMIN, ADMISSION, doing, type Step } from './steps.ts'

const GROUND = [k8sServiceAccount.kind, k8sWorkload.kind, k8sTokenSecret.kind, k8sNamespace.kind]

/** Who can become administrator of the cluster, with the steps; and what everybody amounts to. */
export function deriveEscalations(facts: readonly Fact[], gaps: readonly Gap[]): { facts: Fact[]; gaps: Gap[] } {
  const privileges = facts.filter((f) => isFact(k8sPrivilege, f))
  const derived = readRbac(facts).flatMap((rbac) => {
    const paths = findPaths(rbac, facts, gaps)
    const dangerous = dangersOf(privileges.filter(({ data }) => data.cluster === rbac.cluster))
    const guards = new Guards(facts, rbac.cluster)
    const blind = isIncomplete(gaps, GROUND, rbac.cluster)
    return paths.holders.flatMap((holder) => {
      const path = pathOf(holder, paths)
      return [
        ...(path && isReported(holder, path) ? [escalationFact(holder, path, rbac, guards)] : []),
        ...privilegedFacts(holder, path, { rbac, dangerous, blind: blind && paths.mayTakeOver(holder) }),
      ]
    })
  })
  return { facts: derived, gaps: [] }
}

/** A way told from its start. */
interface Path {
  readonly steps: readonly Told[]
  readonly hops: number
  readonly certain: boolean
}
/** One takeover: the right that it takes, and whom it leads to. */
interface Told {
  readonly step: Step
  /** `KIND NAME`; empty where it leads to the goal. */
  readonly target: string
  readonly assumptions: readonly string[]
}

function pathOf(holder: Holder, { certain, possible }: ClusterPaths): Path | undefined {
  const sure = certain.cost(holder.id)
  if (sure !== undefined) return { steps: follow(holder.id, certain), hops: sure, certain: true }
  const cost = possible.cost(holder.id)
  return cost === undefined ? undefined : { steps: follow(holder.id, possible), hops: cost, certain: false }
}

/** Joins each right with the account that is picked by it. */
function follow(start: string, ways: Ways<Step>): Told[] {
  const told: Told[] = []
  for (let edge = ways.next(start); edge; edge = ways.next(edge.to)) {
    const assumptions = [...edge.step.assumptions]
    const { step } = edge
    let last = edge
    while (isChoice(last.to)) {
      const next = ways.next(last.to)
      if (!next) break
      assumptions.push(...next.step.assumptions)
      last = next
    }
    // A picked account that was not seen has its name in the step.
    const target =
      last.to !== ADMIN ? last.to : last === edge || last.step.gives === '' ? '' : `ServiceAccount ${last.step.gives}`
    told.push({ step, target, assumptions })
    edge = last
    if (edge.to === ADMIN) break
  }
  return told
}

const isChoice = (node: string) => node === ADMISSION || /^(?:existing|mounted|held) /.test(node)

/** Not who is administrator already, nor who has the way only as a member of a group: the group is told. */
function isReported(holder: Holder, { steps }: Path): boolean {
  const [first] = steps
  if (!first || first.step.way === 'cluster-admin' || first.step.way === 'member') return false
  return first.step.hits.every(({ grant }) => !isDefault(grant)) && !holder.id.startsWith('Group system:masters')
}

function escalationFact(holder: Holder, path: Path, rbac: Rbac, guards: Guards): Fact {
  const [first] = path.steps
  const hit = first?.step.hits[0]
  const { subjectKind = '', subject = '' } = holder.subject
  const seen = guards.of(path.steps.flatMap(({ step }) => step.hits))
  const at = hit?.rule.at ?? { resource: subject }
  const source = hit?.grant.binding.data.source ?? ''
  return fact(k8sEscalation, hit?.grant.binding.scope ?? '', at, {
    cluster: rbac.cluster,
    subjectKind,
    subject,
    certain: path.certain,
    paths: [
      ...new Set(path.steps.map(({ step }) => step.way).filter((way) => way !== 'member' && way !== 'cluster-admin')),
    ],
    claim: `${holder.id} can become administrator of the cluster`,
    how: `by ${describe(path.steps)}`,
    steps: path.steps.map(tell),
    hops: path.hops,
    target: first?.target.replace(/^\S+ /, '') ?? '',
    cut: hit ? `${hit.permission} in ${hit.rule.data.role}` : '',
    binding: hit?.grant.binding.data.binding ?? '',
    guards: seen,
    assumptions: [
      ...new Set(path.steps.flatMap(({ assumptions }) => assumptions)),
      ...(seen.length > 0 ? [`${shorten(seen)} does not refuse a step`] : []),
    ],
    source,
  })
}

function describe(steps: readonly Told[]): string {
  return steps
    .filter(({ step }) => step.way !== 'member')
    .map(({ step, target }, i) => {
      const [hit] = step.hits
      if (step.way === 'cluster-admin') return 'who may do everything'
      const who = target.replace(/^ServiceAccount /, '')
      const what = `${step.gives}${who && ` ${who}`}`
      return i === 0 ? `${hit ? step.hits.map(doing).join(' and ') : step.way}: ${what}` : `who gets ${what}`
    })
    .join(', ')
}

function tell({ step, target }: Told): string {
  if (step.way === 'member') return `is in ${target}`
  const rights = step.hits.map(doing).join(' and ')
  const bindings = [...new Set(step.hits.map((hit: Hit) => hit.grant.binding.data.binding))].join(', ')
  const by = bindings && `, by ${bindings}`
  if (step.way === 'cluster-admin') return `may do everything in the whole cluster${by}`
  return `${rights}${by}: ${step.gives}${target && ` ${target.replace(/^ServiceAccount /, '')}`}`
}

/** Subject → the names of what it may do that is dangerous. */
function dangersOf(privileges: readonly Fact<typeof k8sPrivilege>[]): ReadonlyMap<string, readonly string[]> {
  const pairs = privileges.flatMap(({ data }) =>
    (data.subjects ?? []).map((subject) => ({ subject, privilege: data.privilege ?? '' })),
  )
  return new Map(
    [...groupBy(pairs, ({ subject }) => subject)].map(([subject, own]) => [
      subject,
      [...new Set(own.map(({ privilege }) => privilege))].sort(),
    ]),
  )
}

interface Surroundings {
  readonly rbac: Rbac
  readonly dangerous: ReadonlyMap<string, readonly string[]>
  /** Whether it could take over accounts that were not seen. */
  readonly blind: boolean
}

function privilegedFacts(holder: Holder, path: Path | undefined, { rbac, dangerous, blind }: Surroundings): Fact[] {
  const own = holder.grants.filter((grant) => !isDefault(grant))
  if (own.length === 0 && holder.subject.subjectKind !== 'ServiceAccount') return []
  const { subjectKind = '', subject = '', namespace, name } = holder.subject
  const isAccount = subjectKind === 'ServiceAccount'
  const admin =
    path?.hops === 0 && path.steps.every(({ step }) => step.way === 'cluster-admin' || step.way === 'member')
  const dangers = dangerous.get(holder.id) ?? []
  const rights = shorten([
    ...new Set(own.flatMap(({ rules, scope }) => rules.map((rule) => rightOf(rule.data.summary, scope)))),
  ])
  const hit = path?.steps.find(({ step }) => step.hits.length > 0)?.step.hits[0]
  const open = (!path && (blind || !own.every(isKnown))) || (path !== undefined && !path.certain)
  const binding = (hit?.grant ?? own[0])?.binding
  return [
    fact(k8sPrivileged, binding?.scope ?? `k8s:${rbac.cluster}`, (hit?.rule ?? binding)?.at ?? { resource: subject }, {
      cluster: rbac.cluster,
      subjectKind,
      subject,
      user: isAccount ? `system:serviceaccount:${namespace}:${name}` : subjectKind === 'User' ? subject : '',
      privileged: path?.certain ? true : open ? UNKNOWN : false,
      admin: admin ?? false,
      because: path ? becauseOf(path, admin) : dangers.length > 0 ? `may ${shorten(dangers)}` : '',
      dangerous: [...dangers],
      rights,
      binding: binding?.data.binding ?? '',
      assumptions: [...new Set(path?.steps.flatMap(({ assumptions }) => assumptions) ?? [])],
      source: binding?.data.source ?? '',
    }),
  ]
}

const rightOf = (summary: string | undefined, scope: string) =>
  `${summary} ${scope === '*' ? 'everywhere' : `in ${scope}`}`

function becauseOf(path: Path, admin: boolean | undefined): string {
  if (!admin) return `can become administrator of the cluster by ${describe(path.steps)}`
  const bindings = path.steps.flatMap(({ step }) => step.hits.map((hit) => hit.grant.binding.data.binding))
  return `may do everything in the cluster by ${bindings.join(', ') || 'its group'}`
}
