/**
 * Which branches and tags a condition of GitLab CI (`rules:if`) lets through. Its language:
 * https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions
 */

/** Some branches, or some tags. */
export interface Names {
  readonly all: boolean
  readonly names: readonly string[]
  readonly defaultBranch: boolean
  /** False where it is some of these, which ones is not known. */
  readonly certain: boolean
}
export interface Refs {
  readonly branch: Names
  readonly tag: Names
}
export const NOTHING: Names = { all: false, names: [], defaultBranch: false, certain: true }
const ANY: Names = { ...NOTHING, all: true }
const SOME: Names = { ...ANY, certain: false }
export const EVERY: Refs = { branch: ANY, tag: ANY }
export const NO_REFS: Refs = { branch: NOTHING, tag: NOTHING }
const UNCERTAIN: Refs = { branch: SOME, tag: SOME }

export function union(a: Refs, b: Refs): Refs {
  return { branch: joined(a.branch, b.branch), tag: joined(a.tag, b.tag) }
}

function joined(a: Names, b: Names): Names {
  const certainAll = [a, b].find(({ all, certain }) => all && certain)
  if (certainAll) return certainAll
  return {
    all: a.all || b.all,
    names: [...new Set([...a.names, ...b.names])],
    defaultBranch: a.defaultBranch || b.defaultBranch,
    certain: a.certain && b.certain,
  }
}

function common(a: Names, b: Names): Names {
  const certain = a.certain && b.certain
  if (a.all) return { ...b, certain }
  if (b.all) return { ...a, certain }
  const names = a.names.filter((name) => b.names.includes(name))
  const mixed = a.defaultBranch !== b.defaultBranch ? [...a.names, ...b.names] : []
  return {
    all: false,
    names: [...new Set([...names, ...mixed])],
    defaultBranch: a.defaultBranch && b.defaultBranch,
    certain: certain && mixed.length === 0,
  }
}

const TOKEN =
  /\s*(\(|\)|&&|\|\||==|!=|=~|!~|null\b|"[^"]*"|'[^']*'|\/(?:\\[\s\S]|[^/\\])+\/\w*|\$\w+|\$\{\w+\}|[\w-]+)/y
const MAX_TOKENS = 500

/** What a condition lets through; what hangs on other variables may hold. One that is not understood leaves open which refs. */
export function allowedRefs(condition: string): Refs {
  const tokens = tokensOf(condition)
  if (!tokens) return UNCERTAIN
  const reader = new Reader(tokens)
  const refs = reader.either()
  return reader.isAtEnd ? refs : UNCERTAIN
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = []
  const pattern = new RegExp(TOKEN)
  const end = text.trimEnd().length
  while (pattern.lastIndex < end) {
    const found = pattern.exec(text)?.[1]
    if (found === undefined || tokens.length === MAX_TOKENS) return undefined
    tokens.push(found)
  }
  return tokens
}

class Reader {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length
  }

  either(): Refs {
    let refs = this.#both()
    while (this.#takes('||')) refs = union(refs, this.#both())
    return refs
  }

  #both(): Refs {
    let refs = this.#one()
    while (this.#takes('&&')) {
      const other = this.#one()
      refs = { branch: common(refs.branch, other.branch), tag: common(refs.tag, other.tag) }
    }
    return refs
  }

  #one(): Refs {
    if (this.#takes('(')) {
      const refs = this.either()
      return this.#takes(')') ? refs : UNCERTAIN
    }
    const left = this.#next()
    const operator = ['==', '!=', '=~', '!~'].find((each) => this.#takes(each))
    return operator === undefined ? present(left) : compared(left, operator, this.#next())
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? ''
  }
}

const BRANCH = 'CI_COMMIT_BRANCH'
const TAG = 'CI_COMMIT_TAG'
const REF = 'CI_COMMIT_REF_NAME'
const OF_BRANCH = (branch: Names): Refs => ({ branch, tag: NOTHING })
const OF_TAG = (tag: Names): Refs => ({ branch: NOTHING, tag })
const OF: Readonly<Record<string, (names: Names) => Refs>> = {
  [BRANCH]: OF_BRANCH,
  [TAG]: OF_TAG,
  [REF]: (names) => ({ branch: names, tag: names }),
}

function present(variable: string): Refs {
  const name = nameOf(variable)
  if (name?.startsWith('CI_MERGE_REQUEST_')) return OF_BRANCH(ANY)
  return (name !== undefined && OF[name]?.(ANY)) || EVERY
}

function compared(left: string, operator: string, right: string): Refs {
  const [a, b] = [nameOf(left), nameOf(right)]
  const turned = a === undefined || a === 'CI_DEFAULT_BRANCH'
  const [variable, other, value] = turned ? [b, a, left] : [a, b, right]
  if (variable === 'CI_PIPELINE_SOURCE')
    return operator === '==' && textIn(value) === 'merge_request_event' ? OF_BRANCH(ANY) : EVERY
  const of = variable === undefined ? undefined : OF[variable]
  if (!of) return EVERY
  if (value === 'null' || textIn(value) === '') {
    if (operator === '!=') return of(ANY)
    // Pipelines of merge requests have no variable for the branch.
    return variable === TAG ? OF_BRANCH(ANY) : EVERY
  }
  if (operator === '!=' || operator === '!~') return UNCERTAIN
  if (operator === '=~') return of(SOME)
  if (other === 'CI_DEFAULT_BRANCH') return OF_BRANCH({ ...NOTHING, defaultBranch: true })
  const text = textIn(value)
  return of(text === undefined ? SOME : { ...NOTHING, names: [text] })
}

function nameOf(token: string): string | undefined {
  return /^\$\{?(\w+)\}?$/.exec(token)?.[1]
}

function textIn(token: string): string | undefined {
  return /^(["'])(.*)\1$/s.exec(token)?.[2]
}
