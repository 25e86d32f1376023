import { Buffer } from 'node:buffer'
import { X509Certificate } from 'node:crypto'
import type { Match } from '../../detect/match.ts'
import { decodeJwt } from '../../detect/validators/jwt.ts'
import type { secretKubernetesCredential } from '../../facts/kubernetes-credentials.ts'
import { type Seen, UNKNOWN } from '../../model.ts'
import type { KubeconfigUsers } from './kubeconfig.ts'

type Json = Readonly<Record<string, unknown>>

/** Whom a credential signs in as; nothing of its value. */
export type Identity = Omit<Seen<typeof secretKubernetesCredential>, 'digest' | 'rule' | 'path' | 'expired' | 'inTree'>

const TOKEN_RULE = 'secrets/kubernetes-service-account-token'
const KUBECONFIG_RULE = 'secrets/kubeconfig-credential'

/**
 * Reads whom a match signs in as, while its value is at hand; undefined if it is no credential of Kubernetes. `users` are those of
 * the text around it: the certificate of a key stands beside it in the kubeconfig.
 */
export function identifyCredential(match: Pick<Match, 'rule' | 'value'>, users: KubeconfigUsers): Identity | undefined {
  if (match.rule === TOKEN_RULE) return readToken(match.value, users)
  return match.rule === KUBECONFIG_RULE ? readKubeconfigUser(match.value, users) : undefined
}

/** Milliseconds since 1970 at which it ends; undefined if never, or if that is not known. */
export function endOf({ expires }: Identity): number | undefined {
  return typeof expires === 'string' && expires !== '' ? Date.parse(expires) : undefined
}

const NOWHERE = { server: '', clusterName: '' }

/**
 * A token of a service account. Claims: bound tokens have the object `kubernetes.io`, legacy ones
 * `kubernetes.io/serviceaccount/namespace` and so on, and no end. Source: kubernetes/kubernetes pkg/serviceaccount (claims.go, legacy.go).
 */
function readToken(token: string, users: KubeconfigUsers): Identity | undefined {
  const claims = decodeJwt(token)?.claims
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(String(claims?.sub)) ?? []
  if (!claims || namespace === undefined || name === undefined) return undefined
  const secret = textOf(claims['kubernetes.io/serviceaccount/secret.name'])
  const account = `${namespace}/${name}`
  return {
    type: 'service-account-token',
    what: `token of ServiceAccount ${account}`,
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    account,
    issuer: textOf(claims.iss),
    audiences: [claims.aud].flat().filter((each) => typeof each === 'string'),
    expires: typeof claims.exp === 'number' ? dateOf(claims.exp * 1000) : '',
    tokenSecret: secret && `${namespace}/${secret}`,
    ...(users.find(token)?.place ?? NOWHERE),
  }
}

function readKubeconfigUser(value: string, users: KubeconfigUsers): Identity {
  const found = users.find(value)
  const common = { account: '', issuer: '', audiences: [], expires: '', tokenSecret: '', ...(found?.place ?? NOWHERE) }
  const isKey = found ? holds(found.user['client-key-data'], value) : /^LS0t|-----BEGIN/.test(value)
  if (isKey) return { ...common, ...readCertificate(found?.user['client-certificate-data']) }
  const isPassword = found !== undefined && found.user.password === value
  const user = isPassword ? textOf(found.user.username) : ''
  return {
    ...common,
    type: isPassword ? 'password' : 'token',
    what: user ? `password of user ${user}` : 'token that does not tell its user',
    user: user || UNKNOWN,
    groups: UNKNOWN,
    expires: UNKNOWN,
  }
}

/** The common name is the user, the organisations are the groups. Source: kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates */
function readCertificate(data: unknown): Pick<Identity, 'type' | 'what' | 'user' | 'groups' | 'issuer' | 'expires'> {
  const type = 'client-certificate'
  const certificate = typeof data === 'string' ? parseCertificate(data) : undefined
  if (!certificate) {
    const what = 'client certificate that stands elsewhere'
    return { type, what, user: UNKNOWN, groups: UNKNOWN, issuer: UNKNOWN, expires: UNKNOWN }
  }
  const { user, groups, issuer, expires } = certificate
  return {
    type,
    what: `client certificate of user ${user}`,
    user,
    groups: [...groups, 'system:authenticated'],
    issuer,
    expires,
  }
}

function parseCertificate(data: string) {
  try {
    const certificate = new X509Certificate(Buffer.from(data, 'base64'))
    const { subject, issuer } = certificate.toLegacyObject() as { subject?: Json; issuer?: Json }
    return {
      user: textOf([subject?.CN].flat()[0]),
      groups: [subject?.O].flat().filter((each) => typeof each === 'string'),
      issuer: textOf([issuer?.CN].flat()[0]),
      expires: dateOf(Date.parse(certificate.validTo)),
    }
  } catch {
    // No certificate: whom the key is of is not known, which the caller says.
    return undefined
  }
}

/** As it stands, or in base64. */
function holds(written: unknown, value: string): boolean {
  const text = textOf(written).trim()
  return text !== '' && (text === value || Buffer.from(text, 'base64').toString('latin1').trim() === value.trim())
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** `2030-01-31T12:00:00Z`; empty for a time that no calendar has. */
function dateOf(milliseconds: number): string {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace(/\.\d{3}Z$/, 'Z')
}
