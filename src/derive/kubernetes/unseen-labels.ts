import type { Gap } from '../../model.ts'
import { shorten } from './held.ts'

/** That fields hang on labels which something fills in before a cluster has them. */
export function unseenLabels(kind: string, fields: readonly string[], namespaces: readonly string[]): Gap {
  return {
    kind,
    scope: 'k8s:',
    fields,
    class: 'limit',
    reason: 'labels not seen',
    detail: `a template, a variable or an operator fills in labels of ${shorten([...new Set(namespaces)].sort())}, or of pods there: --render, or audit the cluster`,
  }
}
