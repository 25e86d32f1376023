import { secretMatch, secretShared, sourceService } from '../facts/secret.ts'
import { type Derivation, type Fact, type FileLocation, fact, isFact } from '../model.ts'

type Secret = Fact<typeof secretMatch>

/** Says what is wrong with a token that another rule reports: the same secret once more. */
const ASPECTS: ReadonlySet<string> = new Set(['secrets/credential-without-expiry'])
const NOT_IN_USE: ReadonlySet<string> = new Set(['test', 'example', 'docs'])

/** Secrets that open several services or repositories: whoever gets into one of them is in all. */
export const shareSecrets: Derivation = {
  id: 'shared-secrets',
  from: [secretMatch, sourceService],
  emits: [secretShared],
  derive: (facts) => ({ facts: sharedSecrets(facts), gaps: [] }),
}

function sharedSecrets(facts: readonly Fact[]): Fact[] {
  const services = servicesByScope(facts)
  const byDigest = new Map<string, Secret[]>()
  for (const each of facts) {
    if (!isFact(secretMatch, each) || !counts(each)) continue
    const { digest = '' } = each.data
    byDigest.set(digest, [...(byDigest.get(digest) ?? []), each])
  }
  return [...byDigest].flatMap(([digest, secrets]) => {
    const holders = [...new Set(secrets.flatMap((secret) => holdersOf(secret, services, secrets.length > 1)))].sort()
    return holders.length > 1 ? toFact(digest, secrets as [Secret, ...Secret[]], holders) : []
  })
}

/** Ids of keys are public, and come with their secret. What is gone from the tree, or only in tests, is in use nowhere. */
function counts({ data }: Secret): boolean {
  const { publicId, inTree, confidence, pathClass = '', validated, rule = '' } = data
  if (publicId !== '' || inTree !== true || confidence === 'low' || ASPECTS.has(rule)) return false
  return validated === true || !NOT_IN_USE.has(pathClass)
}

/** Folders of services by the scope of their repository, with a slash at their ends. */
function servicesByScope(facts: readonly Fact[]): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>()
  for (const each of facts) {
    if (!isFact(sourceService, each)) continue
    folders.set(each.scope, [...(folders.get(each.scope) ?? []), `${each.data.path}/`])
  }
  return folders
}

/**
 * The services that hold a secret. A file outside of all services belongs to none of them: the configuration of the whole may
 * well repeat what one service has. Of several repositories each counts, too.
 */
function holdersOf(
  { scope, data }: Secret,
  services: ReadonlyMap<string, readonly string[]>,
  several: boolean,
): string[] {
  const folders = services.get(scope) ?? []
  const repository = scope === 'repo:.' ? '' : scope.slice('repo:'.length)
  const found = (data.files ?? []).flatMap((file) => folders.find((folder) => file.startsWith(folder)) ?? [])
  if (found.length === 0) return several ? [repository === '' ? '.' : repository] : []
  return found.map((folder) => `${repository}${repository && '/'}${folder.slice(0, -1)}`)
}

function toFact(digest: string, secrets: readonly [Secret, ...Secret[]], services: readonly string[]): Fact {
  const [first] = secrets
  const { rule = '', path = '', masked = '' } = first.data
  const confidence = secrets.some(({ data }) => data.confidence === 'high') ? 'high' : 'medium'
  const repositories = new Set(secrets.map(({ scope }) => scope)).size
  const data = { digest, rule, path, masked, services, repositories, confidence }
  const shared = fact(secretShared, first.scope, first.at, data, first.excerpt)
  const also: FileLocation[] = secrets.flatMap(({ at, also = [] }, i) => [
    ...(i > 0 && 'file' in at ? [at] : []),
    ...also,
  ])
  return { ...shared, also }
}
