import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { k8sServiceAccount, k8sTokenSecret, k8sWorkload } from '../../src/facts/kubernetes.ts'
import { kubernetesScanner } from '../../src/scanners/kubernetes/index.ts'
import { clusterNameOf } from '../../src/sources/kubernetes-client.ts'
import { proxyFor } from '../../src/sources/proxy.ts'
import { collect, NO_TARGETS } from '../support/context.ts'

type Handle = (request: IncomingMessage, response: ServerResponse) => void

let folder: string
/** Of the server that runs. */
let url = ''
let server: ReturnType<typeof createServer> | undefined
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'zt-audit-kube-client-')))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  server?.closeAllConnections()
  await new Promise((done) => (server ? server.close(done) : done(undefined)))
  server = undefined
  rmSync(folder, { recursive: true, force: true })
})

function kubeconfig(address: string, name = 'prod', file = 'kubeconfig'): string {
  const path = join(folder, file)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': `${name}-context`,
    // client-node takes http for loopback only with this.
    clusters: [{ name, cluster: { server: address, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: ['to', 'ken'].join('') } }],
    contexts: [{ name: `${name}-context`, context: { cluster: name, user: 'u' } }],
  }
  writeFileSync(path, stringify(config))
  return path
}

async function serve(handle: Handle): Promise<string> {
  server = createServer(handle)
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return kubeconfig(url)
}

const account = (name: string) => ({ metadata: { name, namespace: 'shop' } })
const json = (response: ServerResponse, body: unknown, status = 200, headers = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
const scan = (file: string, kinds: readonly { kind: string }[] = [k8sServiceAccount], timeoutSeconds = 60) =>
  collect(kubernetesScanner, {
    targets: { ...NO_TARGETS, kubernetes: [{ kubeconfig: file }] },
    wants: (kind) => kinds.some((wanted) => wanted.kind === kind.kind),
    limits: { maxFileSize: 1 << 20, timeoutSeconds },
  })
const reasons = (gaps: readonly { kind: string; class: string; reason: string; detail: string }[]) =>
  gaps.map(({ kind, class: gapClass, reason, detail }) => [kind, gapClass, reason, detail])

describe('an API server that', () => {
  it('gives pages is read to the end', async () => {
    const asked: string[] = []
    const file = await serve((request, response) => {
      asked.push(request.url ?? '')
      const more = !request.url?.includes('continue')
      json(response, { items: [account(more ? 'a' : 'b')], metadata: more ? { continue: 'tok/en=' } : {} })
    })
    const { of, gaps } = await scan(file)
    expect(of(k8sServiceAccount).map(({ data }) => data.account)).toEqual(['shop/a', 'shop/b'])
    expect(asked).toEqual([
      '/api/v1/serviceaccounts?limit=500',
      '/api/v1/serviceaccounts?limit=500&continue=tok%2Fen%3D',
    ])
    expect(gaps).toEqual([])
  })

  it('is asked for the metadata of token secrets only', async () => {
    const asked: [string | undefined, string | undefined][] = []
    const file = await serve((request, response) => {
      asked.push([request.url, request.headers.accept])
      json(response, { kind: 'PartialObjectMetadataList', items: null })
    })
    const { facts, gaps } = await scan(file, [k8sTokenSecret])
    expect(asked).toEqual([
      [
        '/api/v1/secrets?limit=500&fieldSelector=type%3Dkubernetes.io%2Fservice-account-token',
        'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      ],
    ])
    expect([facts, gaps]).toEqual([[], []])
  })

  it('is busy or broken for a moment is asked again', async () => {
    const answers = [429, 500, 503]
    const file = await serve((_, response) => {
      const status = answers.shift()
      if (status)
        response.writeHead(status, { 'retry-after': '0', 'content-type': 'text/html' }).end('<html>busy</html>')
      else json(response, { items: [account('a')] })
    })
    const { of, gaps } = await scan(file)
    expect(of(k8sServiceAccount)).toHaveLength(1)
    expect([answers, gaps]).toEqual([[], []])
  })

  it('stays broken for one list is a gap for that, without its HTML', async () => {
    let calls = 0
    const file = await serve((request, response) => {
      if (!request.url?.startsWith('/api/v1/serviceaccounts')) json(response, { items: [] })
      else {
        calls++
        response.writeHead(500, { 'retry-after': '0' }).end('<html>secret of the proxy</html>')
      }
    })
    const { gaps } = await scan(file, [k8sServiceAccount, k8sWorkload])
    expect(calls).toBe(4)
    expect(reasons(gaps)).toEqual([[k8sServiceAccount.kind, 'fault', 'call failed', 'list serviceaccounts: 500']])
    expect(gaps[0]?.scope).toBe('k8s:prod')
  })

  it('denies a list says so in the API’s words', async () => {
    const file = await serve((request, response) =>
      request.url?.includes('serviceaccounts')
        ? json(response, { kind: 'Status', message: 'serviceaccounts is forbidden: User "u" cannot list' }, 403)
        : json(response, { items: [] }),
    )
    const { gaps } = await scan(file, [k8sServiceAccount, k8sWorkload])
    expect(gaps[0]).toMatchObject({
      class: 'fault',
      reason: 'access denied',
      detail:
        'list serviceaccounts: 403 serviceaccounts is forbidden: User "u" cannot list; grant the verb list on serviceaccounts',
    })
  })

  it('hangs on one list leaves time for the others', async () => {
    const file = await serve((request, response) => {
      if (!request.url?.includes('serviceaccounts')) json(response, { items: [] })
    })
    const { gaps } = await scan(file, [k8sServiceAccount, k8sWorkload], 2)
    expect(reasons(gaps)).toEqual([
      [k8sServiceAccount.kind, 'fault', 'call failed', 'list serviceaccounts: no answer in 0.5 s'],
    ])
  })

  it('never answers is an error', async () => {
    const file = await serve(() => undefined)
    await expect(scan(file, [k8sServiceAccount, k8sWorkload], 1)).rejects.toThrow('no answer in 0.25 s')
  })

  it('answers nonsense, or breaks off, is a gap', async () => {
    const bodies: Record<string, string> = {
      pods: '{"items": [',
      replicationcontrollers: '{"items": {}}',
      deployments: '<html>',
    }
    const file = await serve((request, response) => {
      const resource = /\/(\w+)\?/.exec(request.url ?? '')?.[1] ?? ''
      response.writeHead(200).end(bodies[resource] ?? '{"items": []}')
    })
    const { gaps } = await scan(file, [k8sServiceAccount, k8sWorkload])
    expect(gaps.map(({ detail }) => detail)).toEqual([
      'list pods: the answer is not JSON',
      'list replicationcontrollers: /api/v1/replicationcontrollers: the answer is no list',
      'list apps/deployments: the answer is not JSON',
    ])
  })

  it('does not know a group is a limit', async () => {
    const file = await serve((request, response) =>
      request.url?.includes('batch')
        ? json(response, { kind: 'Status', message: 'not found' }, 404)
        : json(response, { items: [] }),
    )
    const { gaps } = await scan(file, [k8sWorkload])
    expect(gaps.map(({ class: gapClass, reason }) => [gapClass, reason])).toEqual([
      ['limit', 'not served'],
      ['limit', 'not served'],
    ])
  })

  it('is not there, or refuses the credentials, is an error', async () => {
    const file = await serve((_, response) => json(response, { kind: 'Status', message: 'Unauthorized' }, 401))
    await expect(scan(file)).rejects.toThrow('prod: the API server refuses the credentials of kubeconfig (401)')
    await expect(scan(kubeconfig('http://127.0.0.1:9'))).rejects.toThrow('prod: cannot reach the API server')
  })
})

describe('kubeconfig', () => {
  it('is merged from KUBECONFIG as kubectl does', async () => {
    const [a, b] = [kubeconfig('https://a', 'a', 'a.yaml'), kubeconfig('https://b', 'b', 'b.yaml')]
    vi.stubEnv('KUBECONFIG', `${a}:${b}:${join(folder, 'none')}`)
    expect(await clusterNameOf({}, [])).toBe('a')
    expect(await clusterNameOf({ context: 'b-context' }, [])).toBe('b')
    await expect(clusterNameOf({ context: 'c' }, [])).rejects.toThrow("no context 'c' (it has a-context, b-context)")
  })

  it('is not taken from the audited tree, unless it is named', async () => {
    mkdirSync(join(folder, 'tree'))
    const file = kubeconfig('https://evil', 'evil', 'tree/config')
    vi.stubEnv('KUBECONFIG', file)
    await expect(clusterNameOf({}, [join(folder, 'tree')])).rejects.toThrow('lies in the audited tree')
    expect(await clusterNameOf({ kubeconfig: file }, [join(folder, 'tree')])).toBe('evil')
  })

  it('that is broken or missing is named without its text', async () => {
    const file = join(folder, 'broken')
    writeFileSync(file, 'users: [{name: hunter2\n')
    await expect(clusterNameOf({ kubeconfig: file }, [])).rejects.toThrow(`cannot read kubeconfig ${file}`)
    await expect(clusterNameOf({ kubeconfig: file }, [])).rejects.not.toThrow('hunter2')
    await expect(clusterNameOf({ kubeconfig: join(folder, 'none') }, [])).rejects.toThrow('ENOENT')
    vi.stubEnv('KUBECONFIG', join(folder, 'none'))
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '')
    await expect(clusterNameOf({}, [])).rejects.toThrow('no kubeconfig')
  })
})

describe('a proxy', () => {
  const env = { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'internal, .example.org,10.0.0.1' }
  it.each([
    ['https://k8s.example.com:6443', 'http://proxy:3128'],
    ['https://k8s.example.org', undefined],
    ['https://k8s.internal', undefined],
    ['https://notinternal', 'http://proxy:3128'],
    ['https://10.0.0.1:6443', undefined],
    ['https://127.0.0.1:6443', undefined],
    ['https://[::1]:6443', undefined],
    ['http://k8s.example.com', undefined],
    ['nonsense', undefined],
  ])('for %s is %s', (server, proxy) => {
    expect(proxyFor(server, env)).toBe(proxy)
  })

  it('is asked for the way to the server', async () => {
    const asked: (string | undefined)[] = []
    await serve(() => undefined)
    server?.on('connect', (request, socket) => {
      asked.push(request.url)
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    vi.stubEnv('HTTPS_PROXY', url)
    vi.stubEnv('NO_PROXY', '')
    await expect(scan(kubeconfig('https://k8s.invalid:6443'))).rejects.toThrow('cannot reach the API server')
    expect(asked).toEqual(['k8s.invalid:6443'])
  })

  it('is none where none is named, or for nobody', () => {
    expect(proxyFor('https://k8s', {})).toBeUndefined()
    expect(proxyFor('https://k8s', { https_proxy: 'http://p', no_proxy: '*' })).toBeUndefined()
    expect(proxyFor('https://k8s', { https_proxy: 'http://p' })).toBe('http://p')
  })
})
