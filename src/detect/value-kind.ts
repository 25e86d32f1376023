import { wordiness } from './entropy.ts'

/** Things that stand where secrets stand and mostly are none. */
export type OtherThing =
  | 'path'
  | 'file'
  | 'url'
  | 'email'
  | 'hash'
  | 'public-key'
  | 'number'
  | 'colour'
  | 'code'
  | 'sentence'
  | 'type'

const OTHER: readonly (readonly [OtherThing, RegExp])[] = [
  ['path', /^(?:\.{0,2}|~)\/[\w.@-]+(?:\/[\w.@-]*)*$|^[A-Za-z]:\\/],
  ['url', /^[a-z][a-z0-9+.-]*:\/\/|^(?:data:|mailto:|javascript:)/i],
  [
    'file',
    /^[\w./-]+\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|txt|xml|ini|env|conf|cfg|html?|js|ts|py|go|java|php|sh|css|png|svg|properties)$/i,
  ],
  ['email', /^[\w.+-]+@[\w-]+\.[\w.-]+$/],
  // Hashes for storage and integrity
  [
    'hash',
    /^\$(?:2[abxy]?|1|5|6|y|argon2\w*|pbkdf2[\w-]*|scrypt|bcrypt[\w-]*)\$|^(?:sha\d{1,3}|md5|pbkdf2|bcrypt|scrypt|argon2)[-:$_]|^\{(?:SSHA|SHA|MD5|CRYPT|SMD5|PBKDF2|bcrypt|noop)\w*\}/i,
  ],
  ['public-key', /^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-)|^-----BEGIN (?!.*PRIVATE)/],
  ['number', /^[\d.,:\-/ TZ+]+$|^v?\d+\.\d+/],
  ['colour', /^#[0-9a-f]{3,8}$/i],
  // The last: the string that holds the name ended, and the code goes on.
  ['code', /[{}<>]|\)\s*$|^\(|=>|&&|\|\||^\s*[+,)]\s*\w+[.(]/],
  ['sentence', /^(?:[A-Z][a-z]+ ){2,}|[.!?:]\s|\s.*[.:!?]$/],
  // Names of types, packages and constants
  ['type', /^(?:[a-z]\w*\.){2,}\w+$|^[A-Z][a-z]+(?:[A-Z][a-z]+)+$/],
]

/** What a value is, if its form says that it is something else than a secret. */
export function otherThing(value: string): OtherThing | undefined {
  return OTHER.find(([, pattern]) => pattern.test(value))?.[0]
}

/** Words in a row: snake_case, kebab-case, camelCase or dotted, no digit among the letters. */
export function isName(value: string): boolean {
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
