import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { k8sAuditLog, k8sCalls } from '../../../src/facts/kubernetes-log.ts'
import { kubernetesAuditLogScanner } from '../../../src/scanners/kubernetes/audit-log.ts'
import { collect, NO_TARGETS } from '../../support/context.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zt-log-forms-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
function write(content: string | Buffer, name = `log-${count++}`): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const scan = (...auditLogs: string[]) => collect(kubernetesAuditLogScanner, { targets: { ...NO_TARGETS, auditLogs } })
const scanText = (content: string | Buffer) => scan(write(content))

let ids = 0
const event = (change: object = {}) => ({
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID: `id-${ids++}`,
  stage: 'ResponseComplete',
  requestURI: '/api/v1/namespaces/shop/pods/a',
  verb: 'get',
  user: { username: 'system:serviceaccount:shop:web', groups: ['system:serviceaccounts'] },
  objectRef: { resource: 'pods', namespace: 'shop', name: 'a', apiVersion: 'v1' },
  responseStatus: { code: 200 },
  requestReceivedTimestamp: '2026-01-01T10:00:00.000000Z',
  stageTimestamp: '2026-01-01T10:00:00.000001Z',
  annotations: { 'authorization.k8s.io/decision': 'allow' },
  ...change,
})
const text = (change?: object) => JSON.stringify(event(change))
const eks = (message: string, logStreamName = 'kube-apiserver-audit-0') => ({ logStreamName, timestamp: 1, message })
const aks = (log: string, category = 'kube-audit') => ({ time: 'x', category, properties: { log, stream: 'stdout' } })

describe('an event', () => {
  const forms: Record<string, () => string | Buffer> = {
    'in lines': () => `${text()}\n${text()}\n`,
    'in lines without an end': () => `${text()}\n${text()}`,
    'in lines with Windows ends': () => `${text()}\r\n${text()}\r\n`,
    'as one indented document each': () => `${JSON.stringify(event(), null, 2)}\n${JSON.stringify(event(), null, 2)}\n`,
    'side by side': () => `${text()}${text()}`,
    'in a list of lists': () => JSON.stringify([[event()], [[event()]]], null, 1),
    'in a list of texts': () => JSON.stringify([text(), text()]),
    'in lines of texts': () => `${JSON.stringify(text())}\n${JSON.stringify(text())}\n`,
    'in a list': () => JSON.stringify([event(), event()]),
    'in an EventList whose items name no kind': () =>
      JSON.stringify({
        kind: 'EventList',
        apiVersion: 'audit.k8s.io/v1',
        items: [event({ kind: undefined, apiVersion: undefined }), event({ kind: undefined, apiVersion: undefined })],
      }),
    'in UTF-16, as PowerShell writes': () => Buffer.from(`\ufeff${text()}\r\n${text()}\r\n`, 'utf16le'),
    'with a byte order mark': () => `\ufeff${text()}\n${text()}\n`,
    'of filter-log-events': () =>
      JSON.stringify({ events: [eks(text()), eks(text())], searchedLogStreams: [{ a: 1 }] }),
    'of filter-log-events, indented': () => JSON.stringify({ events: [eks(text()), eks(text())] }, null, 4),
    'of get-log-events': () =>
      JSON.stringify({ events: [{ message: text() }, { message: text() }], nextForwardToken: 'f/1' }),
    'of a CloudWatch export to S3': () =>
      gzipSync(`2026-01-01T10:00:00.000Z ${text()}\n2026-01-01T10:00:01.000Z ${text()}\n`),
    'of aws logs tail': () => `2026-01-01T10:00:00 kube-apiserver-audit-0 ${text()}\n2026-01-01T10:00:00 s ${text()}\n`,
    'of a subscription, through Firehose': () =>
      [text(), text()]
        .map((message) => JSON.stringify({ messageType: 'DATA_MESSAGE', logStream: 's', logEvents: [{ message }] }))
        .join(''),
    'of a storage account': () => `${JSON.stringify(aks(`${text()}\n`))}\n${JSON.stringify(aks(text()))}\n`,
    'of an event hub': () => JSON.stringify({ records: [aks(text()), aks(text())] }),
    'of the table AzureDiagnostics': () =>
      JSON.stringify([
        { Category: 'kube-audit', log_s: text() },
        { Category: 'kube-audit', log_s: text() },
      ]),
    'of the table AKSAudit, columns as text or not': () =>
      JSON.stringify([true, false].map((asText) => row(event(), 'AKSAudit', asText))),
  }
  const row = (of: ReturnType<typeof event>, table: string, asText: boolean) => {
    const column = (value: unknown) => (asText ? JSON.stringify(value) : value)
    return {
      TableName: table,
      AuditId: of.auditID,
      Stage: of.stage,
      RequestUri: of.requestURI,
      Verb: of.verb,
      User: column(of.user),
      ObjectRef: column(of.objectRef),
      ResponseStatus: column(of.responseStatus),
      Annotations: column(of.annotations),
      RequestReceivedTime: of.requestReceivedTimestamp,
    }
  }

  it.each(Object.keys(forms))('is read %s', async (form) => {
    const { of, gaps } = await scanText(forms[form]?.() ?? '')
    expect(of(k8sCalls).map(({ data }) => data)).toEqual([
      expect.objectContaining({
        user: 'system:serviceaccount:shop:web',
        groups: ['system:serviceaccounts'],
        verb: 'get',
        resource: 'pods',
        names: ['a'],
        calls: 2,
      }),
    ])
    expect(gaps).toEqual([])
  })

  it('names its form', async () => {
    const formsOf = async (content: string) => (await scanText(content)).of(k8sAuditLog)[0]?.data.forms
    expect(await formsOf(text())).toEqual(['native'])
    expect(await formsOf(JSON.stringify({ events: [eks(text())] }))).toEqual(['EKS'])
    expect(await formsOf(JSON.stringify(aks(text(), 'kube-audit-admin')))).toEqual(['AKS kube-audit-admin'])
    expect(await formsOf(JSON.stringify([row(event(), 'AKSAuditAdmin', true)]))).toEqual(['AKS AKSAuditAdmin'])
  })

  it('is one call, however often an export or an overlapping file repeats it', async () => {
    const same = text({ auditID: 'same' })
    const a = write(`${same}\n${text()}\n`)
    const { of } = await scan(a, a, write(JSON.stringify({ events: [eks(same), eks(same)] })))
    expect(of(k8sCalls).map(({ data }) => data.calls)).toEqual([2])
  })

  it('of which a policy keeps one stage only is one call, by whichever', async () => {
    const stage = (name: string) => text({ stage: name })
    const { of } = await scanText(['ResponseStarted', 'ResponseComplete', 'Panic'].map(stage).join('\n'))
    expect(of(k8sCalls).map(({ data }) => data.calls)).toEqual([3])
  })
})

const google = (method: string, resourceName: string, more: { payload?: object; entry?: object } = {}) => ({
  insertId: `i-${ids++}`,
  logName: 'projects/p/logs/cloudaudit.googleapis.com%2Fdata_access',
  timestamp: '2026-01-01T10:00:00Z',
  protoPayload: {
    serviceName: 'k8s.io',
    methodName: method,
    resourceName,
    authenticationInfo: { principalEmail: 'system:serviceaccount:shop:web' },
    authorizationInfo: [{ permission: method, granted: true }],
    ...more.payload,
  },
  ...more.entry,
})

describe('an entry of GKE', () => {
  const calls = async (...entries: object[]) =>
    (await scanText(JSON.stringify(entries))).of(k8sCalls).map(({ data }) => {
      const group = data.apiGroup ? `${data.apiGroup}/` : ''
      return `${data.decision} ${data.verb} ${group}${data.resource}@${data.namespace} [${data.names?.join()}] ${data.calls}`
    })

  it('tells verb and object by its method and resource', async () => {
    const rbac = 'rbac.authorization.k8s.io/v1'
    const entries = [
      google('io.k8s.core.v1.pods.list', 'core/v1/namespaces/shop/pods'),
      google('io.k8s.core.v1.pods.log.get', 'core/v1/namespaces/shop/pods/a/log'),
      google('io.k8s.core.v1.nodes.get', 'core/v1/nodes/n1'),
      google('io.k8s.core.v1.namespaces.get', 'core/v1/namespaces/shop'),
      google('io.k8s.core.v1.namespaces.create', 'core/v1/namespaces/shop'),
      google('io.k8s.core.v1.namespaces.finalize.update', 'core/v1/namespaces/shop/finalize'),
      google('io.k8s.authorization.rbac.v1.clusterroles.patch', `${rbac}/clusterroles/system:x`),
      google('io.cert-manager.v1.certificates.deletecollection', 'cert-manager.io/v1/namespaces/shop/certificates'),
      google('io.k8s.get', 'openapi/v2'),
    ]
    expect(await calls(...entries)).toEqual([
      'allow list pods@shop [] 1',
      'allow get pods/log@shop [a] 1',
      'allow get nodes@ [n1] 1',
      'allow get namespaces@shop [shop] 1',
      'allow create namespaces@ [] 1',
      'allow update namespaces/finalize@shop [shop] 1',
      'allow patch rbac.authorization.k8s.io/clusterroles@ [system:x] 1',
      'allow deletecollection cert-manager.io/certificates@shop [] 1',
      'allow get /openapi/v2@ [] 1',
    ])
  })

  it('is use if the permission of its method was granted, whatever others were and the status says', async () => {
    const method = 'io.k8s.core.v1.pods.list'
    const asked = (...grants: [string, boolean | undefined][]) =>
      google(method, 'core/v1/namespaces/shop/pods', {
        payload: {
          authorizationInfo: grants.map(([permission, granted]) => ({ permission, granted })),
          status: { code: 7 },
        },
      })
    const decision = async (entry: object) => (await calls(entry))[0]?.split(' ')[0]
    expect(await decision(asked([method, true], ['other', undefined]))).toBe('allow')
    expect(await decision(asked([method, undefined], ['other', true]))).toBe('forbid')
    expect(await decision(asked(['a', true], ['b', true]))).toBe('allow')
    expect(await decision(asked(['a', true], ['b', undefined]))).toBe('forbid')
    expect(await decision(asked())).toBe('forbid')
    const label = { labels: { 'authorization.k8s.io/decision': 'allow' } }
    expect(await decision({ ...asked([method, undefined]), ...label })).toBe('allow')
  })

  it('is one of two entries of a long call', async () => {
    const part = (operation: object) =>
      google('io.k8s.core.v1.pods.watch', 'core/v1/namespaces/shop/pods', { entry: { operation } })
    expect(await calls(part({ id: 'w', first: true }), part({ id: 'w', last: true }))).toEqual([
      'allow watch pods@shop [] 1',
    ])
  })

  it('does not tell groups, and covers no reads in the Admin Activity log', async () => {
    const logOf = async (part: string, method: string) => {
      const logName = `projects/p/logs/cloudaudit.googleapis.com%2F${part}`
      const { of } = await scanText(JSON.stringify([google(method, 'core/v1/pods/a', { entry: { logName } })]))
      const { coversReads, showsGroups, showsImpersonation } = of(k8sAuditLog)[0]?.data ?? {}
      return { coversReads, showsGroups, showsImpersonation, unknown: of(k8sCalls)[0]?.unknown }
    }
    const hidden = { showsGroups: false, showsImpersonation: false, unknown: ['groups'] }
    expect(await logOf('activity', 'io.k8s.core.v1.pods.exec.get')).toEqual({ coversReads: false, ...hidden })
    expect(await logOf('data_access', 'io.k8s.core.v1.pods.get')).toEqual({ coversReads: true, ...hidden })
  })

  it('that names whom it was called for is impersonation', async () => {
    const authenticationInfo = { principalEmail: 'ann', authoritySelector: 'bob' }
    const entry = google('io.k8s.core.v1.pods.list', 'core/v1/namespaces/shop/pods', {
      payload: { authenticationInfo },
    })
    const { of } = await scanText(JSON.stringify([entry]))
    expect(of(k8sCalls).map(({ data }) => [data.user, data.impersonator, data.verb])).toEqual([
      ['bob', 'ann', 'list'],
      ['ann', '', 'impersonate'],
    ])
  })

  it('that cannot be read is a gap', async () => {
    const { gaps } = await scanText(
      JSON.stringify([google('io.k8s.core.v1.pods.list', 'core/v1/pods'), google('odd', '')]),
    )
    expect(gaps.map(({ reason }) => reason)).toEqual(['audit log: broken line', 'audit log: broken line'])
  })
})

describe('reads', () => {
  const covered = async (...contents: string[]) => {
    const { of } = await scan(...contents.map((content) => write(content)))
    const { coversReads, coversWatches } = of(k8sAuditLog)[0]?.data ?? {}
    return [coversReads, coversWatches]
  }
  const admin = (change: object) => `${JSON.stringify(aks(text(change), 'kube-audit-admin'))}\n`

  it('are not covered by kube-audit-admin, which leaves get and list out, but may be by another log', async () => {
    expect(await covered(admin({ verb: 'create' }))).toEqual([false, false])
    expect(await covered(admin({ verb: 'watch' }))).toEqual([false, true])
    expect(await covered(admin({ verb: 'watch' }), text())).toEqual([true, true])
  })
})

describe('entries of other logs', () => {
  it('in an export are skipped and counted; what is an event counts in any stream', async () => {
    const entries = [
      eks(text()),
      eks('time="2026-01-01T10:00:00Z" level=info msg="access granted"', 'authenticator-0'),
      eks('I0101 10:00:00.000000      10 main.go:1] x', 'kube-scheduler-0'),
      eks(text(), 'kube-controller-manager-0'),
      eks('E0101 10:00:00.000000      10 main.go:1] x', 'custom'),
    ]
    const { of, gaps, skips } = await scanText(JSON.stringify({ events: entries }))
    expect(of(k8sAuditLog)[0]?.data.events).toBe(2)
    expect(gaps).toEqual([])
    expect(skips.map(({ path, reason }) => `${reason}: ${path.replace(/^.*, /, '')}`)).toEqual([
      'other log: 1 of authenticator',
      'other log: 1 of kube-scheduler',
      'other log: 1 of klog',
    ])
  })

  it('of other categories and services are skipped, too', async () => {
    const other = google('google.storage.objects.get', 'x', { payload: { serviceName: 'storage.googleapis.com' } })
    const content = [aks(text()), aks('x', 'guard'), other].map((each) => `${JSON.stringify(each)}\n`).join('')
    const { gaps, skips } = await scanText(content)
    expect(gaps).toEqual([])
    expect(skips.map(({ path }) => path.replace(/^.*, /, ''))).toEqual([
      '1 of guard',
      '1 of other Google Cloud entries',
    ])
  })
})

describe('a folder', () => {
  it('gives its files, rotated and packed ones too, and skips files of other logs', async () => {
    const root = join(folder, 'rotated')
    mkdirSync(join(root, 'authenticator-0'), { recursive: true })
    writeFileSync(join(root, 'audit.log'), `${text()}\n`)
    writeFileSync(join(root, 'audit-2026-01-01T00-00-00.000.log'), `${text()}\n`)
    writeFileSync(join(root, 'audit-2026-01-02T00-00-00.000.log.gz'), gzipSync(`${text()}\n`))
    writeFileSync(join(root, 'aws-logs-write-test'), 'Permission Check Successful')
    writeFileSync(
      join(root, 'authenticator-0', '000000.gz'),
      gzipSync('2026-01-01T10:00:00Z time="x" level=info msg=a\n'),
    )
    symlinkSync('/etc/hostname', join(root, 'link'))
    const { of, gaps, skips } = await scan(root)
    expect(of(k8sAuditLog)[0]?.data).toMatchObject({ events: 3, files: ['rotated'] })
    expect(gaps).toEqual([])
    expect(skips.map(({ path }) => path.slice(root.length + 1))).toEqual([
      'authenticator-0/000000.gz',
      'aws-logs-write-test',
    ])
  })

  it('without an audit log is an error, and what is packed otherwise is a gap', async () => {
    const root = join(folder, 'none')
    mkdirSync(root)
    writeFileSync(join(root, 'a.txt'), 'hello\n')
    await expect(scan(root)).rejects.toThrow('no audit event in 1 files')
    writeFileSync(join(root, 'audit.log.zst'), Buffer.from('28b52ffd2400', 'hex'))
    writeFileSync(join(root, 'b.log'), `${text()}\n`)
    const { gaps } = await scan(root)
    expect(gaps.map(({ detail }) => detail)).toContainEqual(
      expect.stringContaining('compressed by zstd: unpack it first'),
    )
  })
})

describe('a damaged log', () => {
  const gapsOf = async (content: string | Buffer) => {
    const { of, gaps } = await scanText(content)
    const details = gaps.filter(({ kind }) => kind === 'k8s.calls').map(({ reason, detail }) => `${reason}: ${detail}`)
    return { events: of(k8sAuditLog)[0]?.data.events, gaps: details.map((each) => each.replace(/\/\S*\//, '')) }
  }

  it('keeps what came before a document was cut off', async () => {
    const document = JSON.stringify({ events: [eks(text()), eks(text()), eks(text())] })
    expect(await gapsOf(document.slice(0, -100))).toEqual({
      events: 2,
      gaps: [expect.stringMatching(/truncated: log-\d+: the JSON document ends early or is damaged, after 2 entries$/)],
    })
  })

  it('tells of entries that are no objects, and of a file without an entry', async () => {
    const odd = `[${text()}, 12, "hunter2", null,{"a": [1]},true]`
    expect(await gapsOf(odd)).toEqual({
      events: 1,
      gaps: [expect.stringMatching(/not an audit log: log-\d+: no audit\.k8s\.io event on lines 2, 3, 4 and 2 more$/)],
    })
    for (const nothing of ['', '[]', '[[]]', '{"events": []}']) {
      const { gaps } = await scan(write(`${text()}\n`), write(nothing, 'nothing.json'))
      expect(gaps.filter(({ kind }) => kind === 'k8s.calls').map(({ class: of, detail }) => [of, detail])).toEqual([
        ['fault', `${join(folder, 'nothing.json')}: holds no events`],
      ])
    }
  })

  it('keeps what came before packed data was damaged', async () => {
    const packed = gzipSync(Array.from({ length: 9000 }, (_, i) => text({ auditID: String(Math.sin(i)) })).join('\n'))
    packed.fill(0, packed.length - 5000, packed.length - 4000)
    const { events, gaps } = await gapsOf(packed)
    expect(events).toBeGreaterThan(1000)
    expect(gaps).toContainEqual(
      expect.stringMatching(/corrupt: log-\d+: the compressed data is damaged, after \d+ lines$/),
    )
  })

  it('keeps what stands around a line or an entry that is too long', async () => {
    const long = text({ requestURI: 'x'.repeat(40 << 20) })
    expect(await gapsOf(`${text()}\n${long}\n${text()}\n`)).toEqual({
      events: 2,
      gaps: [expect.stringMatching(/line too long: log-\d+:2: over 32 MiB$/)],
    })
    expect(await gapsOf(`[${text()},${long},${text()}]`)).toEqual({
      events: 2,
      gaps: [expect.stringMatching(/line too long: log-\d+: 1 entries over 32 MiB$/)],
    })
  })

  it('of nothing but binary data, or of lists without an end, is an error and no crash', async () => {
    await expect(scanText(Buffer.from([1, 0, 2, 0]))).rejects.toThrow('binary')
    await expect(scanText(`x\n${'['.repeat(100_000)}${']'.repeat(100_000)}\n`)).rejects.toThrow('no JSON on line 1')
    await expect(scanText('{"a":'.repeat(1000))).rejects.toThrow('ends early')
  })

  it('gives what was counted until it was interrupted', async () => {
    const controller = new AbortController()
    const auditLogs = [write(`${text()}\n`), write(`${text()}\n`)]
    const { of } = await collect(kubernetesAuditLogScanner, {
      targets: { ...NO_TARGETS, auditLogs },
      signal: controller.signal,
      progress: (words) => void (words.includes(auditLogs[1]?.split('/').at(-1) ?? '?') && controller.abort()),
    })
    expect(of(k8sAuditLog)[0]?.data.events).toBe(1)
  })
})
