import { Buffer } from 'node:buffer'
import { readSlice, splitDocuments } from '../../sources/yaml-documents.ts'

type Json = Readonly<Record<string, unknown>>

/** Where a user of a kubeconfig signs in. */
export interface ClusterPlace {
  /** `https://HOST:PORT`; empty if the address is none. Never what stands before the host: that may be a password. */
  readonly server: string
  readonly clusterName: string
}
export interface KubeconfigUser {
  readonly user: Json
  readonly place: ClusterPlace
}

/** The users of the kubeconfigs in one text, by what they sign in with: parsed when first asked for, and once. */
export class KubeconfigUsers {
  readonly #read: () => string
  #text: string | undefined
  #users: ReadonlyMap<string, KubeconfigUser> | undefined

  constructor(text: () => string) {
    this.#read = text
  }

  /** The user who has a value, as it stands or in base64, and the cluster that a context leads there. */
  find(value: string): KubeconfigUser | undefined {
    this.#text ??= this.#read()
    this.#users ??= /["']?users["']?\s*:/.test(this.#text) ? readUsers(this.#text) : new Map()
    return this.#users.get(value) ?? this.#users.get(value.trim())
  }
}

function readUsers(text: string): Map<string, KubeconfigUser> {
  const users = new Map<string, KubeconfigUser>()
  for (const config of documentsOf(text)) {
    const clusters = firstOf(list(config.clusters), ({ name }) => name)
    const contexts = firstOf(list(config.contexts).map(contextOf), ({ user }) => user)
    for (const named of list(config.users)) {
      const user = record(named.user)
      const clusterName = textOf(contexts.get(named.name)?.cluster)
      const server = hostOf(textOf(record(clusters.get(clusterName)?.cluster).server))
      const found = { user, place: { server, clusterName } }
      for (const value of Object.values(user).flatMap(valuesOf)) if (!users.has(value)) users.set(value, found)
    }
  }
  return users
}

function firstOf(items: readonly Json[], keyOf: (item: Json) => unknown): Map<unknown, Json> {
  return new Map([...items].reverse().map((item) => [keyOf(item), item]))
}

function contextOf({ context }: Json): Json {
  return record(context)
}

/** The value as it stands, and what it holds in base64. */
function valuesOf(written: unknown): string[] {
  if (typeof written !== 'string' || written === '') return []
  const text = written.trim()
  return text.startsWith('LS0t') ? [text, Buffer.from(text, 'base64').toString('latin1').trim()] : [text]
}

function hostOf(server: string): string {
  if (!URL.canParse(server)) return ''
  const { protocol, host } = new URL(server)
  return host === '' ? '' : `${protocol}//${host}`
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
