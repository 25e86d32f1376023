import { gcpGrant, k8sCloudIdentity } from '../../facts/kubernetes-cloud.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import { GOOGLE_PRINCIPAL, GOOGLE_PRINCIPAL_SET } from '../../reference/google-principals.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { Hidden } from './eks.ts'
import { plainText, type Resource } from './resource.ts'
import { renderAll } from './statement.ts'

/** Google's side of Workload Identity, and who is given everything in a project, from one Terraform module. */
export function* readGoogleIdentities(resources: readonly Resource[], gap: (gap: Gap) => void): Generator<Fact> {
  const hidden = new Hidden()
  for (const resource of resources) {
    if (/^google_service_account_iam_(?:member|binding)$/.test(resource.type)) yield* readMembers(resource, hidden)
    const on = /^google_(project|folder|organization)_iam_(?:member|binding)$/.exec(resource.type)?.[1]
    if (on) yield* readGrant(resource, on, resources, hidden)
  }
  hidden.gaps(gap)
}

/** `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`. Source: cloud.google.com/kubernetes-engine/docs/how-to/workload-identity */
const MEMBER = /^serviceAccount:([^[\]]+)\.svc\.id\.goog\[([^/\]]+)\/([^\]]+)\]$/

/** Accounts of a cluster as what a pool holds: which ones may impersonate is not told by name here. */
const OF_POOL = /^principal(?:Set)?:.*\.svc\.id\.goog\//

function* readMembers(resource: Resource, hidden: Hidden): Generator<Fact> {
  if (resource.text('role') !== 'roles/iam.workloadIdentityUser') return
  const value = resource.value('service_account_id')
  const identity = value && emailOf(value, resource)
  for (const member of membersOf(resource)) {
    const [, pool, namespace = '', name = ''] = MEMBER.exec(member) ?? []
    if (pool === undefined && !member.includes('${') && !OF_POOL.test(member)) continue
    const open = pool === undefined || namespace.includes('${') || name.includes('${')
    if (open || identity === undefined) hidden.note(k8sCloudIdentity, resource)
    yield identityOf(resource, open ? undefined : `${namespace}/${name}`, identity)
  }
}

function membersOf(resource: Resource): string[] {
  return renderAll(resource.value('member') ?? resource.value('members'))
}

function identityOf(resource: Resource, account: string | undefined, identity: string | undefined): Fact {
  const { source, start, end } = resource
  return fact(k8sCloudIdentity, source.scope, source.location(start, end), {
    cluster: '-',
    cloudCluster: '',
    account: account ?? UNKNOWN,
    provider: 'gcp',
    identity: identity ?? UNKNOWN,
    via: 'workload-identity',
    through: '',
    source: 'file',
  })
}

/** Roles with which somebody changes everything, or gives himself the right to. */
const WIDE =
  /^roles\/(?:owner|editor|iam\.securityAdmin|resourcemanager\.(?:projectIamAdmin|folderAdmin|organizationAdmin))$/

/** A service account, an account of a cluster, or anybody, as only a run knows. */
const OPEN_MEMBER = /^(?!user:|group:|domain:).*\$\{/

function* readGrant(resource: Resource, on: string, resources: readonly Resource[], hidden: Hidden): Generator<Fact> {
  const role = resource.text('role')
  if (role === undefined || !WIDE.test(role)) return
  const { source, start, end } = resource
  const target = resource.target(resource.value('member'))
  const own = target?.type === 'google_service_account' ? [emailOfAccount(target)] : []
  const members = own.length > 0 ? [] : membersOf(resource)
  const identities = own.length > 0 ? own : members.map((member) => identityIn(member, resources))
  // It may be that of an account.
  if (members.some((member, i) => identities[i] === undefined && OPEN_MEMBER.test(member)))
    hidden.note(k8sCloudIdentity, resource)
  for (const identity of new Set(identities)) {
    if (identity === undefined) continue
    const [, namespace, name] = GOOGLE_PRINCIPAL.exec(identity) ?? []
    if (namespace !== undefined) yield identityOf(resource, `${namespace}/${name}`, identity)
    yield fact(gcpGrant, source.scope, source.location(start, end), { identity, role, on, path: source.path })
  }
}

/** Whom a member means, if it is a service account; of one of the tree its email is an expression. */
function identityIn(member: string, resources: readonly Resource[]): string | undefined {
  if (GOOGLE_PRINCIPAL.test(member) || GOOGLE_PRINCIPAL_SET.test(member)) return member
  const [, email = ''] = /^serviceAccount:(.+)$/.exec(member) ?? []
  const label = /^\$\{google_service_account\.([\w-]+)\.email\}$/.exec(email)?.[1]
  const account = resources.find((each) => each.type === 'google_service_account' && each.label === label)
  if (account) return emailOfAccount(account)
  return /^[\w.-]+@[\w.-]+\.gserviceaccount\.com$/.test(email) ? email : undefined
}

/** The email of a Google service account; of one of the tree by its block, if its project is not written. */
export function emailOf(value: ValueNode, resource: Resource): string | undefined {
  const target = resource.target(value)
  if (target?.type === 'google_service_account') return emailOfAccount(target)
  return /([\w.-]+@[\w.-]+\.iam\.gserviceaccount\.com)$/.exec(plainText(value) ?? '')?.[1]
}

function emailOfAccount(account: Resource): string {
  const [id, project] = [account.text('account_id'), account.text('project')]
  return id !== undefined && project !== undefined ? `${id}@${project}.iam.gserviceaccount.com` : account.id
}
