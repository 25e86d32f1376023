import type { Confidence } from '../model.ts'
import { changeRate, characterKinds, entropyOf, wordiness } from './entropy.ts'
import { type FileKind, isTranslation } from './file-kind.ts'
import { judgeKey } from './key-name.ts'
import type { Pair } from './pair.ts'
import { classifyPath } from './path-class.ts'
import { isReference, placeholderReason } from './placeholders.ts'

/**
 * What is expected of a value. `password`: chosen by people, may be a word; `key`: made by a machine, must look random;
 * `signing-key`: whatever stands there is the key, a placeholder is the worst of them.
 */
export type Model = 'password' | 'key' | 'signing-key'

/** Where a pair was found. */
export interface PairContext {
  readonly path: string
  readonly kind: FileKind
  /** The rule reads a syntax in which the key's place alone says that the value is secret (a Kubernetes Secret). */
  readonly structured: boolean
}

/** From this score on a value is reported with that confidence; below the last it is none. */
const THRESHOLDS: readonly [Confidence, number][] = [
  ['high', 0.7],
  ['medium', 0.5],
  ['low', 0.25],
]

/**
 * Judges key name, value, file and context of a pair together: the sum of the weights below. Undefined if it is no secret.
 */
export function scorePair(pair: Pair, model: Model, context: PairContext): Confidence | undefined {
  if (isNoCandidate(pair, model, context)) return undefined
  const score = BASE[model] + valueScore(pair, model, context) + contextScore(pair, model, context)
  const confidence = THRESHOLDS.find(([, least]) => score >= least - 1e-9)?.[0]
  return isProduction(context.path) ? confidence : lowered(confidence)
}

/** What stands in tests, examples and documentation is made up more often than not. */
export function isProduction(path: string): boolean {
  const pathClass = classifyPath(path)
  return pathClass === 'code' || pathClass === 'config'
}

function lowered(confidence: Confidence | undefined): Confidence | undefined {
  return confidence === 'high' ? 'medium' : confidence && 'low'
}

/** That the key's name matched the rule at all. */
const BASE: Readonly<Record<Model, number>> = { password: 0.35, key: 0.3, 'signing-key': 0.5 }

/** Bytes; what is shorter can be guessed without looking, what is longer is data. */
const LENGTHS: Readonly<Record<Model, readonly [number, number]>> = {
  password: [4, 128],
  key: [10, 400],
  'signing-key': [3, 400],
}

function isNoCandidate(pair: Pair, model: Model, { path, structured }: PairContext): boolean {
  const value = pair.value.trim()
  const [least, most] = LENGTHS[model]
  if (value.length < least || value.length > most || value.includes('\n')) return true
  if (isReference(value) || isOtherThing(value, pair.quoted)) return true
  if (judgeKey(pair.key).isAbout && !(structured && pair.syntax === 'kubernetes-secret' && /\.|key$/i.test(pair.key)))
    return true
  // "Password" has a word for a value in each language.
  if (isTranslation(path) && !/\d/.test(value)) return true
  if (model === 'password' && !structured && !judgeKey(pair.key).isPassword) return true
  const filler = placeholderReason(value, pair.key)
  if (filler === undefined) return false
  if (model !== 'signing-key') return true
  // The name itself is a constant for a name, and in an example the filler is not what is used.
  const names = filler === 'the name of the key' || /^[A-Z][A-Z0-9_]+$/.test(value)
  return names || filler.startsWith('a type') || filler.startsWith('nothing') || isDocumentation(path)
}

function isDocumentation(path: string): boolean {
  return classifyPath(path) === 'example' || classifyPath(path) === 'docs'
}

/** Things that stand where secrets stand and are none: paths, addresses, hashes, sentences, code. */
function isOtherThing(value: string, quoted: boolean): boolean {
  if (isNoise(value)) return false
  return (
    OTHER.some((pattern) => pattern.test(value)) ||
    value.split(/\s+/).length > 4 ||
    // A variable or an expression of a language whose strings need quotes.
    (!quoted && /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$|^[A-Za-z_$][\w.$]*\(|^[A-Za-z_]\w*\[/.test(value)) ||
    // UTF-8 text in a language other than English: a label.
    /[\xc3-\xf4][\x80-\xbf]/.test(value)
  )
}

/** Long, of every kind of character and without words: WordPress's keys hold blanks, brackets and whatever else. */
function isNoise(value: string): boolean {
  if (value.length < 32 || wordiness(value) >= 0.4) return false
  const { lower, upper, digit, symbol } = characterKinds(value)
  return lower && upper && digit && symbol && entropyOf(value) >= 4.6 && changeRate(value) >= 0.5
}

const OTHER: readonly RegExp[] = [
  /^(?:\.{0,2}|~)\/[\w.@-]+(?:\/[\w.@-]*)*$/,
  /^[A-Za-z]:\\/,
  /^[a-z][a-z0-9+.-]*:\/\//i,
  /^[\w./-]+\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|txt|xml|ini|env|conf|cfg|html?|js|ts|py|go|java|php|sh|css|png|svg|properties)$/i,
  /^[\w.+-]+@[\w-]+\.[\w.-]+$/,
  // Hashes for storage and integrity
  /^\$(?:2[abxy]?|1|5|6|y|argon2\w*|pbkdf2[\w-]*|scrypt|bcrypt[\w-]*)\$/,
  /^(?:sha\d{1,3}|md5|pbkdf2|bcrypt|scrypt|argon2)[-:$_]/i,
  /^\{(?:SSHA|SHA|MD5|CRYPT|SMD5|PBKDF2|bcrypt|noop)\w*\}/i,
  /^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-)/,
  /^-----BEGIN (?!.*PRIVATE)/,
  /^[\d.,:\-/ TZ+]+$/,
  /^v?\d+\.\d+/,
  /^#[0-9a-f]{3,8}$/i,
  /^data:|^mailto:|^javascript:/i,
  /[{}<>]|\)\s*$|^\(|=>|&&|\|\|/,
  // The string that holds the name ended, and the code goes on.
  /^\s*[+,)]\s*\w+[.(]/,
  /^(?:[A-Z][a-z]+ ){2,}|[.!?:]\s|\s.*[.:!?]$/,
  // Names of types, packages and constants
  /^(?:[a-z]\w*\.){2,}\w+$/,
  /^[A-Z][a-z]+(?:[A-Z][a-z]+)+$/,
]

function valueScore(pair: Pair, model: Model, { structured }: PairContext): number {
  const value = pair.value.trim()
  const { lower, upper, digit, symbol } = characterKinds(value)
  const letters = lower || upper
  const named = isName(value)
  if (model === 'password') {
    return (
      (letters && digit ? 0.2 : 0) +
      (symbol && !named ? 0.15 : 0) +
      (lower && upper ? 0.05 : 0) +
      (value.length >= 8 ? 0.1 : 0) +
      (entropyOf(value) >= 3 ? 0.05 : 0) +
      (!digit && !symbol && !(lower && upper) ? -0.15 : 0) +
      (named ? -0.25 : 0) +
      (WEAK.has(value.toLowerCase()) ? -0.15 : 0) +
      (/\s/.test(value) ? -0.25 : 0)
    )
  }
  const random = randomness(value)
  // A name may be the name of the key; handed to a library that signs, it is the key.
  if (model === 'signing-key')
    return random > 0 && !named ? 0.2 : named && !structured && !/secret|key|change/i.test(value) ? -0.25 : 0
  return (
    random +
    (letters && digit ? 0.1 : -0.2) +
    (changeRate(value) >= 0.25 ? 0.1 : 0) +
    (named ? -0.4 : 0) +
    (/\s/.test(value) && !isNoise(value) ? -0.4 : 0)
  )
}

/** How much a value looks drawn by chance: up to 0.4; below zero if it does not. */
function randomness(value: string): number {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value)) return 0.1
  const entropy = entropyOf(value)
  if (/^(?:[0-9a-f]+|[0-9A-F]+)$/.test(value))
    return value.length >= 20 && entropy >= 3 ? 0.3 : value.length >= 16 && entropy >= 2.8 ? 0.15 : -0.2
  // What a random text of this length over some sixty characters has, less a margin.
  const expected = Math.min(Math.log2(value.length), 5.9) * 0.82
  if (entropy < expected - 0.6) return -0.1
  if (value.length < 16) return entropy >= expected ? 0.15 : 0
  return entropy >= expected ? 0.4 : 0.2
}

/** Words in a row: snake_case, kebab-case, camelCase or dotted, no digit among the letters. */
function isName(value: string): boolean {
  return (
    // With few digits among its words: `csi.storage.k8s.io/secret-name`, `etcd-cluster-1`.
    ((value.length >= 16 || /[_.:/ -]/.test(value)) &&
      wordiness(value) >= 0.55 &&
      value.replace(/[^0-9]/g, '').length <= value.length / 6) ||
    /^[a-z]+(?:[_.:/ -][a-z]+)+$|^[A-Z]+(?:[_.-][A-Z]+)+$|^[a-z]+(?:[A-Z][a-z]+)+$|^(?:[A-Z][a-z]+[ _-]?){2,}$/.test(
      value,
    )
  )
}

/** Passwords that everybody tries first; where they are used, they are defaults of development. */
const WEAK = new Set(
  'admin root guest postgres mysql mariadb redis mongo mongodb rabbitmq minio grafana elastic oracle sa user admin123 root123 password1 password123 test123 test1234 pass123 pass1234 1234 12345 123456 1234567 12345678 123456789 welcome welcome1 default local localhost dev development vagrant docker kafka neo4j wordpress drupal django symfony laravel ubuntu pi toor'.split(
    ' ',
  ),
)

function contextScore(pair: Pair, model: Model, { path, kind, structured }: PairContext): number {
  return (
    (pair.quoted || kind === 'config' ? 0.1 : 0) +
    (kind === 'config' && model !== 'key' ? 0.1 : 0) +
    (structured ? 0.1 : 0) +
    (pair.form === 'argument' ? -0.1 : pair.form === 'markup' ? -0.05 : 0) +
    (kind === 'prose' ? -0.2 : kind === 'data' ? -0.15 : 0) +
    (kind === 'unknown' && !pair.quoted ? -0.1 : 0) +
    (isTranslation(path) ? -0.4 : 0)
  )
}
