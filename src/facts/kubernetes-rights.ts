import { factKind } from '../model.ts'
import { bindingFields, bootstrapping, cluster, source } from './kubernetes-fields.ts'

/** Derived: something dangerous that a binding lets its subjects do; one fact for each binding and privilege. */
export const k8sPrivilege = factKind({
  kind: 'k8s.privilege',
  meaning: 'Something dangerous that a binding lets its subjects do.',
  identity: ['cluster', 'binding', 'privilege'],
  derivedFrom: ['k8s.role', 'k8s.role-rule', 'k8s.binding', 'k8s.subject'],
  fields: {
    ...bindingFields,
    privilege: ['string', 'By the name of its rule: read-secrets, pod-exec, cluster-admin, …', 'read-secrets'],
    subjects: ['list<string>', 'KIND NAME of each subject', ['ServiceAccount shop/web']],
    who: ['string', 'The subjects in words', 'ServiceAccount shop/web'],
    where: ['string', 'in namespace NAME, or: in the whole cluster', 'in namespace shop'],
    permissions: ['string', 'The permissions that give it, in words', 'get secrets'],
    tokenSecrets: ['list<string>', 'For token-secret-read: NAMESPACE/NAME of the secrets that can be read', []],
    clusterWide: ['bool', 'Whether it holds in every namespace', false],
    named: ['bool', 'Whether it is limited to objects by name', false],
    workload: ['bool', 'Whether a service account is among the subjects', true],
    source,
  },
})

/** Derived: a role that uses `*`. A role that is bound as administrator is left out: that says it all. */
export const k8sWildcard = factKind({
  kind: 'k8s.wildcard',
  meaning: 'A role that uses a wildcard.',
  identity: ['cluster', 'role', 'wildcard'],
  // Not the bindings: without them the role is still one with a wildcard.
  derivedFrom: ['k8s.role-rule'],
  fields: {
    cluster,
    role: ['string', 'Role NAMESPACE/NAME or ClusterRole NAME', 'ClusterRole app'],
    roleKind: ['string', 'Role or ClusterRole', 'ClusterRole'],
    wildcard: ['string', 'verb; or resource, for resources and API groups', 'verb'],
    rules: ['string', 'The rules that use it, in words', '* pods'],
    includes: ['list<string>', 'What a rule on all resources of all groups includes, by the names of rules', []],
    ownGroups: ['bool', 'Whether it reaches Kubernetes’ own API groups, not only those of extensions', true],
    source,
  },
})

/** Derived: that a ClusterRole’s rules are added to another one by its labels. */
export const k8sAggregation = factKind({
  kind: 'k8s.aggregation',
  meaning: 'That the rules of a ClusterRole are added to another ClusterRole by labels.',
  identity: ['cluster', 'part', 'target'],
  derivedFrom: ['k8s.role', 'k8s.role-rule'],
  fields: {
    cluster,
    part: ['string', 'The role whose rules are added', 'ClusterRole crd-view'],
    target: ['string', 'The role that they are added to', 'ClusterRole view'],
    targetBuiltIn: ['bool', 'Whether that is one of admin, edit and view', true],
    privileges: ['list<string>', 'What of it is dangerous, or for view: writes', []],
    widening: ['string', 'The same in words; empty if nothing', ''],
    bootstrapping,
    source,
  },
})
