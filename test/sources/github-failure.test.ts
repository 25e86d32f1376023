import { describe, expect, it } from 'vitest'
import { explainGithub, isRateLimit, waitFor } from '../../src/sources/github-failure.ts'

const answer = (status: number, headers: Record<string, string> = {}, message = '') => ({
  status,
  message,
  response: { headers },
})
const inSeconds = (seconds: number) => String(Math.floor(Date.now() / 1000) + seconds)

describe('limits of GitHub', () => {
  it.each([
    ['a missing right', answer(403, { 'x-ratelimit-remaining': '4000' }, 'Resource not accessible'), false],
    ['the hourly limit', answer(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(9) }), true],
    ['a secondary limit', answer(403, {}, 'You have exceeded a secondary rate limit.'), true],
    ['a secondary limit that says how long', answer(403, { 'retry-after': '7' }), true],
    ['429', answer(429), true],
    ['an outage', answer(502), false],
  ])('%s: %#', (_, error, limited) => {
    expect(isRateLimit(error)).toBe(limited)
  })

  it('are waited out as GitHub says: Retry-After, then the reset of a limit that is used up, then a minute', () => {
    expect(waitFor(answer(429, { 'retry-after': '7', 'x-ratelimit-reset': inSeconds(900) }))).toBe(7000)
    const reset = waitFor(answer(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(100) })) ?? 0
    expect(reset).toBeGreaterThan(90_000)
    expect(reset).toBeLessThanOrEqual(100_000)
    expect(waitFor(answer(429, { 'x-ratelimit-remaining': '4000', 'x-ratelimit-reset': inSeconds(3000) }))).toBe(60_000)
    expect(waitFor(answer(500))).toBe(1000)
    expect(waitFor(answer(404))).toBeUndefined()
  })
})

describe('what is told of a failure', () => {
  const route = 'GET /repos/{owner}/{repo}/keys'
  it('of a server of one’s own may be its age', () => {
    expect(explainGithub(answer(404), route, 'needs x', true).detail).toMatch(
      /HTTP 404; needs x, or this version of GitHub Enterprise Server/,
    )
    expect(explainGithub(answer(404), route, 'needs x', false).detail).toBe(`${route}: HTTP 404; needs x`)
    expect(explainGithub(answer(403), route, 'needs x', true).detail).toBe(`${route}: HTTP 403; needs x`)
  })
})
