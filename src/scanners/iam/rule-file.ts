import { get, type ValueNode } from '../../sources/value-node.ts'
import { findDocuments } from './policy-document.ts'

const RULE_KEYS = ['title', 'severity', 'pillar', 'remediation', 'tests']
/** Where a rule file shows a policy, and deploys none. */
const SHOWN = new Set(['example', 'tests'])

/** A file as it is to be read: without the examples and tests of a rule of this program. `leftOut`: policies were in them. */
export function withoutExamples(root: ValueNode): { readonly root: ValueNode; readonly leftOut: boolean } {
  if (root.type !== 'map' || RULE_KEYS.some((key) => get(root, key) === undefined)) return { root, leftOut: false }
  const shown = root.entries.filter(({ key }) => SHOWN.has(key))
  const { found, unread } = findDocuments({ ...root, entries: shown }, true)
  if (found.length + unread.length === 0) return { root, leftOut: false }
  return { root: { ...root, entries: root.entries.filter(({ key }) => !SHOWN.has(key)) }, leftOut: true }
}
