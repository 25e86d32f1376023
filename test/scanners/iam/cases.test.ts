import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { judgeFiles } from './judge.ts'

const FOLDER = new URL('../../fixtures/iam/', import.meta.url)
interface Case {
  readonly rules: readonly (string | readonly string[])[]
  readonly mustNotFire: readonly string[]
}
const cases: Record<string, Case> = JSON.parse(readFileSync(new URL('expected.json', FOLDER), 'utf8'))

/** Escalation paths are no part of these rules yet. */
const isJudged = (rule: string) => !rule.startsWith('iam/privilege-escalation')

describe.each(Object.entries(cases))('%s', (file, { rules, mustNotFire }) => {
  const policy = readFileSync(new URL(file, FOLDER), 'utf8')

  it('trips the rules that it must, and none that it must not', async () => {
    const { fired, gaps } = await judgeFiles({ [file]: policy })
    for (const wanted of rules) {
      const any = typeof wanted === 'string' ? [wanted] : wanted
      if (any.every(isJudged)) expect(fired.filter((id) => any.includes(id))).not.toEqual([])
    }
    expect(fired.filter((id) => mustNotFire.includes(id))).toEqual([])
    expect(gaps.filter((gap) => gap.class === 'fault')).toEqual([])
  })
})
