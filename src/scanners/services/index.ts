import { sourceService } from '../../facts/secret.ts'
import { type Fact, fact, type Scanner } from '../../model.ts'

/** What package managers of the commonest languages read; a folder that holds one is built and shipped by itself. */
const MANIFEST =
  /^(?:package\.json|go\.mod|Cargo\.toml|pyproject\.toml|setup\.py|requirements\.txt|Pipfile|pom\.xml|build\.gradle(?:\.kts)?|Gemfile|composer\.json|mix\.exs|build\.sbt|Package\.swift|pubspec\.yaml|.+\.(?:cs|fs|vb)proj)$/

/** What others wrote, and what is no software that runs for anybody. */
const ASIDE =
  /(?:^|\/)(?:node_modules|vendor|third_party|bower_components|\.[^/]+|tests?|__tests__|fixtures|testdata|examples?|samples?|docs?|templates?)\//i

/** Finds the services of a repository by their manifests. The root is none of them: what stands there is of all. */
export const servicesScanner: Scanner = {
  id: 'services',
  emits: [sourceService],
  needs: [],
  requested: (context) => context.trees.length > 0,
  async *scan({ trees }) {
    for (const { scope, files } of trees.map((tree) => ({ scope: tree.scope, files: tree.files() })))
      yield* servicesOf(
        files.map(({ path }) => path),
        scope,
      )
  },
}

/** One fact for each outermost folder with a manifest. */
export function servicesOf(paths: readonly string[], scope: string): Fact[] {
  const manifests = new Map<string, string>()
  const isManifest = (path: string) => {
    const slash = path.lastIndexOf('/')
    return slash > 0 && MANIFEST.test(path.slice(slash + 1)) && !ASIDE.test(path)
  }
  for (const path of paths.filter(isManifest).sort()) {
    const folder = path.slice(0, path.lastIndexOf('/'))
    if (!manifests.has(folder)) manifests.set(folder, path)
  }
  return [...manifests].flatMap(([folder, manifest]) => {
    const parents = folder.split('/').map((_, i, names) => names.slice(0, i).join('/'))
    if (parents.some((parent) => manifests.has(parent))) return []
    return fact(sourceService, scope, { file: manifest }, { path: folder, manifest })
  })
}
