import { k8sClusterAccess } from '../../facts/kubernetes-cloud.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import { get, type MapEntry, type ValueNode } from '../../sources/value-node.ts'
import { type AwsAuthEntry, readAwsAuth } from '../kubernetes/aws-auth.ts'
import { clusterOf, Hidden, inWords } from './eks.ts'
import { plainText, type Resource } from './resource.ts'
import { renderAll } from './statement.ts'
import { toPlain } from './terraform-eks.ts'
import { Instance, type Module } from './terraform-module.ts'
import { resourceOf } from './terraform-resources.ts'
import { roleOf } from './workloads.ts'

/** The public module, and its part for aws-auth; its code is seldom in the tree, its arguments say who is let in. */
const SOURCE = /(?:^|\/)terraform-aws-(?:modules\/eks\/aws|eks)(?:$|\/\/|\.git|\?)/

/**
 * Who is let into the clusters that the module terraform-aws-modules/eks makes: `access_entries`, and `aws_auth_roles`, `_users`
 * and `_accounts` of its older versions.
 */
export function* readEksModules(module: Module, gap: (gap: Gap) => void): Generator<Fact> {
  for (const placed of module.folder.calls.values()) {
    const source = placed.block.attributes.get('source')
    if (source?.type !== 'literal' || !SOURCE.test(String(source.value))) continue
    const call = resourceOf(new Instance(module, placed, '', new Map()))
    const hidden = new Hidden()
    const cluster = clusterOf(call, 'name') || clusterOf(call, 'cluster_name')
    for (const { entry, ...access } of [...entriesOf(call), ...authOf(call)]) {
      const { principal, groups, policies } = access
      if (principal === UNKNOWN || groups === UNKNOWN || policies === UNKNOWN) hidden.note(k8sClusterAccess, call)
      const at = call.source.location(call.start, call.end)
      yield fact(k8sClusterAccess, call.source.scope, at, {
        cluster: '',
        cloudCluster: cluster,
        ...access,
        declaration: `${call.id} ${entry}`,
        source: 'file',
      })
    }
    hidden.gaps(gap)
  }
}

interface Access extends AwsAuthEntry {
  readonly via: string
  readonly policies: readonly string[] | typeof UNKNOWN
  readonly type: string
}

const NOT_SEEN = { principal: UNKNOWN, username: '', groups: UNKNOWN, policies: UNKNOWN, type: '' } as const

function entriesOf(call: Resource): Access[] {
  const value = call.value('access_entries')
  if (!value) return []
  const via = 'access-entry'
  if (value.type !== 'map') return [{ ...NOT_SEEN, via, entry: 'access_entries' }]
  return value.entries.map(({ key, value: entry }): Access => {
    const arn = get(entry, 'principal_arn')
    const groups = renderAll(get(entry, 'kubernetes_groups'))
    return {
      principal: (arn && roleOf(arn, call)) ?? UNKNOWN,
      via,
      username: plainText(get(entry, 'user_name')) ?? '',
      groups: groups.some((group) => group.includes('${')) ? UNKNOWN : groups,
      policies: policiesOf(get(entry, 'policy_associations')),
      type: plainText(get(entry, 'type')) ?? 'STANDARD',
      entry: `access_entries/${key}`,
    }
  })
}

function policiesOf(associations: ValueNode | undefined): readonly string[] | typeof UNKNOWN {
  if (!associations) return []
  if (associations.type !== 'map') return UNKNOWN
  const policies = associations.entries.map(({ value }: MapEntry) => {
    const scope = get(value, 'access_scope')
    return inWords(get(value, 'policy_arn'), get(scope, 'type'), get(scope, 'namespaces'))
  })
  return policies.includes(undefined) ? UNKNOWN : policies.filter((each) => each !== undefined)
}

const AUTH_ARGUMENTS = {
  aws_auth_roles: 'mapRoles',
  aws_auth_users: 'mapUsers',
  aws_auth_accounts: 'mapAccounts',
} as const

function authOf(call: Resource): Access[] {
  return Object.entries(AUTH_ARGUMENTS).flatMap(([argument, key]) => {
    const value = call.value(argument)
    if (!value) return []
    return readAwsAuth({ [key]: toPlain(value, call) }).map((entry) => ({
      ...entry,
      via: 'aws-auth',
      policies: [],
      type: '',
    }))
  })
}
