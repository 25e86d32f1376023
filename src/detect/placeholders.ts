import { distinctCharacters } from './entropy.ts'

/**
 * Tells values that are no secrets from those that may be. Everything here is about text that stands where a secret would
 * stand: references that are resolved at run time, and fillers that people write into documentation and templates.
 */

/** A reference, template or expression: the secret is elsewhere, whatever the rule. */
export function isReference(value: string): boolean {
  const text = value.trim()
  return (
    REFERENCES.some((pattern) => pattern.test(text)) ||
    // Encrypted where it stands: SOPS, Ansible Vault, sealed values, Jasypt, Rails credentials, git-crypt.
    /^(?:ENC\[|ENC\(|\$ANSIBLE_VAULT|!vault|\{cipher\}|AgA[A-Za-z0-9+/]{200})/.test(text)
  )
}

const REFERENCES: readonly RegExp[] = [
  // Templates: ${VAR}, $VAR, $(command), {{ value }}, <%= value %>, #{value}, @value@, %VAR%, %{value}, [[value]]
  /\$\{[^}]*\}?/,
  /^\$\(/,
  /^\$[A-Za-z_][A-Za-z0-9_.]*$/,
  /\{\{.*?(?:\}\}|$)/,
  /<%/,
  /#\{[\w\s.:@"'()[\]]*(?:\}|$)/,
  /^@[A-Za-z0-9_.-]+@$/,
  /^%[A-Za-z0-9_.]+%$/,
  /%\{/,
  /^%\([A-Za-z0-9_.]+\)s$/,
  /^\[\[.*\]\]$/,
  /^\{[A-Za-z0-9_.:[\]"'!-]*\}$/,
  /^%[sdvq]$/,
  // Lookups in code and in configuration
  /\b(?:process\.env|os\.environ|import\.meta\.env|Deno\.env|System\.getenv|Environment\.GetEnvironmentVariable)\b/,
  /\b(?:getenv|ENV\.fetch|config\.get|env\.get|secrets?\.get|get_secret|getSecret|getpass)\s*\(/i,
  /^(?:ENV|env|os\.environ|process\.env|secrets|vars|var|local|data|module|params|self|this|config|settings)[.[]/,
  /^(?:vault|op|aws-ssm|awssm|ssm|secretsmanager|sm|gcpsm|gcp-sm|azurekv|keyvault|doppler|infisical|akeyless|file|env|ref\+\w+):/i,
  /^arn:aws[\w-]*:/,
  /^projects\/[^/]+\/secrets\//,
  /^(?:!Ref|!Sub|!GetAtt|!ImportValue|Fn::|!reference|!env_var|!secret|!ENV)\b/,
  /^\{\{?resolve:/,
]

/** Why a value is a filler and no secret; undefined if it may be one. `key` is the name that it is assigned to. */
export function placeholderReason(value: string, key = ''): string | undefined {
  const text = value.trim()
  if (text === '') return 'empty'
  if (isReference(text)) return 'a reference'
  const lower = text.toLowerCase()
  if (LITERALS.has(lower)) return 'a type or an empty value'
  const plain = withoutPunctuation(lower)
  if (plain === '') return 'nothing but punctuation'
  if (WORDS.has(plain)) return 'a word that stands for a secret'
  if (FILLER.test(lower)) return 'a word that stands for a secret'
  if (/^<[^<>]*>$|^\[[a-z _-]+\]$|^\([a-z _-]+\)$/i.test(text)) return 'in brackets'
  if (isRepetitive(plain)) return 'repeated characters'
  if (isSequence(plain)) return 'a sequence'
  if (key !== '' && plain === key.toLowerCase().replace(/[^a-z0-9]/g, '')) return 'the name of the key'
  return undefined
}

/**
 * The same for values in a provider's format, most of which is random: only what chance does not produce counts.
 */
export function isFormattedFiller(value: string): boolean {
  const lower = value.toLowerCase()
  return (
    /example|sample|placeholder|redacted|dummy|xxxxx|changeme|your[_-]|(?:fake|test|mock|invalid)(?:key|token|secret)|\.\.\.|abcdefgh|bcdefghi|12345678|23456789|98765432|deadbeef/.test(
      lower,
    ) ||
    /(.)\1{7}/.test(lower) ||
    isRepetitive(lower.replace(/^[a-z]{1,12}[_-]|[_\-.]/g, ''))
  )
}

/**
 * Characters that count up, or the same one again and again: chance does not make them, but a key that somebody altered to
 * show it to others, or a weak key, may have them. Such a value is told of with low confidence, unless it says what it is.
 */
export function looksTyped(value: string): boolean {
  const lower = value.toLowerCase()
  return /abcdefgh|bcdefghi|12345678|23456789|98765432|deadbeef|(.)\1{7}/.test(lower) && !SAYS_SO.test(lower)
}

const SAYS_SO =
  /example|sample|placeholder|redacted|dummy|xxxxx|changeme|your[_-]|(?:fake|test|mock|invalid)(?:key|token|secret)|\.\.\./

const LITERALS = new Set(
  [
    'null none nil undefined true false yes no on off nan void string str text varchar char int integer bool boolean',
    'number object any unknown bytes byte blob secretstring securestring unset empty n/a na tbd todo fixme disabled',
    'enabled optional required default unused auto random generated generate encrypted hashed hidden masked redacted',
    'removed omitted secretref valuefrom prompt ask inherit',
  ]
    .join(' ')
    .split(' '),
)

/** Whole values, without their punctuation. */
const WORDS = new Set(
  [
    'password passwd pass pwd passphrase secret secretkey mysecret mysecretkey thesecret topsecret supersecret secrettoken',
    'supersecretkey token mytoken thetoken accesstoken authtoken apitoken apikey myapikey key mykey thekey accesskey privatekey clientsecret',
    'mypassword mypass yourpassword thepassword apassword somepassword newpassword oldpassword userpassword dbpassword',
    'username user changeme changethis changeit change replaceme replacethis replace fillme fillin insert here value myvalue somevalue',
    'foo bar baz qux foobar foobarbaz test testing tests dummy example sample mock fake demo placeholder',
    'testpassword testpass testsecret testtoken testkey testapikey fakepassword fakesecret faketoken fakekey fakeapikey',
    'dummypassword dummysecret dummytoken dummykey examplepassword examplesecret exampletoken examplekey samplepassword',
    'mockpassword mocksecret mocktoken mockkey keyboardcat shhh shhhh shhhhh shhhhhh abc abcd abcde abc123 asdf qwerty letmein',
    'somesecret sometoken somekey credentials credential auth authorization bearer basic hmac jwt login signin',
    'notasecret notsecret notapassword notarealpassword notarealkey notarealtoken notreal none nopassword nosecret',
    'passwordhere secrethere tokenhere keyhere apikeyhere invalid wrong wrongpassword badpassword incorrect invalidtoken',
  ]
    .join(' ')
    .split(' '),
)

/** Parts that only fillers have. */
const FILLER =
  /^(?:your|my|the|an?|some|insert|enter|add|put|paste|replace|change|fill|set|use|provide|choose|pick)[\s_.-]?(?:own|super|very|strong|new|secure|real|actual|db|database|admin|root|user|app|api|access|auth|client|private|jwt|session|secret|password|passwd|pass|token|key|me|this|it|in|with|here|value|random|production|prod)(?:[\s_.-]?\w+){0,6}$|(?:^|[\W_])(?:your|changeme|change[\W_]?(?:me|this|it)|replace[\W_]?(?:me|this|with)?|placeholder|example|sample|redacted|insert[\W_]|todo|fixme|dummy|xxx+|goes[\W_]?here|-here|_here)(?:$|[\W_])|^x{3,}|x{5,}|\*{3,}|\.{3,}|^-+$|^_+$|^0+$|[\W_]here$|^<.*>$/

/** Passwords that everybody tries first; where they are used, they are defaults of development. */
const WEAK = new Set(
  'admin root guest postgres mysql mariadb redis mongo mongodb rabbitmq minio grafana elastic oracle sa user admin123 root123 password1 password123 test123 test1234 pass123 pass1234 1234 12345 123456 1234567 12345678 123456789 welcome welcome1 default local localhost dev development vagrant docker kafka neo4j wordpress drupal django symfony laravel ubuntu pi toor'.split(
    ' ',
  ),
)

/** Whether a value is one that people set in development, and in production all too often. */
export function isWeakPassword(value: string): boolean {
  return WEAK.has(value.toLowerCase())
}

/** Whether a value, without its punctuation, is a word that stands for a secret: `my-password`, `foobar`. */
export function isCommonWord(value: string): boolean {
  return WORDS.has(withoutPunctuation(value.toLowerCase()))
}

/** Whether a value asks to be replaced, or is blacked out: `your-key-here`, `<token>`, `xxxxxxxx`. */
export function isFillerPhrase(value: string): boolean {
  return FILLER.test(value.toLowerCase())
}

function withoutPunctuation(text: string): string {
  return text.replace(/[\s_.\-*<>[\](){}"'`!?#@/\\:=+]+/g, '')
}

/** One or two different characters, or a short unit that repeats: xxxx, abababab, 0000-0000. */
export function isRepetitive(text: string): boolean {
  const distinct = distinctCharacters(text)
  if (text.length < 4) return text.length > 0 && distinct === 1
  if (distinct <= 2) return true
  // A unit holds each of the characters.
  for (let unit = distinct; unit <= Math.min(12, text.length / 3); unit++) if (repeats(text, unit)) return true
  return false
}

function repeats(text: string, unit: number): boolean {
  for (let i = unit; i < text.length; i++) if (text.charCodeAt(i) !== text.charCodeAt(i - unit)) return false
  return true
}

/** Characters that count up or down for all of the text, or nearly: abcdef123456, 987654321. */
export function isSequence(text: string): boolean {
  if (text.length < 6) return ['1234', '12345', 'abcd', 'abcde', '4321', '54321', '1111', '0000'].includes(text)
  let steps = 0
  for (let i = 1; i < text.length; i++) {
    const step = text.charCodeAt(i) - text.charCodeAt(i - 1)
    // 9 → 0 and the change from digits to letters belong to the sequence.
    if (Math.abs(step) === 1 || (text[i - 1] === '9' && (text[i] === '0' || text[i] === 'a'))) steps++
  }
  return steps >= (text.length - 1) * 0.8
}
