import { shortName } from '../../facts/iam-name.ts'
import { k8sSubject } from '../../facts/kubernetes.ts'
import { k8sClusterAccess, k8sClusterAdmin } from '../../facts/kubernetes-cloud.ts'
import { k8sPrivileged } from '../../facts/kubernetes-escalation.ts'
import { globMatches } from '../../glob.ts'
import { type DerivationSettings, type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { groupBy } from '../grouping.ts'
import { CloudClusters } from './cloud-clusters.ts'
import { CloudPrincipals } from './cloud-principals.ts'
import { isIncomplete } from './rbac.ts'

type Access = Fact<typeof k8sClusterAccess>

/** Who of AWS is administrator of a cluster, by aws-auth or access entries; one fact for each who is, or may be. */
export function deriveClusterAdmins(
  facts: readonly Fact[],
  gaps: readonly Gap[],
  settings: DerivationSettings,
): { facts: Fact[]; gaps: Gap[] } {
  const clusters = new CloudClusters(facts)
  const principals = new CloudPrincipals(facts, gaps)
  const rights = new ClusterRights(facts, gaps)
  const accesses = facts.filter((each) => isFact(k8sClusterAccess, each))
  // Terraform says an entry and its policies in two resources.
  const byPrincipal = groupBy(accesses, ({ data }) =>
    [data.cluster, data.cloudCluster, data.principal ?? `\0${data.declaration}`, data.via].join('\0'),
  )
  const derived = [...byPrincipal.values()].flatMap((own) => {
    const [{ data, at, scope }] = own as [Access, ...Access[]]
    const { cluster = '', cloudCluster = '', principal, via = '' } = data
    const audited =
      cluster !== '' && clusters.audited.has(cluster) ? cluster : clusters.counterpart(cloudCluster)?.cluster
    const judged = judge(own, audited, rights)
    // A cluster that is let in by the API alone does not look at aws-auth.
    const heeds = via === 'aws-auth' ? clusters.heedsAwsAuth(audited ?? cluster, cloudCluster) : true
    if (!judged || heeds === false) return []
    const verdict: Verdict = heeds === true ? judged : { ...judged, admin: 'unknown' }
    const id = principal === undefined ? undefined : principals.resolve(principal).id
    return fact(k8sClusterAdmin, scope, at, {
      cluster,
      cloudCluster,
      clusterName: nameOf(cloudCluster || cluster),
      // What only a run knows is told by its place.
      principal: id ?? data.declaration ?? '',
      principalName: id === undefined ? 'an identity that only a run knows' : displayName(id, principals),
      via,
      admin: verdict.admin === 'unknown' ? UNKNOWN : true,
      how: verdict.how,
      where: verdict.where,
      clusterWide: verdict.where === '',
      expected: id === undefined ? '' : expectedBecause(id, settings),
      standing: id === undefined ? '' : standingOf(id, principals),
      source: data.source ?? '',
    })
  })
  return { facts: derived, gaps: clusters.unmatched(gaps).map((gap) => ({ ...gap, kind: k8sClusterAdmin.kind })) }
}

interface Verdict {
  readonly admin: true | 'unknown'
  readonly how: string
  readonly where: string
}

const MASTERS = 'system:masters'
/** Groups of nodes and of Fargate, whose rights are Kubernetes' own. */
const OF_NODES = /^system:(?:bootstrappers|nodes?|node-proxier)$|^eks:/
/** User names that nodes have, and that EKS gives where nobody chose one: bindings seldom name them. */
const OF_AWS = /^system:node:|^eks:|^arn:/

function judge(own: readonly Access[], cluster: string | undefined, rights: ClusterRights): Verdict | undefined {
  const groups = own.flatMap(({ data }) => data.groups ?? [])
  const policies = own.flatMap(({ data }) => data.policies ?? [])
  const via = own[0]?.data.via === 'aws-auth' ? 'aws-auth' : 'an access entry'
  if (groups.includes(MASTERS)) return { admin: true, how: `by the group ${MASTERS} in ${via}`, where: '' }
  const verdicts = policies.flatMap(judgePolicy)
  const wide = verdicts.find(({ where }) => where === '')
  if (wide) return wide
  const others = groups.filter((group) => !OF_NODES.test(group))
  const users = own.flatMap(({ data }) => (data.username ? [data.username] : []))
  const told = [
    ...others.map((group) => ({ name: group, answer: rights.of('Group', group, cluster) })),
    ...users.map((user) => ({ name: user, answer: rights.of('User', user, cluster) })),
  ]
  for (const { name, answer } of told) {
    if (typeof answer === 'object') return { admin: true, how: `by ${via}: as ${name} it ${answer.because}`, where: '' }
  }
  const [within] = verdicts
  if (within) return within
  const hidden = own.some(({ unknown }) => unknown.includes('groups') || unknown.includes('policies'))
  const open = told.some(({ name, answer }) => answer === 'unknown' && !OF_AWS.test(name))
  return hidden || open ? { admin: 'unknown', how: `by ${via}`, where: '' } : undefined
}

/**
 * What EKS's own policies make somebody. AmazonEKSAdminPolicy and AmazonEKSEditPolicy are the ClusterRoles admin and edit: in the
 * whole cluster, or in kube-system, they make pods there and impersonate the accounts. Source: docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 */
function judgePolicy(policy: string): Verdict[] {
  const [, name = '', namespaces] = /^(\w+)(?: in (.*))?$/.exec(policy) ?? []
  const how = `by the access policy ${name}`
  const where = namespaces === undefined ? '' : ` in ${namespaces.replaceAll(',', ', ')}`
  if (name === 'AmazonEKSClusterAdminPolicy') return [{ admin: true, how, where }]
  if (name !== 'AmazonEKSAdminPolicy' && name !== 'AmazonEKSEditPolicy') return []
  const reachesSystem =
    namespaces === undefined || namespaces.split(',').some((each) => globMatches(each, 'kube-system'))
  return reachesSystem ? [{ admin: true, how: `${how}, which takes over the accounts of kube-system`, where: '' }] : []
}

/** What groups and users may do in the audited clusters. */
class ClusterRights {
  readonly #privileged: ReadonlyMap<string, Fact<typeof k8sPrivileged>>
  readonly #bound: ReadonlySet<string>
  readonly #gaps: readonly Gap[]
  readonly #fromFiles: ReadonlySet<string>

  constructor(facts: readonly Fact[], gaps: readonly Gap[]) {
    const privileged = facts.filter((each) => isFact(k8sPrivileged, each))
    const subjects = facts.filter((each) => isFact(k8sSubject, each))
    this.#privileged = new Map(privileged.map((each) => [keyOf(each.data), each]))
    this.#bound = new Set(subjects.map(({ data }) => keyOf(data)))
    this.#fromFiles = new Set(
      subjects.filter(({ data }) => data.source === 'file').map(({ data }) => data.cluster ?? ''),
    )
    this.#gaps = gaps
  }

  /** Why it is administrator, or can become it, as the end of a sentence; false if it cannot. */
  of(subjectKind: string, subject: string, cluster: string | undefined): { because: string } | false | 'unknown' {
    if (cluster === undefined) return 'unknown'
    const key = keyOf({ cluster, subjectKind, subject })
    const found = this.#privileged.get(key)
    if (found?.data.privileged) return { because: found.data.because ?? '' }
    if (found) return found.unknown.includes('privileged') ? 'unknown' : false
    if (this.#bound.has(key)) return false
    // Manifests show some of a cluster.
    const part = this.#fromFiles.has(cluster) || cluster === '-'
    return part || isIncomplete(this.#gaps, ['k8s.role', 'k8s.role-rule', 'k8s.binding', 'k8s.subject'], cluster)
      ? 'unknown'
      : false
  }
}

function keyOf({
  cluster,
  subjectKind,
  subject,
}: {
  cluster?: string
  subjectKind?: string
  subject?: string
}): string {
  return `${cluster}\0${subjectKind}\0${subject}`
}

function nameOf(cluster: string): string {
  if (cluster === '-') return 'the cluster of the manifests'
  return `cluster ${shortName(cluster.replace(/^\$\{(.*)\}$/, '$1'))}`
}

function displayName(id: string, principals: CloudPrincipals): string {
  if (/^\d{12}$/.test(id)) return `account ${id}`
  const kind = /:(user|role|root)\b|#.*\baws_iam_(user|role)\b/.exec(id)
  const word = kind?.[1] ?? kind?.[2] ?? 'role'
  return word === 'root' ? `account ${id.split(':')[4]}` : `${word} ${principals.nameOf(id)}`
}

function standingOf(id: string, principals: CloudPrincipals): string {
  const { privileged, because } = principals.standing(id)
  if (privileged === true) return ` (in AWS it ${because})`
  return privileged === false ? ' (no administrator in AWS)' : ''
}

/** Roles of IAM Identity Center, and what the operator's config calls break-glass. */
function expectedBecause(arn: string, settings: DerivationSettings): string {
  const name = shortName(arn)
  if (settings.breakGlassRoles.some((pattern) => globMatches(pattern, name) || globMatches(pattern, arn)))
    return 'break-glass'
  return name.startsWith('AWSReservedSSO_') ? 'sso' : ''
}
