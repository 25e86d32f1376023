import { sourceRepository } from '../../facts/pipeline-cloud.ts'
import { type Fact, fact, type ScanContext, type Scanner, type Tree, UNKNOWN } from '../../model.ts'
import { readRevision } from '../../sources/revision.ts'

/** Which repository each audited folder is: what tokens of its pipelines say, and what clouds trust. */
export const originScanner: Scanner = {
  id: 'origin',
  emits: [sourceRepository],
  needs: [],
  requested: ({ trees }) => trees.length > 0,
  async *scan(context) {
    for (const tree of context.trees) yield await repositoryFact(tree, context)
  },
}

async function repositoryFact(tree: Tree, context: ScanContext): Promise<Fact> {
  const named = namedByOperator(tree, context)
  const remote =
    named ?? (tree.isGit ? splitRemote((await readRevision(tree.root, context.signal))?.remote) : undefined)
  const at = { file: '.', ...(tree.scope !== 'repo:.' && { repository: tree.scope.slice('repo:'.length) }) }
  return fact(sourceRepository, tree.scope, at, {
    tree: tree.scope,
    host: remote?.host ?? UNKNOWN,
    owner: remote?.owner ?? UNKNOWN,
    name: remote?.name ?? UNKNOWN,
    from: named ? 'option' : 'origin',
  })
}

interface Remote {
  readonly host: string
  readonly owner: string
  readonly name: string
}

/** `--github OWNER/REPO` means the folder that is audited beside it, if it names one repository. */
function namedByOperator(tree: Tree, { targets }: ScanContext): Remote | undefined {
  const [only, ...others] = targets.github.filter(({ repository }) => repository !== undefined)
  if (tree.scope !== 'repo:.' || !only?.repository || others.length > 0) return undefined
  const host = only.url === undefined ? 'github.com' : new URL(only.url).hostname.replace(/^api\./, '')
  return { host, owner: only.owner, name: only.repository }
}

function splitRemote(address: string | undefined): Remote | undefined {
  if (address === undefined) return undefined
  const { hostname, pathname } = new URL(address)
  const parts = decodeURIComponent(pathname)
    .split('/')
    .filter((part) => part !== '')
  const name = parts.pop()
  return name === undefined || parts.length === 0 ? undefined : { host: hostname, owner: parts.join('/'), name }
}
