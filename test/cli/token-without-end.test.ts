import { expect, it } from 'vitest'
import { folderWith, randomText, run } from '../support/program.ts'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const tokenOf = (claims: object) => `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${randomText(43)}`

it('a token without end is reported as leaked and as without end, in words that tell the two apart', async () => {
  const root = folderWith({ 'app.yml': `token: ${tokenOf({ sub: `svc-${randomText(8)}` })}\n` })
  const { stdout } = await run([root, '--format', 'json'])
  const findings = JSON.parse(stdout).findings as { ruleId: string; message: string }[]
  expect(findings.map(({ ruleId, message }) => [ruleId, message.replace(/: eyJh.*$/, '')]).sort()).toEqual([
    ['secrets/credential-without-expiry', 'The JSON Web Token in app.yml never ends, since it has no exp claim'],
    ['secrets/jwt', 'JSON Web Token in app.yml'],
  ])
})
