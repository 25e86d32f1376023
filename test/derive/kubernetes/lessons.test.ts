// Where other tools saw what this one missed, or where they are wrong: docs/comparison-kubernetes.md.
import { describe, expect, it } from 'vitest'
import { k8sEscalation } from '../../../src/facts/kubernetes-escalation.ts'
import { k8sIneffectiveNames, k8sPrivilege } from '../../../src/facts/kubernetes-rights.ts'
import { memoryTree } from '../../support/context.ts'
import { auditKubernetes } from '../../support/kubernetes.ts'

const RBAC = 'apiVersion: rbac.authorization.k8s.io/v1'
const account = (name: string) => `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ${name}, namespace: deploy}\n`
const role = (name: string, ...rules: string[]) =>
  `${RBAC}\nkind: ClusterRole\nmetadata: {name: ${name}}\nrules: [${rules.join(', ')}]\n`
const bind = (roleName: string, name: string, namespace = '') =>
  `${RBAC}\nkind: ${namespace ? 'RoleBinding' : 'ClusterRoleBinding'}\nmetadata: {name: "${name}-${roleName}"${namespace && `, namespace: ${namespace}`}}\nroleRef: {kind: ClusterRole, name: "${roleName}"}\nsubjects: [{kind: ServiceAccount, name: ${name}, namespace: deploy}]\n`
const rule = (group: string, resource: string, verbs: string, names = '') =>
  `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: [${verbs}]${names && `, resourceNames: [${names}]`}}`
const audit = (...documents: string[]) =>
  auditKubernetes({ trees: [memoryTree({ 'a.yaml': documents.join('---\n') })] })

/** A controller that may do everything, and a server beside it that has the given rights in their namespace. */
async function waysOfServer(rules: string[], namespace = 'deploy') {
  const { of } = await audit(
    ...[account('controller'), bind('cluster-admin', 'controller'), account('server')],
    ...[role('server', ...rules), bind('server', 'server', namespace)],
  )
  return of(k8sEscalation)
    .filter(({ data }) => data.subject === 'deploy/server')
    .map(({ data }) => data.how)
}

describe('a way that other tools know', () => {
  it('is to have a token of a stronger account made, by creating and reading Secrets', async () => {
    const ways = await waysOfServer([rule('', 'secrets', 'create, list')])
    expect(ways).toHaveLength(1)
    expect(ways[0]).toContain('a token of deploy/controller')
  })
})

describe('a way that other tools only think there is', () => {
  it.each([
    ['creating Secrets, but reading only its own', [rule('', 'secrets', 'create'), rule('', 'secrets', 'get', 'own')]],
    [
      'changing bindings without bind',
      [rule('rbac.authorization.k8s.io', 'clusterrolebindings', 'get, patch, delete')],
    ],
    ['changing roles without escalate', [rule('rbac.authorization.k8s.io', 'clusterroles', 'get, patch, delete')]],
    ['approving certificates without their signer', [rule('certificates.k8s.io', '*', 'create, patch')]],
  ])('is none: %s', async (_, rules) => {
    expect(await waysOfServer(rules, '')).toEqual([])
  })

  it('is none: a role of Kubernetes’ own that no manifest holds', async () => {
    const { of } = await audit(account('metrics'), bind('system:auth-delegator', 'metrics'))
    expect([...of(k8sPrivilege), ...of(k8sEscalation)]).toEqual([])
  })
})

describe('names of objects', () => {
  it('hold for watches, by a field selector', async () => {
    const { of } = await audit(
      account('server'),
      role('r', rule('', 'secrets', 'get, list, watch', 'own')),
      bind('r', 'server'),
    )
    expect(of(k8sIneffectiveNames)).toEqual([])
  })
})
