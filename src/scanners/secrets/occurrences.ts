import { Buffer } from 'node:buffer'
import type { Match } from '../../detect/match.ts'
import { classifyPath } from '../../detect/path-class.ts'
import { describeTraits, type Traits, traitsOf } from '../../detect/traits.ts'
import { secretKubernetesCredential } from '../../facts/kubernetes-credentials.ts'
import { secretMatch } from '../../facts/secret.ts'
import { CONFIDENCES, type Confidence, type Excerpt, type Fact, type FileLocation, fact, UNKNOWN } from '../../model.ts'
import { KubeconfigUsers } from './kubeconfig.ts'
import { endOf, type Identity, identifyCredential } from './kubernetes-credential.ts'
import { store } from './vault.ts'

/** A file, or what a commit added to one, in which secrets were found. */
export interface Place {
  readonly file: string
  /** False if the file is not tracked; undefined if there is no git to tell. */
  readonly committed: boolean | undefined
  /** Set if it is in history. */
  readonly commit?: Origin
  /** All of the text, for what stands beside a secret and says whose it is. */
  readonly text?: () => string
}

/** What brought a text into the repository. */
export interface Origin {
  /** Of the commit; empty for an object that no commit holds. */
  readonly id: string
  /** Author's date, seconds since 1970. */
  readonly time: number
}

/** What is told of the one place that is shown: all of it is of this place, so that nothing of another is said there. */
interface Shown {
  readonly at: FileLocation
  readonly rule: string
  readonly masked: string
  readonly key: string
  readonly syntax: string
  readonly encoding: string
  readonly excerpt: Excerpt
}

/**
 * All that is known of one secret. The rule that knows most of it names it, and the weightiest place where that rule matched is
 * shown. What the secret *is* counts from all places: how sure it is, whether it stands in code (the same value opens the same
 * door, by whatever rule it was seen there), since when, and whether it is committed.
 */
interface Secret {
  rule: string
  priority: number
  digest: string
  about: Match['about']
  pathClass: string
  traits: Traits
  /** Of credentials of Kubernetes. */
  identity: Identity | undefined
  confidence: Confidence
  validated: boolean
  publicId: string
  partner: string
  shown: Shown
  readonly tree: FileLocation[]
  readonly history: FileLocation[]
  committed: boolean | undefined
  first: Origin | undefined
  last: Origin | undefined
}

/** Collects matches of one repository into one fact for each secret. */
export class Occurrences {
  readonly #scope: string
  readonly #now: number
  readonly #identifies: boolean
  readonly #secrets = new Map<string, Secret>()

  /** `now`: the clock of the run, from which ages are counted; `identifies`: whether `credentials` will be asked for. */
  constructor(scope: string, now = new Date(0), identifies = true) {
    this.#scope = scope
    this.#identifies = identifies
    this.#now = Math.floor(now.getTime() / 1000)
  }

  /**
   * Adds the matches of one text; `locate` gives a match's place in the file, `cut` the lines around it. `counts` tells which of
   * the matches are meant, if not all.
   */
  add(
    matches: readonly Match[],
    place: Place,
    locate: (match: Match) => FileLocation,
    cut: (match: Match) => Excerpt,
    counts: (match: Match) => boolean = () => true,
  ): void {
    const digests = matches.map((match) => digestOf(match, place.file))
    const users = new KubeconfigUsers(place.text ?? (() => ''))
    const identify = (match: Match) => (this.#identifies ? identifyCredential(match, users) : undefined)
    for (const [index, match] of matches.entries()) {
      const digest = digests[index] as string
      const partner = match.partner === undefined ? '' : (digests[match.partner] ?? '')
      if (!counts(match)) continue
      const known = this.#secrets.get(digest)
      // What a commit is known to hold needs no second place in an object without a name.
      if (place.commit?.id === '' && known && (known.first ?? NOWHERE).id !== '') continue
      const at = locate(match)
      const now = this.#now * 1000
      const secret = known ?? newSecret(match, digest, place, showing(match, at, cut(match)), now, identify(match))
      if (!known) this.#secrets.set(digest, secret)
      if (known && !isIdentified(known)) known.identity = identify(match) ?? known.identity
      merge(secret, match, place, partner, now)
      if (known && isWorthierToShow(secret, match, at)) secret.shown = showing(match, at, cut(match))
      const list = place.commit ? secret.history : secret.tree
      list.push(at)
    }
  }

  /** In order of file and line. */
  facts(historyWasRead: boolean): Fact[] {
    return [...this.#secrets.values()]
      .map((secret) => toFact(secret, this.#scope, historyWasRead, this.#now))
      .sort((a, b) => comparePlaces(a.at as FileLocation, b.at as FileLocation))
  }

  /** Whom the credentials of Kubernetes among them sign in as. */
  credentials(): Fact[] {
    return [...this.#secrets.values()]
      .flatMap((secret) => credentialFact(secret, this.#scope, this.#now * 1000) ?? [])
      .sort((a, b) => comparePlaces(a.at as FileLocation, b.at as FileLocation))
  }
}

function digestOf({ value, about, rule }: Match, file: string): string {
  if (about === 'setting') return store({ value, domain: rule, path: file })
  return store({ value, domain: about === 'aspect' ? rule : '' })
}

function newSecret(
  match: Match,
  digest: string,
  { file, committed, commit }: Place,
  shown: Shown,
  now: number,
  identity: Identity | undefined,
): Secret {
  return {
    rule: match.rule,
    priority: match.priority,
    digest,
    about: match.about,
    pathClass: classifyPath(file),
    traits: traitsOf(match.rule, match.value, now),
    identity,
    confidence: match.confidence,
    validated: match.validated,
    publicId: textOf(match.publicId),
    partner: '',
    shown,
    tree: [],
    history: [],
    committed,
    first: commit,
    last: commit,
  }
}

function showing({ rule, masked, key, syntax, encoding }: Match, at: FileLocation, excerpt: Excerpt): Shown {
  return { at, rule, masked: textOf(masked), key: textOf(key), syntax, encoding, excerpt }
}

/**
 * Whether a further place is the one to show. The tree is read before history: what is in the tree is shown there, even if only
 * history knows the rule. Of commits the first one that is read, the newest, is shown.
 */
function isWorthierToShow({ rule, shown }: Secret, match: Match, at: FileLocation): boolean {
  if (match.rule !== rule || (at.commit !== undefined && shown.at.commit === undefined)) return false
  return shown.rule !== rule || (at.commit === undefined && byWeight(at, shown.at) < 0)
}

function isIdentified({ identity }: Secret): boolean {
  return typeof identity?.user === 'string' && identity.user !== ''
}

/** A further occurrence: the rule that knows more of it wins, as does what makes it worse. */
function merge(secret: Secret, match: Match, { file, committed, commit }: Place, partner: string, now: number): void {
  if (match.priority > secret.priority) {
    secret.rule = match.rule
    secret.priority = match.priority
    secret.publicId = textOf(match.publicId)
    secret.traits = traitsOf(match.rule, match.value, now)
  }
  if (CONFIDENCES.indexOf(match.confidence) > CONFIDENCES.indexOf(secret.confidence))
    secret.confidence = match.confidence
  secret.validated ||= match.validated
  if (secret.partner === '') secret.partner = partner
  if (committed === true) secret.committed = true
  // A secret in code is worse than the same one in a test.
  const pathClass = classifyPath(file)
  if (WORST_FIRST.indexOf(pathClass) < WORST_FIRST.indexOf(secret.pathClass)) secret.pathClass = pathClass
  if (!commit) return
  // History is read from the newest commit to the oldest: of two with one date the later one came first.
  if (!secret.first || commit.time <= secret.first.time) secret.first = commit
  if (!secret.last || commit.time > secret.last.time) secret.last = commit
}

const NOWHERE: Origin = { id: '', time: 0 }
const SECONDS_OF_DAY = 86_400

/** What is told of history: nothing where it was not read, and of an object without a commit nothing but that it is there. */
function historyOf({ first, last, history }: Secret, wasRead: boolean, now: number) {
  const known = wasRead && first !== undefined && first.id !== ''
  return {
    introducedIn: known ? first.id : '',
    introducedAt: known ? dateOf(first.time) : '',
    ageDays: known ? Math.max(0, Math.floor((now - first.time) / SECONDS_OF_DAY)) : -1,
    lastAddedIn: known ? (last ?? first).id : '',
    lastAddedAt: known ? dateOf((last ?? first).time) : '',
    historyOccurrences: wasRead ? history.length : -1,
  }
}

/** `2024-02-29T12:00:00Z`; empty for a date that no calendar has, which a broken commit may name. */
function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace('.000Z', 'Z')
}

const WORST_FIRST = ['code', 'config', 'docs', 'example', 'test']

/** Code before its copies in tests and documentation, the top of the tree first. */
function byWeight(one: FileLocation, other: FileLocation): number {
  const rank = ({ file }: FileLocation) => WORST_FIRST.indexOf(classifyPath(file))
  const depth = ({ file }: FileLocation) => file.split('/').length
  return rank(one) - rank(other) || depth(one) - depth(other)
}

/** Places in the tree if there are any, the one that is shown first. */
function placesOf({ tree, history, shown }: Secret): readonly [FileLocation, ...FileLocation[]] {
  const places = tree.length > 0 ? tree.toSorted(byWeight) : history
  return [shown.at, ...places.filter((place) => place !== shown.at)]
}

function toFact(secret: Secret, scope: string, historyWasRead: boolean, now: number): Fact {
  const inTree = secret.tree.length > 0
  const places = placesOf(secret)
  const [at, ...also] = places
  const { digest, partner } = secret
  const { masked, key, syntax, encoding, excerpt } = secret.shown
  const built = fact(
    secretMatch,
    scope,
    at,
    {
      rule: secret.rule,
      digest,
      pairDigest: partner,
      path: at.file,
      publicId: secret.publicId,
      paired: partner !== '',
      masked,
      key,
      syntax,
      encoding,
      pathClass: secret.pathClass,
      validated: secret.validated,
      occurrences: places.length,
      files: [...new Set(places.map((place) => place.file))].sort(),
      inTree,
      committed: secret.committed ?? UNKNOWN,
      ...historyOf(secret, historyWasRead, now),
      account: secret.traits.account,
      reach: secret.traits.reach,
      remark: describeTraits(secret.traits),
      confidence: secret.confidence,
      verification: '',
      verified: '',
    },
    excerpt,
  )
  return also.length > 0 ? { ...built, also } : built
}

function credentialFact(secret: Secret, scope: string, now: number): Fact | undefined {
  const { identity, digest, rule, tree, shown } = secret
  const [at, ...also] = placesOf(secret)
  if (!identity) return undefined
  const end = endOf(identity)
  const seen = { digest, rule, path: at.file, ...identity, inTree: tree.length > 0 }
  const expired = identity.expires === UNKNOWN ? UNKNOWN : end !== undefined && end < now
  const built = fact(secretKubernetesCredential, scope, at, { ...seen, expired }, shown.excerpt)
  return also.length > 0 ? { ...built, also } : built
}

function comparePlaces(a: FileLocation, b: FileLocation): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return (
    (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || compareText(a.commit ?? '', b.commit ?? '')
  )
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Bytes as text, in a string of its own: a slice would keep the whole file in memory. */
function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
