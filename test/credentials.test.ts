import { describe, expect, it } from 'vitest'
import { builtInRules } from '../src/rule-packs.ts'

/** Recognised by a pattern, and no credential of one provider. */
const OF_NO_PROVIDER = new Set(
  'authorization-header basic-auth-header basic-auth-url bearer-token command-line-password connection-string-password credential-without-expiry curl-user-password der-private-key docker-registry-auth encrypted-private-key htpasswd-hash jwk-private-key jwt kubeconfig-credential login-call-password netrc-password openssl-passphrase pgpass-password private-key sql-password-hash tls-disabled-connection unix-password-hash wordpress-key'
    .split(' ')
    .map((name) => `secrets/${name}`),
)

describe('rules for credentials', async () => {
  const rules = (await builtInRules()).filter(({ source }) => source.detect?.by === 'pattern')
  const ofProviders = rules.filter(({ id }) => !OF_NO_PROVIDER.has(id))

  it('are at least 200', () => {
    expect(ofProviders.length).toBeGreaterThanOrEqual(200)
  })

  it.each(ofProviders.map(({ id, source }) => [id, source] as const))('%s says what it is good for', (_, source) => {
    expect(source.credential).toBeDefined()
    // One line; the sentence around it ends with a full stop.
    expect(source.credential?.opens).toMatch(/^[^\n]{5,90}[^.\n]$/)
    // The place is said once.
    expect(source.references).not.toContain(source.credential?.revoke)
  })
})
