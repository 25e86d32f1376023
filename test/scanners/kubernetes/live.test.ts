import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { k8sRole, k8sServiceAccount, k8sWorkload } from '../../../src/facts/kubernetes.ts'
import { k8sAdmissionPolicy } from '../../../src/facts/kubernetes-admission.ts'
import { k8sMeshAuthorization } from '../../../src/facts/kubernetes-mesh.ts'
import { k8sNetworkPolicy } from '../../../src/facts/kubernetes-network.ts'
import type { FactKind } from '../../../src/model.ts'
import { kubernetesScanner } from '../../../src/scanners/kubernetes/index.ts'
import { collect, NO_TARGETS } from '../../support/context.ts'

type Handle = (path: string, response: ServerResponse, request: IncomingMessage) => void

let folder: string
const servers: Server[] = []
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'zt-audit-live-')))
})
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
  rmSync(folder, { recursive: true, force: true })
})

async function serve(handle: Handle): Promise<string> {
  const server = createServer((request, response) => handle(request.url ?? '', response, request))
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

let files = 0
/** A kubeconfig with one context for each server; all clusters are called the same. */
function kubeconfig(addresses: Readonly<Record<string, string>>, user: object = { token: 'x' }): string {
  const path = join(folder, `kubeconfig-${files++}`)
  const entries = Object.entries(addresses)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': entries[0]?.[0],
    // A kubeconfig cannot name two clusters alike; contexts of one server share theirs.
    clusters: [{ name: 'kubernetes', cluster: { server: entries[0]?.[1], 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user }],
    contexts: entries.map(([name]) => ({ name, context: { cluster: 'kubernetes', user: 'u' } })),
  }
  writeFileSync(path, stringify(config))
  return path
}

const item = (name: string) => ({ metadata: { name, namespace: 'shop' } })
const json = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const scan = (targets: readonly { kubeconfig: string; context?: string }[], kinds: readonly FactKind[]) =>
  collect(kubernetesScanner, {
    targets: { ...NO_TARGETS, kubernetes: targets },
    wants: (kind) => kinds.includes(kind),
  })

describe('a list', () => {
  it('whose pages have expired is read once more from its start, and counts once', async () => {
    const asked: string[] = []
    const server = await serve((path, response) => {
      asked.push(path)
      if (!path.includes('continue')) json(response, { items: [item('a')], metadata: { continue: 'x' } })
      else if (asked.length === 2) json(response, { kind: 'Status', message: 'too old' }, 410)
      else json(response, { items: [item('b')] })
    })
    const { of, gaps } = await scan([{ kubeconfig: kubeconfig({ a: server }) }], [k8sServiceAccount])
    expect(of(k8sServiceAccount).map(({ data }) => data.name)).toEqual(['a', 'b'])
    expect([asked.length, gaps]).toEqual([4, []])
  })

  it('whose pages expire again is a gap beside what was seen', async () => {
    const server = await serve((path, response) => {
      if (!path.includes('continue')) json(response, { items: [item('a')], metadata: { continue: 'x' } })
      else json(response, { kind: 'Status', message: 'too old' }, 410)
    })
    const { of, gaps } = await scan([{ kubeconfig: kubeconfig({ a: server }) }], [k8sServiceAccount])
    expect(of(k8sServiceAccount).map(({ data }) => data.name)).toEqual(['a'])
    expect(gaps.map(({ class: gapClass, detail }) => [gapClass, detail])).toEqual([
      ['fault', 'list serviceaccounts: 410 too old'],
    ])
  })

  it('with null for an object is a gap beside the others', async () => {
    const server = await serve((_, response) => json(response, { items: [null, item('a')] }))
    const { of, gaps } = await scan([{ kubeconfig: kubeconfig({ a: server }) }], [k8sServiceAccount])
    expect(of(k8sServiceAccount).map(({ data }) => data.name)).toEqual(['a'])
    expect(gaps.map(({ class: gapClass, reason }) => [gapClass, reason])).toEqual([['fault', 'malformed object']])
  })

  it('is read beside others, and facts come in the order of kinds all the same', async () => {
    let open = 0
    let most = 0
    const server = await serve((path, response) => {
      most = Math.max(most, ++open)
      const slow = path.startsWith('/apis/rbac') ? 60 : 5
      setTimeout(() => {
        open--
        json(response, { items: path.includes('/pods') || path.includes('/roles') ? [{ ...item('a'), spec: {} }] : [] })
      }, slow)
    })
    const { facts } = await scan([{ kubeconfig: kubeconfig({ a: server }) }], [k8sRole, k8sServiceAccount, k8sWorkload])
    expect(facts[0]?.kind).toBe(k8sRole.kind)
    expect(most).toBe(4)
  })
})

describe('a kind of an extension', () => {
  const resources: Readonly<Record<string, readonly string[]>> = {
    // Without pod security policies, as every cluster of today.
    'policy/v1': ['poddisruptionbudgets'],
    'cilium.io/v3': ['ciliumnetworkpolicies'],
    'security.istio.io/v1': ['peerauthentications'],
    'security.istio.io/v2': ['authorizationpolicies'],
    'policy.linkerd.io/v9': [],
  }
  const groups = Object.keys(resources).map((groupVersion) => ({ versions: [{ groupVersion }] }))
  const handle: Handle = (path, response) => {
    const [, version = '', resource] = /^\/apis\/([^/]+\/[^/?]+)(?:\/(\w+))?/.exec(path) ?? []
    const found = resources[version]
    if (path === '/apis') json(response, { groups })
    else if (version === 'policy.linkerd.io/v9') json(response, { kind: 'Status', message: 'not today' }, 403)
    else if (!resource && found) json(response, { resources: found.map((name) => ({ name })) })
    else if (found && resource && !found.includes(resource)) json(response, { kind: 'Status', message: 'none' }, 404)
    else json(response, { items: [] })
  }

  it('that is served in other versions than the known is a gap, and one that is not served is none', async () => {
    const kinds = [k8sNetworkPolicy, k8sAdmissionPolicy, k8sMeshAuthorization]
    const { gaps } = await scan([{ kubeconfig: kubeconfig({ a: await serve(handle) }) }], kinds)
    const unknown = (detail: string) => ['limit', 'version not known', detail]
    expect(gaps.slice(0, 3).map((gap) => [gap.class, gap.reason, gap.detail])).toEqual([
      unknown(
        'CiliumNetworkPolicy: the cluster serves cilium.io/ciliumnetworkpolicies as cilium.io/v3, known is cilium.io/v2',
      ),
      unknown(
        'AuthorizationPolicy: the cluster serves security.istio.io/authorizationpolicies as security.istio.io/v2, known is security.istio.io/v1, security.istio.io/v1beta1',
      ),
      unknown(
        'AuthorizationPolicy: the cluster serves policy.linkerd.io/authorizationpolicies as policy.linkerd.io/v9, known is policy.linkerd.io/v1alpha1',
      ),
    ])
    expect(gaps.filter(({ kind }) => kind === k8sAdmissionPolicy.kind)).toEqual([])
  })
})

describe('a cluster that refuses who asks', () => {
  it('is given up although other lists are still silent', async () => {
    let first: string | undefined
    const server = await serve((path, response) => {
      first ??= path
      if (path === first) setTimeout(() => json(response, { kind: 'Status', message: 'who?' }, 401), 50)
    })
    const kinds = [k8sRole, k8sServiceAccount, k8sWorkload]
    // The silent ones would be waited for longer than a test may last.
    await expect(scan([{ kubeconfig: kubeconfig({ a: server }) }], kinds)).rejects.toThrow('(401)')
  })
})

describe('several clusters', () => {
  const answering =
    (name: string): Handle =>
    (path, response) =>
      json(response, { items: path.includes('serviceaccounts') ? [item(name)] : [] })

  it('of one name are told apart by their servers', async () => {
    const [one, two] = [await serve(answering('one')), await serve(answering('two'))]
    const targets = [{ kubeconfig: kubeconfig({ a: one }) }, { kubeconfig: kubeconfig({ a: two }) }]
    const { of } = await scan(targets, [k8sServiceAccount])
    expect(of(k8sServiceAccount).map(({ scope, data }) => [scope, data.name])).toEqual([
      [`k8s:kubernetes@${new URL(one).host}/shop`, 'one'],
      [`k8s:kubernetes@${new URL(two).host}/shop`, 'two'],
    ])
  })

  it('that are one by two contexts are read once', async () => {
    const file = kubeconfig({ a: await serve(answering('one')), b: '' })
    const targets = ['a', 'b'].map((context) => ({ kubeconfig: file, context }))
    const { of } = await scan(targets, [k8sServiceAccount])
    expect(of(k8sServiceAccount).map(({ scope }) => scope)).toEqual(['k8s:kubernetes/shop'])
  })

  it('of which one is away are gaps of that one', async () => {
    const one = await serve(answering('one'))
    const targets = [{ kubeconfig: kubeconfig({ a: one }) }, { kubeconfig: join(folder, 'none') }]
    const { of, gaps } = await scan(targets, [k8sServiceAccount])
    expect(of(k8sServiceAccount)).toHaveLength(1)
    expect(gaps.map(({ reason, detail }) => [reason, detail.includes('ENOENT')])).toEqual([['not reached', true]])
  })
})

describe('a plugin for credentials', () => {
  it('that kubeconfig names is run once, and its token is sent', async () => {
    const token = ['plu', 'gin'].join('')
    const log = join(folder, 'runs')
    const program = join(folder, 'login')
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }
    writeFileSync(program, `#!/bin/sh\necho run >>'${log}'\ncat <<'E'\n${JSON.stringify(credential)}\nE\n`, {
      mode: 0o755,
    })
    const sent = new Set<string | undefined>()
    const server = await serve((_, response, request) => {
      sent.add(request.headers.authorization)
      json(response, { items: [] })
    })
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: program, interactiveMode: 'Never' }
    const { gaps } = await scan([{ kubeconfig: kubeconfig({ a: server }, { exec }) }], [k8sRole, k8sWorkload])
    expect([...sent]).toEqual([`Bearer ${token}`])
    expect(readFileSync(log, 'utf8')).toBe('run\n')
    expect(gaps).toEqual([])
  })

  it('that fails is told without what it printed', async () => {
    const program = join(folder, 'login')
    writeFileSync(program, '#!/bin/sh\necho hunter2\nexit 3\n', { mode: 0o755 })
    const server = await serve((_, response) => json(response, { items: [] }))
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: program, interactiveMode: 'Never' }
    const failing = scan([{ kubeconfig: kubeconfig({ a: server }, { exec }) }], [k8sRole])
    await expect(failing).rejects.toThrow('credentials of kubeconfig')
    await expect(failing).rejects.not.toThrow('hunter2')
  })
})
