import { describe, expect, it } from 'vitest'
import { deriveCredentialRights } from '../../../src/derive/kubernetes/credentials.ts'
import { deriveMastersCredentials } from '../../../src/derive/kubernetes/masters.ts'
import { k8sServiceAccount, k8sTokenSecret } from '../../../src/facts/kubernetes.ts'
import { eksCluster, k8sCloudAccess } from '../../../src/facts/kubernetes-cloud.ts'
import {
  k8sCertificateRequest,
  k8sCredentialRights,
  k8sMastersCredential,
  secretKubernetesCredential,
} from '../../../src/facts/kubernetes-credentials.ts'
import { k8sPrivileged } from '../../../src/facts/kubernetes-escalation.ts'
import { type DataOf, type Fact, type FactKind, type Gap, isFact } from '../../../src/model.ts'

function make<K extends FactKind>(kind: K, data: DataOf<K> = {}, unknown: string[] = []): Fact<K> {
  const samples = Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample])
  const values = Object.fromEntries(samples.filter(([name]) => !unknown.includes(name as string)))
  return { kind: kind.kind, scope: 'repo:.', at: { resource: 'x' }, unknown, data: { ...values, ...data } as DataOf<K> }
}
const rights = (facts: Fact[], gaps: Gap[] = []) => {
  const derived = deriveCredentialRights(facts, gaps)
  return { gaps: derived.gaps, of: derived.facts.filter((each) => isFact(k8sCredentialRights, each)) }
}
const token = make(secretKubernetesCredential)
const account = make(k8sServiceAccount, { cluster: 'prod' })
const holder = (data: DataOf<typeof k8sPrivileged> = {}) => make(k8sPrivileged, { cluster: 'prod', ...data })

describe('rights of leaked tokens', () => {
  it('are those of the account, and say on what they rest', () => {
    expect(rights([token, account, holder()]).of.map(({ data }) => data)).toMatchObject([
      { cluster: 'prod', subject: 'shop/web', level: 'admin', because: 'may do everything', works: true, cloud: '' },
    ])
    expect(rights([token, account, holder()]).of[0]?.data.assumptions).toEqual(['the credential is of prod'])
  })
  it.each([
    [
      'dangerous',
      { privileged: false, admin: false, dangerous: ['read-secrets'], because: 'may read-secrets' },
      'may read-secrets',
    ],
    [
      'few',
      { privileged: false, admin: false, dangerous: [], rights: 'get pods in shop', because: '' },
      'may get pods in shop',
    ],
    [
      'none',
      { privileged: false, admin: false, dangerous: [], rights: '', because: '' },
      'has no rights by any binding',
    ],
  ])('may be %s', (level, data, because) => {
    expect(rights([token, account, holder(data)]).of[0]?.data).toMatchObject({ level, because })
  })
  it('are what its groups have, too', () => {
    const group = holder({ subjectKind: 'Group', subject: 'system:serviceaccounts:shop', because: 'may do everything' })
    expect(rights([token, account, group]).of[0]?.data).toMatchObject({
      level: 'admin',
      subject: 'system:serviceaccounts:shop',
    })
  })
  it('stay open where RBAC was not seen', () => {
    const gap: Gap = { kind: 'k8s.role', scope: 'k8s:prod', class: 'fault', reason: 'access denied', detail: '' }
    expect(rights([token, account], [gap]).of[0]?.unknown).toContain('level')
  })
  it('stay open where no audited cluster knows the account, which is a gap', () => {
    for (const facts of [[token], [token, make(k8sServiceAccount, { cluster: 'prod', account: 'shop/db' })]]) {
      const { of, gaps } = rights(facts)
      expect(of[0]?.unknown).toContain('level')
      expect(gaps).toMatchObject([{ class: 'limit', reason: 'rights of a leaked credential not seen' }])
    }
  })
  it('are looked for in the cluster whose issuer made it', () => {
    const issuer = 'https://oidc.eks.eu-west-1.amazonaws.com/id/ABC'
    const eks = make(eksCluster, { name: 'dev', issuer: issuer.slice(8) })
    const facts = ['prod', 'dev'].flatMap((cluster) => [make(k8sServiceAccount, { cluster }), holder({ cluster })])
    const { of } = rights([make(secretKubernetesCredential, { issuer }), eks, ...facts])
    expect(of.map(({ data }) => [data.cluster, data.assumptions])).toEqual([['dev', []]])
  })
  it('end with the token', () => {
    const ended = make(secretKubernetesCredential, { expired: true, expires: '2024-01-31T00:00:00Z' })
    expect(rights([ended, account, holder()]).of[0]?.data).toMatchObject({ works: false, ended: ' (ended 2024-01-31)' })
  })
  it('end with the Secret of a legacy token, where a live cluster tells', () => {
    const legacy = make(secretKubernetesCredential, { tokenSecret: 'shop/web-token' })
    expect(rights([legacy, account, holder()]).of[0]?.data.ended).toBe(' (its Secret shop/web-token is gone)')
    const secret = make(k8sTokenSecret, { cluster: 'prod', secret: 'shop/web-token' })
    expect(rights([legacy, account, holder(), secret]).of[0]?.data.works).toBe(true)
    const dumped = make(k8sServiceAccount, { cluster: 'prod', source: 'dump' })
    expect(rights([legacy, dumped, holder()]).of[0]?.data.works).toBe(true)
  })
  it('reach the cloud that the account reaches', () => {
    const access = make(k8sCloudAccess, { cluster: 'prod' })
    expect(rights([token, account, holder(), access]).of[0]?.data.cloud).toBe(
      '; it can take AWS role app, which is administrator by AdministratorAccess',
    )
  })
})

describe('rights of leaked client certificates', () => {
  const certificate = (groups: string[]) =>
    make(secretKubernetesCredential, {
      type: 'client-certificate',
      user: 'ann',
      account: '',
      groups: [...groups, 'system:authenticated'],
    })
  it('are those of the user and its groups', () => {
    const user = holder({ subjectKind: 'User', subject: 'ann' })
    expect(rights([certificate([]), account, user]).of[0]?.data).toMatchObject({ level: 'admin', subject: 'ann' })
    const group = holder({ subjectKind: 'Group', subject: 'ops' })
    expect(rights([certificate(['ops']), account, group]).of[0]?.data.because).toBe(
      'as member of ops may do everything',
    )
  })
  it('of system:masters are no matter of RBAC', () => {
    expect(rights([certificate(['system:masters']), account]).of).toEqual([])
  })
})

describe('certificates of system:masters', () => {
  const masters = (facts: Fact[]) =>
    deriveMastersCredentials(facts, [], {
      now: new Date('2026-06-01'),
      trustedAccounts: [],
      breakGlassRoles: [],
    }).facts.filter((each) => isFact(k8sMastersCredential, each))
  const file = (data: DataOf<typeof secretKubernetesCredential>, unknown: string[] = []) =>
    make(secretKubernetesCredential, { type: 'client-certificate', ...data }, unknown)
  it('stand in kubeconfigs', () => {
    const [found] = masters([file({ groups: ['system:masters'], user: 'admin', path: 'admin.conf' })])
    expect(found?.data).toMatchObject({ masters: true, user: 'admin', works: true })
    expect(masters([file({ groups: ['ops'] }), token])).toEqual([])
    expect(masters([file({}, ['groups'])])[0]?.unknown).toContain('masters')
  })
  it('are asked for in requests that nobody refused', () => {
    const request = (data: DataOf<typeof k8sCertificateRequest>) => make(k8sCertificateRequest, data)
    expect(masters([request({})])[0]?.data).toMatchObject({
      credential: 'CertificateSigningRequest jane',
      what: 'CertificateSigningRequest jane (approved) asks for a client certificate of system:masters (user jane)',
      works: true,
    })
    expect(masters([request({ state: 'denied' }), request({ groups: ['dev'] })])).toEqual([])
    expect(masters([request({ expires: '2026-01-01T00:00:00Z' })])[0]?.data.works).toBe(false)
  })
})
