import { ciRefFilter } from '../../../facts/pipeline-refs.ts'
import { type Fact, fact } from '../../../model.ts'
import { get, textOf, type ValueNode } from '../../../sources/value-node.ts'
import { itemsOf } from '../workflow.ts'
import { effective, type GitlabFile, type GitlabJob, textsOf } from './configuration.ts'
import { allowedRefs, EVERY, type Names, NO_REFS, NOTHING, type Refs, union } from './ref-conditions.ts'

/**
 * For which branches and tags jobs run that can ask for an ID token. Sources: https://docs.gitlab.com/ci/yaml/#rules and
 * https://docs.gitlab.com/ci/yaml/deprecated_keywords/#only--except
 */
export function* gitlabRefFilters(files: readonly GitlabFile[]): Generator<Fact> {
  for (const job of files.flatMap((file) => file.jobs)) {
    if (job.hidden || effective(job, 'id_tokens', files) === undefined) continue
    const refs = refsOf(job, files)
    for (const refType of ['branch', 'tag'] as const) {
      const { all, names, defaultBranch, certain } = refs[refType]
      if (!all && !defaultBranch && names.length === 0) continue
      const { source } = job
      yield fact(ciRefFilter, source.scope, source.location(job.keyStart, job.keyStart + job.name.length), {
        workflow: source.path,
        job: job.name,
        refType,
        names: all ? [] : names,
        all,
        defaultBranch,
        certain,
      })
    }
  }
}

function refsOf(job: GitlabJob, files: readonly GitlabFile[]): Refs {
  const rules = effective(job, 'rules', files)
  if (rules && rules.type !== 'plain') return byRules(itemsOf(rules))
  const only = effective(job, 'only', files)
  const taken = only ? byNames(namesIn(only)) : EVERY
  const except = effective(job, 'except', files)
  return except ? without(taken, byNames(namesIn(except))) : taken
}

/** The first rule that fits decides; which of the others fit only a run knows. */
function byRules(rules: readonly ValueNode[]): Refs {
  let refs = NO_REFS
  let left = EVERY
  for (const rule of rules) {
    // What `!reference` stands for is not looked up.
    if (rule.type !== 'map') return union(refs, unsure(left))
    const condition = textOf(get(rule, 'if'))
    const allowed = condition === undefined ? EVERY : allowedRefs(condition)
    const isOpen = get(rule, 'changes') !== undefined || get(rule, 'exists') !== undefined
    if (textOf(get(rule, 'when')) !== 'never') refs = union(refs, restricted(allowed, left))
    else if (!isOpen) left = without(left, allowed)
    if (condition === undefined && !isOpen) break
  }
  return refs
}

function restricted(refs: Refs, left: Refs): Refs {
  return { branch: left.branch.all ? refs.branch : NOTHING, tag: left.tag.all ? refs.tag : NOTHING }
}

/** All branches or all tags can be taken away; of single names it stays open. */
function without(refs: Refs, others: Refs): Refs {
  const rest = (own: Names, other: Names): Names => {
    if (other.all && other.certain) return NOTHING
    return other.names.length > 0 || other.defaultBranch || !other.certain ? { ...own, certain: false } : own
  }
  return { branch: rest(refs.branch, others.branch), tag: rest(refs.tag, others.tag) }
}

function unsure({ branch, tag }: Refs): Refs {
  return { branch: { ...branch, certain: false }, tag: { ...tag, certain: false } }
}

function namesIn(node: ValueNode): string[] {
  return node.type === 'map' ? textsOf(get(node, 'refs')) : textsOf(node)
}

const ANY: Names = { ...NOTHING, all: true }
const KEYWORDS: Readonly<Record<string, Refs>> = {
  branches: { branch: ANY, tag: NOTHING },
  tags: { branch: NOTHING, tag: ANY },
  merge_requests: { branch: ANY, tag: NOTHING },
  external_pull_requests: { branch: ANY, tag: NOTHING },
}
/** How the pipeline was started, which may be for any branch or tag. */
const SOURCES = new Set(['api', 'chat', 'external', 'pipelines', 'pushes', 'schedules', 'triggers', 'web'])

function byNames(names: readonly string[]): Refs {
  if (names.length === 0) return EVERY
  return names.map(byName).reduce(union, NO_REFS)
}

function byName(name: string): Refs {
  const known = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined
  if (known) return known
  if (SOURCES.has(name)) return EVERY
  // A pattern, or a name at another project.
  if (/^\/|[$@]/.test(name)) return unsure(EVERY)
  const own: Names = { ...NOTHING, names: [name] }
  return { branch: own, tag: own }
}
