import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { k8sAuditLog, k8sCalls } from '../../../src/facts/kubernetes-log.ts'
import { kubernetesAuditLogScanner } from '../../../src/scanners/kubernetes/audit-log.ts'
import { collect, NO_TARGETS } from '../../support/context.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zt-audit-log-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function write(content: string | Buffer): string {
  const path = join(folder, `audit-${files++}.log`)
  writeFileSync(path, content)
  return path
}

const WEB = { username: 'system:serviceaccount:shop:web', groups: ['system:serviceaccounts', 'system:authenticated'] }
const EVENT = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  auditID: '1',
  stage: 'ResponseComplete',
  requestURI: '/api/v1/namespaces/shop/pods/a?x=1',
  verb: 'get',
  user: WEB,
  objectRef: { resource: 'pods', namespace: 'shop', name: 'a', apiVersion: 'v1' },
  responseStatus: { code: 200 },
  requestReceivedTimestamp: '2026-01-01T10:00:00.000000Z',
  annotations: { 'authorization.k8s.io/decision': 'allow' },
}
let events = 0
/** Lines of a native log, each a call of its own. */
const lines = (...changes: object[]) =>
  changes.map((change) => `${JSON.stringify({ ...EVENT, auditID: `id-${events++}`, ...change })}\n`).join('')
const scan = (...auditLogs: string[]) => collect(kubernetesAuditLogScanner, { targets: { ...NO_TARGETS, auditLogs } })
const calls = async (...events: object[]) =>
  (await scan(write(lines(...events)))).of(k8sCalls).map(({ data }) => {
    const { decision, user, verb, resource, namespace, names, impersonator, calls: count } = data
    const who = user?.replace('system:serviceaccount:', '')
    return `${decision} ${who}${impersonator && ` by ${impersonator}`} ${verb} ${resource}@${namespace} [${names}] ${count}`
  })

describe('what counts as a call', () => {
  it('is what authorisation allowed, whatever the status', async () => {
    const admission = { responseStatus: { code: 403 } }
    const forbidden = { ...admission, verb: 'list', annotations: { 'authorization.k8s.io/decision': 'forbid' } }
    expect(await calls(admission, { responseStatus: { code: 404 } }, forbidden)).toEqual([
      'allow shop:web get pods@shop [a] 2',
      'forbid shop:web list pods@shop [a] 1',
    ])
  })

  it('goes by the status where there is no annotation', async () => {
    const bare = (code: number, verb: string) => ({ annotations: undefined, responseStatus: { code }, verb })
    expect(await calls(bare(401, 'a'), bare(403, 'b'), bare(404, 'c'), bare(409, 'd'), bare(422, 'e'))).toEqual([
      'forbid shop:web a pods@shop [a] 1',
      'forbid shop:web b pods@shop [a] 1',
      'allow shop:web c pods@shop [a] 1',
      'allow shop:web d pods@shop [a] 1',
      'allow shop:web e pods@shop [a] 1',
    ])
  })

  it('is one for all its stages, and none before authorisation', async () => {
    const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete'].map((stage) => ({ stage }))
    expect(await calls(...stages.map((stage) => ({ ...stage, auditID: 'watch' })))).toEqual([
      'allow shop:web get pods@shop [a] 1',
    ])
    expect(await calls({ stage: 'RequestReceived' })).toEqual([])
    expect(await calls({ stage: 'ResponseStarted', verb: 'watch' })).toEqual(['allow shop:web watch pods@shop [a] 1'])
  })

  it('is two rights when a connection is opened by get', async () => {
    const exec = { objectRef: { ...EVENT.objectRef, subresource: 'exec' } }
    expect(await calls(exec)).toEqual([
      'allow shop:web get pods/exec@shop [a] 1',
      'allow shop:web create pods/exec@shop [a] 1',
    ])
    const log = { objectRef: { ...EVENT.objectRef, subresource: 'log' } }
    expect(await calls(log)).toEqual(['allow shop:web get pods/log@shop [a] 1'])
  })

  it('names no object when one is created, but names what a subresource belongs to', async () => {
    const token = { ...EVENT.objectRef, resource: 'serviceaccounts', subresource: 'token' }
    expect(await calls({ verb: 'create' }, { verb: 'create', objectRef: token })).toEqual([
      'allow shop:web create pods@shop [] 1',
      'allow shop:web create serviceaccounts/token@shop [a] 1',
    ])
  })

  it('is a path where there is no resource', async () => {
    expect(await calls({ objectRef: undefined, requestURI: '/healthz?verbose' })).toEqual([
      'allow shop:web get /healthz@ [] 1',
    ])
  })

  it('in another’s name proves the right to impersonate, and nothing of the other', async () => {
    const admin = { username: 'admin', groups: [] }
    const as = { user: admin, impersonatedUser: { ...WEB, uid: 'u', extra: { scopes: ['x'] } } }
    expect(await calls(as)).toEqual([
      'allow shop:web by admin get pods@shop [a] 1',
      'allow admin impersonate serviceaccounts@shop [web] 1',
      'allow admin impersonate groups@ [system:authenticated,system:serviceaccounts] 2',
      'allow admin impersonate uids@ [u] 1',
      'allow admin impersonate userextras/scopes@ [x] 1',
    ])
  })

  it('keeps a thousand names and says that there were more', async () => {
    const many = Array.from({ length: 1200 }, (_, i) => ({ objectRef: { ...EVENT.objectRef, name: `pod-${i}` } }))
    const [fact] = (await scan(write(lines(...many)))).of(k8sCalls)
    expect(fact?.data).toMatchObject({ calls: 1200, namesComplete: false })
    expect(fact?.data.names).toHaveLength(1000)
  })
})

describe('the log as a whole', () => {
  it('tells its window and what it covers, over several files', async () => {
    const a = write(lines({ requestReceivedTimestamp: '2026-01-03T11:30:00.000000Z' }))
    const b = write(
      lines(
        { objectRef: undefined, requestURI: '/readyz' },
        { verb: 'create', objectRef: { apiGroup: 'apps', resource: 'deployments' } },
      ),
    )
    const { of, gaps } = await scan(a, b)
    expect(of(k8sAuditLog)[0]).toMatchObject({
      scope: 'k8s:-',
      data: {
        events: 3,
        firstEvent: '2026-01-01T10:00:00.000000Z',
        lastEvent: '2026-01-03T11:30:00.000000Z',
        windowHours: 49,
        coversReads: true,
        coversAll: false,
        resources: ['apps/deployments', 'pods'],
        urls: ['/readyz'],
      },
    })
    expect(gaps).toEqual([])
  })

  it('covers everything if it holds what policies drop first', async () => {
    const event = { verb: 'create', objectRef: { resource: 'events' } }
    const covers = async (...events: object[]) =>
      (await scan(write(lines({}, ...events)))).of(k8sAuditLog)[0]?.data.coversAll
    expect(await covers(event, { objectRef: undefined, requestURI: '/livez' })).toBe(true)
    expect(await covers(event)).toBe(false)
    expect(await covers({ objectRef: undefined, requestURI: '/livez' })).toBe(false)
  })

  it('is read from gzip and from lists of events', async () => {
    const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [EVENT, EVENT] }
    const { of } = await scan(write(gzipSync(lines({}, {}))), write(JSON.stringify(list)))
    expect(of(k8sAuditLog)[0]?.data.events).toBe(4)
  })
})

describe('a log that', () => {
  const gapsOf = async (content: string | Buffer) => {
    const { facts, gaps } = await scan(write(content))
    expect(facts.length).toBeGreaterThan(0)
    expect(gaps.map(({ kind, class: gapClass }) => `${kind} ${gapClass}`)).toEqual(
      gaps.flatMap((_, i) => (i % 2 === 0 ? 'k8s.audit-log fault' : 'k8s.calls fault')),
    )
    return gaps.filter((_, i) => i % 2 === 0).map(({ reason, detail }) => `${reason}: ${detail.replace(/^.*\//, '')}`)
  }

  it('is cut off, plain or gzip, is a gap, and what came before counts', async () => {
    expect(await gapsOf(lines({}) + JSON.stringify(EVENT).slice(0, -9))).toEqual([
      expect.stringMatching(/^audit log: truncated: audit-\d+\.log:2: the last line is cut off$/),
    ])
    const packed = gzipSync(lines(...Array.from({ length: 4000 }, (_, i) => ({ auditID: String(Math.sin(i)) }))))
    expect(await gapsOf(packed.subarray(0, packed.length - 2000))).toContainEqual(
      expect.stringMatching(/^audit log: truncated: .*the compressed file ends early, after \d+ lines$/),
    )
  })

  it('holds other lines is a gap that names the first of them and quotes none', async () => {
    const other = '{"level":"info","msg":"hunter2"}\n'
    const found = await gapsOf(`${lines({}) + other.repeat(5)}hunter2\n\nnull\n`)
    expect(found).toEqual([
      expect.stringMatching(/^audit log: broken line: .*no JSON on line 7$/),
      expect.stringMatching(/^audit log: not an audit log: .*no audit\.k8s\.io event on lines 2, 3, 4 and 3 more$/),
    ])
    expect(found.join()).not.toContain('hunter2')
  })

  it('has fields of wrong types is read as far as it makes sense', async () => {
    const { of, gaps } = await scan(
      write(
        lines(
          { user: null, objectRef: 'x', annotations: 3, verb: 7, requestReceivedTimestamp: null },
          { impersonatedUser: [] },
        ),
      ),
    )
    expect(of(k8sCalls)).toHaveLength(2)
    expect(gaps).toEqual([])
  })

  it('holds nothing, or is not there, is an error', async () => {
    await expect(scan(write(''))).rejects.toThrow('no events')
    await expect(scan(write('{}\n'))).rejects.toThrow('no audit.k8s.io event on line 1')
    await expect(scan(join(folder, 'none.log'))).rejects.toThrow('ENOENT')
  })

  it('might belong to several clusters is an error', async () => {
    const targets = { ...NO_TARGETS, auditLogs: [write(lines({}))], kubernetes: [{}], kubernetesDumps: ['a', 'b'] }
    await expect(collect(kubernetesAuditLogScanner, { targets })).rejects.toThrow('belongs to one cluster')
  })
})
