import { describe, expect, it } from 'vitest'
import { CallCounter } from '../../../src/scanners/kubernetes/calls.ts'
import { allowedBy, Callers, type LogEvent, readEvent } from '../../../src/scanners/kubernetes/log-event.ts'
import { NativeReader } from '../../../src/scanners/kubernetes/log-native.ts'

/** Whole numbers below a limit, the same in each run. */
function numbers(seed: number) {
  let state = seed
  return (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** As the API server writes events, with everything that may be absent, odd or hostile in it. */
function compose(random: (limit: number) => number): string {
  const some = <T>(...values: T[]) => values[random(values.length)] as T
  const often = () => random(10) > 0
  const name = () => some('web', 'a-b.c', 'naïve', 'quo"te', 'back\\slash', '},"sourceIPs":["x"', ',"objectRef":{', '')
  const username = `system:serviceaccount:shop:${often() ? some('web', 'ci') : name()}`
  return JSON.stringify({
    kind: 'Event',
    apiVersion: often() ? 'audit.k8s.io/v1' : 'audit.k8s.io/v1beta1',
    level: often() ? 'Metadata' : 'Request',
    auditID: `id-${random(1000)}`,
    stage: some('ResponseComplete', 'ResponseComplete', 'ResponseStarted', 'RequestReceived', 'Panic'),
    requestURI: some('/api/v1/pods?x=1', '/healthz', `/api/${name()}`, ''),
    verb: some('get', 'list', 'create', 'deletecollection', ''),
    user: {
      username,
      ...(often() && { groups: some(['b', 'a'], [], ['system:masters'], null) }),
      ...(often() && { extra: { [name()]: [name()] } }),
    },
    ...(!often() && { impersonatedUser: { username: name(), groups: [name()] } }),
    ...(often() && { sourceIPs: [some('10.0.0.1', '::1')] }),
    ...(often() && { userAgent: often() ? 'kubectl/v1' : name() }),
    ...(often() && {
      objectRef: {
        resource: some('pods', 'pods', 'serviceaccounts', ''),
        ...(often() && { namespace: 'shop' }),
        ...(often() && { name: often() ? some('a', 'b') : name() }),
        ...(!often() && { uid: 'u' }),
        ...(often() && { apiGroup: some('apps', '') }),
        apiVersion: 'v1',
        ...(!often() && { resourceVersion: '1' }),
        ...(!often() && { subresource: some('exec', 'token', 'log') }),
      },
    }),
    ...(often() && {
      responseStatus: { metadata: {}, ...(!often() && { message: name() }), code: some(200, 403, 401) },
    }),
    ...(!often() && { requestObject: { verb: 'delete', user: { username: 'other' } } }),
    requestReceivedTimestamp: some(
      '2026-01-01T10:00:00.000001Z',
      '2026-01-01T10:00:00Z',
      '2026-01-01T12:00:00.5+02:00',
      'x',
    ),
    stageTimestamp: '2026-01-01T10:00:01.000000Z',
    ...(often() && {
      annotations: {
        'authorization.k8s.io/decision': some('allow', 'forbid', 'odd'),
        'authorization.k8s.io/reason': some(
          '',
          `RBAC: allowed by RoleBinding "${name()}/shop" of Role "web" to ServiceAccount "web/shop"`,
          'RBAC: allowed by ClusterRoleBinding "robot" of ClusterRole "robot" to Group "dev"',
        ),
        ...(!often() && { [name()]: name() }),
      },
    }),
  })
}

/** One change of a text as a crash, a full disk or a hostile hand makes it. */
function damage(text: string, random: (limit: number) => number): string {
  const at = random(text.length)
  const to = at + random(30)
  const other = ['"', '\\', '}', '{', ',', '},', '"a":1,', ',"objectRef":{"resource":"secrets"}', ' ', '\u0001', '0']
  const part = other[random(other.length)] as string
  return [
    text.slice(0, at) + text.slice(to),
    text.slice(0, at) + part + text.slice(at),
    text.slice(0, at) + part + text.slice(at + part.length),
    text.slice(0, at) + text,
    text + text.slice(at),
    text.slice(0, at) + text.slice(at, to) + text.slice(at),
  ][random(6)] as string
}

function parsed(text: string, callers: Callers): LogEvent | undefined {
  try {
    return readEvent(JSON.parse(text), callers)
  } catch {
    return undefined
  }
}

describe('reading native events by their text', () => {
  it('gives what a parser gives, or leaves the event to it', () => {
    const random = numbers(3)
    const callers = new Callers()
    const reader = new NativeReader(callers)
    let read = 0
    for (let i = 0; i < 8_000; i++) {
      const text = compose(random)
      const event = reader.read(text)
      if (event === undefined) continue
      read++
      expect(event, text).toEqual(parsed(text, callers))
    }
    // Else this would say nothing.
    expect(read).toBeGreaterThan(1500)
  })

  it('takes nothing that a parser refuses, however it is damaged', () => {
    const random = numbers(5)
    const callers = new Callers()
    const reader = new NativeReader(callers)
    let read = 0
    for (let i = 0; i < 25_000; i++) {
      const text = damage(compose(random), random)
      const event = reader.read(text)
      if (event === undefined) continue
      read++
      expect(event, text).toEqual(parsed(text, callers))
    }
    expect(read).toBeGreaterThan(40)
  })
})

describe('what allowed a call', () => {
  it('is a binding, its role and its subject, as facts name them', () => {
    const of = (reason: string) => allowedBy(`RBAC: allowed by ${reason}`)
    expect([
      of('RoleBinding "web/shop" of Role "web" to ServiceAccount "job/ops"'),
      of('RoleBinding "web/shop" of ClusterRole "edit" to User "system:serviceaccount:ops:job"'),
      of('ClusterRoleBinding "a:b" of ClusterRole "a:b" to Group "dev"'),
    ]).toEqual([
      'RoleBinding shop/web of Role shop/web to ServiceAccount ops/job',
      'RoleBinding shop/web of ClusterRole edit to ServiceAccount ops/job',
      'ClusterRoleBinding a:b of ClusterRole a:b to Group dev',
    ])
    expect(['', undefined, 'access granted by IAM permissions.', 'RBAC: allowed by '].map(allowedBy)).toEqual(
      Array(4).fill(''),
    )
  })

  it('is kept once for each kind of call, up to a limit, and not of what was asked for besides', () => {
    const counter = new CallCounter()
    const log = (binding: string, verb = 'get') =>
      counter.addEvent({
        stage: 'ResponseComplete',
        verb,
        user: { username: 'ann', groups: [] },
        objectRef: { resource: 'pods', namespace: 'shop' },
        responseStatus: { code: 201 },
        annotations: {
          'authorization.k8s.io/decision': 'allow',
          'authorization.k8s.io/reason': `RBAC: allowed by RoleBinding "${binding}/shop" of Role "r" to User "ann"`,
        },
      })
    for (const binding of ['a', 'b', 'a']) log(binding, 'patch')
    for (let i = 0; i < 60; i++) log(`b${i}`)
    const [, patch, create, get] = [...counter.facts('-', [])].map(
      ({ data }) => (data as { allowedBy: string[] }).allowedBy,
    )
    expect(patch).toEqual(['a', 'b'].map((name) => `RoleBinding shop/${name} of Role shop/r to User ann`))
    expect(create).toEqual([])
    expect([get?.length, get?.at(-1)]).toEqual([51, 'further bindings'])
  })

  it('stands in the labels of an entry of GKE', () => {
    const counter = new CallCounter()
    counter.add({
      labels: {
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason': 'RBAC: allowed by ClusterRoleBinding "a" of ClusterRole "b" to User "ann"',
      },
      protoPayload: {
        serviceName: 'k8s.io',
        authenticationInfo: { principalEmail: 'ann' },
        methodName: 'io.k8s.core.v1.pods.get',
        resourceName: 'core/v1/namespaces/shop/pods/a',
      },
    })
    expect([...counter.facts('-', [])][1]?.data).toMatchObject({
      allowedBy: ['ClusterRoleBinding a of ClusterRole b to User ann'],
    })
  })
})
