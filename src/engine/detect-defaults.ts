import type { Confidence } from '../model.ts'
import type { RuleSource } from './rule-schema.ts'

/** A rule source with what rules with `detect` need not repeat, and the conditions that lower its severity. */
export type CompletedSource = RuleSource & { readonly lower: readonly string[] }

/**
 * Secrets rules differ in how a credential is recognised and what it opens; what follows from a match is the same for all.
 * A secret in test or example files is one step less severe, unless its provider's checksum proves that it is real; a
 * file that is not committed has leaked to fewer people. What its provider says (--verify) is stronger than all of that: one that
 * works is critical wherever it stands, one that is revoked is low, since it has leaked all the same.
 */
export function withDetectDefaults(id: string, source: RuleSource): CompletedSource {
  if (!source.detect) return { ...source, lower: [] }
  if (source.match) return { ...source, lower: [] }
  return {
    ...source,
    match: { secret: { fact: 'secret.match', on: { rule: `=${id}` } } },
    message:
      source.message ?? `${source.title} in {{secret.path}}: {{secret.masked}}{{secret.remark}}{{secret.verified}}`,
    severity: byWhatIsKnown(source.severity),
    confidence: whenLive(typeof source.confidence === 'string' ? byMatch(source.confidence) : source.confidence),
    lower: [...byPlace(source.detect.validator), '!secret.committed && secret.verification != "live"'],
  }
}

/** What anybody can make at home: that its structure is right does not prove that something trusts it. */
const SELF_MADE = new Set([
  'age-key',
  'der-private-key',
  'jwk-secret',
  'jwt',
  'jwt-base64',
  'jwt-without-expiry',
  'nats-seed',
  'private-key',
  'user-password',
])

/** A key pair or token among tests was made for them nearly always: two steps; a provider's own token that adds up: none. */
function byPlace(validator: string | undefined): readonly string[] {
  const live = 'secret.verification != "live"'
  const notInUse = 'secret.pathClass in ["test", "example", "docs"]'
  if (validator === undefined || !SELF_MADE.has(validator)) return [`${notInUse} && !secret.validated && ${live}`]
  return [`${notInUse} && ${live}`, `secret.pathClass == "test" && ${live}`]
}

const LIVE = 'secret.verification == "live"'

/**
 * A secret that works is critical, one that was revoked low; what says itself that it opens little (a test key, an expired
 * token, a key with a passphrase) is low, whatever its kind.
 */
function byWhatIsKnown(severity: RuleSource['severity']): RuleSource['severity'] {
  const { default: usual, when } = typeof severity === 'string' ? { default: severity, when: [] } : severity
  const little = usual === 'low' || usual === 'info' ? [] : [{ is: 'low' as const, if: 'secret.reach != ""' }]
  const revoked = { is: 'low' as const, if: 'secret.verification == "revoked"' }
  return { default: usual, when: [{ is: 'critical', if: LIVE }, revoked, ...little, ...when] }
}

function whenLive(confidence: RuleSource['confidence']): RuleSource['confidence'] {
  if (typeof confidence === 'string') return { default: confidence, when: [{ is: 'high', if: LIVE }] }
  return { ...confidence, when: [{ is: 'high', if: LIVE }, ...confidence.when] }
}

/** The match knows best how sure it is; the rule's own confidence is the upper bound. */
function byMatch(atMost: Confidence): RuleSource['confidence'] {
  const when: { is: Confidence; if: string }[] = [{ is: 'low', if: 'secret.confidence == "low"' }]
  if (atMost === 'high') when.push({ is: 'medium', if: 'secret.confidence == "medium"' })
  return { default: atMost, when }
}
