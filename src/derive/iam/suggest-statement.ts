import { hasPlaceholder } from '../../facts/iam-placeholder.ts'
import { globMatches, globsIntersect } from '../../glob.ts'
import type { IamAction } from '../../reference/iam-actions.ts'
import { type ActionSet, fullName } from './actions.ts'
import type { Statement } from './permissions.ts'
import type { StatementUse } from './usage.ts'
import type { UsedAction } from './usage-evidence.ts'

/** A statement as a policy document has it. */
export interface JsonStatement {
  readonly Sid?: string
  readonly Effect: string
  readonly Action?: readonly string[]
  readonly NotAction?: readonly string[]
  readonly Resource?: readonly string[]
  readonly NotResource?: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

/** What of an Allow statement is needed, as one statement or, where what it was used on is narrower, as several. */
export function narrowStatement(
  use: StatementUse,
  actions: ActionSet,
  usedAction: (action: IamAction) => UsedAction | undefined,
): JsonStatement[] {
  const { statement } = use
  const groups = new Map<string, { resources: readonly string[] | undefined; kept: IamAction[] }>()
  const add = (action: IamAction | undefined, resources: readonly string[] | undefined) => {
    const id = resources?.join(' ') ?? ''
    const group = groups.get(id) ?? { resources, kept: [] }
    groups.set(id, group)
    if (action) group.kept.push(action)
  }
  for (const action of use.undetermined) add(action, undefined)
  for (const action of use.used) add(action, narrowResources(statement, action, usedAction(action)))
  const unread = unreadPatterns(statement, actions)
  if (unread.length > 0) add(undefined, undefined)
  const granted = new Set([...use.used, ...use.unused, ...use.undetermined])
  return [...groups.values()].map(({ resources, kept }, i) => {
    const written = writeActions(kept, granted, statement, actions)
    const list = resources === undefined ? [...new Set([...written, ...unread])] : written
    const isWhole = resources === undefined && groups.size === 1 && use.unused.length === 0
    // A NotAction that is needed in full stays the shortest way to say so.
    const part = isWhole ? actionPart(statement) : { Action: list }
    return {
      ...sidPart(statement, i),
      Effect: 'Allow',
      ...part,
      ...resourcePart(statement, resources),
      ...conditionPart(statement),
    }
  })
}

/** A statement as it is. */
export function asWritten(statement: Statement): JsonStatement {
  return {
    ...sidPart(statement, 0),
    Effect: statement.effect ?? 'Allow',
    ...actionPart(statement),
    ...resourcePart(statement, undefined),
    ...conditionPart(statement),
  }
}

/** The actions by name, or by the statement's own patterns where everything that these grant is kept. */
export function writeActions(
  kept: readonly IamAction[],
  granted: ReadonlySet<IamAction>,
  statement: Statement,
  actions: ActionSet,
): string[] {
  const wanted = new Set(kept)
  const left = new Set(kept)
  const written: string[] = []
  const take = (pattern: string, covered: readonly IamAction[]) => {
    written.push(pattern)
    for (const action of covered) left.delete(action)
  }
  for (const pattern of statement.actions ?? []) {
    if (hasPlaceholder(pattern)) continue
    const covered = actions.matching(pattern).filter((action) => granted.has(action))
    if (covered.length > 0 && covered.every((action) => wanted.has(action))) take(pattern, covered)
  }
  for (const service of new Set([...left].map((action) => action.service))) {
    const all = actions.service(service) ?? []
    if (all.length > 1 && all.every((action) => wanted.has(action) && granted.has(action))) take(`${service}:*`, all)
  }
  // What stays keeps its place, so that a diff shows what goes.
  return [...new Set(written), ...[...left].map(fullName).sort()]
}

/** Patterns of which nobody knows what they grant: values of a deployment, actions that the list does not have. */
export function unreadPatterns(statement: Statement, actions: ActionSet): string[] {
  return (statement.actions ?? []).filter(
    (pattern) => hasPlaceholder(pattern) || actions.matching(pattern).length === 0,
  )
}

/**
 * What the action was used on, within what the statement grants; undefined: as granted. Only where every call named it, and the
 * action works on one kind of thing: `ec2:RunInstances` needs several at once, of which events name a few.
 */
function narrowResources(
  statement: Statement,
  action: IamAction,
  used: UsedAction | undefined,
): readonly string[] | undefined {
  const granted = statement.resources ?? []
  const one = action.arns.length === 1 || action.service === 's3'
  if (!used?.resourcesComplete || !one || granted.length === 0 || granted.some((each) => each.includes('${')))
    return undefined
  const narrowed = new Set<string>()
  for (const arn of used.resources ?? []) {
    const wanted = generalise(arn)
    if (granted.some((pattern) => globMatches(pattern, wanted))) narrowed.add(wanted)
    else for (const pattern of granted) if (globsIntersect(pattern, wanted)) narrowed.add(pattern)
  }
  const result = [...narrowed].sort()
  const isSame = result.length === granted.length && granted.every((each) => narrowed.has(each))
  return result.length === 0 || isSame ? undefined : result
}

/** Ids that AWS makes up: the next call will be on another one. */
const GENERATED =
  /^(?:[a-z]+-(?:[0-9a-f]{8}|[0-9a-f]{17})|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/

/** The objects of a bucket come and go, and so do instances: the bucket, and the kind of thing, stay. */
function generalise(arn: string): string {
  const object = /^(arn:[\w-]+:s3:::[^/]+\/)/.exec(arn)
  if (object) return `${object[1]}*`
  const slash = arn.lastIndexOf('/')
  const isKey = arn.split(':')[2] === 'kms'
  return slash > 0 && !isKey && GENERATED.test(arn.slice(slash + 1)) ? `${arn.slice(0, slash)}/*` : arn
}

function sidPart({ sid }: Statement, index: number) {
  return sid ? { Sid: index === 0 ? sid : `${sid}${index + 1}` } : {}
}

function actionPart({ actions = [], notActions = [] }: Statement) {
  return actions.length > 0 ? { Action: actions } : { NotAction: notActions }
}

function resourcePart({ resources = [], notResources = [] }: Statement, narrowed: readonly string[] | undefined) {
  if (narrowed) return { Resource: narrowed }
  return notResources.length > 0 && resources.length === 0 ? { NotResource: notResources } : { Resource: resources }
}

/** The lines of iam.statement as the document has them. */
function conditionPart({ conditions = [] }: Statement): Pick<JsonStatement, 'Condition'> {
  if (conditions.length === 0) return {}
  const result: Record<string, Record<string, string[]>> = {}
  for (const line of conditions) {
    const [operator = '', key = '', ...rest] = line.split('|')
    const keys = result[operator] ?? {}
    result[operator] = keys
    keys[key] = [...(keys[key] ?? []), rest.join('|')]
  }
  return { Condition: result }
}
