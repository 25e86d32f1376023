import type { Confidence } from '../model.ts'
import type { RuleSource } from './rule-schema.ts'

/** A rule source with what rules with `detect` need not repeat, and the conditions that lower its severity. */
export type CompletedSource = RuleSource & { readonly lower: readonly string[] }

/**
 * Secrets rules differ in how a credential is recognised and what it opens; what follows from a match is the same for all.
 * A secret in test or example files is one step less severe, unless its checksum or structure proves that it is real; a
 * file that is not committed has leaked to fewer people.
 */
export function withDetectDefaults(id: string, source: RuleSource): CompletedSource {
  if (!source.detect) return { ...source, lower: [] }
  if (source.match) return { ...source, lower: [] }
  return {
    ...source,
    match: { secret: { fact: 'secret.match', on: { rule: `=${id}` } } },
    message: source.message ?? `${source.title} in {{secret.path}}: {{secret.masked}}{{secret.remark}}`,
    severity: withReach(source.severity),
    confidence: typeof source.confidence === 'string' ? byMatch(source.confidence) : source.confidence,
    lower: ['secret.pathClass in ["test", "example", "docs"] && !secret.validated', '!secret.committed'],
  }
}

/** What says itself that it opens little (a test key, an expired token, a key with a passphrase) is low, whatever its kind. */
function withReach(severity: RuleSource['severity']): RuleSource['severity'] {
  const { default: usual, when } = typeof severity === 'string' ? { default: severity, when: [] } : severity
  if (usual === 'low' || usual === 'info') return severity
  return { default: usual, when: [{ is: 'low', if: 'secret.reach != ""' }, ...when] }
}

/** The match knows best how sure it is; the rule's own confidence is the upper bound. */
function byMatch(atMost: Confidence): RuleSource['confidence'] {
  const when: { is: Confidence; if: string }[] = [{ is: 'low', if: 'secret.confidence == "low"' }]
  if (atMost === 'high') when.push({ is: 'medium', if: 'secret.confidence == "medium"' })
  return { default: atMost, when }
}
