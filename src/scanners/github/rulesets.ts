import { githubRuleset } from '../../facts/github-repository.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { gapFor } from '../gap-for.ts'
import { field, listOf, namesOf, textOf } from './body.ts'
import { type GithubReader, hiddenGap, isNotInPlan } from './reader.ts'
import type { GithubRepo } from './repository.ts'

/**
 * Numbers of GitHub's own roles in lists of those who may bypass a ruleset; an organisation's own roles have others. GitHub's description
 * documents no numbers: a number that is not here is shown as it is, and counts as narrow.
 */
const ROLES: Readonly<Record<number, string>> = { 2: 'maintain', 4: 'write', 5: 'admin' }

/** Those who may push past a ruleset by themselves; UNKNOWN if GitHub does not tell. */
export type Bypassers = readonly string[] | typeof UNKNOWN

/** Reads rulesets once for each owner: those of an organisation are told by each of its repositories. */
export class RulesetReader {
  readonly #reader: GithubReader
  readonly #bodies = new Map<number, Promise<unknown>>()
  readonly #told = new Set<number>()
  constructor(reader: GithubReader) {
    this.#reader = reader
  }

  /** Facts of the rulesets that hold for a repository, as far as they were not told before. */
  async read(repo: GithubRepo): Promise<Fact[]> {
    if (!this.#reader.context.wants(githubRuleset)) return []
    const parameters = { owner: repo.owner, repo: repo.name, includes_parents: true }
    const { items, failure } = await this.#reader.list('GET /repos/{owner}/{repo}/rulesets', parameters)
    // A plan without rulesets has none.
    if (failure && !isNotInPlan(failure)) gapFor([githubRuleset], repo.scope, failure, this.#reader.context)
    const facts: Fact[] = []
    for (const item of items) {
      const id = field(item, 'id')
      if (typeof id !== 'number' || this.#told.has(id)) continue
      this.#told.add(id)
      const body = await this.#body(repo, id)
      facts.push(this.#fact(repo, id, body ?? item))
    }
    return facts
  }

  /** Who may bypass a ruleset that holds for a repository; `broad`: those of them who are many, or a machine. */
  async bypassers(repo: GithubRepo, id: number): Promise<{ readonly all: Bypassers; readonly broad: Bypassers }> {
    return bypassersOf(await this.#body(repo, id))
  }

  #body(repo: GithubRepo, id: number): Promise<unknown> {
    const known = this.#bodies.get(id)
    if (known) return known
    const route = 'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}'
    const asked = this.#reader
      .get(route, { owner: repo.owner, repo: repo.name, ruleset_id: id, includes_parents: true })
      .then((outcome) => {
        if ('value' in outcome) return outcome.value
        hiddenGap(this.#reader, githubRuleset, repo.scope, DETAILS, outcome.failure.detail)
        return undefined
      })
    this.#bodies.set(id, asked)
    return asked
  }

  #fact(repo: GithubRepo, id: number, body: unknown): Fact {
    const source = textOf(body, 'source')
    const holder = typeof source === 'string' ? source : repo.fullName
    const scope = field(body, 'source_type') === 'Repository' ? repo.scope : `github:${repo.owner}`
    const refs = field(field(body, 'conditions'), 'ref_name')
    const { all, broad } = bypassersOf(body)
    const seen = Array.isArray(field(body, 'rules'))
    if (all === UNKNOWN && seen && field(body, 'enforcement') === 'active') {
      const where = scope === repo.scope ? 'repository' : 'organisation'
      this.#reader.context.gap({
        kind: githubRuleset.kind,
        scope,
        fields: ['bypassers', 'broadBypassers'],
        // Nothing failed: with rights to read GitHub never tells it, and more than these nobody should give an audit.
        class: 'limit',
        reason: 'shown to those who may change it',
        detail: `the ruleset "${String(field(body, 'name'))}" of ${holder}: GitHub tells who may bypass it only to those who may change it (classic token of an administrator or owner; fine-grained: ${where} permission Administration: write)`,
      })
    }
    return fact(
      githubRuleset,
      scope,
      { resource: `github://${holder}/rules/${id}` },
      {
        id: String(id),
        name: textOf(body, 'name'),
        source: holder,
        owner: repo.owner,
        target: textOf(body, 'target'),
        enforcement: textOf(body, 'enforcement'),
        includes: seen ? namesOf(refs, 'include') : UNKNOWN,
        excludes: seen ? namesOf(refs, 'exclude') : UNKNOWN,
        rules: seen
          ? [...new Set(listOf(body, 'rules').flatMap((rule) => String(field(rule, 'type'))))].sort()
          : UNKNOWN,
        bypassers: all,
        broadBypassers: broad,
      },
    )
  }
}

const DETAILS = ['includes', 'excludes', 'rules', 'bypassers', 'broadBypassers']

/** Only those who need no pull request for it: with one, somebody sees what they do. */
function bypassersOf(body: unknown): { all: Bypassers; broad: Bypassers } {
  const actors = field(body, 'bypass_actors')
  if (!Array.isArray(actors)) return { all: UNKNOWN, broad: UNKNOWN }
  const always = actors.filter((actor) => field(actor, 'bypass_mode') !== 'pull_request')
  return { all: always.map(nameOf).sort(), broad: always.filter(isBroad).map(nameOf).sort() }
}

function nameOf(actor: unknown): string {
  const type = String(field(actor, 'actor_type'))
  const id = field(actor, 'actor_id')
  if (type === 'OrganizationAdmin') return 'owners of the organisation'
  if (type === 'DeployKey') return 'deploy keys'
  if (type === 'RepositoryRole') return `role ${(typeof id === 'number' && ROLES[id]) || id}`
  const word = type === 'Integration' ? 'App' : type.toLowerCase()
  return `${word} ${id}`
}

function isBroad(actor: unknown): boolean {
  const type = field(actor, 'actor_type')
  return type === 'DeployKey' || (type === 'RepositoryRole' && field(actor, 'actor_id') !== 5)
}
