import { factKind } from '../model.ts'
import { bindingFields, bootstrapping, cluster, source } from './kubernetes-fields.ts'

/** Derived: something dangerous that bindings let the same subjects do; one fact, however many bindings give it. */
export const k8sPrivilege = factKind({
  kind: 'k8s.privilege',
  meaning: 'Something dangerous that bindings let the same subjects do.',
  identity: ['cluster', 'privilege', 'subjects', 'namespaces'],
  derivedFrom: ['k8s.role', 'k8s.role-rule', 'k8s.binding', 'k8s.subject'],
  fields: {
    ...bindingFields,
    privilege: ['string', 'By the name of its rule: read-secrets, pod-exec, cluster-admin, …', 'read-secrets'],
    subjects: ['list<string>', 'KIND NAME of each subject', ['ServiceAccount shop/web']],
    who: ['string', 'The subjects in words', 'ServiceAccount shop/web'],
    bindings: ['list<string>', 'All bindings that give it', ['RoleBinding shop/web']],
    by: ['string', 'These in words', 'RoleBinding shop/web'],
    where: ['string', 'in namespace NAME, or: in the whole cluster', 'in namespace shop'],
    namespaces: ['list<string>', 'The namespaces; * for the whole cluster', ['shop']],
    permissions: ['string', 'The permissions that give it, in words', 'get secrets'],
    tokenSecrets: ['list<string>', 'For token-secret-read: NAMESPACE/NAME of the secrets that can be read', []],
    clusterWide: ['bool', 'Whether it holds in every namespace', false],
    named: ['bool', 'Whether it is limited to objects by name', false],
    workload: ['bool', 'Whether a service account is among the subjects', true],
    everyVersion: ['bool', 'Whether it is enough on every version of the API server, not on old ones alone', true],
    assumptions: ['list<string>', 'What the judgement rests on', []],
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
    reach: ['string', 'For resource: what its wildcards stand for, in words', 'every resource'],
    includes: ['list<string>', 'What a rule on all resources of all groups includes, by the names of rules', []],
    ownGroups: ['bool', 'Whether it reaches Kubernetes’ own API groups, not only those of extensions', true],
    bound: ['bool', 'Whether anybody is bound to the role', true],
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

/** Derived: a rule that limits by name what cannot be limited so: of that it grants nothing. */
export const k8sIneffectiveNames = factKind({
  kind: 'k8s.ineffective-names',
  meaning: 'A rule of a role whose resourceNames take away what they were meant to limit.',
  identity: ['cluster', 'role', 'hash'],
  derivedFrom: ['k8s.role-rule'],
  fields: {
    cluster,
    role: ['string', 'Role NAMESPACE/NAME or ClusterRole NAME', 'Role shop/web'],
    hash: ['string', 'Of the rule, as in k8s.role-rule', '0123456789abcdef'],
    permissions: ['string', 'What it does not grant, in words', 'create leases'],
    names: ['string', 'The names, in words', 'leader'],
    source,
  },
})
