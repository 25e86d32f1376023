import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { appToken, installationTokens } from '../../src/sources/github-app.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const APP = { id: '123', privateKey, installation: '77' }
const NOW = Date.UTC(2026, 0, 1)

describe('a GitHub App', () => {
  it('says who it is, for no longer than GitHub takes', () => {
    const [head, claims] = appToken(APP, NOW)
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    expect(head).toEqual({ alg: 'RS256', typ: 'JWT' })
    expect(claims.iss).toBe('123')
    expect(claims.iat).toBe(NOW / 1000 - 60)
    expect(claims.exp - claims.iat).toBe(600)
  })

  it('makes one token for requests that come together, and another when it ends', async () => {
    let made = 0
    let minutes = 60
    const tokens = installationTokens(APP, 'acme', async () => {
      made++
      return { token: `t${made}`, expires_at: new Date(Date.now() + minutes * 60_000).toISOString() }
    })
    expect(await Promise.all([tokens(), tokens(), tokens()])).toEqual(['t1', 't1', 't1'])
    expect(await tokens()).toBe('t1')

    minutes = 1
    made = 0
    const short = installationTokens(APP, 'acme', async () => ({
      token: `s${++made}`,
      expires_at: new Date(Date.now() + minutes * 60_000).toISOString(),
    }))
    expect([await short(), await short()]).toEqual(['s1', 's2'])
  })

  it('tries again after a failure', async () => {
    let tries = 0
    const tokens = installationTokens(APP, 'acme', async () => {
      if (++tries === 1) throw Object.assign(new Error('bad gateway'), { status: 502 })
      return { token: 'ok', expires_at: new Date(Date.now() + 3_600_000).toISOString() }
    })
    await expect(tokens()).rejects.toThrow('bad gateway')
    expect(await tokens()).toBe('ok')
  })

  it('shows nothing of a key that is none', () => {
    expect(() => appToken({ id: '1', privateKey: 'hush' }, NOW)).toThrow(
      /^the private key of the GitHub App is no key in PEM form$/,
    )
  })
})
