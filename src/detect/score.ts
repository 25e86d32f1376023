import { CONFIDENCES, type Confidence } from '../model.ts'
import { changeRate, characterKinds, entropyOf, wordiness } from './entropy.ts'
import { isForeign, isTranslation } from './file-kind.ts'
import { judgeKey } from './key-name.ts'
import { likelihoodOf } from './likelihood/likelihood.ts'
import type { Surroundings } from './likelihood/place-features.ts'
import { isLiteralPassword, isResourcePassword } from './literal-password.ts'
import type { Pair } from './pair.ts'
import { classifyPath } from './path-class.ts'
import { isFillerPhrase, isReference, isSequence, isWeakPassword, placeholderReason } from './placeholders.ts'
import { isBareSecretKey, namesAccessKey } from './structure/storage-keys.ts'
import { isName, otherThing } from './value-kind.ts'

/**
 * What is expected of a value. `password`: chosen by people, may be a word; `key`: made by a machine, must look random;
 * `signing-key`: whatever stands there is the key, a placeholder is the worst of them.
 */
export type Model = 'password' | 'key' | 'signing-key'

/** Where a pair was found. */
export interface PairContext extends Surroundings {
  /** The rule reads a syntax in which the key's place alone says that the value is secret (a Kubernetes Secret). */
  readonly structured: boolean
  /** What the likelihood says of the pair; the same for all rules that judge it, so that it is told once. */
  readonly likely: () => Confidence | undefined
}

/** What rules need to know of the place of a pair. */
export function contextOf(pair: Pair, surroundings: Surroundings): Omit<PairContext, 'structured'> {
  let told: { readonly confidence: Confidence | undefined } | undefined
  return {
    ...surroundings,
    likely: () => {
      told ??= { confidence: judgeLikelihood(pair, surroundings) }
      return told.confidence
    },
  }
}

/** From this score on a value is reported with that confidence; below the last it is none. */
type Thresholds = readonly (readonly [Confidence, number])[]
const SCORES: Thresholds = [
  ['high', 0.7],
  ['medium', 0.5],
  ['low', 0.25],
]
/** The same for likelihoods; docs/secrets.md has what share of each is right. */
const LIKELIHOODS: Thresholds = [
  ['high', 0.9],
  ['medium', 0.7],
  ['low', 0.45],
]

/**
 * Judges key name, value, file and context of a pair together. A name with a literal is judged by its likelihood; where the
 * place alone says that a value is secret, and for signing keys, a sum of weights decides. Undefined if it is no secret.
 */
export function scorePair(pair: Pair, model: Model, context: PairContext): Confidence | undefined {
  if (pair.syntax === 'sql' && isStoredHash(pair)) return 'low'
  const isWeakOne = () => isWeak(pair.value.trim(), pair.key)
  // In a test anything may sign; in production a word that signs is the worst of keys.
  if (model === 'signing-key') {
    if (!isProduction(context.path) && isWeakOne()) return undefined
    return isOfStorage(pair, context) ? undefined : byWeights(pair, model, context)
  }
  if (!context.structured) return context.likely()
  const weighed = byWeights(pair, model, context)
  // The sum of weights costs a part of the likelihood, which cannot be surer than high, and outside of production than low.
  const isSettled = weighed === 'high' || (weighed !== undefined && !isProduction(context.path))
  const confidence = isSettled ? weighed : higher(context.likely(), weighed)
  return confidence !== undefined && isWeakOne() ? lowered(confidence) : confidence
}

/** The secret half of a pair of keys, in text that has no structure; where there is one, it tells (storage-keys.ts). */
function isOfStorage({ key, syntax }: Pair, { before, after }: PairContext): boolean {
  if (syntax !== 'text' && syntax !== 'dotenv') return false
  return isBareSecretKey(key) && (namesAccessKey(before) || namesAccessKey(after))
}

function judgeLikelihood(pair: Pair, context: Surroundings): Confidence | undefined {
  const { path } = context
  const value = pair.value.trim()
  if (value.length < 3 || value.length > 400 || value.includes('\n') || isReference(value)) return undefined
  const { isAbout, isEncrypted, isPassword } = judgeKey(pair.key)
  if ((isAbout && !MAY_HOLD.test(pair.key)) || isEncrypted || isDrawnOut(value) || otherThing(value) === 'hash')
    return undefined
  if (saysExample(value) || (isFillerPhrase(value) && !(isPassword && mayBeUsed(value)))) return undefined
  // "Password" has a word for a value in each language.
  if (isTranslation(path) && !/\d/.test(value)) return undefined
  const likely = reached(likelihoodOf(pair, context), LIKELIHOODS)
  const isSet = isResourcePassword(pair)
  const isShown = isProduction(path) && (isSet || isLiteralPassword(pair, context))
  const confidence = isShown ? higher(likely, 'medium') : likely
  if (confidence === undefined) return undefined
  // In tests, examples and comments a name with a literal tells nothing of what is used; words are defaults of development,
  // those with a number (`root123`) somebody chose.
  if (!isProduction(path)) return 'low'
  if (isWeak(value, pair.key))
    return isSet || (isWeakPassword(value) && /[a-z]\d/i.test(value)) ? least(confidence, 'medium') : 'low'
  // Letters alone may be a word of any language.
  return inComment(isPassword && /^[a-z]+$/i.test(value) ? least(confidence, 'medium') : confidence, context)
}

/** In a comment of code stands an example, in one of a configuration what was set before. */
function inComment(confidence: Confidence | undefined, context: Surroundings): Confidence | undefined {
  if (!isInComment(context.before)) return confidence
  return context.kind === 'code' ? confidence && 'low' : lowered(confidence)
}

/** Whether the line that a text ends with begins as a comment. */
export function isInComment(before: string): boolean {
  return /^\s*(?:#|\/\/|\*|<!--|;|--\s|%)/.test(before.slice(before.lastIndexOf('\n') + 1))
}

function byWeights(pair: Pair, model: Model, context: PairContext): Confidence | undefined {
  if (isNoCandidate(pair, model, context)) return undefined
  const score = BASE[model] + valueScore(pair, model, context) + contextScore(pair, model, context)
  const confidence = reached(score, SCORES)
  if (model === 'signing-key' && signsNothing(pair, context)) return confidence && 'low'
  if (isProduction(context.path)) return inComment(confidence, context)
  return isDocumentation(context.path) || model === 'signing-key' ? confidence && 'low' : lowered(confidence)
}

/** A password's MD5 or SHA in a row of a table: no password that somebody could sign in with. */
function isStoredHash({ key, value }: Pair): boolean {
  return judgeKey(key).isPassword && /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i.test(value.trim())
}

/**
 * A word where no program reads a key: in a comment, in a block of code that a docstring quotes, in the environment of one command of
 * an image's build, in a piece of code that a JSON file quotes. What looks random was a key somewhere.
 */
function signsNothing({ key, value, syntax }: Pair, { path, before }: PairContext): boolean {
  const word = value.trim()
  if (randomness(word) > 0 && !isName(word) && !/^[a-z]{1,15}(?: [a-z]{1,15}){0,3}$/i.test(word)) return false
  return (
    isInComment(before) ||
    isQuotedInProse(before) ||
    /^RUN[.:/]/.test(key) ||
    (syntax === 'text' && /\.json$/i.test(path))
  )
}

/** Behind a paragraph that ends in `::`, in lines that are indented, as reStructuredText has it; or at a prompt (`>>> `). */
function isQuotedInProse(before: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return /^[ \t]*(?:>>>|\.\.\.) /.test(line) || LITERAL_BLOCK.test(before)
}

/** No two parts of it match the same, so that it takes as many steps as there are characters. */
const LITERAL_BLOCK = /::[ \t]*\r?\n[ \t]*\r?\n(?:[ \t][^\n]*\n|\r?\n)*[ \t][^\n]*$/

function reached(score: number, thresholds: Thresholds): Confidence | undefined {
  return thresholds.find(([, least]) => score >= least - 1e-9)?.[0]
}

function least(a: Confidence, b: Confidence): Confidence {
  return CONFIDENCES.indexOf(a) <= CONFIDENCES.indexOf(b) ? a : b
}

function higher(a: Confidence | undefined, b: Confidence | undefined): Confidence | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return CONFIDENCES.indexOf(a) >= CONFIDENCES.indexOf(b) ? a : b
}

/** Names that tell of secrets, but may hold one all the same: a list's first item, a form's second field. */
const MAY_HOLD = /(?:tokens|secrets|passwords|credentials|(?:verify|confirm|set)[\w-]*password)$/i

/** `changeit` and `my-password` are set as they stand all too often, `<your password>` is not. */
function mayBeUsed(value: string): boolean {
  return /^[\w!@#.-]+$/.test(value) && !/your|x{3}|here$|example|placeholder|redacted|insert|replace|todo/i.test(value)
}

/** A provider's own example: `…EXAMPLEKEY`. */
function saysExample(value: string): boolean {
  return value.includes('EXAMPLE')
}

/** The same character many times over, or the alphabet: blacked out, or made up. */
function isDrawnOut(value: string): boolean {
  return /(.)\1{7}/.test(value) || (value.length >= 16 && isSequence(value.toLowerCase()))
}

/** A word that stands for a secret, or that everybody tries first: what is used in earnest is something else, one hopes. */
function isWeak(value: string, key: string): boolean {
  return isWeakPassword(value) || placeholderReason(value, key) !== undefined
}

/** What stands in tests, examples and documentation is made up more often than not. */
export function isProduction(path: string): boolean {
  const pathClass = classifyPath(path)
  return (pathClass === 'code' || pathClass === 'config') && !isForeign(path)
}

/** One step less sure; low stays low. */
export function lowered(confidence: Confidence | undefined): Confidence | undefined {
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
  if (saysExample(value)) return true
  if (judgeKey(pair.key).isAbout && !(structured && pair.syntax === 'kubernetes-secret' && /\.|key$/i.test(pair.key)))
    return true
  // "Password" has a word for a value in each language.
  if (isTranslation(path) && !/\d/.test(value)) return true
  if (model === 'password' && !structured && !judgeKey(pair.key).isPassword) return true
  const filler = placeholderReason(value, pair.key)
  if (model === 'signing-key' && namesKey(value, pair.key)) return true
  if (filler === undefined) return false
  if (model !== 'signing-key') return true
  // The name itself is a constant for a name, and in an example the filler is not what is used.
  const names = filler === 'the name of the key' || /^[A-Z][A-Z0-9_]+$/.test(value)
  return names || filler.startsWith('a type') || filler.startsWith('nothing') || isDocumentation(path)
}

/** `SECRET_KEY = "app.secret_key"`: where the key is found, not what it is. */
function namesKey(value: string, key: string): boolean {
  const last = key.slice(key.lastIndexOf('.') + 1).toLowerCase()
  return value.length > last.length && /[.:/]$/.test(value.slice(0, -last.length)) && value.toLowerCase().endsWith(last)
}

function isDocumentation(path: string): boolean {
  return classifyPath(path) === 'example' || classifyPath(path) === 'docs'
}

/** Things that stand where secrets stand and are none: paths, addresses, hashes, sentences, code. */
function isOtherThing(value: string, quoted: boolean): boolean {
  if (isNoise(value)) return false
  return (
    otherThing(value) !== undefined ||
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
      (isWeakPassword(value) ? -0.15 : 0) +
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
