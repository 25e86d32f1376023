import type { Fact, Gap } from '../../../model.ts'
import { groupBy } from '../../grouping.ts'
import { impliedGroups, userName } from '../calls.ts'
import { allowsEverything } from '../privileges.ts'
import type { Rbac, SubjectFact } from '../rbac.ts'
import { withKnownRules } from './built-in-roles.ts'
import { type Edge, type Ways, waysTo } from './graph.ts'
import { type Ground, surveyGround } from './ground.ts'
import { type Hit, Holder, RoleAnswers } from './holder.ts'
import { ADMIN, ADMISSION, accountNode, anyAccount, type Step, type StepEdge } from './steps.ts'
import { waysOf } from './ways.ts'

/** Everybody with rights in one cluster, and how each becomes administrator. */
export interface ClusterPaths {
  readonly holders: readonly Holder[]
  readonly ground: Ground
  /** Over steps that were all seen, and over those that hang on something. */
  readonly certain: Ways<Step>
  readonly possible: Ways<Step>
  /** Whether a holder, or a group that it is in, has any right to take over others. */
  mayTakeOver(holder: Holder): boolean
}

/** Searches the ways of one cluster. */
export function findPaths(rbac: Rbac, facts: readonly Fact[], gaps: readonly Gap[]): ClusterPaths {
  const ground = surveyGround(rbac, facts, gaps)
  const holders = holdersOf(rbac, ground)
  const known = new Map(holders.map((holder) => [holder.id, holder]))
  const edges: StepEdge[] = [
    ...holders.flatMap((holder) => [...adminEdges(holder), ...waysOf(holder, ground), ...groupEdges(holder, known)]),
    { from: 'Group system:masters', to: ADMIN, cost: 0, certain: true, step: told('cluster-admin', [], 'everything') },
    { from: ADMISSION, to: ADMIN, cost: 1, certain: true, step: told('', [], '') },
    ...accountEdges(ground, rbac),
  ]
  return {
    holders,
    ground,
    certain: waysTo(
      ADMIN,
      edges.filter((edge) => edge.certain),
    ),
    possible: waysTo(ADMIN, edges),
    // By its rights, not by whom it reaches: who was not seen is the question.
    mayTakeOver: (holder) => [holder, ...groupsOf(holder, known)].some((each) => each.mayTakeOver),
  }
}

const told = (way: string, hits: readonly Hit[], gives: string, assumptions: readonly string[] = []): Step => ({
  way,
  hits,
  gives,
  assumptions,
})

/** Subjects of bindings, and accounts without any: these have their groups' rights. */
function holdersOf(rbac: Rbac, ground: Ground): Holder[] {
  const answers = new RoleAnswers()
  const grants = rbac.grants
    .map(withKnownRules)
    .flatMap((grant) => grant.subjects.map((subject) => ({ grant, subject })))
  const bySubject = groupBy(grants, ({ subject: { data } }) => `${data.subjectKind} ${data.subject}`)
  const holders = [...bySubject.values()].flatMap((own) =>
    own[0]
      ? new Holder(
          own[0].subject.data,
          own.map(({ grant }) => grant),
          answers,
        )
      : [],
  )
  const bare = [...ground.accounts.values()].flatMap((accounts) => [...accounts])
  return [
    ...holders,
    ...bare.filter((account) => !bySubject.has(accountNode(account))).map((account) => bareAccount(account, answers)),
  ]
}

function bareAccount(account: string, answers: RoleAnswers): Holder {
  const [namespace = '', name = ''] = account.split('/')
  const subject = { subjectKind: 'ServiceAccount', subject: account, namespace, name } as SubjectFact['data']
  return new Holder(subject, [], answers)
}

function adminEdges(holder: Holder): StepEdge[] {
  return holder.grants.flatMap((grant): StepEdge[] => {
    const rule = grant.scope === '*' ? grant.rules.find(({ data }) => allowsEverything(data)) : undefined
    if (!rule) return []
    const hit: Hit = { permission: '* *', verb: '*', names: [], rule, grant, scope: '*' }
    return [{ from: holder.id, to: ADMIN, cost: 0, certain: true, step: told('cluster-admin', [hit], 'everything') }]
  })
}

/** Everybody has the rights of the groups that he is always in. */
function groupsOf({ subject }: Holder, known: ReadonlyMap<string, Holder>): Holder[] {
  if (subject.subjectKind === 'Group') return []
  return impliedGroups(userName(subject)).flatMap((group) => known.get(`Group ${group}`) ?? [])
}

function groupEdges(holder: Holder, known: ReadonlyMap<string, Holder>): StepEdge[] {
  const step = told('member', [], 'the rights of')
  return groupsOf(holder, known).map(({ id }) => ({ from: holder.id, to: id, cost: 0, certain: true, step }))
}

/** The controllers of every cluster run as accounts of their own there, one of which may change any role. */
const CONTROLLERS = 'kube-system'
const AGGREGATION = 'kube-system/clusterrole-aggregation-controller'

/** From the nodes that stand for any account of a namespace to the accounts. */
function accountEdges({ accounts, mounted, maybeMounted, held }: Ground, rbac: Rbac): StepEdge[] {
  const pick = (from: string, to: string, cost: 0 | 1, certain: boolean): StepEdge => {
    const assumptions = certain || cost === 0 ? [] : [UNSEEN_TOKEN]
    return { from, to, cost, certain, step: told('', [], '', assumptions) }
  }
  const edges = (
    [
      [anyAccount.existing, accounts, true],
      [anyAccount.mounted, mounted, true],
      [anyAccount.mounted, maybeMounted, false],
      [anyAccount.held, held, true],
    ] as const
  ).flatMap(([node, byNamespace, certain]) =>
    [...byNamespace].flatMap(([namespace, own]) => [
      pick(node('*'), node(namespace), 0, certain),
      ...[...own].map((account) => pick(node(namespace), accountNode(account), 1, certain)),
    ]),
  )
  return isCluster(rbac) ? edges : [...edges, ...controllerEdges(accounts)]
}

const UNSEEN_TOKEN = 'the pod mounts the token of its account, which was not seen'

const isCluster = ({ grants }: Rbac) => grants.some(({ binding }) => binding.data.source !== 'file')

/** Manifests say nothing of what a cluster brings with it. */
function controllerEdges(accounts: Ground['accounts']): Edge<Step>[] {
  if (accounts.get(CONTROLLERS)?.has(AGGREGATION)) return []
  const node = anyAccount.existing
  const assumption = `the cluster's controllers run as accounts of their own in ${CONTROLLERS}, as in every managed cluster`
  const step = told('', [], AGGREGATION, [assumption])
  return [
    { from: node(CONTROLLERS), to: ADMIN, cost: 1, certain: false, step },
    { from: node('*'), to: node(CONTROLLERS), cost: 0, certain: false, step: told('', [], '') },
  ]
}
