import { couldBeAnything, replacePlaceholders } from '../../facts/iam-placeholder.ts'
import { globMatches, globsIntersect } from '../../glob.ts'
import { anyOf, type Tri } from './conditions.ts'

/** Things that nobody has, of several services: a pattern that takes all of them takes everything. */
const ANYTHING = [
  's3:::zq7/zq7',
  'iam::909090909090:role/zq7',
  'ec2:zq-region-7:909090909090:instance/zq7',
  'kms:zq-region-8:808080808080:key/zq7',
]

/** Stands for what a deployment fills in: no name that a pattern could hold. */
const FILLED = '\u0001'

/** Whether the patterns take every resource there is. */
export function takeEverything(resources: readonly string[]): Tri {
  return anyOf(resources.map((resource) => (couldBeAnything(resource) ? 'unknown' : takesEverything(resource))))
}

function takesEverything(resource: string): boolean {
  if (/^\*+$/.test(resource)) return true
  const partition = /^arn:([\w-]+):/.exec(resource)?.[1] ?? 'aws'
  return ANYTHING.every((arn) => globMatches(replacePlaceholders(resource, FILLED), `arn:${partition}:${arn}`))
}

/**
 * Whether the patterns take any resource of one of the types (ARN templates). `within`: all of them in one account or region
 * count as any.
 */
export function takeAny(resources: readonly string[], templates: readonly string[], within: boolean): Tri {
  return anyOf(
    resources.map((resource) => {
      if (couldBeAnything(resource)) return 'unknown'
      if (takesEverything(resource)) return true
      const pattern = replacePlaceholders(resource, FILLED)
      const service = serviceOf(pattern)
      return templates.some(
        (template) => sameService(template, service) && globMatches(pattern, sample(template, pattern, within)),
      )
    }),
  )
}

/** A resource of the type that has a name which nobody would write. */
function sample(template: string, pattern: string, within: boolean): string {
  const [, partition, , region, account] = pattern.split(':')
  const literal = (text: string | undefined) => (text && !/[*?]/.test(text) ? text : undefined)
  return template.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (name === 'Partition') return literal(partition) ?? 'aws'
    if (name === 'Region') return (within && literal(region)) || 'zq-region-7'
    if (name === 'Account') return (within && literal(account)) || '909090909090'
    return 'zq7'
  })
}

/** Whether a pattern could name a resource of one of the types. */
export function couldName(resource: string, templates: readonly string[]): boolean {
  if (couldBeAnything(resource) || /^\*+$/.test(resource)) return true
  const pattern = replacePlaceholders(resource, '*')
  const service = serviceOf(pattern)
  const start = startOf(pattern)
  return templates.some(
    (template) =>
      sameService(template, service) &&
      sameStart(template, start) &&
      globsIntersect(pattern, templateOf(template).open),
  )
}

/** The service that a pattern names, if it names one for sure. */
function serviceOf(pattern: string): string | undefined {
  return /^arn:[^:*?]*:([^:*?]+):/.exec(pattern)?.[1]
}

/** What of a template is asked again and again. */
interface Template {
  /** With a wildcard for what it leaves open. */
  readonly open: string
  readonly service: string | undefined
  /** How the resource's own part begins: `instance/`. */
  readonly start: string
}
const known = new Map<string, Template>()

function templateOf(text: string): Template {
  const before = known.get(text)
  if (before) return before
  const service = serviceOf(text)
  const open = text.replace(/\$\{[^}]*\}/g, '*')
  const made = { open, service: service?.includes('$') ? undefined : service, start: startOf(open) ?? '' }
  known.set(text, made)
  return made
}

/** The resource's own part of an ARN, up to the first wildcard; undefined for what is no whole ARN. */
function startOf(pattern: string): string | undefined {
  const parts = pattern.split(':')
  return parts.length < 6 ? undefined : parts.slice(5).join(':').split(/[*?]/)[0]
}

/** Cheap first questions, since most resources are of another service, or another kind, than most actions. */
function sameService(template: string, service: string | undefined): boolean {
  const own = service === undefined ? undefined : templateOf(template).service
  return own === undefined || own === service
}

function sameStart(template: string, start: string | undefined): boolean {
  if (start === undefined) return true
  const own = templateOf(template).start
  return own.startsWith(start) || start.startsWith(own)
}
