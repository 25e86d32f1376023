import { Buffer } from 'node:buffer'
import { generateKeyPairSync, sign } from 'node:crypto'

/** A client certificate and its key, as a kubeconfig holds them. */
export interface ComposedCertificate {
  readonly certificate: string
  readonly key: string
}

const EC = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const SIGNATURE_ALGORITHM = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')))

/** A self-signed certificate of a user and its groups; `validTo` as YYMMDDhhmmssZ. Both parts are PEM. */
export function composeCertificate(
  user: string,
  groups: readonly string[],
  validTo = '491231235959Z',
): ComposedCertificate {
  const validity = der(0x30, der(0x17, Buffer.from('250101000000Z')), der(0x17, Buffer.from(validTo)))
  const version = der(0xa0, der(0x02, Buffer.from([2])))
  const serial = der(0x02, Buffer.from([1]))
  const key = EC.publicKey.export({ type: 'spki', format: 'der' })
  const body = der(
    0x30,
    version,
    serial,
    SIGNATURE_ALGORITHM,
    name('kubernetes', []),
    validity,
    name(user, groups),
    key,
  )
  return {
    certificate: pem('CERTIFICATE', signed(body)),
    key: EC.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** A request for a certificate of a user and its groups, as PEM. */
export function composeRequest(user: string, groups: readonly string[]): string {
  const key = EC.publicKey.export({ type: 'spki', format: 'der' })
  return pem('CERTIFICATE REQUEST', signed(der(0x30, der(0x02, Buffer.from([0])), name(user, groups), key, der(0xa0))))
}

/** A kubeconfig that signs in by a client certificate. */
export function composeKubeconfig(user: string, { certificate, key }: ComposedCertificate, cluster = 'prod'): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return `apiVersion: v1
kind: Config
current-context: main
clusters:
- name: ${cluster}
  cluster:
    server: https://api.example.org:6443
contexts:
- name: main
  context:
    cluster: ${cluster}
    user: ${user}
users:
- name: ${user}
  user:
    client-certificate-data: ${base64(certificate)}
    client-key-data: ${base64(key)}
`
}

function signed(body: Buffer): Buffer {
  const signature = sign('sha256', body, EC.privateKey)
  return der(0x30, body, SIGNATURE_ALGORITHM, der(0x03, Buffer.from([0]), signature))
}

function name(user: string, groups: readonly string[]): Buffer {
  const part = (type: number, value: string) =>
    der(0x31, der(0x30, der(0x06, Buffer.from([0x55, 0x04, type])), der(0x0c, Buffer.from(value))))
  return der(0x30, ...groups.map((group) => part(10, group)), part(3, user))
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
