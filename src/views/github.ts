import { githubCollaborator, githubDeployKey, githubSecret, githubTokenGrant } from '../facts/github-credentials.ts'
import { githubEnvironment, githubOidcSubject } from '../facts/github-deployment.ts'
import { githubAppInstallation, githubRunner } from '../facts/github-settings.ts'
import { type Fact, type FactKind, isFact } from '../model.ts'
import type { Cell, Column, Row, Table, Value } from '../table.ts'
import { cell, daysCell, placeCell } from './cells.ts'
import { tellApart } from './same-names.ts'

/** Kinds that the tables are made of. */
export const GITHUB_KINDS: readonly FactKind[] = [
  githubDeployKey,
  githubSecret,
  githubAppInstallation,
  githubTokenGrant,
  githubEnvironment,
  githubOidcSubject,
  githubRunner,
  githubCollaborator,
]

const column = (id: string, title: string, meaning: string): Column => ({ id, title, meaning, for: 'all' })
const OF = column('of', 'Of', 'Repository (owner and name) or organisation')
const NAME = column('name', 'Name', 'How people call it')
const MADE = column('ageDays', 'Made', 'Days since it was made; of a secret, since its value was set')
const USED = column('usedDays', 'Used', 'Days since it was used; -1 if never')
const MAY = column('permissions', 'May', 'What it may do')
const REPOSITORIES = column('repositories', 'Repositories', 'all, or chosen ones')

/** A table of one kind of fact: a column takes the field of its name, or what `also` makes of the fact. */
interface Sort<K extends FactKind> {
  readonly id: string
  readonly title: string
  readonly kind: K
  readonly columns: readonly Column[]
  readonly names: Readonly<Record<string, string>>
  risk(data: Fact<K>['data']): number
}

const SORTS = [
  sort({
    id: 'github-deploy-keys',
    title: 'GitHub deploy keys',
    kind: githubDeployKey,
    columns: [NAME, OF, column('write', 'May push', 'Whether it may push'), MADE, USED],
    names: { name: 'title', of: 'repository', write: 'canWrite' },
    risk: ({ canWrite }) => (canWrite ? 2 : 1),
  }),
  sort({
    id: 'github-secrets',
    title: 'GitHub secrets',
    kind: githubSecret,
    columns: [NAME, OF, column('environment', 'Environment', 'The environment that it is for'), REPOSITORIES, MADE],
    names: { of: 'source', repositories: 'visibility' },
    risk: ({ ageDays = 0 }) => ageDays,
  }),
  sort({
    id: 'github-apps',
    title: 'GitHub Apps',
    kind: githubAppInstallation,
    columns: [NAME, OF, REPOSITORIES, MAY, MADE],
    names: { name: 'app', of: 'organization', repositories: 'repositorySelection' },
    risk: ({ permissions = [], repositorySelection }) =>
      writes(permissions) + (repositorySelection === 'all' ? 100 : 0),
  }),
  sort({
    id: 'github-tokens',
    title: 'GitHub fine-grained tokens',
    kind: githubTokenGrant,
    columns: [
      NAME,
      column('person', 'Of', 'Whose it is'),
      column('status', 'Status', 'granted or pending'),
      REPOSITORIES,
      MAY,
      column('expires', 'Ends', 'Whether it has an end'),
      USED,
    ],
    names: { repositories: 'repositorySelection' },
    risk: ({ permissions = [], expires }) => writes(permissions) + (expires ? 0 : 100),
  }),
  sort({
    id: 'github-environments',
    title: 'GitHub environments',
    kind: githubEnvironment,
    columns: [
      NAME,
      OF,
      column('reviewers', 'Reviewers', 'People and teams of whom one must approve'),
      column('anyBranch', 'Any branch', 'Whether each branch may deploy'),
      column('secrets', 'Secrets', 'Names of its secrets'),
    ],
    names: { of: 'repository' },
    risk: ({ reviewers, anyBranch }) => (anyBranch ? 2 : 0) + (reviewers === 0 ? 1 : 0),
  }),
  sort({
    id: 'github-oidc-subjects',
    title: 'GitHub OpenID Connect subjects',
    kind: githubOidcSubject,
    columns: [
      column('name', 'Of', 'Repository or organisation whose workflows get such tokens'),
      column('prefix', 'Begins', 'How the subject begins'),
      column('claims', 'Claims', 'Claims that it is made of, if not GitHub’s own'),
    ],
    names: { name: 'source', claims: 'claimKeys' },
    risk: () => 0,
  }),
  sort({
    id: 'github-runners',
    title: 'GitHub self-hosted runners',
    kind: githubRunner,
    columns: [
      NAME,
      OF,
      column('ephemeral', 'One job', 'Whether it takes one job only'),
      column('labels', 'Labels', 'Its labels'),
    ],
    names: { of: 'repository' },
    risk: ({ ephemeral }) => (ephemeral ? 0 : 1),
  }),
  sort({
    id: 'github-outside-collaborators',
    title: 'GitHub outside collaborators',
    kind: githubCollaborator,
    columns: [NAME, OF, column('role', 'Role', 'What they may do')],
    names: { name: 'login', of: 'repository' },
    risk: ({ role }) => (role === 'admin' ? 2 : 1),
  }),
]

/** Credentials and identities that GitHub keeps for repositories and their workflows. */
export function githubTables(facts: readonly Fact[]): Table[] {
  return SORTS.map((make) => make(facts))
}

function sort<K extends FactKind>({
  id,
  title,
  kind,
  columns,
  names,
  risk,
}: Sort<K>): (facts: readonly Fact[]) => Table {
  const rowOf = ({ data }: Fact<K>): Row => {
    const fields = data as Readonly<Record<string, Value>>
    const cells = columns.map(({ id: name }): [string, Cell] => [name, cellOf(name, fields[names[name] ?? name])])
    const name = String(fields[names.name ?? 'name'] ?? '')
    return { cells: Object.fromEntries(cells), order: { name, risk: risk(data), unused: 0, seen: '' } }
  }
  return (facts) => {
    const own = facts.filter((each): each is Fact<K> => isFact(kind, each))
    const rows = tellApart(own.map(rowOf), {
      name: 'name',
      by: ['of', 'person', 'environment'],
      placeOf: (_, index) => placeCell(own[index]?.at),
    })
    return { id, title, columns, rows }
  }
}

function cellOf(column: string, value: Value | undefined): Cell {
  return typeof value === 'number' && (column === MADE.id || column === USED.id) ? daysCell(value) : cell(value)
}

function writes(permissions: readonly string[]): number {
  return permissions.filter((permission) => !permission.endsWith(': read')).length
}
