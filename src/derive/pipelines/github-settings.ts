import { githubEnvironment, githubOidcSubject } from '../../facts/github-deployment.ts'
import { githubRepository } from '../../facts/github-repository.ts'
import { type DataOf, type Fact, type Gap, isFact } from '../../model.ts'
import { DEFAULT_SUBJECT } from '../../reference/workflow-subjects.ts'
import type { Reach } from './cloud-reach.ts'
import type { Repository } from './subjects.ts'

/** What GitHub tells of the repository, where it was asked. */
export class GithubSettings {
  readonly #environments: readonly DataOf<typeof githubEnvironment>[]
  readonly #subjects: readonly DataOf<typeof githubOidcSubject>[]
  readonly #repositories: readonly DataOf<typeof githubRepository>[]
  readonly #gaps: readonly Gap[]

  constructor(facts: readonly Fact[], gaps: readonly Gap[]) {
    this.#environments = facts.filter((each) => isFact(githubEnvironment, each)).map(({ data }) => data)
    this.#subjects = facts.filter((each) => isFact(githubOidcSubject, each)).map(({ data }) => data)
    this.#repositories = facts.filter((each) => isFact(githubRepository, each)).map(({ data }) => data)
    this.#gaps = gaps
  }

  #asked(repository: Repository): boolean {
    return this.#repositories.some(({ fullName }) => isSame(fullName, repository))
  }

  /** How subjects are made: by default, as `other`; `unseen` if GitHub was asked and did not tell; `assumed` if it was not asked. */
  subjects(repository: Repository): 'default' | 'other' | 'unseen' | 'assumed' {
    const own = this.#subjects.find((each) => each.repository !== '' && isSame(each.repository, repository))
    if (!own) return this.#asked(repository) ? 'unseen' : 'assumed'
    if (own.useDefault === true) return 'default'
    const organization = this.#subjects.find((each) => each.repository === '' && each.owner === own.owner)
    const keys = own.claimKeys && own.claimKeys.length > 0 ? own.claimKeys : organization?.claimKeys
    if (own.useDefault === undefined || keys === undefined) return 'unseen'
    return keys.length === DEFAULT_SUBJECT.length && keys.every((key, at) => key === DEFAULT_SUBJECT[at])
      ? 'default'
      : 'other'
  }

  /** What subjects begin with; undefined if GitHub did not tell. */
  prefix(repository: Repository): string | undefined {
    const own = this.#subjects.find((each) => each.repository !== '' && isSame(each.repository, repository))
    return own?.prefix === '' ? undefined : own?.prefix
  }

  /** Reviewers in front of an environment; without reviewers and branch rule it is open to every branch. */
  guard(repository: Repository, name: string, reach: Reach): { guard: string; reach: Reach; seen: boolean } {
    const own = this.#environments.find((each) => isSame(each.repository, repository) && same(each.name, name))
    const hidden = this.#gaps.some(({ kind }) => kind === githubEnvironment.kind)
    if (!own && (hidden || !this.#asked(repository))) return { guard: '', reach, seen: false }
    const { reviewers = own ? undefined : 0, anyBranch = own ? undefined : true, customRules = 0 } = own ?? {}
    if (reviewers === undefined || anyBranch === undefined) return { guard: '', reach, seen: false }
    const guards = [
      reviewers > 0 ? `${reviewers} reviewer${reviewers > 1 ? 's' : ''} of the environment ${name}` : '',
      customRules > 0 ? `a rule of an App on the environment ${name}` : '',
    ].filter((each) => each !== '')
    const open: Reach = {
      reach: 'any-branch',
      who: `whoever may push a branch: the environment ${name} takes every one`,
    }
    return {
      guard: guards.join(', '),
      reach: anyBranch && guards.length === 0 ? open : reach,
      seen: true,
    }
  }
}

function isSame(fullName: string | undefined, { owner, name }: Repository): boolean {
  return owner !== undefined && name !== undefined && same(fullName, `${owner}/${name}`)
}

/** GitHub knows no letter case in names of repositories and environments. */
function same(a = '', b = ''): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
