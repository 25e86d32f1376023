import { expect, it } from 'vitest'
import { findOutsiderGain } from '../../../src/derive/pipelines/outsider-gain.ts'
import { ciJob } from '../../../src/facts/pipeline.ts'
import { ciCloudAccess, ciOutsiderGain } from '../../../src/facts/pipeline-cloud.ts'
import { ciCloudCredential, ciSecretUse } from '../../../src/facts/pipeline-secrets.ts'
import { ciTakeover } from '../../../src/facts/pipeline-untrusted.ts'
import { type DataOf, type Fact, type FactKind, isFact } from '../../../src/model.ts'

const WHERE = { workflow: 'w', job: 'deploy' }
function make<K extends FactKind>(kind: K, data: DataOf<K> = {}, unknown: string[] = []): Fact<K> {
  const samples = Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample])
  const values = Object.fromEntries(samples.filter(([name]) => !unknown.includes(name as string)))
  return { kind: kind.kind, scope: 'repo:./w', at: { file: 'w' }, unknown, data: { ...values, ...WHERE, ...data } }
}
function gains(...facts: Fact[]) {
  const derived = findOutsiderGain.derive(facts, [], { trustedAccounts: [], breakGlassRoles: [] })
  return derived.facts.filter((each) => isFact(ciOutsiderGain, each))
}
const takeover = make(ciTakeover)
const role = make(ciCloudAccess, { events: ['pull_request_target', 'push'] })

it('is the role that takes the token of the same job under the same event', () => {
  expect(gains(takeover, role).map(({ data }) => [data.gainName, data.events, data.certain])).toEqual([
    ['AWS role deploy', ['pull_request_target'], true],
  ])
  expect(gains(takeover, make(ciCloudAccess, { job: 'other' }))).toEqual([])
  expect(gains(takeover, make(ciCloudAccess, { events: ['push'] }))).toEqual([])
  expect(gains(takeover, make(ciCloudAccess, { ...role.data, trusted: false }))).toEqual([])
})
it('is none of a fork’s pull request, which has neither token nor secrets', () => {
  const fork = make(ciTakeover, { events: ['pull_request'] })
  const access = make(ciCloudAccess, { events: ['pull_request'] })
  expect(gains(fork, access, make(ciSecretUse, { secret: 'NPM_TOKEN' }))).toEqual([])
})
it('is told once, where the called workflow does it', () => {
  const caller = { workflow: 'caller', job: 'deploy' }
  const calling = make(ciJob, { ...caller, calls: './w' })
  const facts = [make(ciTakeover, caller), calling, make(ciSecretUse, { ...caller, secret: 'NPM_TOKEN' })].map(
    (each) => ({ ...each, scope: 'repo:./caller' }),
  )
  const secret = make(ciSecretUse, { secret: 'NPM_TOKEN' })
  expect(gains(...facts, takeover, secret).map(({ data }) => data.workflow)).toEqual(['w'])
  expect(gains(...facts).map(({ data }) => data.workflow)).toEqual(['caller'])
})
it('stays open where the trust or the takeover is not certain', () => {
  expect(gains(takeover, make(ciCloudAccess, {}, ['trusted', 'events']))[0]?.unknown).toContain('certain')
  expect(gains(make(ciTakeover, { certain: false }), role)[0]?.unknown).toContain('certain')
})
it('is what secrets the job or its workflow names, keys of clouds by themselves', () => {
  const found = gains(
    takeover,
    make(ciCloudCredential, { job: '' }),
    make(ciSecretUse, { secret: 'AWS_ACCESS_KEY_ID' }),
    make(ciSecretUse, { secret: 'NPM_TOKEN', job: '' }),
    make(ciSecretUse, { secret: 'GITHUB_TOKEN' }),
    make(ciSecretUse, { secret: 'OTHER', job: 'other' }),
  )
  expect(found.map(({ data }) => [data.form, data.gain])).toEqual([
    ['key', 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY'],
    ['secret', 'NPM_TOKEN'],
  ])
  expect(gains(make(ciTakeover, { privileged: false }), make(ciSecretUse, { secret: 'NPM_TOKEN' }))).toEqual([])
})
