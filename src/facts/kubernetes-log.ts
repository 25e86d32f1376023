import { factKind } from '../model.ts'
import { cluster } from './kubernetes-fields.ts'

/** What an audit log holds as a whole. Source: audit.k8s.io/v1 events. */
export const k8sAuditLog = factKind({
  kind: 'k8s.audit-log',
  meaning: 'An audit log of the API server: its window and what it covers.',
  identity: ['cluster'],
  fields: {
    cluster,
    files: ['list<string>', 'Names of the files', ['audit.log']],
    forms: [
      'list<string>',
      'Forms that its events came in: native, EKS, GKE activity, GKE data_access, AKS kube-audit, AKS kube-audit-admin, AKS AKSAudit, AKS AKSAuditAdmin',
      ['native'],
    ],
    events: ['int', 'Number of events', 1000],
    firstEvent: ['string', 'Time of the earliest event, RFC 3339', '2026-01-01T00:00:00Z'],
    lastEvent: ['string', 'Time of the latest event, RFC 3339', '2026-02-01T00:00:00Z'],
    windowHours: ['int', 'Hours between them, rounded down', 744],
    coversReads: [
      'bool',
      'Whether it holds any get, list or watch, in a form that does not leave get and list out',
      true,
    ],
    coversWatches: ['bool', 'Whether it covers reads or holds any watch', true],
    coversAll: [
      'bool',
      'Whether nothing is filtered: it holds even health checks and writes of events, which audit policies drop first',
      false,
    ],
    showsGroups: ['bool', 'Whether it names the groups of users; GKE does not', true],
    showsImpersonation: ['bool', 'Whether it tells calls in another’s name; GKE and the tables of AKS do not', true],
    resources: ['list<string>', 'Resources (GROUP/RESOURCE, core: RESOURCE) on which it holds any event', ['pods']],
    urls: ['list<string>', 'Non-resource paths on which it holds any event', []],
  },
})

/** Calls of one user of one kind, as the audit log tells. Stages of one call count once. */
export const k8sCalls = factKind({
  kind: 'k8s.calls',
  meaning: 'Calls to the API server by one user, with one verb, on one resource in one namespace.',
  identity: ['cluster', 'user', 'impersonator', 'decision', 'verb', 'apiGroup', 'resource', 'namespace'],
  fields: {
    cluster,
    user: ['string', 'User name; of an impersonated call the impersonated one', 'system:serviceaccount:shop:web'],
    groups: ['list<string>', 'Groups of the user; not seen where the log does not name them', ['system:authenticated']],
    impersonator: ['string', 'Who called in the user’s name; empty if nobody', ''],
    decision: ['string', 'allow or forbid: what authorisation said, whatever the status was', 'allow'],
    verb: ['string', 'Verb as authorisation saw it', 'get'],
    apiGroup: ['string', 'API group; empty for core and for non-resource paths', ''],
    resource: ['string', 'RESOURCE or RESOURCE/SUBRESOURCE; a non-resource path begins with /', 'pods'],
    namespace: ['string', 'Namespace; empty if cluster-wide', 'shop'],
    names: ['list<string>', 'Object names as authorisation saw them', []],
    namesComplete: ['bool', 'Whether names holds all (at most 1,000 are kept)', true],
    allowedBy: [
      'list<string>',
      'What RBAC named as its reason to allow, each BINDING of ROLE to SUBJECT; at most 50, behind which `further bindings` stands for more. Empty if another authoriser allowed it, or the log gives no reasons',
      ['RoleBinding shop/web of Role shop/web to ServiceAccount shop/web'],
    ],
    calls: ['int', 'Number of calls', 1],
    lastSeen: ['string', 'Time of the last, RFC 3339', '2026-01-01T00:00:00Z'],
  },
})
