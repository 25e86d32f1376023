import { sourceRepository } from '../../facts/pipeline-cloud.ts'
import { type Fact, fact, type ScanContext, type Scanner, type Tree, UNKNOWN } from '../../model.ts'
import { readRemote } from '../../sources/revision.ts'

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
  const remote = named ?? (tree.isGit ? splitRemote(await readRemote(tree.root, context.signal)) : undefined)
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
  if (name === undefined || parts.length === 0) return undefined
  return { host: hostOf(hostname), owner: parts.join('/'), name }
}

/**
 * `ssh.github.com` and `altssh.gitlab.com` take SSH at port 443 (https://docs.github.com/en/authentication/troubleshooting-ssh/using-ssh-over-the-https-port,
 * https://docs.gitlab.com/user/gitlab_com/#alternative-ssh-port); `github.com-work` is how people with several keys call the host in
 * their configuration of SSH.
 */
function hostOf(name: string): string {
  const known = /^(?:(?:ssh|www)\.)?(github\.com)(?:[-_][\w-]+)?$|^(?:altssh\.)?(gitlab\.com)(?:[-_][\w-]+)?$/.exec(
    name,
  )
  return known?.[1] ?? known?.[2] ?? name
}
