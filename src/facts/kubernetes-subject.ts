import { factKind } from '../model.ts'
import { cluster, source } from './kubernetes-fields.ts'

/** Derived: how much of what a subject is granted it used. The API server's own default bindings are left out. */
export const k8sSubjectRights = factKind({
  kind: 'k8s.subject-rights',
  meaning:
    'How many permissions a subject of bindings has, through its groups, too, and how many the audit log shows used.',
  identity: ['cluster', 'subjectKind', 'subject'],
  derivedFrom: [
    'k8s.role',
    'k8s.role-rule',
    'k8s.binding',
    'k8s.subject',
    'k8s.service-account',
    'k8s.audit-log',
    'k8s.calls',
  ],
  fields: {
    cluster,
    subjectKind: ['string', 'ServiceAccount, User or Group', 'ServiceAccount'],
    subject: ['string', 'NAMESPACE/NAME of a service account, else the name of the user or group', 'shop/web'],
    bindings: ['list<string>', 'Bindings that name it', ['RoleBinding shop/web']],
    groups: ['list<string>', 'Groups of every service account through which it is granted more', []],
    groupBindings: ['list<string>', 'Bindings that name these groups', []],
    permissions: ['int', 'Permissions that it has, one for each verb, resource, object name and binding', 3],
    complete: ['bool', 'Whether all bindings and roles were seen; else it has more permissions than counted', true],
    used: ['int', 'Those of them that it used itself; not seen without an audit log', 1],
    unused: ['int', 'Those that it did not use, though the audit log would show it', 2],
    undetermined: ['int', 'Those of which the audit log cannot tell', 0],
    lastSeen: [
      'string',
      'Time of its last call, RFC 3339; empty if the audit log tells that it made none',
      '2026-01-01T00:00:00Z',
    ],
    source,
  },
})
