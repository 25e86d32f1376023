import type { Container, Entry } from './entry.ts'

/**
 * Pairs of keys by which clients of S3 and its like sign requests: `access_key` and `secret_key`. A bare `secret_key` also is what
 * Flask and Django sign sessions with, where any word that is set is the worst of keys; here it is a provider's, and a word
 * (`test` for LocalStack) opens nothing.
 */
export class StorageKeys {
  /** Containers that hold a bare access key, each with the beginnings of its name: `minio.` of `minio.access-key`. */
  readonly #withAccessKey = new Map<Container, Set<string>>()

  note({ key, container }: Entry): void {
    const [beginning, last] = splitName(key)
    if (!/^access[_-]?key(?:[_-]?id)?$/i.test(last)) return
    const beginnings = this.#withAccessKey.get(container) ?? new Set()
    this.#withAccessKey.set(container, beginnings.add(beginning))
  }

  isSecret({ key, container }: Entry): boolean {
    const [beginning, last] = splitName(key)
    if (!isBareSecretKey(last)) return false
    return (
      STORAGE.test(beginning === '' ? container.key : beginning.slice(0, -1)) ||
      this.#withAccessKey.get(container)?.has(beginning) === true
    )
  }
}

/** Terraform's provider and backend; `s3:` and `minio:` of configurations, with whatever stands around: `s3Config`. */
const STORAGE = /^(?:provider\.(?:aws|minio)|backend\.s3)$|(?:^|[_.:/-])(?:[sS]3|[mM]inio|MINIO)(?![a-z])/

export function isBareSecretKey(name: string): boolean {
  return /^secret[_-]?key$/i.test(name)
}

/** Whether a text beside a bare secret key names its access key: `Minio(host, access_key="…", secret_key="…")`. */
export function namesAccessKey(text: string): boolean {
  return /(?:^|[^\w-])access[_-]?key(?:[_-]?id)?["']?\s*[:=]/i.test(text)
}

function splitName(name: string): [beginning: string, last: string] {
  const at = Math.max(name.lastIndexOf('.'), name.lastIndexOf('/'), name.lastIndexOf(':')) + 1
  return [name.slice(0, at), name.slice(at)]
}
