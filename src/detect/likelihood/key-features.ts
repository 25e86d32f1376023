import { Buffer } from 'node:buffer'
import { judgeKey, type KeyName } from '../key-name.ts'
import { type Feature, flag } from './feature.ts'

/** A name with what several features need of it. */
interface NameFacts {
  readonly key: string
  readonly name: KeyName
  readonly lower: string
  readonly last: string
}

/** What the name of a value tells; flags are 0 or 1. */
const features: readonly Feature<NameFacts>[] = [
  ['keyPassword', ({ name }) => flag(name.isPassword)],
  ['keyAbout', ({ name }) => flag(name.isAbout)],
  ['keyPass', ({ lower }) => flag(/pass|pwd|\bpw\b/.test(lower))],
  ['keySecret', ({ lower }) => flag(lower.includes('secret'))],
  ['keyToken', ({ lower }) => flag(lower.includes('token'))],
  ['keyKey', ({ lower }) => flag(lower.includes('key'))],
  ['keyApi', ({ lower }) => flag(/api/.test(lower))],
  ['keyAuth', ({ lower }) => flag(/auth/.test(lower))],
  ['keyCredential', ({ lower }) => flag(/cred/.test(lower))],
  ['keyPrivate', ({ lower }) => flag(/private|priv_/.test(lower))],
  ['keyAccess', ({ lower }) => flag(/access/.test(lower))],
  ['keyPublic', ({ lower }) => flag(/public|pub_|publish/.test(lower))],
  ['keyUser', ({ lower }) => flag(/user|admin|root|login/.test(lower))],
  ['keyDatabase', ({ lower }) => flag(/db|sql|postgres|mongo|redis|database/.test(lower))],
  ['keyHash', ({ lower }) => flag(/hash|salt|nonce|digest|encrypt|crypt|cipher|sign/.test(lower))],
  [
    'keyMadeUp',
    ({ lower }) => flag(/test|fake|mock|dummy|example|sample|invalid|wrong|bad|expected|old|new/.test(lower)),
  ],
  ['keyConfirm', ({ lower }) => flag(/confirm|repeat|again|verif|current/.test(lower))],
  [
    'keyLabel',
    ({ lower }) => flag(/label|title|text|message|error|prompt|placeholder|hint|name$|type$|field/.test(lower)),
  ],
  ['keyWords', ({ name }) => Math.min(name.words.length, 8)],
  ['keyLength', ({ key }) => Math.min(key.length, 60)],
  ['keyUpper', ({ key }) => flag(/^[A-Z0-9_.-]+$/.test(key))],
  ['keyCamel', ({ key }) => flag(/[a-z][A-Z]/.test(key))],
  ['keyPlain', ({ lower }) => flag(/^(?:pass|password|passwd|pwd|secret|token|key|apikey|api_key)$/.test(lower))],
  [
    'keyLastSecret',
    ({ last }) => flag(/^(?:password|passwd|pwd|pass|secret|token|key|apikey|credential|credentials)$/.test(last)),
  ],
  ['keyDotted', ({ key }) => flag(key.includes('.'))],
]

export const keyFeatureNames: readonly string[] = features.map(([name]) => name)

const memo = new Map<string, readonly number[]>()

/** The features of a name; the same names come again and again, so that they are kept. */
export function keyFeatures(key: string): readonly number[] {
  let known = memo.get(key)
  if (!known) {
    if (memo.size > 5000) memo.clear()
    const name = judgeKey(key)
    const facts: NameFacts = { key, name, lower: key.toLowerCase(), last: name.words.at(-1) ?? '' }
    known = features.map(([, of]) => of(facts))
    // A copy: a slice would keep the text that it was cut from in memory.
    memo.set(Buffer.from(key, 'latin1').toString('latin1'), known)
  }
  return known
}
