import { matchesResource, type RuleContent } from '../privileges.ts'
import type { Grant, RuleFact, SubjectFact } from '../rbac.ts'
import { ALL, type Question } from './questions.ts'

/** A rule that gives what was asked for. */
export interface Hit {
  /** VERB RESOURCE, as in the role. */
  readonly permission: string
  readonly verb: string
  /** The objects that it is limited to; empty for all. */
  readonly names: readonly string[]
  readonly rule: RuleFact
  readonly grant: Grant
  /** Namespace in which it holds; `*` for the whole cluster. */
  readonly scope: string
}

type RuleHit = Pick<Hit, 'permission' | 'verb' | 'names' | 'rule'>

/** What roles answer. Many bindings grant one role: it is asked once. */
export class RoleAnswers {
  readonly #known = new Map<string, Map<Question, readonly RuleHit[]>>()
  readonly #answering = new Map<string, boolean>()

  /** Whether the role answers any question at all; most roles of a cluster do not. */
  answersAny(grant: Grant): boolean {
    const role = grant.binding.data.role ?? ''
    const known = this.#answering.get(role)
    if (known !== undefined) return known
    const any = grant.rules.some((rule) => ALL.some((question) => hitOf(rule, question)))
    this.#answering.set(role, any)
    return any
  }

  ask(grant: Grant, question: Question): readonly RuleHit[] {
    const role = grant.binding.data.role ?? ''
    const answers = this.#known.get(role) ?? new Map<Question, readonly RuleHit[]>()
    this.#known.set(role, answers)
    const hits = answers.get(question) ?? grant.rules.flatMap((rule) => hitOf(rule, question) ?? [])
    answers.set(question, hits)
    return hits
  }
}

function hitOf(rule: RuleFact, { verbs, group, resource }: Question): RuleHit | undefined {
  const content: RuleContent = rule.data
  if (!content.apiGroups?.some((each) => each === '*' || each === group)) return undefined
  if (!matchesResource(content.resources ?? [], resource)) return undefined
  const names = content.resourceNames ?? []
  const verb = verbs.find(
    (each) =>
      content.verbs?.some((own) => own === '*' || own === each) && (names.length === 0 || canName(each, resource)),
  )
  return verb === undefined ? undefined : { permission: `${verb} ${resource}`, verb, names, rule }
}

/** A create names its object only in the body, after authorisation. */
const canName = (verb: string, resource: string) => verb !== 'create' || resource.includes('/')

/** One subject with all that bindings grant it. */
export class Holder {
  readonly subject: SubjectFact['data']
  /** `KIND NAME`. */
  readonly id: string
  readonly grants: readonly Grant[]
  readonly #answers: RoleAnswers
  readonly #answering: readonly Grant[]

  constructor(subject: SubjectFact['data'], grants: readonly Grant[], answers: RoleAnswers) {
    this.subject = subject
    this.id = `${subject.subjectKind} ${subject.subject}`
    this.grants = grants
    this.#answers = answers
    this.#answering = grants.filter((grant) => answers.answersAny(grant))
  }

  /** Whether it has any right that a way asks for. */
  get mayTakeOver(): boolean {
    return this.#answering.length > 0
  }

  /** The rules that give the right, one for each binding and rule. */
  ask(question: Question): Hit[] {
    return this.#answering.flatMap((grant) =>
      question.clusterOnly && grant.scope !== '*'
        ? []
        : this.#answers.ask(grant, question).map((hit) => ({ ...hit, grant, scope: grant.scope })),
    )
  }

  /** The first of {@link ask} that is not limited to objects by name, or to one that `accepts` knows. */
  first(question: Question, accepts: (name: string) => boolean = () => false, scope = '*'): Hit | undefined {
    return this.ask(question).find(
      (hit) => (hit.scope === '*' || hit.scope === scope) && (hit.names.length === 0 || hit.names.some(accepts)),
    )
  }
}

/** Two rights that are needed in the same place. */
export interface Pair {
  readonly scope: string
  readonly hits: readonly [Hit, Hit]
}

/** Where both of two rights hold: one pair for each namespace, or one for the whole cluster. */
export function pairsOf(first: readonly Hit[], second: readonly Hit[]): Pair[] {
  const byScope = new Map<string, Hit>()
  for (const hit of second) if (!byScope.has(hit.scope)) byScope.set(hit.scope, hit)
  const pairs = new Map<string, Pair>()
  const add = (scope: string, a: Hit, b: Hit | undefined) => {
    if (b && !pairs.has(scope)) pairs.set(scope, { scope, hits: [a, b] })
  }
  for (const hit of first) {
    if (hit.scope === '*') for (const [scope, other] of byScope) add(scope, hit, other)
    else add(hit.scope, hit, byScope.get(hit.scope) ?? byScope.get('*'))
  }
  const everywhere = pairs.get('*')
  return everywhere ? [everywhere] : [...pairs.values()]
}
