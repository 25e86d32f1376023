import { Buffer } from 'node:buffer'
import { describe, expect, it, vi } from 'vitest'
import { createDetection } from '../../../src/detect/detect.ts'
import { createRandom } from '../../../src/detect/sample.ts'
import { composeJwt } from '../../../src/detect/validators/jwt.ts'
import { secretKubernetesCredential } from '../../../src/facts/kubernetes-credentials.ts'
import { type Fact, isFact } from '../../../src/model.ts'
import { scanText } from '../../../src/scanners/secrets/index.ts'
import { Occurrences } from '../../../src/scanners/secrets/occurrences.ts'
import { readRequestedSubject } from '../../../src/sources/certificate-request.ts'
import { composeCertificate, composeKubeconfig, composeRequest } from '../../support/certificates.ts'
import { builtInDetectors } from '../../support/detection.ts'

const NOW = new Date('2026-06-01T00:00:00Z')
const signature = createRandom(5).text(43, 'abcdefghijkmnpqrstuvwxyzABCDEFGH23456789')
const token = (claims: object) => composeJwt({ sub: 'system:serviceaccount:shop:web', ...claims }, signature)
const credentials = (path: string, text: string): Fact<typeof secretKubernetesCredential>[] =>
  scanText(builtInDetectors, path, text, 'repo:.', NOW).facts.filter((each) => isFact(secretKubernetesCredential, each))

describe('tokens of service accounts', () => {
  it('tell account, groups, issuer and end of a bound one', () => {
    const [found, ...others] = credentials(
      'deploy/env.yaml',
      `token: ${token({ iss: 'https://oidc.example.org/id/1', aud: ['https://kubernetes.default.svc'], exp: 1790000000, 'kubernetes.io': { namespace: 'shop' } })}\n`,
    )
    expect(others).toEqual([])
    expect(found?.data).toMatchObject({
      rule: 'secrets/kubernetes-service-account-token',
      path: 'deploy/env.yaml',
      type: 'service-account-token',
      what: 'token of ServiceAccount shop/web',
      user: 'system:serviceaccount:shop:web',
      account: 'shop/web',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
      issuer: 'https://oidc.example.org/id/1',
      audiences: ['https://kubernetes.default.svc'],
      expires: '2026-09-21T14:13:20Z',
      expired: false,
      tokenSecret: '',
    })
  })
  it('tell that a bound one has ended', () => {
    const [found] = credentials('a.env', `TOKEN=${token({ exp: 1700000000 })}\n`)
    expect(found?.data).toMatchObject({ expires: '2023-11-14T22:13:20Z', expired: true })
  })
  it('tell the secret of a legacy one, which has no end', () => {
    const claims = { iss: 'kubernetes/serviceaccount', 'kubernetes.io/serviceaccount/secret.name': 'web-token-x1' }
    const [found] = credentials('a.env', `TOKEN=${token(claims)}\n`)
    expect(found?.data).toMatchObject({ expires: '', expired: false, tokenSecret: 'shop/web-token-x1' })
  })
  it('are read where a Secret holds them in base64', () => {
    const value = Buffer.from(token({})).toString('base64')
    const text = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: t\ntype: kubernetes.io/service-account-token\ndata:\n  token: ${value}\n`
    expect(credentials('secret.yaml', text).map(({ data }) => data.account)).toEqual(['shop/web'])
  })
  it('tell the cluster of the kubeconfig that they stand in', () => {
    const text = composeKubeconfig('ci', composeCertificate('ci', [])).replace(
      /client-certificate-data: .*\n\s+client-key-data: .*/,
      `token: ${token({})}`,
    )
    const [found] = credentials('ci.kubeconfig', text)
    expect(found?.data).toMatchObject({
      account: 'shop/web',
      server: 'https://api.example.org:6443',
      clusterName: 'prod',
    })
  })
  it('of others are none', () => {
    expect(credentials('a.env', `TOKEN=${composeJwt({ sub: 'ann' }, signature)}\n`)).toEqual([])
  })
  it('hold no value', () => {
    const value = token({})
    expect(JSON.stringify(credentials('a.env', `TOKEN=${value}\n`))).not.toContain(value.split('.')[2])
  })
})

describe('kubeconfigs', () => {
  it('tell user and groups of a client certificate', () => {
    const certificate = composeCertificate('kubernetes-admin', ['system:masters', 'ops'])
    const found = credentials('admin.conf', composeKubeconfig('kubernetes-admin', certificate))
    expect(found).toHaveLength(1)
    expect(found[0]?.data).toMatchObject({
      type: 'client-certificate',
      what: 'client certificate of user kubernetes-admin',
      user: 'kubernetes-admin',
      groups: ['system:masters', 'ops', 'system:authenticated'],
      issuer: 'kubernetes',
      expires: '2049-12-31T23:59:59Z',
      expired: false,
      clusterName: 'prod',
      account: '',
    })
  })
  it('with a certificate that has ended say so', () => {
    const found = credentials('admin.conf', composeKubeconfig('ann', composeCertificate('ann', [], '251231235959Z')))
    expect(found[0]?.data.expired).toBe(true)
  })
  it('leave open whose a key is without its certificate', () => {
    const text = composeKubeconfig('ann', composeCertificate('ann', [])).replace(
      /client-certificate-data: .*/,
      'client-certificate: ann.crt',
    )
    const [found] = credentials('admin.conf', text)
    expect(found?.data.type).toBe('client-certificate')
    expect([...(found?.unknown ?? [])].sort()).toEqual(['expired', 'expires', 'groups', 'issuer', 'user'])
  })
  it('leave open whose an opaque token is', () => {
    const text = composeKubeconfig('ci', composeCertificate('ci', [])).replace(
      /client-certificate-data: .*\n\s+client-key-data: .*/,
      `token: ${createRandom(9).text(40, 'abcdefghijkmnpqrstuvwxyzABCDEFGH23456789')}`,
    )
    const [found] = credentials('kubeconfig', text)
    expect(found?.data).toMatchObject({ type: 'token', clusterName: 'prod' })
    expect(found?.unknown).toContain('user')
  })
})

describe('kubeconfigs with many users', () => {
  const names = Array.from({ length: 5 }, (_, i) => `u${i}`)
  const users = names.map((name) => `- {name: ${name}, user: {token: ${token({ jti: name })}}}\n`).join('')
  const text = `apiVersion: v1\nkind: Config\nclusters:\n- {name: c, cluster: {server: "https://ann@b.example.org/"}}\ncontexts:\n- {name: x, context: {cluster: c, user: u3}}\nusers:\n${users}`
  function collect(identifies: boolean) {
    const buffer = Buffer.from(text)
    const { matches } = createDetection(builtInDetectors).inspect('kubeconfig', buffer, buffer.length)
    const occurrences = new Occurrences('repo:.', NOW, identifies)
    const at = { file: 'kubeconfig' }
    const read = vi.fn(() => text)
    occurrences.add(
      matches,
      { ...at, committed: true, text: read },
      () => at,
      () => ({ startLine: 1, lines: [] }),
    )
    return { read, found: occurrences.credentials().filter((each) => isFact(secretKubernetesCredential, each)) }
  }
  it('are read once', () => {
    const { read, found } = collect(true)
    expect(found).toHaveLength(5)
    expect(read).toHaveBeenCalledTimes(1)
    expect(found.map(({ data }) => data.server).sort()).toEqual(['', '', '', '', 'https://b.example.org'])
  })
  it('are not read where nobody asks who signs in', () => {
    const { read, found } = collect(false)
    expect(found).toEqual([])
    expect(read).not.toHaveBeenCalled()
  })
  it.each(['nowhere', 'host:6443', 'ann:pw@host'])('with no address give none: %s', (server) => {
    const composed = composeKubeconfig('ci', composeCertificate('ci', []))
    const found = credentials('a.conf', composed.replace('https://api.example.org:6443', server))
    expect(found.map(({ data }) => data.server)).toEqual([''])
  })
})

describe('requests for certificates', () => {
  it('tell whom they are for', () => {
    const request = Buffer.from(composeRequest('jane', ['system:masters', 'dev']))
    expect(readRequestedSubject(request)).toEqual({ commonName: 'jane', organizations: ['system:masters', 'dev'] })
  })
  it.each([
    ['', 'nothing'],
    ['0', 'no length'],
    ['30820000', 'empty'],
    ['3084ffffffff00', 'a length beyond its end'],
    ['3003020100', 'no subject'],
  ])('are none if cut or broken: %s (%s)', (hex) => {
    expect(readRequestedSubject(Buffer.from(hex, 'hex'))).toBeUndefined()
  })
})
