import { githubRepository } from '../../facts/github-repository.ts'
import { githubActionsPolicy } from '../../facts/github-settings.ts'
import { sourceRepository } from '../../facts/pipeline-cloud.ts'
import { type Fact, isFact } from '../../model.ts'

/** What the settings of GitHub give the token of workflows that say nothing, by audited folder. */
export class TokenDefaults {
  readonly #repositories = new Map<string, string>()
  readonly #settings = new Map<string, string>()

  constructor(facts: readonly Fact[]) {
    for (const each of facts) {
      if (isFact(sourceRepository, each)) {
        const { tree = '', owner, name } = each.data
        if (owner !== undefined && name !== undefined) this.#repositories.set(tree, `${owner}/${name}`.toLowerCase())
      } else if (isFact(githubRepository, each)) {
        this.#set(each.data.fullName, each.data.defaultTokenPermission)
      } else if (isFact(githubActionsPolicy, each)) {
        this.#set(each.data.holder, each.data.defaultTokenPermission)
        // An organisation that gives reading only takes the choice from its repositories.
        if (each.data.level === 'organization' && each.data.defaultTokenPermission === 'read')
          this.#set(`${each.data.holder}/*`, 'read')
      }
    }
  }

  #set(holder: string | undefined, access: string | undefined): void {
    if (holder !== undefined && (access === 'read' || access === 'write'))
      this.#settings.set(holder.toLowerCase(), access)
  }

  /** `read`, `write`, or nothing if the repository of the folder, or its setting, was not seen. */
  of(scope: string, workflow: string): 'read' | 'write' | '' {
    const repository = this.#repositories.get(scope.slice(0, scope.length - workflow.length - 1))
    if (repository === undefined) return ''
    const owner = repository.slice(0, repository.lastIndexOf('/'))
    const access = this.#settings.get(repository) ?? this.#settings.get(`${owner}/*`)
    return access === 'read' || access === 'write' ? access : ''
  }
}
