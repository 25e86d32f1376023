import { type Container, type Entry, rootOf } from './entry.ts'
import { StorageKeys } from './storage-keys.ts'

/** What is known of mappings from their own entries. */
export interface Objects {
  /** Value of `kind`. */
  readonly kinds: ReadonlyMap<Container, string>
  /** Value of `name` or `key` in mappings that also have a `value`. */
  readonly names: ReadonlyMap<Container, string>
  /** Mappings that hold a secret key: an access key beside it is its public id, as S3's clients have it. */
  readonly withSecretKey: ReadonlySet<Container>
  readonly storageKeys: StorageKeys
  /** Whether a container belongs to a kubeconfig. */
  isKubeconfig(container: Container): boolean
}

export function describeObjects(entries: readonly Entry[]): Objects {
  const kinds = new Map<Container, string>()
  const names = new Map<Container, string>()
  const withSecretKey = new Set<Container>()
  const storageKeys = new StorageKeys()
  let hasConfig = false
  for (const entry of entries) {
    const { key, value, container } = entry
    storageKeys.note(entry)
    if (key === 'kind') {
      kinds.set(container, value)
      hasConfig ||= value === 'Config'
    } else if (/^(?:name|key)$/i.test(key)) names.set(container, value)
    else if (/secret_?(?:access_?)?key$/i.test(key)) withSecretKey.add(container)
  }
  return {
    kinds,
    names,
    withSecretKey,
    storageKeys,
    isKubeconfig: (container) => hasConfig && kinds.get(rootOf(container)) === 'Config',
  }
}
