import { Buffer } from 'node:buffer'

/** What the name of a value says of it. */
export interface KeyName {
  /** Lower-case words of the last part: `spring.datasource.dbPassword` → db, password. */
  readonly words: readonly string[]
  /** Whether it names a password: something that a person chose or types. */
  readonly isPassword: boolean
  /** Whether it names something else that only mentions a secret: `password_hash`, `tokenUrl`, `show_password`. */
  readonly isAbout: boolean
  /** Whether it names something that is encrypted or hashed where it stands: `encrypted_key`, `passwordSha256`. */
  readonly isEncrypted: boolean
}

const memo = new Map<string, KeyName>()

/** Judges a name; the same names come again and again, so that the answer is kept. */
export function judgeKey(key: string): KeyName {
  let known = memo.get(key)
  if (!known) {
    known = judge(key)
    if (memo.size > 50_000) memo.clear()
    // A copy: a slice would keep the text that it was cut from in memory.
    memo.set(Buffer.from(key, 'latin1').toString('latin1'), known)
  }
  return known
}

const PASSWORD = /^(?:pass|passw|passwd|password|passphrase|passcode|pwd|pw|psw|passwort|contrasena|senha|mdp)\d{0,2}$/
const PASSWORD_END =
  /(?:passwd|password|passphrase|pwd|passwort|(?:db|my|user|root|admin|smtp|mail|ftp|sql|ssh|sudo|login|auth|key|store|trust|cert|rpc)pass)\d{0,2}$/

/** Words that only sound like a password: bypass, passenger. */
const OTHER_WORD = /(?:by|com|tres|under|over|sur)pass(?!w|_?phrase)|pass(?:enger|age|ive|ing|through|ed|port)/i

const ENCRYPTED = /^(?:encrypted|enc|hashed|hash|sha|sha1|sha2|sha256|sha512|md5|bcrypt|ciphertext|crypted|digest)$/

const words = (list: string) => new Set(list.split(' '))

/** As last word these make of a secret's name the name of something about it. */
const ABOUT_LAST = words(
  'secrets tokens keys credentials passwords hash hashed hashes file files filename path paths dir directory folder url urls uri uris endpoint endpoints name names field fields label labels id ids length len size min max minimum maximum type types input inputs policy policies regex regexp pattern patterns expiry expires expire expiration ttl timeout lifetime duration age count counts limit limits hint hints help message messages msg error errors err text title placeholder format column columns table header headers prefix suffix env var variable ref refs reference arn enabled required optional change changed reset encoder decoder manager provider service class selector xpath css form page screen view button link dialog modal mode algorithm algo alg version strength score validator validation check checks match matches prompt icon desc description info tooltip attempts retries rule rules last date time at by usage used visible visibility show hide toggle state status kind store storage cache parser lexer tokenizer handler helper util utils factory builder generator callback function func method event action scope scopes secretname user username login email host hostname port region bucket namespace domain realm issuer audience aud iss sub subject role roles group groups permission permissions position index offset start end line lines span list array map set template templates example examples doc docs test tests spec mask masked charset encoding separator delimiter param params parameter parameters attribute attributes property properties setting settings option options arg args flag flags rotation fingerprint thumbprint checksum digest salt iv nonce iterations rounds bits bytes percent ratio price cost fee budget supply decimals symbol balance address contract width height color padding style usages source sid',
)
/** As first word. */
const ABOUT_FIRST = words(
  'hashed is has no show hide use uses enable enabled disable disabled allow allows require requires required forgot forgotten missing invalid wrong reset change update confirm should can with without get set create delete remove validate verify check generate random parse read write print log handle on',
)
/** Words before "token" or "key" that make it no credential. */
const PUBLIC = words(
  'public publishable csrf xsrf anon next page pagination continuation continue cancellation cancel pad eos bos sep unk cls special stop keyword punctuation sync foreign primary sort partition cache i18n translation object row column index search lookup group map dict json yaml config storage route routing event sample test dummy fake mock example idempotency dedup resume cursor last first previous prev site measurement tracking analytics recaptcha ssh_public host hot short shortcut keyboard arrow enter ctrl alt shift meta tab css style theme react list item cell max min input output num total prompt completion context context_window vocabulary word sub accept design',
)

function judge(key: string): KeyName {
  const last = key.slice(Math.max(key.lastIndexOf('.'), key.lastIndexOf('/'), key.lastIndexOf(':')) + 1)
  // `password[0]`, `tls.key`: a last part that says nothing alone takes the one before it along.
  const parts = splitWords(last.length > 2 ? last : key)
  const end = parts.findLast((word) => !NEUTRAL.has(word)) ?? ''
  const before = parts[parts.lastIndexOf(end) - 1] ?? ''
  const isPassword = PASSWORD.test(end) || PASSWORD_END.test(end)
  return {
    words: parts,
    isPassword,
    isEncrypted: parts.some((word) => ENCRYPTED.test(word)),
    isAbout:
      ABOUT_LAST.has(end) ||
      ABOUT_FIRST.has(parts[0] ?? '') ||
      (/^(?:key|keys|token|tokens)$/.test(end) &&
        (PUBLIC.has(before) || PASSWORD.test(before) || before === 'token')) ||
      parts.includes('public') ||
      OTHER_WORD.test(key),
  }
}

/** Words that may follow the one that counts: `password_prod`, `api_key_2`, `SECRET_VALUE`. */
const NEUTRAL = words(
  'value val string str default prod production dev development stage staging live local internal external old new plain plaintext raw base64 b64 encoded primary secondary main backup a b c v x y current temp tmp override',
)

/** Splits camelCase, snake_case, kebab-case; digits at the end of a word fall away. */
export function splitWords(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/(?<=[a-z])\d+$/, ''))
    .filter((word) => word !== '' && !/^\d+$/.test(word))
}
