import { Buffer } from 'node:buffer'
import { X509Certificate } from 'node:crypto'
import type { Match } from '../../detect/match.ts'
import { decodeJwt } from '../../detect/validators/jwt.ts'
import type { secretKubernetesCredential } from '../../facts/kubernetes-credentials.ts'
import { type Seen, UNKNOWN } from '../../model.ts'
import { readSlice, splitDocuments } from '../../sources/yaml-documents.ts'

type Json = Readonly<Record<string, unknown>>

/** Whom a credential signs in as; nothing of its value. */
export type Identity = Omit<Seen<typeof secretKubernetesCredential>, 'digest' | 'rule' | 'path' | 'expired' | 'inTree'>

const TOKEN_RULE = 'secrets/kubernetes-service-account-token'
const KUBECONFIG_RULE = 'secrets/kubeconfig-credential'

/**
 * Reads whom a match signs in as, while its value is at hand; undefined if it is no credential of Kubernetes. `text` is the whole
 * text around it: the certificate of a key stands beside it in the kubeconfig.
 */
export function identifyCredential(match: Pick<Match, 'rule' | 'value'>, text: () => string): Identity | undefined {
  if (match.rule === TOKEN_RULE) return readToken(match.value, text)
  return match.rule === KUBECONFIG_RULE ? readKubeconfigUser(match.value, text()) : undefined
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
function readToken(token: string, text: () => string): Identity | undefined {
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
    ...(placeInKubeconfig(token, text) ?? NOWHERE),
  }
}

/** The address of a cluster is worth a look only where the text may be a kubeconfig. */
function placeInKubeconfig(value: string, text: () => string): typeof NOWHERE | undefined {
  const content = text()
  return /["']?users["']?\s*:/.test(content) ? findUser(value, content)?.place : undefined
}

function readKubeconfigUser(value: string, text: string): Identity {
  const found = findUser(value, text)
  const common = { account: '', issuer: '', audiences: [], expires: '', tokenSecret: '', ...(found?.place ?? NOWHERE) }
  const isKey = found ? matches(found.user['client-key-data'], value) : /^LS0t|-----BEGIN/.test(value)
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

interface FoundUser {
  readonly user: Json
  readonly place: { server: string; clusterName: string }
}

/** The user of a kubeconfig who has a value, and the cluster that a context leads it to. */
function findUser(value: string, text: string): FoundUser | undefined {
  for (const config of documentsOf(text)) {
    const named = list(config.users).find((each) => Object.values(record(each.user)).some((own) => matches(own, value)))
    if (!named) continue
    const context = list(config.contexts).find((each) => record(each.context).user === named.name)
    const clusterName = textOf(record(context?.context).cluster)
    const cluster = list(config.clusters).find((each) => each.name === clusterName)
    return { user: record(named.user), place: { server: textOf(record(cluster?.cluster).server), clusterName } }
  }
  return undefined
}

/** The value as it stands, or what it holds in base64. */
function matches(written: unknown, value: string): boolean {
  if (typeof written !== 'string' || written === '') return false
  const text = written.trim()
  return (
    text === value ||
    (text.startsWith('LS0t') && Buffer.from(text, 'base64').toString('latin1').trim() === value.trim())
  )
}

function* documentsOf(text: string): Generator<Json> {
  for (const slice of splitDocuments(text)) {
    const read = readSlice(slice)
    if (!('message' in read)) yield record(read.value)
  }
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(record) : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** `2030-01-31T12:00:00Z`; empty for a time that no calendar has. */
function dateOf(milliseconds: number): string {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace(/\.\d{3}Z$/, 'Z')
}
