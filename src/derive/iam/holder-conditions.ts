import { couldBeAnything, hasPlaceholder } from '../../facts/iam-placeholder.ts'
import { globMatches } from '../../glob.ts'
import { type Condition, restrictsNothing } from './conditions.ts'
import type { Entity } from './entities.ts'
import type { Verdict } from './verdict.ts'

/** Who asks, when, and what is known of the request. */
export interface Request {
  readonly principal: Entity
  readonly now: Date
  /** Values of condition keys, by key in lower case: `iam:passedtoservice`. */
  readonly keys?: Readonly<Record<string, string>>
}

/** What the holder of the permission can bring about itself: it signs in with MFA, or asks from the right network or region. */
const HOLDER_CAN = new Set([
  'aws:multifactorauthpresent',
  'aws:multifactorauthage',
  'aws:sourceip',
  'aws:vpcsourceip',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:requestedregion',
  'aws:securetransport',
  'aws:useragent',
  'aws:referer',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principaltype',
  'aws:resourceaccount',
  'aws:resourceorgid',
])
const DATE_KEYS = new Set(['aws:currenttime', 'aws:epochtime', 'aws:tokenissuetime'])

/** Whether a request of the principal passes a condition, and what that takes for granted. */
export function passes(condition: Condition, request: Request): { verdict: Verdict; assumes?: string } {
  const { key, operator, values } = condition
  if (restrictsNothing(condition)) return { verdict: 'yes' }
  if (hasPlaceholder(operator) || hasPlaceholder(key)) return { verdict: 'unknown' }
  const dated = DATE_KEYS.has(key) && operator.startsWith('date') ? passesDate(condition, request) : undefined
  if (dated !== undefined) return { verdict: dated ? 'yes' : 'no' }
  const known = request.keys?.[key] ?? ownKey(key, request.principal)
  if (known !== undefined && /^(?:string|arn|bool)/.test(operator)) {
    if (values.some(couldBeAnything)) return { verdict: 'unknown' }
    return { verdict: holds(operator, values, known) ? 'yes' : 'no' }
  }
  // Asked of a request in which it never is.
  if (key === 'aws:viaawsservice' && operator === 'bool') {
    return { verdict: values.some((value) => value.toLowerCase() === 'false') ? 'yes' : 'no' }
  }
  if (HOLDER_CAN.has(key)) return { verdict: 'yes', assumes: `the holder meets ${condition.text}` }
  return { verdict: values.some(couldBeAnything) ? 'unknown' : 'conditional', assumes: `${condition.text} holds` }
}

/** What is known of whoever asks. */
function ownKey(key: string, principal: Entity): string | undefined {
  if (key === 'aws:principalarn') return principal.id.startsWith('arn:') ? principal.id : undefined
  if (key === 'aws:principalaccount') return principal.accountId || undefined
  if (key === 'aws:username') return principal.kind === 'user' ? principal.name : undefined
  return undefined
}

function holds(operator: string, values: readonly string[], value: string): boolean {
  const negated = operator.includes('not')
  const like = operator.endsWith('like') || operator.startsWith('arn')
  const fold = operator.includes('ignorecase') || operator === 'bool'
  const text = fold ? value.toLowerCase() : value
  const matches = values.some((each) => {
    const wanted = fold ? each.toLowerCase() : each
    return like ? globMatches(wanted, text) : wanted === text
  })
  return negated ? !matches : matches
}

/** Times that are over, or not yet there. Long-term keys carry no time of issue, so that they never pass. */
function passesDate({ operator, key, values, ifExists }: Condition, { now, principal }: Request): boolean | undefined {
  if (key === 'aws:tokenissuetime' && principal.kind === 'user') return ifExists
  const times = values.map((value) => (/^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value)))
  if (times.some(Number.isNaN)) return undefined
  const time = now.getTime()
  if (operator.startsWith('datelessthan')) return times.some((limit) => time < limit)
  if (operator.startsWith('dategreaterthan')) return times.some((limit) => time > limit)
  return operator === 'datenotequals' ? true : undefined
}
