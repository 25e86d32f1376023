import { factKind } from '../model.ts'
import { bindingFields, source } from './kubernetes-fields.ts'

/** Derived: wildcards that a subject has by a binding and used, with all that it used them for. */
export const k8sNarrowable = factKind({
  kind: 'k8s.narrowable-wildcard',
  meaning:
    'Wildcards that a subject has by a binding and used, and the smaller rules that cover what they were used for.',
  identity: ['cluster', 'binding', 'subjectKind', 'subject'],
  derivedFrom: ['k8s.permission'],
  fields: {
    ...bindingFields,
    within: ['string', 'Namespace in which it holds; * for the whole cluster', 'shop'],
    subjectKind: ['string', 'ServiceAccount, User or Group', 'ServiceAccount'],
    subject: ['string', 'NAMESPACE/NAME of a service account, else the name of the user or group', 'shop/web'],
    wildcards: ['string', 'The wildcards in words', '* services'],
    known: ['bool', 'Whether the log shows all use; not seen where it does not cover the wildcards', true],
    uses: ['string', 'What they were used for, in words', 'list services'],
    rules: [
      'list<string>',
      'Rules that suffice, each in YAML behind the place where it is needed',
      ['shop: {apiGroups: [""], resources: [services], verbs: [list]}'],
    ],
    window: ['string', 'Length of the audit log in words', '31 days'],
    windowHours: ['int', 'Length of the audit log, hours', 744],
    assumptions: ['list<string>', 'What the judgement rests on', []],
    source,
  },
})
