import { Buffer } from 'node:buffer'
import { createHash, createHmac, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { LinearPattern } from '../../detect/linear-match.ts'
import type { Fact } from '../../model.ts'

/**
 * Where secret values stay. Facts only carry a digest, keyed with random bytes of this process: it joins equal secrets
 * within a run and tells nothing to anyone else. `reveal` is the only door, and test/imports.test.ts lets nobody but the
 * scanner behind --verify use it.
 */
const key = randomBytes(32)
const values = new Map<string, VaultEntry>()

interface VaultEntry {
  /** The bytes of the value. */
  readonly value: Buffer
  /** Settings are another one in each file: their path belongs to their identity. */
  readonly path: string | undefined
}

/** What a digest stands for. */
export interface SecretIdentity {
  /** One byte per character. */
  readonly value: string
  /** Keeps what is no secret of its own (a setting, an aspect of a token) apart from equal secrets. */
  readonly domain: string
  /** Set if the same value in another file is another thing. */
  readonly path?: string
}

/** Keeps a value and gives its digest: equal for equal values in this process only. */
export function store({ value, domain, path }: SecretIdentity): string {
  const bytes = Buffer.from(value, 'latin1')
  const hmac = createHmac('sha256', key)
    .update(`${domain}\0${path ?? ''}\0`)
    .update(bytes)
  const digest = hmac.digest('hex')
  if (!values.has(digest)) values.set(digest, { value: bytes, path })
  return digest
}

/** The bytes of a value, for its own provider's eyes (--verify). Undefined if the digest is not of this run. */
export function reveal(digest: string): Buffer | undefined {
  return values.get(digest)?.value
}

/** Whether one of the patterns matches in the value. */
export function hasPattern(digest: string, patterns: readonly LinearPattern[]): boolean {
  const text = values.get(digest)?.value.subarray(0, TESTED).toString('latin1')
  return text !== undefined && patterns.some((pattern) => pattern.test(text))
}

/** Whether one of the words, in lower case, stands in the value. */
export function hasWord(digest: string, words: readonly string[]): boolean {
  const text = values.get(digest)?.value.toString('utf8').toLowerCase()
  return text !== undefined && words.some((word) => text.includes(word))
}

/** Whether the SHA-1 of the value is one of these, in lower-case hexadecimal: how detect-secrets knows it. */
export function hasSha1(digest: string, hashes: ReadonlySet<string>): boolean {
  const value = values.get(digest)?.value
  return value !== undefined && hashes.size > 0 && hashes.has(createHash('sha1').update(value).digest('hex'))
}

/** Bytes of a value that foreign patterns are tried on. */
const TESTED = 4096

/** Cost of one guess at a low-entropy secret: 2^13 blocks of scrypt, about 20 ms and 8 MB. Part of what a fingerprint is: never change it. */
const SCRYPT = { N: 2 ** 13, r: 8, p: 1 } as const

/**
 * The identity of a secret that stays the same from run to run, for fingerprints: a hash of the value. A value that could be
 * guessed from a list of passwords is hashed slowly, salted with the rule, since baselines are committed.
 * Throws if the fact was not made by this scanner in this process.
 */
export async function identify(fact: Fact, lowEntropy: boolean): Promise<{ identity: string; kin: string }> {
  const { digest = '', rule = '' } = fact.data as { digest?: string; rule?: string }
  const entry = values.get(digest)
  if (!entry) throw new Error('the secret of this fact is not in the vault')
  const { value, path } = entry
  if (path !== undefined) return { identity: fastHash(value, path), kin: fastHash(value, '') }
  const identity = lowEntropy ? await slowHash(material(value, ''), rule) : fastHash(value, '')
  return { identity, kin: identity }
}

function material(value: Buffer, path: string): Buffer {
  return Buffer.concat([Buffer.from(`zt-audit secret v1\0${path}\0`), value])
}

function fastHash(value: Buffer, path: string): string {
  return createHash('sha256').update(material(value, path)).digest('hex')
}

/** Each takes 8 MB: two at a time keep a small machine busy, and memory low. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
let turn = 0

function slowHash(material: Buffer, rule: string): Promise<string> {
  const lane = turn++ % lanes.length
  const hash = (lanes[lane] as Promise<unknown>).then(() =>
    scryptAsync(material, `zt-audit secret v1\0${rule}`, 32, SCRYPT),
  )
  lanes[lane] = hash
  return hash.then((digest) => digest.toString('hex'))
}

const scryptAsync = promisify(scrypt) as (
  material: Buffer,
  salt: string,
  length: number,
  cost: typeof SCRYPT,
) => Promise<Buffer>
