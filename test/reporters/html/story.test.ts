import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../src/facts/catalogue.ts'
import type { Fact } from '../../../src/model.ts'
import type { Finding } from '../../../src/report.ts'
import { itemsOf } from '../../../src/reporters/html/items.ts'
import { storyOf } from '../../../src/reporters/html/story.ts'
import { finding, report } from '../../support/report.ts'

/** A fact with the values of its kind's sample but for some. */
function sampleOf(kind: string, data: Fact['data'] = {}, scope = 'aws:123456789012'): Fact {
  const fields = catalogue.get(kind)?.fields ?? {}
  const sample = Object.fromEntries(Object.entries(fields).map(([name, [, , value]]) => [name, value]))
  return { kind, scope, at: { file: `${kind}.x`, line: 1 }, data: { ...sample, ...data }, unknown: [] }
}

type Joined = [name: string, fact: Fact, joins?: Finding['links'][number]['joins']]
function chainOf(id: string, ...steps: Joined[]): Finding {
  return finding({
    id,
    links: steps.map(([name, { at }, joins]) => ({ name, at, values: '', ...(joins && { joins }) })),
    evidence: Object.fromEntries(steps.map(([name, fact]) => [name, [fact]])),
  })
}

/** The story in one line each, as the list of the page tells it. */
function told(chain: Finding): string[] {
  const { scenes, arrows } = storyOf(chain)
  return scenes.map(({ id, title, name, marks }) => {
    const by = arrows.filter(({ to }) => to === id).map(({ words }) => `${words} → `)
    const what = [title, name].filter(Boolean).join(' ')
    return `${by.join('')}${what}${marks.length > 0 ? `: ${marks.join(', ')}` : ''}`
  })
}
const join = (field: string, from: string, fromField: string) => [{ field, from, fromField, value: 'x' }]

describe('the story of a chain', () => {
  it('from a leaked key to the administrator', () => {
    const leak = sampleOf('secret.match', { publicId: 'AKIA0', paired: true, committed: true }, 'repo:.')
    const chain = chainOf(
      'chain/x',
      ['leak', leak],
      ['key', sampleOf('iam.access-key', { id: 'AKIA0', lastUsedDays: -1 }), join('id', 'leak', 'publicId')],
      ['user', sampleOf('iam.user', { mfa: 'disabled', hasPassword: true }), join('arn', 'key', 'userArn')],
      [
        'rights',
        sampleOf('iam.privileged', { admin: true, because: 'is administrator by everything' }),
        join('principalArn', 'user', 'arn'),
      ],
    )
    expect(told(chain)).toEqual([
      'Secret in a file AKIA0: key id and secret together, committed to git',
      'is → AWS access key AKIA0: active, never used',
      'belongs to → AWS user ann: no MFA, may sign in to the console',
      'is → Administrator of AWS account 123456789012: by policy everything',
    ])
  })
  it('from whoever may push to the administrator of the cloud', () => {
    const access = sampleOf('ci.cloud-access', { because: 'can make itself administrator by iam:PassRole' }, 'repo:.')
    const chain = chainOf('chain/x', ['job', sampleOf('ci.job', { job: 'deploy' }, 'repo:.')], ['access', access])
    expect(told(chain)).toEqual([
      `Whoever may push to main: ${access.data.how}`,
      'can start → Job deploy',
      expect.stringMatching(/^signs in, by its OpenID token, as → AWS role deploy/),
      'can become → Administrator of AWS account 123456789012: can make itself administrator by iam:PassRole',
    ])
  })
  it('from a pod to the administrator of the cloud', () => {
    const access = sampleOf('k8s.cloud-access', { account: 'shop/web', because: 'is administrator by p' }, 'k8s:x')
    const workload = sampleOf('k8s.workload', { workloadKind: 'Pod', namespace: 'shop', name: 'web-0' }, 'k8s:x')
    expect(told(chainOf('chain/x', ['workload', workload], ['access', access]))).toEqual([
      'Pod shop/web-0',
      'runs as → ServiceAccount shop/web',
      'may take → AWS role app: by annotation',
      'is → Administrator of AWS account 123456789012: by policy p',
    ])
  })
  it('through a cluster, right by right', () => {
    const steps = [
      'create jobs in namespace ops, by RoleBinding ops/idle: a pod that runs as ops/robot',
      'may do everything in the whole cluster, by ClusterRoleBinding robot',
    ]
    const path = sampleOf('k8s.escalation', { subject: 'ops/idle', steps, cluster: 'live' }, 'k8s:live/ops')
    const chain = chainOf('k8s/path', ['path', path])
    expect(told(chain)).toEqual([
      'ServiceAccount ops/idle',
      'create jobs in namespace ops → A pod that runs as ops/robot',
      'may do everything in the whole cluster → Administrator of cluster live',
    ])
    expect(storyOf(chain).scenes.map(({ place }) => place)).toEqual([
      'k8s:live/ops',
      'RoleBinding ops/idle',
      'ClusterRoleBinding robot',
    ])
  })
  it('of kinds that it does not know goes by the steps of the rule', () => {
    const at = { file: 'a', line: 1 }
    const chain = {
      ...chainOf('x/y', ['first', sampleOf('a.b', {}, 'repo:.')], ['second', sampleOf('c.d')]),
      links: [
        { name: 'first', at, values: 'color red' },
        { name: 'second', at, values: '', joins: join('ownerArn', 'first', 'id') },
      ],
    }
    expect(told(chain)).toEqual(['First: color red', 'same owner arn → Second'])
  })
  it('of kinds that it does not know is told in the words of the rule, if it has some', () => {
    const at = { file: 'a', line: 1 }
    const path = {
      ...chainOf('x/y', ['path', sampleOf('iam.escalation')]),
      links: [
        { name: 'path', at, values: '', says: ['ann can make herself administrator', 'she writes her own policy'] },
      ],
    }
    expect(told(path)).toEqual(['Ann can make herself administrator', ' → She writes her own policy'])
    expect(storyOf(path).scenes.map(({ place }) => place)).toEqual(['a:1', ''])
    const items = itemsOf(report({ findings: [path] }), undefined)
    expect(items.map(({ chain }) => chain)).toEqual(['drawn'])
  })
  it('says of what was not seen that it was not seen, and makes up nothing', () => {
    const { data, ...rest } = sampleOf('iam.user')
    const blind = { ...rest, data: { name: data.name }, unknown: ['mfa'] } as Fact
    expect(told(chainOf('chain/x', ['user', blind], ['key', sampleOf('iam.access-key')]))[0]).toBe(
      'AWS user ann: MFA not seen',
    )
  })
  it('is drawn for the worst fifty, and told with the others', () => {
    const chains = Array.from({ length: 60 }, () =>
      chainOf('chain/x', ['leak', sampleOf('secret.match')], ['key', sampleOf('iam.access-key')]),
    )
    const items = itemsOf(report({ findings: chains }), undefined)
    expect(items.filter(({ chain }) => chain === 'drawn')).toHaveLength(50)
    expect(items.at(-1)?.chain).toBe('told')
  })
})
