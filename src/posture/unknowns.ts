import type { Standing } from './standing.ts'

/** What keeps `least` below `most`, and what would bring the two together. */

export const CAUSES = [
  'option',
  'denied',
  'left-out',
  'excluded',
  'suppressed',
  'unsure',
  'interrupted',
  'limited',
] as const
export type Cause = (typeof CAUSES)[number]

/** One cause, with as many rules (of suppressed and unsure: findings) as it concerns. */
export interface Unknown {
  readonly cause: Cause
  /** Of the cause `option`: what to add to the command line. */
  readonly options: readonly string[]
  readonly count: number
  /** How much the score at the least would rise if this alone were seen, and good. Whole points; it may take several causes together. */
  readonly points: number
}

interface Kind extends Pick<Unknown, 'cause' | 'options'> {
  readonly countOf: (standing: Standing) => number
  /** The same rule, seen to be good as far as this cause goes. */
  readonly resolved: (standing: Standing) => Standing
}

/** The causes that there are, the ones that hold most back first. `leastOf` is the score of the same rules when they stand otherwise. */
export function unknownsOf(
  standings: readonly Standing[],
  leastOf: (standings: readonly Standing[]) => number,
): Unknown[] {
  const now = leastOf(standings)
  return kindsOf(standings)
    .map(({ cause, options, countOf, resolved }) => {
      const count = standings.reduce((sum, standing) => sum + countOf(standing), 0)
      if (count === 0) return undefined
      const then = leastOf(standings.map((standing) => (countOf(standing) > 0 ? resolved(standing) : standing)))
      return { cause, options, count, points: Math.max(0, Math.floor(then + 1e-9) - Math.floor(now + 1e-9)) }
    })
    .filter((unknown) => unknown !== undefined)
    .sort((a, b) => b.points - a.points || CAUSES.indexOf(a.cause) - CAUSES.indexOf(b.cause) || b.count - a.count)
}

function kindsOf(standings: readonly Standing[]): Kind[] {
  const unasked = standings.filter(({ sight }) => sight === 'not-requested').map(({ ask }) => ask)
  const options = [...new Map(unasked.map((ask) => [ask.join(' '), ask])).values()].sort((a, b) =>
    a.join(' ') < b.join(' ') ? -1 : 1,
  )
  return [
    ...options.map((ask): Kind => {
      const isThis = (standing: Standing) =>
        standing.sight === 'not-requested' && standing.ask.join(' ') === ask.join(' ')
      return { cause: 'option', options: ask, countOf: (each) => (isThis(each) ? 1 : 0), resolved: asGood }
    }),
    kind(
      'denied',
      ({ denied }) => Number(denied),
      (standing) => ({ ...standing, denied: false }),
    ),
    kind('left-out', ({ sight }) => Number(sight === 'left-out'), asGood),
    kind(
      'excluded',
      ({ excluded }) => Number(excluded),
      (standing) => ({ ...standing, excluded: false }),
    ),
    kind(
      'suppressed',
      ({ suppressed }) => suppressed.length,
      (standing) => ({ ...standing, suppressed: [] }),
    ),
    kind(
      'unsure',
      ({ unsure }) => unsure.length,
      (standing) => ({ ...standing, unsure: [] }),
    ),
    kind(
      'interrupted',
      ({ interrupted }) => Number(interrupted),
      (standing) => ({ ...standing, interrupted: false }),
    ),
    kind(
      'limited',
      ({ limited }) => Number(limited),
      (standing) => ({ ...standing, limited: false }),
    ),
  ]
}

function kind(cause: Cause, countOf: Kind['countOf'], resolved: Kind['resolved']): Kind {
  return { cause, options: [], countOf, resolved }
}

function asGood(standing: Standing): Standing {
  return { ...standing, sight: 'evaluated', ask: [] }
}
