import { Buffer } from 'node:buffer'

/** Whom a certificate is asked for. */
export interface RequestedSubject {
  /** First common name; empty if there is none. */
  readonly commonName: string
  readonly organizations: readonly string[]
}

/**
 * The subject of a certification request, PEM or DER (PKCS #10, RFC 2986: a SEQUENCE whose first part is a SEQUENCE of version,
 * subject, key and attributes). Undefined if it is none: node:crypto reads certificates, not requests for them.
 */
export function readRequestedSubject(request: Buffer): RequestedSubject | undefined {
  try {
    const [info] = partsOf(only(derOf(request), SEQUENCE))
    const [version, subject] = partsOf(info, SEQUENCE)
    if (version?.tag !== INTEGER) return undefined
    const values = partsOf(subject, SEQUENCE).flatMap((set) => partsOf(set, SET).map((each) => partsOf(each, SEQUENCE)))
    const ofType = (type: string) =>
      values.flatMap(([oid, value]) => (oid?.content.toString('hex') === type && value ? [textOf(value)] : []))
    return { commonName: ofType(COMMON_NAME)[0] ?? '', organizations: ofType(ORGANIZATION) }
  } catch (error) {
    if (error instanceof NotDer) return undefined
    throw error
  }
}

/** Object identifiers 2.5.4.3 and 2.5.4.10, encoded. */
const COMMON_NAME = '550403'
const ORGANIZATION = '55040a'
const [INTEGER, BMP_STRING, SEQUENCE, SET] = [0x02, 0x1e, 0x30, 0x31]

class NotDer extends Error {}

function derOf(request: Buffer): Buffer {
  const text = request.toString('latin1')
  const body = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)/.exec(text)?.[1]
  return body === undefined ? request : Buffer.from(body, 'base64')
}

interface Part {
  readonly tag: number
  readonly content: Buffer
}

function only(bytes: Buffer, tag: number): Part {
  const part = partAt(bytes, 0)
  if (part.tag !== tag) throw new NotDer()
  return part
}

/** The parts of a constructed value, which must be of the tag if one is named. */
function partsOf(whole: Part | undefined, tag?: number): Part[] {
  if (!whole || (tag !== undefined && whole.tag !== tag)) throw new NotDer()
  const parts: Part[] = []
  for (let at = 0; at < whole.content.length; ) {
    const part = partAt(whole.content, at)
    parts.push(part)
    at = part.end
  }
  return parts
}

function partAt(bytes: Buffer, at: number): Part & { end: number } {
  const first = bytes[at + 1]
  const tag = bytes[at]
  if (tag === undefined || first === undefined) throw new NotDer()
  const more = first < 0x80 ? 0 : first & 0x7f
  const start = at + 2 + more
  if (more > 4 || start > bytes.length) throw new NotDer()
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  const end = start + length
  if ((first >= 0x80 && more === 0) || end > bytes.length) throw new NotDer()
  return { tag, content: bytes.subarray(start, end), end }
}

function textOf({ tag, content }: Part): string {
  if (tag !== BMP_STRING) return content.toString('utf8')
  return Buffer.from(content.subarray(0, content.length & ~1))
    .swap16()
    .toString('utf16le')
}
