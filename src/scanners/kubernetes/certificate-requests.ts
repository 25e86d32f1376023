import { Buffer } from 'node:buffer'
import { X509Certificate } from 'node:crypto'
import { k8sCertificateRequest } from '../../facts/kubernetes-credentials.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { readRequestedSubject } from '../../sources/certificate-request.ts'
import {
  type Header,
  type KubernetesObject,
  list,
  type ObjectKind,
  type Origin,
  record,
  scopeOf,
  text,
} from './objects.ts'

function parseRequest(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const spec = record(object.value.spec)
  const status = record(object.value.status)
  const request = text(spec?.request)
  const subject = request === undefined ? undefined : readRequestedSubject(Buffer.from(request, 'base64'))
  return [
    fact(k8sCertificateRequest, scopeOf(cluster), object.at(), {
      cluster,
      name: header.name,
      user: subject?.commonName ?? UNKNOWN,
      groups: subject?.organizations ?? UNKNOWN,
      signer: text(spec?.signerName) ?? '',
      state:
        source === 'file'
          ? 'declared'
          : stateOf(list(status?.conditions).map((each) => text(record(each)?.type) ?? '')),
      expires: endOf(text(status?.certificate)),
      source,
    }),
  ]
}

function stateOf(conditions: readonly string[]): string {
  const last = ['Denied', 'Failed', 'Approved'].find((type) => conditions.includes(type))
  return last?.toLowerCase() ?? 'pending'
}

/** `2030-01-31T12:00:00Z`; empty if none was issued. */
function endOf(certificate: string | undefined): string | typeof UNKNOWN {
  if (!certificate) return ''
  try {
    const { validTo } = new X509Certificate(Buffer.from(certificate, 'base64'))
    return new Date(validTo).toISOString().replace(/\.\d{3}Z$/, 'Z')
  } catch {
    // What stands there is no certificate, which says nothing of its end.
    return UNKNOWN
  }
}

/** Requests for client certificates. The server forgets them within a day, so that most clusters have none. */
export const CERTIFICATE_KINDS: readonly ObjectKind[] = [
  {
    kind: 'CertificateSigningRequest',
    groups: ['certificates.k8s.io'],
    resource: 'certificatesigningrequests',
    clusterWide: true,
    // Not in the sense of the API, but a dump without one is whole.
    extension: true,
    mentions: /\bCertificateSigningRequest\b/,
    emits: [k8sCertificateRequest],
    parse: parseRequest,
  },
]
