import { Binary, type Expr, FunctionCall, Grouping, Literal } from '@actions/expressions/ast'
import { WORKFLOW_EVENTS, WRITERS_ACTIVITIES } from '../../reference/workflow-events.ts'
import { referencesOf } from '../../sources/github-expressions.ts'

/**
 * How something in a condition can turn out when a stranger caused the event: what he needs for it to be true, and for it to be false; a
 * side that is absent is out of his reach.
 */
export interface Outcome {
  readonly yes?: readonly string[]
  readonly no?: readonly string[]
}

const EITHER: Outcome = { yes: [], no: [] }
const NEVER: Outcome = { no: [] }

export function known(value: boolean): Outcome {
  return value ? { yes: [] } : { no: [] }
}

/** Where the actor's name stands: the account that acted last, which need not be the author of what runs. */
const ACTORS = new Set([
  'github.actor',
  'github.triggering_actor',
  'github.event.sender.login',
  'github.event.workflow_run.actor.login',
])
/** The author of the change or text itself. */
const AUTHORS =
  /^github\.event\.(?:pull_request\.user|pull_request\.head\.user|comment\.user|review\.user|discussion\.user|workflow_run\.triggering_actor)\.login$/
/** The repository, or its owner, that a pull request comes from. */
const ORIGINS =
  /^github\.event\.(?:pull_request\.head\.repo|workflow_run\.head_repository)\.(?:full_name|name|id|node_id|owner\.login|owner\.id|html_url|clone_url)$|^github\.event\.pull_request\.head\.user\.(?:login|id)$/
const ASSOCIATION = /^github\.event\.(?:pull_request|comment|review|discussion)\.author_association$/
/** Associations that strangers can have. Source: https://docs.github.com/en/graphql/reference/enums#commentauthorassociation */
const STRANGERS = /\b(?:CONTRIBUTOR|FIRST_TIME_CONTRIBUTOR|FIRST_TIMER|MANNEQUIN|NONE)\b/
const LABELS = /^github\.event\.(?:pull_request|issue)\.labels(?:\.|$)|^github\.event\.label(?:\.|$)/
/** Parts of the payload by the events that have them. */
const PARTS: Readonly<Record<string, RegExp>> = {
  pull_request: /^pull_request(?:_target|_review|_review_comment)?$/,
  issue: /^issue/,
  comment: /comment$/,
  discussion: /^discussion/,
  workflow_run: /^workflow_run$/,
  release: /^release$/,
  head_commit: /^push$/,
  commits: /^push$/,
  pusher: /^push$/,
  inputs: /^workflow_dispatch$/,
  client_payload: /^repository_dispatch$/,
  schedule: /^schedule$/,
  merge_group: /^merge_group$/,
}

/** Whether a value that stands alone in a condition is true. */
export function truthOf(reference: string, event: string): Outcome {
  if (isAbsent(reference, event)) return NEVER
  if (reference === 'github.event.pull_request.head.repo.fork') return known(true)
  if (reference === 'github.event.pull_request.merged') return { yes: ['merge'], no: [] }
  if (/^github\.event\.(?:pull_request|comment|workflow_run)$/.test(reference)) return known(true)
  if (LABELS.test(reference)) return labelled(event)
  return open([reference])
}

/** A comparison or one of contains, startsWith, endsWith. */
export function compared(node: Binary | FunctionCall, event: string): Outcome {
  if (node instanceof Binary) {
    const operator = node.operator.lexeme
    if (operator !== '==' && operator !== '!=') return open(referencesOf(node))
    const result = equal(node.left, node.right, event)
    return operator === '==' ? result : { ...(result.no && { yes: result.no }), ...(result.yes && { no: result.yes }) }
  }
  const [first, second] = node.args
  const name = node.functionName.lexeme.toLowerCase()
  if (!first || !second) return open(referencesOf(node))
  if (name === 'contains') return contained(first, second, event)
  if (name === 'startswith' || name === 'endswith') return matched(first, second, event, name === 'startswith')
  return open(referencesOf(node))
}

function equal(left: Expr, right: Expr, event: string): Outcome {
  const [a, b] = [reference(left), reference(right)]
  const [x, y] = [literal(left), literal(right)]
  if (x !== undefined && y !== undefined) return known(x.toLowerCase() === y.toLowerCase())
  if (a !== undefined && b !== undefined) {
    if (ORIGINS.test(a) || ORIGINS.test(b)) return NEVER
    if (AUTHORS.test(a) || AUTHORS.test(b)) return isOwner(a) || isOwner(b) ? NEVER : open([a, b])
    if ((ACTORS.has(a) && isOwner(b)) || (ACTORS.has(b) && isOwner(a))) return NEVER
    return open([a, b])
  }
  const path = a ?? b
  const value = x ?? y
  if (path === undefined || value === undefined) return open([...referencesOf(left), ...referencesOf(right)])
  return has(path, value, event)
}

function isOwner(path: string): boolean {
  return (
    path === 'github.repository_owner' || path.startsWith('github.event.repository.owner') || path.startsWith('vars.')
  )
}

/** Whether a path of the context has a value. */
function has(path: string, value: string, event: string): Outcome {
  if (isAbsent(path, event)) return known(['', 'false', '0', 'null'].includes(value))
  if (path === 'github.event_name') return known(value === event)
  if (ACTORS.has(path)) return byName(value)
  if (AUTHORS.test(path) || (ORIGINS.test(path) && value !== '')) return NEVER
  if (ASSOCIATION.test(path)) return STRANGERS.test(value) ? EITHER : NEVER
  if (path === 'github.event.pull_request.head.repo.fork') return known(value === 'true')
  if (path === 'github.event.pull_request.merged')
    return value === 'true' ? { yes: ['merge'], no: [] } : { yes: [], no: ['merge'] }
  if (path === 'github.event.action') return WRITERS_ACTIVITIES.has(value) ? { yes: ['label'], no: [] } : EITHER
  if (LABELS.test(path)) return labelled(event)
  if (path === 'github.event.workflow_run.event') return WORKFLOW_EVENTS.get(value)?.by === 'anybody' ? EITHER : NEVER
  if (path === 'github.ref' || path === 'github.ref_name' || path === 'github.ref_type')
    return refIs(path, value, event)
  return open([path])
}

/** People with rights set labels; on issues the form that somebody fills in sets some, too. */
function labelled(event: string): Outcome {
  return event === 'issues' ? EITHER : { yes: ['label'], no: [] }
}

/** Names of bots can be had: they act on what others wrote. A person's cannot. */
function byName(value: string): Outcome {
  return value.endsWith('[bot]') ? { yes: [`bot:${value}`], no: [] } : NEVER
}

/** `github.ref`: that of the merge for pull requests, else the base or default branch; never a tag, as far as strangers go. */
function refIs(path: string, value: string, event: string): Outcome {
  const about = WORKFLOW_EVENTS.get(event)
  if (about?.by !== 'anybody') return EITHER
  if (path === 'github.ref_type') return value === 'tag' ? NEVER : EITHER
  if (about.runs === 'merge of the pull request') return value.startsWith('refs/pull/') ? EITHER : NEVER
  return value.startsWith('refs/tags/') ? NEVER : EITHER
}

function contained(list: Expr, item: Expr, event: string): Outcome {
  const lists = referencesOf(list)
  if (lists.some((path) => LABELS.test(path)))
    return lists.some((path) => isAbsent(path, event)) ? NEVER : labelled(event)
  const path = reference(item)
  const choices = literalsOf(list).join('\n')
  if (path !== undefined && lists.length === 0) {
    if (path === 'github.event_name') return known(choices.includes(event) && names(choices, event))
    // In a text, each part of it is contained: who may choose a name has one of them.
    if (list instanceof Literal && (ACTORS.has(path) || AUTHORS.test(path)) && !choices.includes('[bot]'))
      return open([path])
    if (ASSOCIATION.test(path)) return STRANGERS.test(choices) ? EITHER : NEVER
    if (ACTORS.has(path)) {
      const bot = /[\w-]+\[bot\]/.exec(choices)?.[0]
      return bot === undefined ? NEVER : byName(bot)
    }
    if (AUTHORS.test(path) || ORIGINS.test(path)) return NEVER
    if (path === 'github.event.workflow_run.event')
      return [...WORKFLOW_EVENTS].some(([name, { by }]) => by === 'anybody' && names(choices, name)) ? EITHER : NEVER
    return open([path])
  }
  // A list of people that the file does not show.
  if (path !== undefined && (ACTORS.has(path) || AUTHORS.test(path) || ORIGINS.test(path))) return NEVER
  const [only, ...more] = lists
  const part = literal(item)
  if (only !== undefined && more.length === 0 && part !== undefined && ACTORS.has(only) && part.includes('[bot]'))
    return { yes: [`bot:${part}`], no: [] }
  if (only === 'github.event_name' && part !== undefined) return known(event.includes(part))
  return open([...lists, ...referencesOf(item)])
}

function matched(text: Expr, part: Expr, event: string, atStart: boolean): Outcome {
  const path = reference(text)
  const value = literal(part)
  if (path === undefined || value === undefined) return open([...referencesOf(text), ...referencesOf(part)])
  if (path === 'github.event_name') return known(atStart ? event.startsWith(value) : event.endsWith(value))
  if (path === 'github.ref' && atStart) return refIs(path, value, event)
  if (ACTORS.has(path) && value.includes('[bot]')) return { yes: [`bot:${value}`], no: [] }
  if (isAbsent(path, event)) return known(value === '')
  return open([path])
}

/** Anything may come of it; if outputs of steps or jobs decide, they may be a check. */
function open(references: readonly string[]): Outcome {
  const outputs = references.filter((path) => /^(?:needs|steps)\.[^.]+\.outputs(?:\.|$)/.test(path))
  const guards = outputs.map((path) => `output:${path}`)
  return { yes: guards, no: guards }
}

function isAbsent(path: string, event: string): boolean {
  const part = /^github\.event\.([^.]+)/.exec(path)?.[1]
  const events = part === undefined ? undefined : PARTS[part]
  if (events !== undefined) return WORKFLOW_EVENTS.has(event) && event !== 'workflow_call' && !events.test(event)
  return path === 'github.head_ref' && WORKFLOW_EVENTS.has(event) && !/^(?:pull_request|workflow_call)/.test(event)
}

/** `push` in `["push","pull_request"]`, not in `push_it`. */
function names(choices: string, event: string): boolean {
  return new RegExp(`(?<![\\w-])${event}(?![\\w-])`).test(choices)
}

function reference(node: Expr): string | undefined {
  if (node instanceof Grouping) return reference(node.group)
  if (node instanceof Literal || node instanceof FunctionCall || node instanceof Binary) return undefined
  return referencesOf(node)[0]
}

function literal(node: Expr): string | undefined {
  if (node instanceof Grouping) return literal(node.group)
  return node instanceof Literal ? node.literal.coerceString() : undefined
}

function literalsOf(node: Expr): string[] {
  if (node instanceof Literal) return [node.literal.coerceString()]
  if (node instanceof Grouping) return literalsOf(node.group)
  return node instanceof FunctionCall ? node.args.flatMap(literalsOf) : []
}
